/**
 * Tunnels: VXLAN as flannel sets it up (no learning, forwarding entries written by an agent) and IPIP.
 * Documents: RFC 7348, RFC 2003, vxlan.rst of the kernel.
 */
import type { Packet } from '../trace/packet';
import type { VxlanFdbEntry } from './machine-api';
import type { Skb } from './netfilter/netfilter';
import type { Device, Netns } from './netns';
import { BROADCAST_MAC, flowHash, withEth } from './packet';
import { getPair } from './pair-map';
import { lookup, lookupLocal } from './route';
import { COST, finish, hop, type HopMore, type Kernel, type Walk } from './walk';

/** A VXLAN device sends what it has no entry for to the default one, if an agent made one (bridge fdb's all-zero MAC). */
const DEFAULT_ENTRY = '00:00:00:00:00:00';

/** Wraps a frame for the machine that the forwarding entry names, and sends the outer packet on its own way out. */
export function encapsulateVxlan(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { vni, local, port } = device.vxlan!;
  const { packet } = skb;
  const mac = packet.eth?.dst ?? BROADCAST_MAC;
  const fdb = walk.netns.vxlanFdb;
  const entry = getPair(fdb, device.name, mac) ?? getPair(fdb, device.name, DEFAULT_ENTRY);
  if (entry === undefined || leadsBack(walk.netns, device, entry.dst)) {
    return refuse(kernel, walk, device, packet, entry === undefined ? 'no-fdb-entry' : 'no-route');
  }
  const outer: Packet = {
    ip: {
      version: local.includes(':') ? 6 : 4,
      src: local,
      dst: entry.dst,
      ttl: 64,
      protocol: 'udp',
      // Fragments of an inner packet would each have an outer one of their own; here it is one that stands for all.
      df: local.includes(':') && packet.ip?.df !== false,
    },
    l4: { kind: 'udp', srcPort: sourcePort(packet), dstPort: port },
    payload: { type: 'vxlan', vni, inner: packet },
  };
  hop(kernel, walk, device.place, 'tunnel', device.name, 'encapsulate', COST.tunnel, packet, outer, {
    facts: entryFacts(device, vni, entry),
    origin: entry.origin,
  });
  // The mark stays with the packet inside one netns; its connection does not.
  kernel.road.output(walk, { packet: outer, mark: skb.mark });
}

// Forwarding entries are immutable: a pure memo, so that all hops by one of them share what they tell.
const entries = new WeakMap<VxlanFdbEntry, { readonly device: Device; readonly facts: HopMore['facts'] }>();

function entryFacts(device: Device, vni: number, entry: VxlanFdbEntry): HopMore['facts'] {
  let known = entries.get(entry);
  if (known?.device !== device) {
    const fdb = `${entry.mac} dev ${device.name} dst ${entry.dst} self permanent`;
    entries.set(entry, (known = { device, facts: { vni: String(vni), fdb } }));
  }
  return known.facts;
}

/** The outer UDP source port: a hash of the inner flow, so that routers keep a flow on one path (RFC 7348 5). */
function sourcePort(inner: Packet): number {
  return 32_768 + (flowHash(inner) % (60_999 - 32_768 + 1));
}

/** Wraps an IP packet for the next hop of its route, which is the other machine. */
export function encapsulateIpip(kernel: Kernel, walk: Walk, device: Device, nextHop: string, skb: Skb): void {
  const { packet } = skb;
  if (leadsBack(walk.netns, device, nextHop)) return refuse(kernel, walk, device, packet, 'no-route');
  const inner = withEth(packet, undefined);
  const outer: Packet = {
    ip: {
      version: 4,
      src: device.ipipLocal!,
      dst: nextHop,
      ttl: 64,
      protocol: 'ipip',
      df: packet.ip?.df ?? false,
    },
    payload: { type: 'ipip', inner },
  };
  hop(kernel, walk, device.place, 'tunnel', device.name, 'encapsulate', COST.tunnel, packet, outer, {
    facts: { remote: nextHop },
    origin: device.origin,
  });
  kernel.road.output(walk, { packet: outer, mark: skb.mark });
}

/** The other machine lies, for the routing table, behind this very tunnel; Linux calls it a circular route. */
function leadsBack(netns: Netns, device: Device, remote: string): boolean {
  return lookupLocal(netns, remote) === null && lookup(netns, remote)?.route.device === device.name;
}

function refuse(kernel: Kernel, walk: Walk, device: Device, packet: Packet, reason: string): void {
  const facts = { reason };
  hop(kernel, walk, device.place, 'tunnel', device.name, 'drop', COST.tunnel, packet, packet, { facts });
  finish(kernel, walk, 'dropped', reason, device.place);
}

/** Unwraps what was sent to one of our tunnel devices; false when no device takes it. */
export function decapsulate(kernel: Kernel, walk: Walk, skb: Skb): boolean {
  const { packet } = skb;
  const device = receiver(walk.netns, packet);
  const payload = packet.payload;
  if (device === undefined || payload === undefined || payload.type === 'app') return false;
  const { inner } = payload;
  hop(kernel, walk, device.place, 'tunnel', device.name, 'decapsulate', COST.tunnel, packet, inner, {
    origin: device.origin,
  });
  kernel.road.receive(walk, device, { packet: inner, mark: 0 });
  return true;
}

function receiver(netns: Netns, packet: Packet): Device | undefined {
  const { l4, payload } = packet;
  if (payload?.type === 'vxlan' && l4?.kind === 'udp') {
    for (const device of netns.devices.values()) {
      const { vxlan } = device;
      // One socket a family: devices of both may share port and VNI.
      if (vxlan === undefined || vxlan.local.includes(':') !== (packet.ip?.version === 6)) continue;
      if (vxlan.port === l4.dstPort && vxlan.vni === payload.vni && device.up) return device;
    }
  } else if (payload?.type === 'ipip') {
    for (const device of netns.devices.values()) {
      if (device.ipipLocal === packet.ip?.dst && device.up) return device;
    }
  }
  return undefined;
}
