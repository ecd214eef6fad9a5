/**
 * What may be asked of one Linux machine: the netlink side (devices, addresses, routes, rules) that network agents use,
 * and the system calls that programs use. The rest of the kernel is behind it.
 *
 * Nothing returns a promise. What a socket has to say later arrives as a timer event of type "socket" at the owner.
 */
import type { Ns } from '../clock/clock';
import type { Origin } from '../trace/hop';
import type { AppPayload, IcmpHeader, Packet } from '../trace/packet';
import type { Netfilter } from './netfilter/netfilter';

export type TransportProtocol = 'tcp' | 'udp' | 'sctp';

/** A route of a netns' main table. */
export interface Route {
  /** "10.244.2.0/24", "0.0.0.0/0". */
  readonly prefix: string;
  readonly via?: string;
  readonly device: string;
  readonly onlink?: boolean;
  /** Preferred source address. */
  readonly src?: string;
  readonly scope?: 'link' | 'global' | 'host';
  readonly proto?: 'kernel' | 'static' | 'boot' | 'bird';
  readonly metric?: number;
  /** blackhole and unreachable routes end the packet. */
  readonly type?: 'unicast' | 'blackhole' | 'unreachable';
  /** Several next hops that flows are spread over; `via` and `device` then repeat the first one. */
  readonly nexthops?: readonly NextHop[];
  /**
   * How flows are told apart: 0 by addresses, 1 by ports too. Without it, net.ipv4.fib_multipath_hash_policy. Linux has that
   * setting for a whole netns only; a balancer's appliance decides for each address.
   */
  readonly hashPolicy?: 0 | 1;
  readonly origin?: Origin;
}

/** One way of a route that has several. */
export interface NextHop {
  readonly via: string;
  readonly device: string;
  /** Share of the flows against the others' weights; 1 when absent. */
  readonly weight?: number;
}

/** Neighbour (ARP) entry set by an agent. */
export interface PermanentNeighbour {
  readonly device: string;
  readonly ip: string;
  readonly mac: string;
  readonly origin?: Origin;
}

/** Forwarding entry of a VXLAN device: frames to `mac` go to the machine at `dst`. */
export interface VxlanFdbEntry {
  readonly device: string;
  readonly mac: string;
  readonly dst: string;
  readonly origin?: Origin;
}

/** Who hears of a socket: the timer address, and a key that the owner uses to find its process. */
export interface SocketOwner {
  readonly to: string;
  readonly key: string | number;
}

/** Errno names as strerror's callers know them. */
export type Errno =
  | 'EADDRINUSE'
  | 'ECONNREFUSED'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'ETIMEDOUT'
  | 'ECONNRESET'
  | 'EPIPE'
  | 'EMSGSIZE'
  | 'EPERM'
  | 'EINVAL';

/**
 * The event that a socket's owner gets: `{ type: "socket", key, event }`.
 * accepted: a listener got a connection (`socket` is the new one, `listener` its parent, `requestId` the peer's).
 * connected, data, closed (peer sent FIN), error (errno; from RST, ICMP or timeout), datagram, echo-reply.
 */
export type SocketEvent =
  | {
      readonly kind: 'accepted';
      readonly socket: number;
      readonly listener: number;
      readonly peer: PeerAddress;
      readonly requestId: number;
    }
  | { readonly kind: 'connected'; readonly socket: number; readonly local: PeerAddress }
  | { readonly kind: 'data'; readonly socket: number; readonly payload: AppPayload }
  | { readonly kind: 'closed'; readonly socket: number }
  | {
      readonly kind: 'error';
      readonly socket: number;
      readonly errno: Errno;
      /** The ICMP message behind it, for ping, UDP and what else reads its error queue. */
      readonly icmp?: IcmpReport;
    }
  | {
      readonly kind: 'datagram';
      readonly socket: number;
      readonly from: PeerAddress;
      readonly to: PeerAddress;
      readonly payload: AppPayload;
      readonly requestId: number;
    }
  | {
      readonly kind: 'echo-reply';
      readonly socket: number;
      readonly from: string;
      readonly seq: number;
      readonly ttl: number;
      readonly rttNs: Ns;
    };

/** What an ICMP error said: who sent it, and for echo requests which one it answers. */
export interface IcmpReport {
  readonly from: string;
  readonly type: IcmpHeader['type'];
  readonly seq?: number;
  readonly mtuBytes?: number;
}

export interface PeerAddress {
  readonly ip: string;
  readonly port: number;
}

/** Timer event by which socket events reach their owner. */
export interface SocketTimerEvent {
  readonly type: 'socket';
  readonly key: string | number;
  readonly event: SocketEvent;
  readonly [more: string]: unknown;
}

export interface MachineApi {
  readonly name: string;
  /** False after power off: nothing is received, timers of sockets are dead, all netns but "host" are gone. */
  readonly poweredOn: boolean;

