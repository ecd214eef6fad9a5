/**
 * The road of a packet through one network namespace, in Linux' order. Everything else in this folder is a stop on it.
 *
 *      a frame comes in by a device                              a process, or the kernel itself, sends
 *                  │ receive                                                  │ output
 *                  ▼                                                          ▼
 *        bridge port? ──► bridge.ts ──► out of another port                 route
 *                  │ for us                                                   │
 *                  ▼                                                          ▼
 *           [ PREROUTING ]  destination may change                       [ OUTPUT ]  destination may change:
 *                  │                                                          │      then route again
 *                  ▼                                                          │
 *             routeInput ── not ours ──► forward ──► [ FORWARD ] ─────────────┤
 *                  │ ours                                                     ▼
 *                  ▼                                                   [ POSTROUTING ]  source may change
 *             [ INPUT ]                                                       │
 *                  │                                                          ▼
 *                  ▼                                                      transmit: neighbour, then out by a
 *               deliver: a tunnel (unwrap and                             device (link.ts), or into a tunnel
 *               receive again), ICMP, a socket                            (wrap and output again)
 *
 * A virtual IP belongs to no device. It works because a rule in PREROUTING (for packets that come in) or in OUTPUT (for
 * packets born here) writes a real address over it before the route is chosen, and because connection tracking puts the
 * virtual address back into the replies. The road itself knows nothing of that: it routes whatever address it finds.
 *
 * Documents: ip_input.c, ip_forward.c and ip_output.c of Linux 6.x; RFC 1812 for what a router must refuse.
 */
import { arpInput, resolve } from './neighbour';
import { deviceInput, deviceOutput } from './bpf/devices';
import { bridgeReceive } from './bridge';
import { icmpInput } from './icmp';
import { sendIcmpError } from './icmp-error';
import { wayFor } from './multipath';
import { passHook } from './hooks';
import type { Packet } from '../trace/packet';
import type { Errno } from './machine-api';
import type { Skb } from './netfilter/netfilter';
import { deviceSysctl, sysctl, type Device, type Netns, type RouteEntry } from './netns';
import { BROADCAST_MAC, ipLength, isLoopback, withEth, withIp } from './packet';
import { lookup, lookupLocal } from './route';
import { sctpInput } from './sctp';
import { tcpInput } from './tcp';
import { decapsulate, encapsulateIpip } from './tunnel';
import { udpInput } from './udp';
import { COST, finish, hop, type Kernel, type Walk } from './walk';

/** A frame comes in by a device: a bridge takes those of its ports, the host those that are addressed to it. */
export function receive(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { packet } = skb;
  const { place, name } = device;
  if (!device.up) return finish(kernel, walk, 'dropped', 'device-down', place);
  hop(
    kernel,
    walk,
    place,
    'device',
    name,
    'pass',
    COST.device,
    packet,
    packet,
    device.origin && { origin: device.origin },
  );
  if (device.master !== undefined) return bridgeReceive(kernel, walk, device, skb);
  receiveUp(kernel, walk, device, skb, false);
}

/** The frame has reached the top of its device, or of the bridge its device belongs to. */
export function receiveUp(kernel: Kernel, walk: Walk, device: Device, skb: Skb, prerouted: boolean): void {
  const { eth, arp, ip } = skb.packet;
  if (eth !== undefined && eth.dst !== device.mac && eth.dst !== BROADCAST_MAC)
    return finish(kernel, walk, 'dropped', 'not-for-us', device.place);
  if (arp !== undefined) return arpInput(kernel, walk, device, skb.packet);
  if (ip === undefined) return finish(kernel, walk, 'dropped', 'not-for-us', device.place);
  // From here on the Ethernet header has done its work; a new one is written when the packet leaves.
  const { mark, connection } = skb;
  const incoming: Skb = { packet: eth ? withEth(skb.packet, undefined) : skb.packet, mark, connection };
  const verdict = deviceInput(kernel, walk, device, incoming.packet);
  if (verdict.kind === 'ended') return;
  if (verdict.kind === 'redirect') return redirect(kernel, walk, device, { ...incoming, ...verdict });
  const routed = prerouted
    ? incoming
    : passHook(kernel, walk, 'prerouting', incoming, device.name, undefined);
  if (routed !== null) routeInput(kernel, walk, device, routed);
}

/** A program has rewritten the packet: out by its new route without a hook, or up to this host as if it had come so. */
function redirect(kernel: Kernel, walk: Walk, device: Device, { packet, mark }: Skb): void {
  const skb = { packet, mark };
  if (lookupLocal(walk.netns, packet.ip!.dst) !== null) {
    const routed = passHook(kernel, walk, 'prerouting', skb, device.name, undefined);
    return routed === null ? undefined : routeInput(kernel, walk, device, routed);
  }
  const lowered = oneHopLess(kernel, walk, skb);
  const entry = lowered && routeOutput(kernel, walk, lowered);
  if (lowered === null || entry === null || typeof entry === 'string') return;
  const mtuBytes = tooBigFor(walk.netns, entry, lowered.packet);
  if (mtuBytes !== null) return refuseTooBig(kernel, walk, lowered.packet, packet, mtuBytes);
  transmit(kernel, walk, entry, lowered);
}

