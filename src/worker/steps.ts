/** Stepping by hops: from the moment shown to the next thing that happens to one packet. */
import type { Cluster } from '../sim/cluster';
import type { Ns } from '../sim/clock/clock';
import { SECOND } from '../sim/clock/clock';
import { foldHops } from '../sim/trace/fold';
import type { Hop, PacketTrace } from '../sim/trace/hop';

/** How far one step may look for a packet when none is under way. */
const LOOK_AHEAD: Ns = 60 * SECOND;

/**
 * Moves time to the next hop of the packet; with null, or after its end, to the next hop of the newest packet under way
 * (of the same request if there is one), and when none is, to the birth of the next one.
 */
export function stepHop(
  cluster: Cluster,
  packetId: number | null,
): { packet: number | null; hop: Hop | null } {
  const fromNs = cluster.clock.nowNs;
  const asked = packetId === null ? undefined : cluster.trace.packets.get(packetId);
  if (asked !== undefined && !hasEnded(asked, fromNs)) {
    const found = advance(cluster, asked.id);
    if (found !== null) return found;
  }
  const next = successor(cluster, asked);
  if (next === undefined) return { packet: null, hop: null };
  // What was born since is told from its first hop on: somebody sends it.
  const first = next.hops[0];
  if (next.bornNs >= fromNs && first !== undefined && first.atNs >= cluster.clock.nowNs) {
    cluster.runUntil(first.atNs);
    return { packet: next.id, hop: first };
  }
  return advance(cluster, next.id) ?? { packet: next.id, hop: next.hops.at(-1) ?? null };
}

function hasEnded(packet: PacketTrace, nowNs: Ns): boolean {
  return packet.end !== null && packet.end.atNs <= nowNs && (packet.hops.at(-1)?.atNs ?? 0) <= nowNs;
}

/** The packet to go on with: of the same request while that is open, else any; runs time until there is one. */
function successor(cluster: Cluster, from: PacketTrace | undefined): PacketTrace | undefined {
  const limit = cluster.clock.nowNs + LOOK_AHEAD;
  const { trace } = cluster;
  for (;;) {
    const found = newestFlying(cluster, from?.requestId);
    const open = from !== undefined && trace.requests.get(from.requestId)?.endNs === null;
    if (found !== undefined && (!open || found.requestId === from.requestId)) return found;
    const next = cluster.clock.peek();
    if (next === undefined || next.atNs > limit) return undefined;
    cluster.step();
  }
}

function newestFlying(cluster: Cluster, requestId: number | undefined): PacketTrace | undefined {
  const flying = [...cluster.trace.flying].flatMap((id) => cluster.trace.packets.get(id) ?? []);
  return flying.filter((packet) => packet.requestId === requestId).at(-1) ?? flying.at(-1);
}

/** Null when the packet arrived and has no further hop: its last one said so, and another stop there would say it again. */
function advance(cluster: Cluster, id: number): { packet: number; hop: Hop | null } | null {
  const startNs = cluster.clock.nowNs;
  for (;;) {
    const packet = cluster.trace.packets.get(id);
    const hop = foldHops(packet?.hops ?? []).find(({ main }) => main.atNs > startNs)?.main;
    if (packet === undefined || hop !== undefined) {
      if (hop !== undefined) cluster.runUntil(hop.atNs);
      return { packet: id, hop: hop ?? null };
    }
    if (packet.end !== null) {
      cluster.runUntil(Math.max(startNs, packet.end.atNs));
      if (packet.end.kind === 'delivered') return null;
      return { packet: id, hop: packet.hops.at(-1) ?? null };
    }
    if (cluster.step() === undefined) return { packet: id, hop: null };
  }
}
