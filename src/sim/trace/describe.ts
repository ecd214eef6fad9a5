/** A packet in words and addresses: the small sentences that explain, glyphs and lists share. */
import type { Packet, TcpFlag } from './packet';

/** "10.96.0.42:80", "10.96.0.42" for packets without ports, the asked address for ARP. */
export function destinationOf(packet: Packet): string {
  return packet.ip ? withPort(packet.ip.dst, portOf(packet, 'dstPort')) : (packet.arp?.targetIp ?? '?');
}

/** Like `destinationOf`, for the sender. */
export function sourceOf(packet: Packet): string {
  return packet.ip ? withPort(packet.ip.src, portOf(packet, 'srcPort')) : (packet.arp?.senderIp ?? '?');
}

function portOf(packet: Packet, side: 'srcPort' | 'dstPort'): number | null {
  const l4 = packet.l4;
  return l4 === undefined || l4.kind === 'icmp' ? null : l4[side];
}

function withPort(ip: string, port: number | null): string {
  if (port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The packet that the pods see: unwraps VXLAN and IPIP. */
export function innermost(packet: Packet): Packet {
  let inner = packet;
  while (inner.payload?.type === 'vxlan' || inner.payload?.type === 'ipip') inner = inner.payload.inner;
  return inner;
}

/** What a packet is, as one would say it: "a SYN", "GET / HTTP/1.1", "A? backend…". */
export function describePayload(packet: Packet): string {
  if (packet.arp) {
    return packet.arp.operation === 'request'
      ? `the question who has ${packet.arp.targetIp}`
      : `the answer that ${packet.arp.senderIp} is at ${packet.arp.senderMac}`;
  }
  if (packet.payload?.type === 'app') return describeAnswer(packet) ?? packet.payload.summary;
  const l4 = packet.l4;
  if (l4?.kind === 'tcp') return l4.flags.length > 0 ? inOrder(l4.flags).join('-') : 'a segment';
  if (l4?.kind === 'icmp') return `ICMP ${l4.type.replaceAll('-', ' ')}`;
  if (l4?.kind === 'sctp') return `SCTP ${l4.chunk}`;
  return 'a datagram';
}

const FLAG_ORDER: readonly TcpFlag[] = ['SYN', 'FIN', 'RST', 'PSH', 'ACK'];

/** Flags as one says them: SYN-ACK and FIN-ACK, whatever the order in which they were set. */
export function inOrder(flags: readonly TcpFlag[]): readonly TcpFlag[] {
  return FLAG_ORDER.filter((flag) => flags.includes(flag));
}

/** What a DNS answer without records answers, from the question that it repeats; null for all other packets. */
export function emptyAnswer(packet: Packet): { code: string; type: string; name: string } | null {
  const { payload } = packet;
  if (payload?.type !== 'app' || payload.protocol !== 'dns' || !/^[A-Z]+$/.test(payload.summary)) return null;
  const { question } = (payload.body ?? {}) as { question?: { type?: unknown; name?: unknown } };
  if (typeof question?.type !== 'string' || typeof question.name !== 'string') return null;
  return { code: payload.summary, type: question.type, name: question.name };
}

function describeAnswer(packet: Packet): string | null {
  const empty = emptyAnswer(packet);
  if (empty === null) return null;
  const { code, type, name } = empty;
  if (code === 'NODATA') return `NODATA (${name} has no ${type} record)`;
  if (code === 'NXDOMAIN') return `NXDOMAIN (there is no ${name})`;
  return `${code} (to ${type}? ${name})`;
}
