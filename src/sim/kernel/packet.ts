/** Arithmetic over packets: lengths on the wire, flow hashes, and the quotation inside an ICMP error. */
import type { EthernetHeader, IpHeader, L4Header, Packet } from '../trace/packet';

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

/** Header lengths in bytes; SCTP counts its common header and one chunk header with its fields. */
const L4_BYTES: Readonly<Record<L4Header['kind'], number>> = { tcp: 20, udp: 8, sctp: 28, icmp: 8 };

/** VXLAN header and the inner Ethernet header (RFC 7348); with the outer UDP and IPv4 headers this makes 50. */
const VXLAN_AND_ETHERNET_BYTES = 22;

// Packets are rewritten at every step; one literal with one shape is several times cheaper than an object spread.

/** The packet with another Ethernet header, or with none. */
export function withEth({ arp, ip, l4, payload }: Packet, eth: EthernetHeader | undefined): Packet {
  return { eth, arp, ip, l4, payload };
}

/** The packet with another IP header. */
export function withIp({ eth, arp, l4, payload }: Packet, ip: IpHeader): Packet {
  return { eth, arp, ip, l4, payload };
}

/** Length of the IP packet in bytes, headers included; what is compared with an MTU. An ARP message counts 28. */
export function ipLength(packet: Packet): number {
  if (packet.ip === undefined) return 28;
  let bytes = packet.ip.version === 4 ? 20 : 40;
  if (packet.l4 !== undefined) bytes += L4_BYTES[packet.l4.kind];
  const payload = packet.payload;
  if (payload === undefined) return bytes;
  if (payload.type === 'app') return bytes + payload.bytes;
  return bytes + ipLength(payload.inner) + (payload.type === 'vxlan' ? VXLAN_AND_ETHERNET_BYTES : 0);
}

/** A 32-bit hash of the flow a packet belongs to: the same for all of its packets in one direction. */
export function flowHash(packet: Packet): number {
  const { ip, l4 } = packet;
  const ports = l4 !== undefined && 'srcPort' in l4 ? `${l4.srcPort}>${l4.dstPort}` : '';
  const text = `${ip?.src ?? ''}>${ip?.dst ?? ''}/${ip?.protocol ?? ''}/${ports}`;
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}

/** What an ICMP error repeats of the packet that caused it: its IP and transport headers. */
export function quote(packet: Packet): Packet {
  return { ip: packet.ip, l4: packet.l4 };
}

/** IPv4 loopback (127.0.0.0/8) or ::1. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}
