/**
 * A learning bridge (a switch inside the machine), and the hooks that br_netfilter lets its IP frames pass.
 * Documents: IEEE 802.1D, bridge(8), br_netfilter in the kernel's ip-sysctl.rst.
 * Not simulated: spanning tree, VLAN filtering, multicast snooping.
 */
import { SECOND } from '../clock/clock';
import type { Packet } from '../trace/packet';
import { passHook } from './hooks';
import type { Skb } from './netfilter/netfilter';
import { resolve, toMac } from './neighbour';
import { sysctl, type Device, type Netns } from './netns';
import { BROADCAST_MAC } from './packet';
import { getPair, setPair } from './pair-map';
import { lookup, lookupLocal } from './route';
import { COST, finish, hop, type HopMore, type Kernel, type Walk } from './walk';

const AGEING_NS = 300 * SECOND;
/** A known address is written down anew only when its entry is this old. */
const REFRESH_NS = SECOND;

/** A frame has come in by a port. */
export function bridgeReceive(kernel: Kernel, walk: Walk, port: Device, skb: Skb): void {
  const { netns } = walk;
  const bridge = netns.devices.get(port.master!);
  if (bridge?.up !== true) return finish(kernel, walk, 'dropped', 'device-down', port.place);
  learn(netns, bridge.name, skb.packet.eth!.src, port.name, walk.atNs);
  if (!passesHooks(netns, skb.packet)) return bridgeFrame(kernel, walk, bridge, port, skb, false);
  const next = passHook(kernel, walk, 'prerouting', skb, bridge.name, undefined);
  if (next === null) return;
  if (next.packet.ip!.dst === skb.packet.ip!.dst) return bridgeFrame(kernel, walk, bridge, port, next, true);
  redirect(kernel, walk, bridge, port, next);
}

/**
 * The prerouting hook gave the frame another IP destination. When that lies behind this bridge the frame stays a bridged
 * frame, with a new MAC and its old TTL, and needs hairpin mode to go back to where it came from; else the host routes it.
 */
function redirect(kernel: Kernel, walk: Walk, bridge: Device, port: Device, skb: Skb): void {
  const dst = skb.packet.ip!.dst;
  const found = lookupLocal(walk.netns, dst) === null ? lookup(walk.netns, dst) : null;
  if (found === null || found.route.device !== bridge.name || found.route.type === 'unreachable') {
    return bridgeFrame(kernel, walk, bridge, port, toMac(skb, bridge.mac), true);
  }
  const { facts, route } = found;
  hop(kernel, walk, bridge.place, 'route', 'main', 'lookup', COST.route, skb.packet, skb.packet, {
    facts,
    origin: route.origin,
  });
  const mac = resolve(kernel, walk, bridge, route.via ?? dst, skb, port.name);
  if (mac !== null) bridgeFrame(kernel, walk, bridge, port, toMac(skb, mac), true);
}

/** Decides where a frame goes; `port` is null for frames of the bridge's own IP layer. */
export function bridgeFrame(
  kernel: Kernel,
  walk: Walk,
  bridge: Device,
  port: Device | null,
  skb: Skb,
  prerouted: boolean,
): void {
  const { packet } = skb;
  const dst = packet.eth!.dst;
  if (dst === bridge.mac) {
    if (port === null) return finish(kernel, walk, 'dropped', 'not-for-us', bridge.place);
    hop(kernel, walk, bridge.place, 'bridge', bridge.name, 'deliver', COST.bridge, packet, packet);
    return kernel.road.up(walk, bridge, skb, prerouted);
  }
  const learned = getPair(walk.netns.fdb, bridge.name, dst);
  const known = learned !== undefined && walk.atNs - learned.seenNs < AGEING_NS;
  const out = known ? walk.netns.devices.get(learned.port) : undefined;
  if (dst === BROADCAST_MAC || out === undefined) return flood(kernel, walk, bridge, port, skb, prerouted);
  if (out.name === port?.name && out.hairpin !== true) {
    const more = { facts: { port: out.name, reason: 'no-hairpin' } };
    hop(kernel, walk, bridge.place, 'bridge', bridge.name, 'drop', COST.bridge, packet, packet, more);
    return finish(kernel, walk, 'dropped', 'no-hairpin', out.place);
  }
  toPort(kernel, walk, bridge, port, out, skb, 'forward');
}

/** Which port a MAC was last seen behind. */
function learn(netns: Netns, bridge: string, mac: string, port: string, nowNs: number): void {
  const known = getPair(netns.fdb, bridge, mac);
  if (known?.port === port && nowNs - known.seenNs < REFRESH_NS) return;
  setPair(netns.fdb, bridge, mac, { bridge, mac, port, seenNs: nowNs });
}

