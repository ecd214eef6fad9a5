/**
 * Routes with several next hops: which of them a packet takes. Each next hop holds a share of the hash space that goes with
 * its weight, so that all packets of one flow take the same way and flows spread (the kernel's hash-threshold algorithm).
 * Documents: fib_semantics.c and ip-sysctl.rst of Linux 6.x, RFC 2992.
 */
import type { IcmpHeader, Packet } from '../trace/packet';
import { sysctl, type Netns, type RouteEntry } from './netns';
import { getPair } from './pair-map';

const HASH_SPACE = 2 ** 31;

/** The entry for this packet's next hop; an entry with one next hop is its own answer. */
export function wayFor(netns: Netns, entry: RouteEntry | null, packet: Packet): RouteEntry | null {
  const ways = entry?.ways;
  if (entry === null || ways === undefined) return entry;
  const alive = ways.filter(({ route }) => netns.devices.get(route.device)?.up === true);
  const policy = entry.route.hashPolicy ?? sysctl(netns, 'net.ipv4.fib_multipath_hash_policy');
  return pick(netns, alive, flowHash(packet, policy)) ?? entry;
}

/**
 * The first next hop whose share ends behind the hash. With fib_multipath_use_neigh those whose neighbour has failed are
 * passed over; their share falls to the next one, and to the first good one when they are the last.
 */
function pick(netns: Netns, ways: readonly RouteEntry[], hash: number): RouteEntry | undefined {
  const careful = sysctl(netns, 'net.ipv4.fib_multipath_use_neigh') !== 0;
  const total = ways.reduce((sum, way) => sum + weightOf(way), 0);
  let spent = 0;
  let first: RouteEntry | undefined;
  for (const way of ways) {
    spent += weightOf(way);
    if (careful && hasFailed(netns, way)) continue;
    first ??= way;
    if (hash < (HASH_SPACE * spent) / total) return way;
  }
  return first;
}

function weightOf({ route }: RouteEntry): number {
  return route.nexthops?.[0]?.weight ?? 1;
}

function hasFailed(netns: Netns, { route }: RouteEntry): boolean {
  const state =
    route.via === undefined ? undefined : getPair(netns.neighbours, route.device, route.via)?.state;
  return state === 'FAILED' || state === 'INCOMPLETE';
}

/**
 * 31 bits of a flow: addresses (policy 0), with protocol and ports (policy 1). ICMP errors go the way of the packet that
 * they quote. A fixed seed stands for the one that Linux draws at boot, so that runs can be repeated.
 */
function flowHash(packet: Packet, policy: number): number {
  const quoted = packet.l4?.kind === 'icmp' ? (packet.l4 satisfies IcmpHeader).quoted : undefined;
  const { ip, l4 } = quoted ?? packet;
  let text = `${ip?.src} ${ip?.dst}`;
  if (policy === 1) {
    const ports = l4 === undefined || l4.kind === 'icmp' ? '' : `${l4.srcPort} ${l4.dstPort}`;
    text += ` ${ip?.protocol} ${ports}`;
  }
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  // FNV leaves the high bits of similar texts alike; the thresholds look at just those.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}
