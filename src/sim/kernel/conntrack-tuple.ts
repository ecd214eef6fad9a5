/**
 * The five facts by which a connection is known, in one direction (struct nf_conntrack_tuple), and how a packet is
 * rewritten to fit them. ICMP echo uses its identifier in place of a source port and its type (8 or 0) as destination.
 */
import type { IcmpHeader, L4Header, Packet } from '../trace/packet';

export interface Tuple {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'ipip';
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** Which half of the addresses is rewritten: the source (postrouting, input) or the destination (prerouting, output). */
export type Manip = 'src' | 'dst';

const ECHO = { 'echo-request': 8, 'echo-reply': 0 } as const;

/** The tuple of a packet, null for what cannot be tracked (no IP header, ICMP errors). */
export function tupleOf(packet: Packet): Tuple | null {
  const { ip, l4 } = packet;
  if (ip === undefined) return null;
  const { protocol, src, dst } = ip;
  if (l4 === undefined) return { protocol, src, dst, srcPort: 0, dstPort: 0 };
  if (l4.kind !== 'icmp') return { protocol, src, dst, srcPort: l4.srcPort, dstPort: l4.dstPort };
  if (l4.type !== 'echo-request' && l4.type !== 'echo-reply') return null;
  return { protocol, src, dst, srcPort: l4.id ?? 0, dstPort: ECHO[l4.type] };
}

/** The tuple of the opposite direction. */
export function invert(tuple: Tuple): Tuple {
  const { protocol, src, dst, srcPort, dstPort } = tuple;
  if (protocol === 'icmp') return { protocol, src: dst, dst: src, srcPort, dstPort: dstPort === 8 ? 0 : 8 };
  return { protocol, src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.srcPort === b.srcPort &&
    a.dstPort === b.dstPort &&
    a.src === b.src &&
    a.dst === b.dst &&
    a.protocol === b.protocol
  );
}

/** The packet with one half of its addresses as in `wanted`; the same object when it fits already. */
export function rewrite(packet: Packet, wanted: Tuple, manip: Manip): Packet {
  const { eth, arp, ip, l4, payload } = packet;
  if (ip === undefined) return packet;
  const newL4 = l4 === undefined ? undefined : rewriteL4(l4, wanted, manip);
  if (ip[manip] === wanted[manip] && newL4 === l4) return packet;
  const newIp = { ...ip, [manip]: wanted[manip] };
  return { eth, arp, ip: newIp, l4: newL4 ?? l4, payload };
}

function rewriteL4(l4: L4Header, wanted: Tuple, manip: Manip): L4Header {
  if (l4.kind === 'icmp') {
    const isEcho = l4.type === 'echo-request' || l4.type === 'echo-reply';
    return !isEcho || l4.id === wanted.srcPort ? l4 : { ...l4, id: wanted.srcPort };
  }
  const field = manip === 'src' ? 'srcPort' : 'dstPort';
  return l4[field] === wanted[field] ? l4 : { ...l4, [field]: wanted[field] };
}

/** The ICMP error with its quoted packet rewritten, and its own header turned to match (RFC 5508, section 4.2). */
export function rewriteError(packet: Packet, quotedAs: Tuple, manip: Manip): Packet {
  const l4 = packet.l4 as IcmpHeader;
  if (l4.quoted === undefined || packet.ip === undefined) return packet;
  const quoted = rewrite(l4.quoted, quotedAs, manip === 'src' ? 'dst' : 'src');
  const own = invert(quotedAs);
  return { ...packet, ip: { ...packet.ip, [manip]: own[manip] }, l4: { ...l4, quoted } };
}
