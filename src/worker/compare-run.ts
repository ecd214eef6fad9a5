/**
 * One question to one cluster, and what came of it: the request, its packets with their steps folded, and what stands in
 * the tables of the machine that decided.
 */
import type { Cluster } from '../sim/cluster';
import { MS, SECOND, type Ns } from '../sim/clock/clock';
import type { Machine } from '../sim/kernel/machine';
import { netfilterState } from '../sim/kernel/netfilter/state';
import { innermost } from '../sim/trace/describe';
import { foldedHops } from '../sim/trace/fold';
import type { Hop, PacketTrace, RequestTrace } from '../sim/trace/hop';
import { behindHop } from './compare-behind';
import type { Ask, CompareMode, ComparePacket, ModeRun } from './compare-protocol';

/** A connection that nobody answers is given up after about two minutes. */
const LIMIT: Ns = 320 * SECOND;
/** What was sent last is still on its way when the answer has been read. */
const AFTERMATH: Ns = 5 * MS;

/** Asks, and runs the cluster until the question has an outcome. */
export function runAsk(cluster: Cluster, mode: CompareMode, ask: Ask, names: ModeRun['names']): ModeRun {
  const request = askNow(cluster, ask);
  const traced = request === null ? [] : cluster.trace.packetsOf(request.id);
  const packets = traced.filter((packet) => packet.role !== 'arp');
  const node = decider(cluster, packets) ?? '';
  return {
    mode,
    request,
    packets: packets.map((packet) => comparePacket(cluster, packet, node)),
    node,
    holds: holdsOf(cluster.nodeOf(node)?.machine),
    names,
  };
}

function askNow(cluster: Cluster, ask: Ask): RequestTrace | null {
  const { clock, trace } = cluster;
  const lastId = Math.max(0, ...trace.requests.keys());
  cluster.fault({ kind: 'request', ref: ask.from, url: ask.target, tool: ask.tool });
  const ours = (): RequestTrace | undefined =>
    [...trace.requests.values()].find(({ id, from }) => id > lastId && from === ask.from);
  const end = clock.nowNs + LIMIT;
  let request = ours();
  while (request?.endNs == null && clock.nowNs < end) {
    if (cluster.step() === undefined) break;
    request = request === undefined ? ours() : trace.requests.get(request.id);
  }
  cluster.runUntil(clock.nowNs + AFTERMATH);
  return request === undefined ? null : (trace.requests.get(request.id) ?? null);
}

/** The node where the destination of the first packet that is no lookup is decided, else the first that it met. */
function decider(cluster: Cluster, packets: readonly PacketTrace[]): string | null {
  const first = packets.find(({ role }) => role === 'request') ?? packets[0];
  const onNodes = first?.hops.filter(({ place }) => cluster.nodeOf(place.machine) !== undefined) ?? [];
  const deciding = onNodes.find(({ action }) => ['dnat', 'translate', 'reject', 'drop'].includes(action));
  return (deciding ?? onNodes[0])?.place.machine ?? null;
}

const IN_HOOKS: ReadonlySet<Hop['station']> = new Set(['hook', 'chain', 'conntrack']);

function comparePacket(cluster: Cluster, packet: PacketTrace, node: string): ComparePacket {
  const { id, role, label, bornNs, end, hops } = packet;
  const own = hops.filter(({ place, before }) => place.machine === node && innermost(before) === before);
  const hooks = own.filter(({ station }) => IN_HOOKS.has(station));
  return {
    id,
    role,
    label,
    bornNs,
    end,
    hops: foldedHops(hops).map((hop) => ({ hop, behind: behindHop(cluster, hop) })),
    rulesPassed: total(hops.map((hop) => hop.rulesPassed ?? 0)),
    there: {
      rulesPassed: total(own.map((hop) => hop.rulesPassed ?? 0)),
      hooksNs: total(hooks.map((hop) => hop.durationNs)),
    },
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** What the machine holds for its decisions, without what is empty. */
function holdsOf(machine: Machine | undefined): ModeRun['holds'] {
  if (machine === undefined) return [];
  const { rules, nft, ipvs, sets } = netfilterState(machine.netfilter('host'));
  const elements = nft.list().flatMap((table) => [...table.sets.values()].map((set) => set.elements.size));
  const servers = ipvs.list();
  const { frontends, backends } = machine.bpf.tables;
  const slots = [...frontends.values()].map((frontend) => frontend.slots.length + 1);
  const holds = [
    { what: 'iptables rules', count: rules.ruleCount() },
    { what: 'nft rules', count: nft.ruleCount() },
    { what: 'nft map and set elements', count: total(elements) },
    { what: 'IPVS virtual servers', count: servers.length },
    { what: 'IPVS real servers', count: total(servers.map((server) => server.realServers.length)) },
    { what: 'ipset entries', count: total(sets.list().map((set) => set.entries.size)) },
    { what: 'entries of the service map', count: total(slots) },
    { what: 'entries of the backend map', count: backends.size },
  ];
  return holds.filter(({ count }) => count > 0);
}