  // ---- netlink: what agents do. Ids of netns are free text, "host" always exists.
  addNetns(id: string, origin?: Origin): void;
  /** Destroys the netns with its devices (and their veth peers), sockets, rules and conntrack entries. */
  deleteNetns(id: string): void;
  /** A veth pair; each end lies in its netns. MACs are derived from machine, netns and name unless given. */
  addVeth(
    a: { netns: string; device: string; mac?: string },
    b: { netns: string; device: string; mac?: string },
    mtuBytes: number,
    origin?: Origin,
  ): void;
  addBridge(netns: string, device: string, mtuBytes: number, origin?: Origin): void;
  /** Makes `device` a port of `bridge`; `hairpin` lets frames go back out of the port they came from. */
  setMaster(netns: string, device: string, bridge: string, hairpin?: boolean): void;
  addVxlan(
    netns: string,
    device: string,
    options: { vni: number; local: string; underlayDevice: string; port: number; mtuBytes: number },
    origin?: Origin,
  ): void;
  addIpip(netns: string, device: string, options: { local: string; mtuBytes: number }, origin?: Origin): void;
  addDummy(netns: string, device: string, origin?: Origin): void;
  /** A network card that is plugged into the underlay. */
  addNic(netns: string, device: string, mac: string, mtuBytes: number): void;
  deleteDevice(netns: string, device: string): void;
  setUp(netns: string, device: string, up: boolean): void;
  /** `ip link set dev … mtu …`: one device only; the other end of a veth keeps its own. */
  setMtu?(netns: string, device: string, mtuBytes: number): void;
  macOf(netns: string, device: string): string;
  /** "10.244.1.1/24": also makes the local and the connected route. */
  addAddress(netns: string, device: string, cidr: string): void;
  deleteAddress(netns: string, device: string, cidr: string): void;
  addRoute(netns: string, route: Route): void;
  deleteRoute(netns: string, prefix: string, device?: string): void;
  addNeighbour(netns: string, entry: PermanentNeighbour): void;
  deleteNeighbour(netns: string, device: string, ip: string): void;
  /**
   * A process with a raw socket answers ARP questions for an address that the machine need not own. Switched on (also once
   * more) it tells everybody by a gratuitous reply, so that whoever knows the address learns its new place.
   */
  announce?(netns: string, device: string, ip: string, on: boolean): void;
  addFdb(netns: string, entry: VxlanFdbEntry): void;
  deleteFdb(netns: string, device: string, mac: string): void;
  /** net.ipv4.ip_forward and the like, by their names in /proc/sys with dots. */
  setSysctl(netns: string, name: string, value: number): void;
  /** The rules and the connection table of a netns. */
  netfilter(netns: string): Netfilter;
  hasNetns(id: string): boolean;
  /** True when an address of the host netns; the underlay follows the copy of a broadcast that will be answered. */
  ownsAddress?(ip: string): boolean;
  setPower(on: boolean): void;

  // ---- system calls: what programs do.
  /** Binds and listens (TCP, SCTP) or binds (UDP). Address "0.0.0.0" (also stands for "::") takes every local address. */
  listen(
    netns: string,
    protocol: TransportProtocol,
    address: string,
    port: number,
    owner: SocketOwner,
  ): number | Errno;
  /**
   * Opens a connection; "connected" or "error" follows. Immediate failures (no route) are returned.
   * The packets are traced under `requestId`. `source` binds the local address.
   */
  connect(
    netns: string,
    protocol: TransportProtocol,
    to: PeerAddress,
    owner: SocketOwner,
    requestId: number,
    options?: { source?: string; timeoutNs?: Ns },
  ): number | Errno;
  /** The address that packets to a destination would be sent from; null when no route leads there. */
  sourceAddress?(netns: string, destination: string): string | null;
  /** Writes to a connected socket. Longer than the path's MSS means several segments. */
  send(socket: number, payload: AppPayload): Errno | null;
  /** A UDP socket on an ephemeral port. */
  openUdp(netns: string, owner: SocketOwner, requestId: number): number | Errno;
  sendTo(
    socket: number,
    to: PeerAddress,
    payload: AppPayload,
    options?: { requestId?: number; from?: PeerAddress; ttl?: number },
  ): Errno | null;
  /** ICMP echo: an "echo-reply" or "error" event follows, or nothing. */
  openPing(netns: string, owner: SocketOwner, requestId: number): number | Errno;
  sendEcho(
    socket: number,
    to: string,
    seq: number,
    options?: { ttl?: number; bytes?: number; df?: boolean },
  ): Errno | null;
  /** Orderly close (FIN) of a connection, or the end of a listener. */
  close(socket: number): void;
  /** What a killed process leaves: listeners vanish, connections are reset. Sockets of that owner only. */
  closeAllOf(owner: SocketOwner): void;

  /** A frame has come in by a network card; called by the underlay. */
  receiveFromWire(device: string, packet: Packet, tag: PacketTag): void;
}

/** Rides along with a packet inside the simulator; it is not on the wire. */
export interface PacketTag {
  /** Id in the trace. */
  readonly packetId: number;
  readonly requestId: number;
}

/** Where a machine's network cards are plugged in; the underlay implements it. */
export interface Wire {
  /** `atNs` is the moment the last bit of the way out is done; without it, now. */
  transmit(machine: string, device: string, packet: Packet, tag: PacketTag, atNs?: Ns): void;
}