/** Ours, or somebody else's? The local table is asked first, then the main table. */
function routeInput(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { netns } = walk;
  const { packet } = skb;
  const { dst } = packet.ip!;
  const martian = martianOf(netns, device, packet);
  if (martian !== null) return refuse(kernel, walk, packet, 'martian', { log: martian });
  const local = lookupLocal(netns, dst);
  if (local !== null) {
    hop(kernel, walk, netns.place, 'route', 'local', 'lookup', COST.route, packet, packet, local);
    return input(kernel, walk, device, skb);
  }
  const setting = FORWARDING[packet.ip!.version];
  if (sysctl(netns, setting) === 0) return refuse(kernel, walk, packet, 'not-for-us', { [setting]: '0' });
  const entry = wayFor(netns, lookup(netns, dst), packet);
  recordRoute(kernel, walk, skb, entry);
  const refusal = refusalOf(entry);
  if (entry !== null && refusal === null) return forward(kernel, walk, device, entry, skb);
  finish(kernel, walk, 'dropped', 'no-route');
  if (refusal !== 'EINVAL')
    sendIcmpError(kernel, walk, packet, refusal === 'EHOSTUNREACH' ? 'host-unreachable' : 'net-unreachable');
}

/** For this host. A load balancer in the INPUT hook (IPVS) may still send the packet elsewhere. */
function input(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { dst } = skb.packet.ip!;
  const passed = passHook(kernel, walk, 'input', skb, device.name, undefined);
  if (passed === null) return;
  const now = passed.packet.ip!.dst;
  if (now === dst || lookupLocal(walk.netns, now) !== null) return deliver(kernel, walk, device, passed);
  const onward = device.kind === 'loopback' ? passed : oneHopLess(kernel, walk, passed);
  if (onward !== null) output(kernel, walk, onward);
}

/** Up to whoever waits for this protocol. */
function deliver(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { packet } = skb;
  if (packet.payload !== undefined && packet.payload.type !== 'app' && decapsulate(kernel, walk, skb)) return;
  switch (packet.l4?.kind) {
    case 'tcp':
      return tcpInput(kernel, walk, packet, packet.l4);
    case 'udp':
      return udpInput(kernel, walk, packet, packet.l4);
    case 'sctp':
      return sctpInput(kernel, walk, packet, packet.l4);
    case 'icmp':
      return icmpInput(kernel, walk, packet, packet.l4);
    default:
      finish(kernel, walk, 'dropped', 'no-listener', device.place);
  }
}

/** Through this host: one off the TTL, no larger than the way out allows, and with the FORWARD hook's consent. */
function forward(kernel: Kernel, walk: Walk, device: Device, entry: RouteEntry, skb: Skb): void {
  const lowered = oneHopLess(kernel, walk, skb);
  if (lowered === null) return;
  const mtuBytes = tooBigFor(walk.netns, entry, lowered.packet);
  if (mtuBytes !== null) return refuseTooBig(kernel, walk, lowered.packet, skb.packet, mtuBytes);
  const passed = passHook(kernel, walk, 'forward', lowered, device.name, entry.route.device);
  if (passed !== null) postrouting(kernel, walk, entry, passed);
}

/** The packet with its TTL one lower; null when that was its last hop, of which its sender is told. */
function oneHopLess(kernel: Kernel, walk: Walk, { packet, mark, connection }: Skb): Skb | null {
  const ip = packet.ip!;
  if (ip.ttl > 1) return { packet: withIp(packet, { ...ip, ttl: ip.ttl - 1 }), mark, connection };
  refuse(kernel, walk, packet, 'ttl', { ttl: String(ip.ttl) });
  sendIcmpError(kernel, walk, packet, 'time-exceeded');
  return null;
}

/** Born here (or wrapped here by a tunnel): route, OUTPUT hook, and the route again if that changed the destination. */
export function output(kernel: Kernel, walk: Walk, skb: Skb): Errno | null {
  const entry = routeOutput(kernel, walk, skb);
  if (typeof entry === 'string') return entry;
  const { dst } = skb.packet.ip!;
  const passed = passHook(kernel, walk, 'output', skb, undefined, entry.route.device);
  if (passed === null) return 'EPERM';
  const way = passed.packet.ip!.dst === dst ? entry : routeOutput(kernel, walk, passed);
  if (typeof way === 'string') return way;
  const mtuBytes = tooBigFor(walk.netns, way, passed.packet);
  if (mtuBytes === null) return postrouting(kernel, walk, way, passed);
  refuseTooBig(kernel, walk, passed.packet, skb.packet, mtuBytes);
  return 'EMSGSIZE';
}

