/**
 * Neighbours: which MAC address a next hop has, asked by ARP when it is not known. Packets wait meanwhile.
 * Documents: RFC 826, arp(7), ip-neighbour(8).
 * Not simulated: the messages of IPv6 neighbour discovery (RFC 4861), for which the same ones stand, labelled ND and sent to
 * everybody in place of a multicast group; with them link-local addresses, duplicate detection and router advertisements.
 * Not simulated: the STALE, DELAY and PROBE states; an entry is asked for anew when it was not heard of for a minute.
 */
import { canonicalIp } from '../../lib/ip';
import { SECOND } from '../clock/clock';
import type { ArpMessage, Packet } from '../trace/packet';
import { sendIcmpError } from './icmp-error';
import type { PermanentNeighbour } from './machine-api';
import type { Skb } from './netfilter/netfilter';
import { deviceSysctl, type Device, type Neighbour, type Netns, type Waiting } from './netns';
import { BROADCAST_MAC, withEth } from './packet';
import { deletePair, getPair, pairValues, setPair } from './pair-map';
import { lookup, lookupLocal, selectSource } from './route';
import { begin, COST, finish, hop, type Kernel, type Walk } from './walk';

const VALID_NS = 60 * SECOND;
const RETRY_NS = SECOND;
const TRIES = 3;
/** unres_qlen: packets that may wait for one address. */
const QUEUE_LIMIT = 101;
const NO_MAC = '00:00:00:00:00:00';

/** The timer of a question that has not been answered yet. */
export interface ArpTimerEvent {
  readonly type: 'arp-retry';
  readonly netns: string;
  readonly device: string;
  readonly ip: string;
  readonly [more: string]: string;
}

/** The MAC of a next hop, or null: then the packet waits (or has ended) and `resolve` has seen to it. */
export function resolve(
  kernel: Kernel,
  walk: Walk,
  device: Device,
  ip: string,
  skb: Skb,
  port?: string,
): string | null {
  const { netns } = walk;
  const entry = getPair(netns.neighbours, device.name, ip);
  if (entry !== undefined && isValid(entry, walk.atNs)) {
    // The entry itself carries the facts and the origin of the hop.
    hop(kernel, walk, device.place, 'neighbour', ip, 'lookup', COST.neighbour, skb.packet, skb.packet, entry);
    return entry.mac;
  }
  hop(kernel, walk, device.place, 'neighbour', ip, 'queue', COST.neighbour, skb.packet, skb.packet, {
    facts: { ip },
  });
  const { packet, mark, connection } = skb;
  const waiting: Waiting = { packet, mark, connection, tag: walk.tag, sinceNs: walk.atNs, port };
  if (entry?.state === 'INCOMPLETE') {
    if (entry.waiting.length >= QUEUE_LIMIT) finish(kernel, walk, 'dropped', 'buffer-full', device.place);
    else setPair(netns.neighbours, device.name, ip, { ...entry, waiting: [...entry.waiting, waiting] });
    return null;
  }
  const asked = { tries: 1, waiting: [waiting], timer: startTimer(kernel, walk, device.name, ip) };
  setPair(netns.neighbours, device.name, ip, {
    ...neighbour(device.name, ip, 'INCOMPLETE', '', walk.atNs),
    ...asked,
  });
  ask(kernel, walk, device, ip, packet);
  return null;
}

/** The entry's timer rang: ask again, or give up and tell the senders of all that wait. */
export function arpTimeout(kernel: Kernel, event: ArpTimerEvent): void {
  const netns = kernel.netns.get(event.netns);
  const device = netns?.devices.get(event.device);
  const entry = netns && getPair(netns.neighbours, event.device, event.ip);
  if (netns === undefined || device === undefined || entry?.state !== 'INCOMPLETE') return;
  const first = entry.waiting[0]!;
  const walk: Walk = { netns, tag: first.tag, atNs: kernel.clock.nowNs };
  if (entry.tries < TRIES) {
    const timer = startTimer(kernel, walk, event.device, event.ip);
    setPair(netns.neighbours, event.device, event.ip, { ...entry, tries: entry.tries + 1, timer });
    ask(kernel, walk, device, event.ip, first.packet);
    return;
  }
  remember(netns, neighbour(event.device, event.ip, 'FAILED', '', walk.atNs));
  for (const { packet, tag } of entry.waiting) {
    const own: Walk = { netns, tag, atNs: kernel.clock.nowNs };
    finish(kernel, own, 'dropped', 'no-neighbour', device.place);
    sendIcmpError(kernel, own, packet, 'host-unreachable');
  }
}