/** One frame out of one port, past the hooks when it came in by another port. */
function toPort(
  kernel: Kernel,
  walk: Walk,
  bridge: Device,
  port: Device | null,
  out: Device,
  skb: Skb,
  action: 'forward' | 'flood',
): void {
  let frame: Skb | null = skb;
  if (port !== null && passesHooks(walk.netns, skb.packet)) {
    frame = passHook(kernel, walk, 'forward', skb, bridge.name, bridge.name);
    if (frame !== null) frame = passHook(kernel, walk, 'postrouting', frame, undefined, bridge.name);
    if (frame === null) return;
  }
  const { packet } = frame;
  const more = { facts: portFacts(out), origin: bridge.origin };
  hop(kernel, walk, bridge.place, 'bridge', bridge.name, action, COST.bridge, packet, packet, more);
  kernel.road.send(walk, out, frame);
}

// Devices are immutable: a pure memo, so that all hops out of a port share what they tell.
const ports = new WeakMap<Device, HopMore['facts']>();

function portFacts(out: Device): HopMore['facts'] {
  let facts = ports.get(out);
  if (facts === undefined) ports.set(out, (facts = { port: out.name }));
  return facts;
}

/** A copy for each other port (and for the host itself). The copy that is expected to matter keeps the trace. */
function flood(
  kernel: Kernel,
  walk: Walk,
  bridge: Device,
  port: Device | null,
  skb: Skb,
  prerouted: boolean,
): void {
  const { netns } = walk;
  const ports = [...netns.devices.values()].filter(
    (other) =>
      other.master === bridge.name && other.up && (other.name !== port?.name || other.hairpin === true),
  );
  const { dst } = skb.packet.eth!;
  const up = port !== null && dst === BROADCAST_MAC;
  if (ports.length === 0 && !up) return finish(kernel, walk, 'dropped', 'no-fdb-entry', bridge.place);
  const main = mainBranch(kernel, netns, ports, up, skb.packet);
  const targets = dst === BROADCAST_MAC ? ports : takers(kernel, ports, dst);
  const start = walk.atNs;
  const walkOf = (target: Device | null): Walk => (target === main ? walk : copyOf(kernel, walk, start));
  for (const target of targets) toPort(kernel, walkOf(target), bridge, port, target, skb, 'flood');
  if (!up) return;
  const own = walkOf(null);
  hop(kernel, own, bridge.place, 'bridge', bridge.name, 'deliver', COST.bridge, skb.packet, skb.packet);
  kernel.road.up(own, bridge, skb, prerouted);
}

/**
 * The ports behind which somebody might take a frame for one card; when there are none, the first stands for them all.
 * Not simulated: the copies of a flooded unicast frame that the card behind a port is bound to discard.
 */
function takers(kernel: Kernel, ports: readonly Device[], mac: string): readonly Device[] {
  const taking = ports.filter(({ peer }) => {
    if (peer === undefined) return true;
    const behind = kernel.netns.get(peer.netns)?.devices.get(peer.device);
    return behind !== undefined && (behind.mac === mac || behind.master !== undefined);
  });
  return taking.length > 0 ? taking : ports.slice(0, 1);
}

/** The branch that will be answered, as far as one can tell; null stands for the host itself. */
function mainBranch(
  kernel: Kernel,
  netns: Netns,
  ports: readonly Device[],
  up: boolean,
  packet: Packet,
): Device | null {
  if (packet.eth!.dst !== BROADCAST_MAC) return takers(kernel, ports, packet.eth!.dst)[0] ?? null;
  const target = packet.arp?.targetIp ?? packet.ip?.dst ?? '';
  if (up && lookupLocal(netns, target) !== null) return null;
  const owner = ports.find(
    ({ peer }) => peer !== undefined && kernel.netns.get(peer.netns)?.locals.has(target) === true,
  );
  return owner ?? ports[0] ?? null;
}

/** Another trace for another copy of the same frame. */
function copyOf(kernel: Kernel, walk: Walk, atNs: number): Walk {
  const original = kernel.trace.packets.head(walk.tag.packetId);
  const { requestId } = walk.tag;
  const packetId = kernel.trace.begin(atNs, requestId, original?.role ?? 'arp', original?.label ?? 'ARP');
  return { netns: walk.netns, tag: { packetId, requestId }, atNs };
}

const CALLS = { 4: 'net.bridge.bridge-nf-call-iptables', 6: 'net.bridge.bridge-nf-call-ip6tables' } as const;

/** net.bridge.bridge-nf-call-iptables: bridged IP frames pass the hooks of the netns their bridge is in. */
function passesHooks(netns: Netns, packet: Packet): boolean {
  if (packet.ip === undefined || netns.netfilter.idle) return false;
  return sysctl(netns, CALLS[packet.ip.version]) === 1;
}