/** The way out for a packet of ours; to our own addresses it is lo. Ends the packet when there is none. */
function routeOutput(kernel: Kernel, walk: Walk, skb: Skb): RouteEntry | Errno {
  const { packet } = skb;
  const local = lookupLocal(walk.netns, packet.ip!.dst);
  if (local !== null) {
    hop(kernel, walk, walk.netns.place, 'route', 'local', 'lookup', COST.route, packet, packet, local);
    return LOCAL_DELIVERY;
  }
  const entry = wayFor(walk.netns, lookup(walk.netns, packet.ip!.dst), packet);
  recordRoute(kernel, walk, skb, entry);
  const refusal = refusalOf(entry);
  if (entry !== null && refusal === null) return entry;
  finish(kernel, walk, 'dropped', 'no-route');
  return refusal ?? 'ENETUNREACH';
}

/** The last hook, where the source may be rewritten (masquerade), then out. */
function postrouting(kernel: Kernel, walk: Walk, entry: RouteEntry, skb: Skb): Errno | null {
  const passed = passHook(kernel, walk, 'postrouting', skb, undefined, entry.route.device);
  return passed === null ? 'EPERM' : transmit(kernel, walk, entry, passed);
}

/** Finds the next hop's MAC and hands the frame to the device. */
function transmit(kernel: Kernel, walk: Walk, entry: RouteEntry, given: Skb): Errno | null {
  const device = walk.netns.devices.get(entry.route.device);
  if (device === undefined) {
    finish(kernel, walk, 'dropped', 'device-down');
    return 'ENETUNREACH';
  }
  const packet = deviceOutput(kernel, walk, device, given.packet);
  const skb = packet === given.packet ? given : { ...given, packet };
  const ip = packet.ip!;
  const nextHop = entry.route.via ?? ip.dst;
  if (device.kind === 'loopback') kernel.road.send(walk, device, skb);
  else if (device.kind === 'ipip') encapsulateIpip(kernel, walk, device, nextHop, skb);
  else {
    const dst = resolve(kernel, walk, device, nextHop, skb);
    if (dst === null) return null;
    const eth = { src: device.mac, dst, type: ip.version === 6 ? 'ipv6' : 'ipv4' } as const;
    kernel.road.send(walk, device, {
      packet: withEth(packet, eth),
      mark: skb.mark,
      connection: skb.connection,
    });
  }
  return null;
}

const LOCAL_DELIVERY: RouteEntry = {
  route: { prefix: '127.0.0.0/8', device: 'lo' },
  family: 4,
  bytes: [127, 0, 0, 0],
  length: 8,
  facts: {},
};

function recordRoute(kernel: Kernel, walk: Walk, { packet }: Skb, entry: RouteEntry | null): void {
  const refused = refusalOf(entry) !== null;
  const action = refused ? 'drop' : 'lookup';
  hop(kernel, walk, walk.netns.place, 'route', 'main', action, COST.route, packet, packet, {
    facts: refused ? { ...entry?.facts, reason: 'no-route' } : entry?.facts,
    origin: entry?.route.origin,
  });
}

/** Why a route lookup is no way out: nothing found, or a route that says no. */
function refusalOf(entry: RouteEntry | null): Errno | null {
  if (entry === null) return 'ENETUNREACH';
  if (entry.route.type === 'blackhole') return 'EINVAL';
  return entry.route.type === 'unreachable' ? 'EHOSTUNREACH' : null;
}

/**
 * The MTU that a packet does not fit, if it may not be fragmented; null when all is well.
 * Not simulated: fragments. A packet that may be fragmented crosses in one piece whatever its size.
 */
function tooBigFor(netns: Netns, entry: RouteEntry, packet: Packet): number | null {
  const mtuBytes = netns.devices.get(entry.route.device)?.mtuBytes ?? Infinity;
  return packet.ip!.df && ipLength(packet) > mtuBytes ? mtuBytes : null;
}

/** The packet ends; its sender is told the MTU, with the packet quoted as that sender knows it. */
function refuseTooBig(kernel: Kernel, walk: Walk, packet: Packet, quoted: Packet, mtuBytes: number): void {
  refuse(kernel, walk, packet, 'mtu', { mtu: String(mtuBytes), length: String(ipLength(packet)) });
  sendIcmpError(kernel, walk, quoted, 'fragmentation-needed', mtuBytes);
}

/** Ends a packet at the router, with what speaks against it. */
function refuse(
  kernel: Kernel,
  walk: Walk,
  packet: Packet,
  reason: string,
  facts: Readonly<Record<string, string>>,
): void {
  hop(kernel, walk, walk.netns.place, 'route', 'main', 'drop', COST.route, packet, packet, {
    facts: { reason, ...facts },
  });
  finish(kernel, walk, 'dropped', reason);
}

const FORWARDING = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const;

/**
 * What the kernel logs of addresses that cannot have come from outside: loopback ones (unless route_localnet), and one of
 * our own as the source. Null when they can.
 */
function martianOf(netns: Netns, device: Device, packet: Packet): string | null {
  if (device.kind === 'loopback') return null;
  const { src, dst } = packet.ip!;
  const loopback = isLoopback(dst) || isLoopback(src);
  if (loopback ? deviceSysctl(netns, device.name, 'route_localnet') !== 0 : lookupLocal(netns, src) === null)
    return null;
  const what = isLoopback(dst) ? 'destination' : 'source';
  return `martian ${what} ${dst} from ${src}, on dev ${device.name}`;
}