/** An ARP message has come in by a device. */
export function arpInput(kernel: Kernel, walk: Walk, device: Device, packet: Packet): void {
  const arp = packet.arp!;
  const { netns } = walk;
  const forUs = arp.operation === 'reply' || answers(netns, device, arp);
  // Strangers' questions refresh what we know; only a message for us makes us remember somebody new.
  const known = getPair(netns.neighbours, device.name, arp.senderIp);
  const news = known !== undefined ? known.state !== 'PERMANENT' : forUs && arp.operation === 'request';
  if (!forUs) finish(kernel, walk, 'dropped', 'not-for-us', device.place);
  else {
    hop(kernel, walk, device.place, 'local', 'arp', 'deliver', COST.local, packet, packet);
    finish(kernel, walk, 'delivered', 'arp', device.place);
    if (arp.operation === 'request') answer(kernel, walk, device, arp);
  }
  if (!news) return;
  remember(netns, neighbour(device.name, arp.senderIp, 'REACHABLE', arp.senderMac, walk.atNs));
  if (known !== undefined) releaseAll(kernel, walk, device, known);
}

/** Forgets what was learned or asked for on a device (null: on all of them); packets that wait for it are lost. */
export function forgetNeighbours(kernel: Kernel, netns: Netns, device: string | null, reason: string): void {
  for (const entry of pairValues(netns.neighbours)) {
    if (entry.state !== 'PERMANENT' && (device === null || entry.device === device))
      forgetNeighbour(kernel, netns, entry.device, entry.ip, reason);
  }
}

/** Takes one entry out; packets that wait for it are lost. */
export function forgetNeighbour(
  kernel: Kernel,
  netns: Netns,
  device: string,
  ip: string,
  reason: string,
): void {
  const entry = getPair(netns.neighbours, device, ip);
  if (entry === undefined) return;
  kernel.clock.cancel(entry.timer);
  deletePair(netns.neighbours, device, ip);
  for (const { tag } of entry.waiting)
    finish(kernel, { netns, tag, atNs: kernel.clock.nowNs }, 'lost', reason);
}

/** Writes an entry that an agent answers for; nobody asks for it by ARP. What waited for it goes out. */
export function setPermanent(kernel: Kernel, netns: Netns, device: Device, entry: PermanentNeighbour): void {
  const ip = canonicalIp(entry.ip);
  const known = getPair(netns.neighbours, device.name, ip);
  const made = neighbour(device.name, ip, 'PERMANENT', entry.mac, kernel.clock.nowNs);
  remember(netns, { ...made, origin: entry.origin });
  if (known !== undefined) releaseAll(kernel, { netns, atNs: kernel.clock.nowNs }, device, known);
}

function remember(netns: Netns, entry: Neighbour): void {
  setPair(netns.neighbours, entry.device, entry.ip, entry);
}

function neighbour(
  device: string,
  ip: string,
  state: Neighbour['state'],
  mac: string,
  seenNs: number,
): Neighbour {
  const line = `${ip} dev ${device}${mac === '' ? '' : ` lladdr ${mac}`} ${state}`;
  const facts: Neighbour['facts'] = mac === '' ? { ip, neighbour: line } : { ip, mac, neighbour: line };
  return { device, ip, state, mac, seenNs, tries: 0, waiting: [], timer: null, facts };
}

function isValid(entry: Neighbour, nowNs: number): boolean {
  return entry.state === 'PERMANENT' || (entry.state === 'REACHABLE' && nowNs - entry.seenNs < VALID_NS);
}

function releaseAll(
  kernel: Kernel,
  by: Pick<Walk, 'netns' | 'atNs'>,
  device: Device,
  { ip, waiting, timer }: Neighbour,
): void {
  kernel.clock.cancel(timer);
  for (const one of waiting) release(kernel, by, device, ip, one);
}

