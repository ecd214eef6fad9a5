/** Cases of the endpoint choice, and listings that real tools printed. */
import { parseRestore } from '../../sim/kernel/iptables/parse';
import { printTable } from '../../sim/kernel/iptables/print';
import { printNftTable } from '../../sim/kernel/nft/print';
import type { EndpointSlice } from '../../sim/api/kinds/endpointslice';
import type { Service } from '../../sim/api/kinds/service';
import {
  servicePortsOf,
  usesClusterEndpoints,
  usesLocalEndpoints,
} from '../../sim/node/kube-proxy/service-ports';
import { chooseEndpoints } from '../../sim/node/kube-proxy/topology';
import { compareTexts, inImpliedWorld, type CaseResult } from './result';
import { ProxyWorld } from './kubeproxy-world';
import type { FlowCase } from './kubeproxy-flows';

export interface TopologyCase {
  readonly id: string;
  readonly appliesTo?: string;
  readonly node: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly service: Service;
  readonly endpointSlices: readonly EndpointSlice[];
  readonly expect: object;
}

export function runTopology(data: TopologyCase): CaseResult {
  const [port] = servicePortsOf(data.service, data.endpointSlices, 'IPv4', data.node.name);
  if (port === undefined) return { id: data.id, status: 'failed', expected: 'a service port', got: 'none' };
  // The gate made hints by node count; one case of the table pins down the time before.
  const nodeHints = !/before PreferSameTrafficDistribution/.test(data.appliesTo ?? '');
  const node = { name: data.node.name, labels: data.node.labels ?? {}, nodeHints };
  const choice = chooseEndpoints(port.info, port.endpoints, node);
  const texts = (list: readonly { readonly text: string }[] | null) => list?.map(({ text }) => text) ?? null;
  const got = {
    usesClusterEndpoints: usesClusterEndpoints(port.info),
    usesLocalEndpoints: usesLocalEndpoints(port.info),
    clusterEndpoints: texts(choice.cluster),
    localEndpoints: texts(choice.local),
    allReachableEndpoints: texts(choice.reachable),
    hasAnyEndpoints: choice.anywhere,
  };
  return compareTexts(data.id, JSON.stringify(data.expect), JSON.stringify(got));
}

export interface ReadbackCase {
  readonly id: string;
  readonly from: string;
  readonly changes: string;
  readonly lines: readonly string[];
}

/**
 * The listing that real tools printed after a golden was loaded into an empty netns: our own sync of the same objects
 * must print the same lines. Without the objects at hand the listing is read and printed again.
 */
export function runReadback(data: ReadbackCase, source: FlowCase | undefined): CaseResult {
  if (data.from.startsWith('nftables/')) return runNftReadback(data, source);
  const expected = data.lines.join('\n');
  const tables = data.lines.filter((line) => line.startsWith('*')).map((line) => line.slice(1));
  if (source === undefined)
    return inImpliedWorld(compareTexts(data.id, expected, printAgain(data.lines, tables)));
  const world = new ProxyWorld(source.node);
  world.start(source);
  const family = source.node.ipFamily === 'IPv6' ? 6 : 4;
  // The goldens hold the proxy's own restore input: no jumps from built-in chains and no canaries.
  const got = tables.flatMap((name) => {
    const chains = [...world.netfilter.rules.table(name as 'nat', family)]
      .filter(([chain]) => !chain.endsWith('-CANARY'))
      .map(([chain, held]) => [chain, held.policy === undefined ? held : { ...held, rules: [] }] as const);
    return printTable(name as 'nat', new Map(chains), family);
  });
  return compareTexts(data.id, sortShared(data.lines), sortShared(got.map(withoutCounter)));
}

/** Sets and chains may come in any order. */
function runNftReadback(data: ReadbackCase, golden: FlowCase | undefined): CaseResult {
  const layout = data.from.endsWith('layout-C') ? 'C' : 'B';
  if (golden === undefined) return { id: data.id, status: 'not-run' };
  const world = new ProxyWorld({ ...golden.node, nftLayout: layout }, 'nftables');
  world.start(golden);
  const got = world.netfilter.nft.list().flatMap(printNftTable);
  const blocks = (lines: readonly string[]) =>
    lines
      .slice(0, -1)
      .join('\n')
      .split(/\n\t?\n|\n(?=\t(?:set|map|chain) )/)
      .map((block) => block.trim())
      .sort()
      .join('\n\n');
  return compareTexts(data.id, blocks(data.lines), blocks(got));
}

/** The listings were made from goldens whose nfacct matches had been left out. */
function withoutCounter(line: string): string {
  return line.replace(/ -m nfacct --nfacct-name {2}\S+/, '');
}

/** The order of services in shared chains is that of a map; KUBE-SERVICES keeps its last rule last. */
function sortShared(lines: readonly string[]): string {
  const shared = /^-A (KUBE-SERVICES|KUBE-NODEPORTS|KUBE-EXTERNAL-SERVICES|KUBE-PROXY-FIREWALL) /;
  const groups: string[][] = [];
  for (const line of lines) {
    const chain = shared.exec(line)?.[1];
    const last = groups.at(-1);
    if (chain !== undefined && last?.[0]?.startsWith(`-A ${chain} `)) last.push(line);
    else groups.push([line]);
  }
  const key = (line: string) => (line.includes('this must be the last rule') ? `~${line}` : line);
  return groups.flatMap((group) => group.sort((a, b) => (key(a) < key(b) ? -1 : 1))).join('\n');
}

function printAgain(lines: readonly string[], tables: readonly string[]): string {
  const parsed = parseRestore(lines);
  return tables
    .flatMap((name, i) => {
      const chains = new Map<string, { name: string; policy?: 'ACCEPT' | 'DROP'; rules: never[] }>();
      for (const command of parsed[i]!.commands) {
        if (command.op === 'chain') {
          const policy = command.policy === undefined ? {} : { policy: command.policy };
          chains.set(command.chain, { name: command.chain, ...policy, rules: [] });
        } else if (command.op === 'append') chains.get(command.chain)?.rules.push(command.rule as never);
      }
      return printTable(name as 'nat', chains);
    })
    .join('\n');
}
