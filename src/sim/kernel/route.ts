/**
 * The routing table of a netns: longest prefix, then lowest metric; before it the local table.
 * Documents: ip-route(8), the kernel's fib_trie.txt.
 */
import { addressBytes, canonicalPrefix, ipFamily, parsePrefix } from '../../lib/ip';
import type { NextHop, Route } from './machine-api';
import type { Device, Netns, RouteEntry } from './netns';
import { isLoopback } from './packet';

const MEMO_LIMIT = 4_096;
const LOOPBACK_LOCAL = {
  device: 'lo',
  facts: { route: 'local 127.0.0.0/8 dev lo proto kernel scope host', local: 'lo' },
};

/** Puts a route into the main table; one of the same prefix and metric is replaced, as `ip route replace` does. */
export function addRoute(netns: Netns, route: Route): void {
  const entry = routeEntry(route);
  // The kernel keeps connected routes of several devices beside each other; agents replace.
  const kept = netns.routes.filter((other) => !sameSlot(other, entry) || route.proto === 'kernel');
  setRoutes(netns, [...kept, entry]);
}

/** Takes a route out; without a device, all of that prefix. */
export function deleteRoute(netns: Netns, prefix: string, device?: string): void {
  const parsed = parseRoutePrefix(prefix);
  const goes = (entry: RouteEntry) =>
    entry.length === parsed.length &&
    entry.family === parsed.family &&
    sameBytes(entry.bytes, parsed.bytes) &&
    (device === undefined || entry.route.device === device);
  setRoutes(
    netns,
    netns.routes.filter((entry) => !goes(entry)),
  );
}

/** Takes out what `gone` names; what happens to a device's routes when it is deleted. */
export function dropRoutes(netns: Netns, gone: (route: Route) => boolean): void {
  setRoutes(
    netns,
    netns.routes.filter((entry) => !gone(entry.route)),
  );
}

/** The main table's answer for a destination, or null. Routes of devices that are down do not count. */
export function lookup(netns: Netns, dst: string): RouteEntry | null {
  const known = netns.routeMemo.get(dst);
  if (known !== undefined) return known;
  const found = search(netns, dst);
  if (netns.routeMemo.size >= MEMO_LIMIT) netns.routeMemo.clear();
  netns.routeMemo.set(dst, found);
  return found;
}

/** The local table's answer: the device that owns the address, or null when it is not ours. */
export function lookupLocal(
  netns: Netns,
  dst: string,
): { device: string; facts: RouteEntry['facts'] } | null {
  return netns.locals.get(dst) ?? (isLoopback(dst) ? LOOPBACK_LOCAL : null);
}

/**
 * The source address for packets that leave by a device towards `nextHop`: the one whose subnet holds the next hop, else
 * the device's first, else the first of any other device (inet_select_addr).
 */
export function selectSource(netns: Netns, device: string, nextHop: string): string | null {
  const family = ipFamily(nextHop);
  const own = netns.devices.get(device);
  const first = own === undefined ? null : sourceOn(own, nextHop, family);
  if (first !== null) return first;
  for (const other of netns.devices.values()) {
    const address = other.addresses.find(({ ip, family: its }) => its === family && !isLoopback(ip));
    if (other.up && other.kind !== 'loopback' && address !== undefined) return address.ip;
  }
  return null;
}

/** The largest IP packet that may leave for a destination, as far as this netns knows; null without a route. */
export function pathMtu(netns: Netns, dst: string): number | null {
  const device = lookupLocal(netns, dst) !== null ? 'lo' : lookup(netns, dst)?.route.device;
  const mtuBytes = device === undefined ? undefined : netns.devices.get(device)?.mtuBytes;
  return mtuBytes === undefined ? null : Math.min(mtuBytes, netns.pathMtu.get(dst) ?? mtuBytes);
}

/** One line of `ip route`; several next hops stand on lines of their own. */
export function formatRoute(route: Route): string {
  const { nexthops = [], ...plain } = route;
  if (nexthops.length > 1) {
    const head = formatRoute({ ...plain, device: '', via: undefined, scope: 'global' });
    return [head, ...nexthops.map(formatNextHop)].join(' \n\t');
  }
  const parsed = parseRoutePrefix(route.prefix);
  const parts: string[] = [];
  if (route.type === 'blackhole' || route.type === 'unreachable') parts.push(route.type);
  parts.push(formatPrefix(route.prefix, parsed.length, parsed.bytes.length * 8));
  if (route.via !== undefined) {
    if (ipFamily(route.via) !== parsed.family) parts.push('via', 'inet6', route.via);
    else parts.push('via', route.via);
  }
  if (route.device !== '' && parts[0] !== 'blackhole' && parts[0] !== 'unreachable')
    parts.push('dev', route.device);
  if (route.proto !== undefined && route.proto !== 'boot') parts.push('proto', route.proto);
  const scope = route.scope ?? (route.via === undefined && route.type === undefined ? 'link' : 'global');
  if (parsed.family === 4 && scope !== 'global') parts.push('scope', scope);
  if (route.src !== undefined) parts.push('src', route.src);
  const metric = route.metric ?? (parsed.family === 6 ? 1024 : 0);
  if (metric !== 0) parts.push('metric', String(metric));
  if (route.onlink === true) parts.push('onlink');
  return parts.join(' ');
}

