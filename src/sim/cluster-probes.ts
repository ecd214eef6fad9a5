/** Tables of machines and texts of objects for whoever looks at them now, each line with what it links to. */
import { parseRef, type ApiObject } from './api/object';
import type { Clock } from './clock/clock';
import type { Store } from './api/store';
import type { Trace } from './trace/trace';
import type { ClusterNode } from './cluster-node';
import { orderedChains, printRule } from './kernel/iptables/print';
import { netfilterState } from './kernel/netfilter/state';
import { printConnection } from './kernel/conntrack-print';
import { EPOCH_SECONDS } from './api/time';
import { MS } from './clock/clock';
import { describePage } from './shell/kubectl/describe-cluster';
import { toYaml } from './shell/kubectl/yaml-print';
import { printTool } from './shell/machine-tools';
import type { Probe, ProbeRow } from './view';

/** What the tables are read from. */
export interface ProbeParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly trace: Trace;
  nodeOf(name: string): ClusterNode | undefined;
}

export interface ProbeAnswer {
  readonly text: string;
  readonly rows?: readonly ProbeRow[];
}

const TOOLS: Readonly<Record<string, readonly string[]>> = {
  'ip-route': ['ip', 'route'],
  'ip-addr': ['ip', 'addr'],
  'bridge-fdb': ['bridge', 'fdb', 'show'],
  neighbours: ['ip', 'neigh'],
};

/** Rows are the table's lines; `text` is the same as one text. */
export function probeCluster(cluster: ProbeParts, probe: Probe): ProbeAnswer {
  if ('id' in probe) return { text: JSON.stringify(cluster.trace.packets.get(probe.id) ?? null) };
  if ('ref' in probe && !('node' in probe)) {
    return {
      text: probe.what === 'object' ? objectText(cluster, probe.ref, toYaml) : describe(cluster, probe.ref),
    };
  }
  const node = cluster.nodeOf(probe.node);
  if (node === undefined) return { text: '', rows: [] };
  if (probe.what === 'iptables-save') return asAnswer(ruleRows(node));
  if (probe.what === 'rules-of') return asAnswer(ruleRows(node).filter((row) => row.ref === probe.ref));
  if (probe.what === 'conntrack') return asAnswer(connectionRows(cluster, node));
  const printed = printTool(node.machine, probe.netns ?? 'host', TOOLS[probe.what]!, {
    files: {},
    nowNs: cluster.clock.nowNs,
  });
  return { text: printed?.stdout ?? '' };
}

function asAnswer(rows: readonly ProbeRow[]): ProbeAnswer {
  return { text: rows.map((row) => row.text).join('\n'), rows };
}

/** iptables-save with the counter and the origin of each rule. */
function ruleRows(node: ClusterNode): ProbeRow[] {
  const { rules } = netfilterState(node.machine.netfilter('host'));
  return rules.names().flatMap((table) => {
    const chains = orderedChains(table, rules.table(table));
    const plain = (text: string): ProbeRow => ({ text, ref: null, path: null });
    const heads = chains.map((chain) => plain(`:${chain.name} ${chain.policy ?? '-'}`));
    const lines = chains.flatMap((chain) =>
      chain.rules.map((rule, i) => ({
        text: printRule(chain.name, rule),
        ref: rule.origin?.ref ?? null,
        path: rule.origin?.path ?? null,
        count: rules.countersOf(4, table, chain.name, i)[0],
        table,
        chain: chain.name,
      })),
    );
    return [plain(`*${table}`), ...heads, ...lines, plain('COMMIT')];
  });
}

function connectionRows(cluster: ProbeParts, node: ClusterNode): ProbeRow[] {
  const { conntrack } = netfilterState(node.machine.netfilter('host'));
  return conntrack
    .list()
    .map((entry) => ({ text: printConnection(entry, cluster.clock.nowNs), ref: null, path: null }));
}

/** The object in a form of kubectl's; a comment when it is gone. */
function objectText(cluster: ProbeParts, ref: string, print: (object: ApiObject) => string): string {
  const object = cluster.store.byRef(ref);
  if (object !== undefined) return print(object);
  const { kind, name } = parseRef(ref);
  return `# ${kind} ${name} is gone\n`;
}

function describe(cluster: ProbeParts, ref: string): string {
  const { store, clock } = cluster;
  return objectText(cluster, ref, (object) =>
    describePage(object, {
      nowMs: EPOCH_SECONDS * 1000 + clock.nowNs / MS,
      showEvents: true,
      list: (kind, namespace) => store.list(kind, namespace),
      get: (kind, namespace, name) => store.get(kind, namespace, name),
    }),
  );
}
