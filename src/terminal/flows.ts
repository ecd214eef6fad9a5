/** What is pure about the conntrack view: what NAT changed in an entry, and which packets are an entry's. */
import { innermost } from '../sim/trace/describe';
import type { PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { FlowTuple, FlowView } from '../sim/view';

/** "10.96.0.42:80", "[fd00::1]:80", "10.244.1.2" for what has no ports. */
export function endText(tuple: FlowTuple, side: 'src' | 'dst'): string {
  const ip = tuple[side];
  if (tuple.protocol !== 'tcp' && tuple.protocol !== 'udp' && tuple.protocol !== 'sctp') return ip;
  const port = side === 'src' ? tuple.srcPort : tuple.dstPort;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/**
 * What NAT changed: without it the reply's source is the original's destination, and the reply's destination the
 * original's source.
 */
export function natOf({ original, reply }: FlowView): { readonly dnat: boolean; readonly snat: boolean } {
  return {
    dnat: endText(original, 'dst') !== endText(reply, 'src'),
    snat: endText(original, 'src') !== endText(reply, 'dst'),
  };
}

/** The tuple that a packet has on the wire; null for what is not tracked. An echo's reply has its request's id. */
export function tupleOf(packet: Packet): FlowTuple | null {
  const { ip, l4 } = packet;
  if (ip === undefined || l4 === undefined) return null;
  const { protocol, src, dst } = ip;
  if (l4.kind === 'icmp') {
    if (l4.id === undefined) return null;
    return { protocol, src, dst, srcPort: l4.id, dstPort: l4.type === 'echo-request' ? 8 : 0 };
  }
  return { protocol, src, dst, srcPort: l4.srcPort, dstPort: l4.dstPort };
}

function tupleKey({ protocol, src, dst, srcPort, dstPort }: FlowTuple): string {
  return `${protocol} ${src} ${srcPort} ${dst} ${dstPort}`;
}

/** True when the packet had the entry's original or reply tuple at some hop on that node. */
export function isOfFlow(trace: PacketTrace, flow: FlowView, node: string): boolean {
  const wanted = new Set([tupleKey(flow.original), tupleKey(flow.reply)]);
  return trace.hops.some((hop) => {
    if (hop.place.machine !== node || hop.place.netns !== 'host') return false;
    return [hop.before, hop.after].some((packet) =>
      [packet, innermost(packet)].some((level) => {
        const tuple = tupleOf(level);
        return tuple !== null && wanted.has(tupleKey(tuple));
      }),
    );
  });
}

/** The entry that a packet belongs to on a node; outer packets of tunnels are not looked for. */
export function flowOf(trace: PacketTrace, flows: readonly FlowView[], node: string): FlowView | undefined {
  return flows.find((flow) => isOfFlow(trace, flow, node));
}