function formatPrefix(prefix: string, length: number, full: number): string {
  if (length === 0) return 'default';
  const text = canonicalPrefix(prefix);
  return length === full ? text.slice(0, text.indexOf('/')) : text;
}

function parseRoutePrefix(text: string): { family: 4 | 6; bytes: readonly number[]; length: number } {
  const prefix = parsePrefix(text === 'default' ? '0.0.0.0/0' : text);
  if (prefix === null) throw new Error(`not a prefix: ${text}`);
  return prefix;
}

function routeEntry(given: Route): RouteEntry {
  const { family, bytes, length } = parseRoutePrefix(given.prefix);
  const [first] = given.nexthops ?? [];
  const route = first === undefined ? given : { ...given, via: first.via, device: first.device };
  const entry = { route, family, bytes, length, facts: { route: formatRoute(route) } };
  if (route.nexthops === undefined || route.nexthops.length < 2) return entry;
  return { ...entry, ways: route.nexthops.map((nexthop) => wayEntry(entry, nexthop)) };
}

/** The entry of one next hop among several; its facts say which one was taken. */
function wayEntry(entry: RouteEntry, nexthop: NextHop): RouteEntry {
  const { via, device } = nexthop;
  const route = { ...entry.route, via, device, nexthops: [nexthop] };
  const { nexthops: _all, ...plain } = entry.route;
  const head = formatRoute({ ...plain, device: '', via: undefined, scope: 'global' });
  return { ...entry, route, facts: { route: `${head} ${formatNextHop(nexthop)}` } };
}

function formatNextHop({ via, device, weight = 1 }: NextHop): string {
  return `nexthop via ${via} dev ${device} weight ${weight}`;
}

function sameSlot(a: RouteEntry, b: RouteEntry): boolean {
  return (
    a.length === b.length &&
    a.family === b.family &&
    (a.route.metric ?? 0) === (b.route.metric ?? 0) &&
    sameBytes(a.bytes, b.bytes)
  );
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.every((byte, i) => byte === b[i]);
}

function setRoutes(netns: Netns, routes: readonly RouteEntry[]): void {
  netns.routes = [...routes].sort(
    (a, b) => b.length - a.length || (a.route.metric ?? 0) - (b.route.metric ?? 0),
  );
  netns.routeMemo.clear();
}

function search(netns: Netns, dst: string): RouteEntry | null {
  const bytes = addressBytes(dst);
  if (bytes === null) return null;
  for (const entry of netns.routes) {
    if (entry.bytes.length !== bytes.length || !matches(entry, bytes)) continue;
    if ((entry.route.type ?? 'unicast') !== 'unicast') return entry;
    const isUp = ({ route }: RouteEntry): boolean => netns.devices.get(route.device)?.up === true;
    if (entry.ways === undefined ? isUp(entry) : entry.ways.some(isUp)) return entry;
  }
  return null;
}

function matches(entry: RouteEntry, bytes: readonly number[]): boolean {
  const whole = entry.length >> 3;
  for (let i = 0; i < whole; i++) if (entry.bytes[i] !== bytes[i]) return false;
  const rest = entry.length & 7;
  if (rest === 0) return true;
  return ((entry.bytes[whole]! ^ bytes[whole]!) & (0xff << (8 - rest)) & 0xff) === 0;
}

function sourceOn(device: Device, nextHop: string, family: 4 | 6 | null): string | null {
  let first: string | null = null;
  const hop = addressBytes(nextHop);
  for (const address of device.addresses) {
    // Loopback addresses are of scope host and never stand for one that others may see.
    if (address.family !== family || isLoopback(address.ip)) continue;
    const bytes = addressBytes(address.ip);
    if (bytes !== null && hop !== null && sharesBits(bytes, hop, address.length)) return address.ip;
    first ??= address.ip;
  }
  return first;
}

function sharesBits(a: readonly number[], b: readonly number[], length: number): boolean {
  for (let i = 0; i * 8 < length; i++) {
    const bits = Math.min(8, length - i * 8);
    if (((a[i]! ^ b[i]!) & (0xff << (8 - bits)) & 0xff) !== 0) return false;
  }
  return true;
}
