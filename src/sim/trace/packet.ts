/**
 * A packet as data: the headers that are on the wire, outermost first, and what they carry. Immutable: whoever changes
 * a header makes a new packet. Addresses are canonical text (lib/ip), MACs lower case with colons.
 */
import type { Plain } from '../../lib/plain';

/** Ethernet II. `type` is the EtherType's common name. */
export interface EthernetHeader {
  readonly src: string;
  readonly dst: string;
  readonly type: 'ipv4' | 'ipv6' | 'arp';
}

/** ARP (RFC 826). For IPv6 the simulator uses the same message in place of neighbour discovery. */
export interface ArpMessage {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

export interface IpHeader {
  readonly version: 4 | 6;
  readonly src: string;
  readonly dst: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'ipip';
  /** Don't Fragment; for IPv6 false only for what its sender has to fragment. */
  readonly df: boolean;
}

export interface TcpHeader {
  readonly kind: 'tcp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** Subset of SYN, ACK, FIN, RST, PSH, in that order. */
  readonly flags: readonly TcpFlag[];
  /** Maximum segment size option, on SYN and SYN-ACK only. */
  readonly mssBytes?: number;
}
export type TcpFlag = 'SYN' | 'ACK' | 'FIN' | 'RST' | 'PSH';

export interface UdpHeader {
  readonly kind: 'udp';
  readonly srcPort: number;
  readonly dstPort: number;
}

/** SCTP, as far as NAT and sockets care: INIT, INIT-ACK, COOKIE-ECHO, COOKIE-ACK, DATA, SACK, SHUTDOWN, ABORT. */
export interface SctpHeader {
  readonly kind: 'sctp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly chunk: string;
}

/** ICMP or ICMPv6. Errors quote the packet that caused them, which is how conntrack finds their connection. */
export interface IcmpHeader {
  readonly kind: 'icmp';
  readonly type:
    | 'echo-request'
    | 'echo-reply'
    | 'port-unreachable'
    | 'host-unreachable'
    | 'net-unreachable'
    | 'admin-prohibited'
    | 'fragmentation-needed'
    | 'time-exceeded';
  /** Echo identifier and sequence number. */
  readonly id?: number;
  readonly seq?: number;
  /** Next-hop MTU of fragmentation-needed. */
  readonly mtuBytes?: number;
  /** The offending packet of an error: IP header and ports. */
  readonly quoted?: Packet;
}

export type L4Header = TcpHeader | UdpHeader | SctpHeader | IcmpHeader;

/** What an application put into the packet. `summary` is its first line in the protocol's own notation. */
export interface AppPayload {
  readonly type: 'app';
  readonly protocol: 'dns' | 'http' | 'tls' | 'data';
  /** "GET / HTTP/1.1", "HTTP/1.1 200 OK", "A? backend.default.svc.cluster.local." */
  readonly summary: string;
  readonly bytes: number;
  readonly body: Plain;
}

/** An inner frame behind a VXLAN header (RFC 7348). */
export interface VxlanPayload {
  readonly type: 'vxlan';
  readonly vni: number;
  readonly inner: Packet;
}

/** An inner IP packet behind an outer IP header (RFC 2003). */
export interface IpipPayload {
  readonly type: 'ipip';
  readonly inner: Packet;
}

export type Payload = AppPayload | VxlanPayload | IpipPayload;

/** A frame or packet. Either `arp`, or `ip` with (but for IPIP) `l4`. `eth` is absent before a device is chosen. */
export interface Packet {
  readonly eth?: EthernetHeader;
  readonly arp?: ArpMessage;
  readonly ip?: IpHeader;
  readonly l4?: L4Header;
  readonly payload?: Payload;
}