function release(
  kernel: Kernel,
  by: Pick<Walk, 'netns' | 'atNs'>,
  device: Device,
  ip: string,
  waiting: Waiting,
): void {
  const { packet, mark, connection, tag, port } = waiting;
  const walk: Walk = { netns: by.netns, tag, atNs: Math.max(by.atNs, waiting.sinceNs) };
  const mac = resolve(kernel, walk, device, ip, { packet, mark, connection }, port);
  if (mac === null) return;
  if (port === undefined) {
    const type = packet.ip?.version === 6 ? 'ipv6' : 'ipv4';
    kernel.road.send(walk, device, { packet: withEth(packet, { src: device.mac, dst: mac, type }), mark });
    return;
  }
  const inPort = walk.netns.devices.get(port);
  if (inPort === undefined) finish(kernel, walk, 'lost', 'device-down');
  else kernel.road.bridge(walk, device, inPort, toMac({ packet, mark, connection }, mac));
}

/** The frame with another destination address. */
export function toMac({ packet, mark, connection }: Skb, mac: string): Skb {
  return { packet: withEth(packet, { ...packet.eth!, dst: mac }), mark, connection };
}

function startTimer(kernel: Kernel, walk: Walk, device: string, ip: string): number {
  const event: ArpTimerEvent = { type: 'arp-retry', netns: walk.netns.id, device, ip };
  return kernel.clock.scheduleAt(walk.atNs + RETRY_NS, kernel.address, event);
}

function labelFor(ip: string): string {
  return ip.includes(':') ? 'ND' : 'ARP';
}

function ask(kernel: Kernel, cause: Walk, device: Device, ip: string, packet: Packet): void {
  const { netns } = cause;
  const src = packet.ip?.src;
  // arp_announce 0 takes the packet's own source when it is ours; 1 and 2 prefer the subnet of the one asked for.
  const announced = deviceSysctl(netns, device.name, 'arp_announce') === 0 && src !== undefined;
  const senderIp = announced && lookupLocal(netns, src) !== null ? src : selectSource(netns, device.name, ip);
  const walk = begin(kernel, netns, cause.atNs, cause.tag.requestId, 'arp', labelFor(ip));
  const arp: ArpMessage = {
    operation: 'request',
    senderMac: device.mac,
    senderIp: senderIp ?? '0.0.0.0',
    targetMac: NO_MAC,
    targetIp: ip,
  };
  const eth = { src: device.mac, dst: BROADCAST_MAC, type: 'arp' } as const;
  kernel.road.send(walk, device, { packet: { eth, arp }, mark: 0 });
}

/** Answers for an address from now on, and says so to everybody on the wire (RFC 5227, section 3). */
export function announce(kernel: Kernel, netns: Netns, device: Device, given: string): void {
  const ip = canonicalIp(given);
  setPair(netns.announced, device.name, ip, true);
  const walk = begin(kernel, netns, kernel.clock.nowNs, 0, 'arp', labelFor(ip));
  const { mac } = device;
  const arp: ArpMessage = {
    operation: 'reply',
    senderMac: mac,
    senderIp: ip,
    targetMac: BROADCAST_MAC,
    targetIp: ip,
  };
  const eth = { src: mac, dst: BROADCAST_MAC, type: 'arp' } as const;
  kernel.road.send(walk, device, { packet: { eth, arp }, mark: 0 });
}

/** Whether this netns answers for an address: its own (arp_ignore), an announced one, or one it routes elsewhere (proxy_arp). */
function answers(netns: Netns, device: Device, arp: ArpMessage): boolean {
  if (getPair(netns.announced, device.name, arp.targetIp) !== undefined) return true;
  const local = lookupLocal(netns, arp.targetIp);
  // Neighbour discovery knows no arp_ignore: an address is answered for on its own device only (ndisc_recv_ns).
  if (local !== null && arp.targetIp.includes(':')) return local.device === device.name;
  if (local !== null)
    return deviceSysctl(netns, device.name, 'arp_ignore') === 0 || local.device === device.name;
  if (deviceSysctl(netns, device.name, 'proxy_arp') === 0) return false;
  const route = lookup(netns, arp.targetIp)?.route;
  return route !== undefined && (route.type ?? 'unicast') === 'unicast' && route.device !== device.name;
}

function answer(kernel: Kernel, cause: Walk, device: Device, arp: ArpMessage): void {
  const walk = begin(kernel, cause.netns, cause.atNs, cause.tag.requestId, 'arp', labelFor(arp.targetIp));
  const reply: ArpMessage = {
    operation: 'reply',
    senderMac: device.mac,
    senderIp: arp.targetIp,
    targetMac: arp.senderMac,
    targetIp: arp.senderIp,
  };
  const eth = { src: device.mac, dst: arp.senderMac, type: 'arp' } as const;
  kernel.road.send(walk, device, { packet: { eth, arp: reply }, mark: 0 });
}
