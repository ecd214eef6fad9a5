/** Tables of machines and texts of objects for whoever looks at them now, each line with what it links to. */
import { parseRef, type ApiObject } from './api/object';
import type { Clock } from './clock/clock';
import type { Store } from './api/store';
import type { Trace } from './trace/trace';
import type { ClusterNode } from './cluster-node';
import { toolRows } from './cluster-probe-rows';
import { netfilterState } from './kernel/netfilter/state';
import { printConnection } from './kernel/conntrack-print';
import { EPOCH_SECONDS } from './api/time';
import { MS } from './clock/clock';
import { describePage } from './shell/kubectl/describe-cluster';
import { toYaml } from './shell/kubectl/yaml-print';
import type { MachineTool, Probe, ProbeRow } from './view';

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
  if (probe.what === 'conntrack') return asAnswer(connectionRows(cluster, node));
  if (probe.what === 'rules-of') return asAnswer(rulesOf(cluster, node, probe.ref));
  return asAnswer(withServices(cluster, toolRows(node.machine, probe.what, probe.netns)));
}

/** Lines that a slice caused know the Service of the slice, too. */
function withServices({ store }: ProbeParts, rows: readonly ProbeRow[]): ProbeRow[] {
  const known = new Map<string, string | null>();
  const serviceOf = (ref: string): string | null => {
    let found = known.get(ref);
    if (found === undefined) {
      const name = store.byRef(ref)?.metadata.labels?.['kubernetes.io/service-name'];
      found = name === undefined ? null : `Service/${parseRef(ref).namespace}/${name}`;
      known.set(ref, found);
    }
    return found;
  };
  return rows.map((row) => {
    const service = row.ref?.startsWith('EndpointSlice/') ? serviceOf(row.ref) : null;
    return service === null ? row : { ...row, service };
  });
}

/** What a node holds for one object, by whatever makes Services work there. */
function rulesOf(cluster: ProbeParts, { machine, proxy }: ClusterNode, ref: string): ProbeRow[] {
  const rows = RULES_BY_MODE[proxy.mode].flatMap((tool) => toolRows(machine, tool));
  return withServices(cluster, rows).filter((row) => row.ref === ref || row.service === ref);
}

const RULES_BY_MODE: Readonly<Record<ClusterNode['proxy']['mode'], readonly MachineTool[]>> = {
  iptables: ['iptables-save'],
  ipvs: ['ipvsadm', 'ipset', 'iptables-save'],
  nftables: ['nft'],
  ebpf: ['cilium-lb'],
};

function asAnswer(rows: readonly ProbeRow[]): ProbeAnswer {
  return { text: rows.map((row) => row.text).join('\n'), rows };
}

function connectionRows(cluster: ProbeParts, node: ClusterNode): ProbeRow[] {
  const { conntrack } = netfilterState(node.machine.netfilter('host'));
  return conntrack.list().map((entry) => {
    const { id, original, reply, state, seenReply, assured, expiresNs } = entry;
    const flow = { id, original, reply, state, seenReply, assured, expiresNs };
    return { text: printConnection(entry, cluster.clock.nowNs), ref: null, path: null, flow };
  });
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
