/** Length of an IP packet, as the counters of rules see it. */
import type { Packet } from '../../trace/packet';

const L4_BYTES = { tcp: 20, udp: 8, sctp: 28, icmp: 8 } as const;

/** Bytes from the IP header on: headers without options, and what they carry. */
export function packetBytes(packet: Packet): number {
  const ip = packet.ip === undefined ? 0 : packet.ip.version === 4 ? 20 : 40;
  const l4 = packet.l4 === undefined ? 0 : L4_BYTES[packet.l4.kind];
  const quoted = packet.l4?.kind === 'icmp' && packet.l4.quoted ? packetBytes(packet.l4.quoted) : 0;
  const payload = packet.payload;
  if (payload === undefined) return ip + l4 + quoted;
  if (payload.type === 'app') return ip + l4 + payload.bytes;
  const inner = packetBytes(payload.inner);
  return ip + l4 + inner + (payload.type === 'vxlan' ? 22 : 0);
}
