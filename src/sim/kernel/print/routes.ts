/** `ip route`, `ip route get` and the local table, as iproute2 6.x prints them (each line ends in a space). */
import { addressBytes, canonicalIp, inPrefix, ipFamily, nthAddress } from '../../../lib/ip';
import type { Machine } from '../machine';
import type { Netns, RouteEntry } from '../netns';
import { lookup, lookupLocal, selectSource } from '../route';

/** `ip route` or `ip -6 route`: the main table in order of destinations. Routes of devices that are down are gone. */
export function ipRoute(machine: Machine, netns: string, family: 4 | 6 = 4): string {
  const { routes, devices } = machine.netns(netns);
  const shown = routes.filter(
    ({ family: own, route }) =>
      own === family &&
      ((route.type ?? 'unicast') !== 'unicast' ||
        (route.nexthops ?? [route]).some(({ device }) => devices.get(device)?.up === true)),
  );
  const lines = [...shown].sort(family === 4 ? byDestination : byTree).map((entry) => routeLine(entry));
  return lines.join('');
}

/** `ip -6 route show table local`. Not simulated: link-local, anycast and multicast entries. */
function ipRouteLocal6(machine: Machine, netns: string): string {
  return [...machine.netns(netns).devices.values()]
    .flatMap(({ name, addresses }) =>
      addresses.filter(({ family }) => family === 6).map(({ ip }) => ({ ip, name })),
    )
    .sort((a, b) => compareBytes(addressBytes(a.ip)!, addressBytes(b.ip)!))
    .map(({ ip, name }) => `local ${ip} dev ${name} proto kernel metric 0 pref medium\n`)
    .join('');
}

/** `ip route show table local`. */
export function ipRouteLocal(machine: Machine, netns: string, family: 4 | 6 = 4): string {
  if (family === 6) return ipRouteLocal6(machine, netns);
  const lines: { ip: string; line: string }[] = [];
  for (const { name, kind, addresses } of machine.netns(netns).devices.values()) {
    for (const { ip, length, family } of addresses) {
      if (family !== 4) continue;
      const tail = `dev ${name} proto kernel scope`;
      if (kind === 'loopback' && length === 8)
        lines.push({ ip: nthAddress(`${ip}/8`, 0), line: `local 127.0.0.0/8 ${tail} host src ${ip} \n` });
      lines.push({ ip, line: `local ${ip} ${tail} host src ${ip} \n` });
      if (length >= 31) continue;
      const broadcast = nthAddress(`${ip}/${length}`, 2 ** (32 - length) - 1);
      lines.push({ ip: broadcast, line: `broadcast ${broadcast} ${tail} link src ${ip} \n` });
    }
  }
  return lines
    .sort((a, b) => compareBytes(addressBytes(a.ip)!, addressBytes(b.ip)!))
    .map(({ line }) => line)
    .join('');
}

/** `ip route get`: which way a packet to that address would go; errors in the tool's words. */
export function ipRouteGet(machine: Machine, netns: string, address: string): string {
  const own = machine.netns(netns);
  if (ipFamily(address) === null) return `Error: any valid prefix is expected rather than "${address}".\n`;
  const dst = canonicalIp(address);
  if (dst.includes(':')) return routeGet6(own, dst);
  if (lookupLocal(own, dst) !== null) return `local ${dst} dev lo src ${dst} uid 0 \n    cache <local> \n`;
  const route = lookup(own, dst)?.route;
  if (route === undefined) return 'RTNETLINK answers: Network is unreachable\n';
  if (route.type === 'blackhole') return 'RTNETLINK answers: Invalid argument\n';
  if (route.type === 'unreachable') return 'RTNETLINK answers: No route to host\n';
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const src = route.src ?? selectSource(own, route.device, route.via ?? dst);
  const mtu = own.pathMtu.get(dst);
  const cache = mtu === undefined ? '' : `mtu ${mtu} `;
  return `${dst}${via} dev ${route.device}${src === null ? '' : ` src ${src}`} uid 0 \n    cache ${cache}\n`;
}

/** IPv6 tells the whole route in one line, and asks by source as well. */
function routeGet6(own: Netns, dst: string): string {
  const local = lookupLocal(own, dst);
  const from = `${dst} from ::`;
  if (local !== null)
    return `local ${from} dev ${local.device} table local proto kernel src ${dst} metric 0 pref medium\n`;
  const route = lookup(own, dst)?.route;
  if (route === undefined) return 'RTNETLINK answers: Network is unreachable\n';
  if (route.type === 'blackhole') return 'RTNETLINK answers: Invalid argument\n';
  if (route.type === 'unreachable') return 'RTNETLINK answers: No route to host\n';
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const proto = route.proto === undefined || route.proto === 'boot' ? '' : ` proto ${route.proto}`;
  const src = route.src ?? selectSource(own, route.device, route.via ?? dst);
  const mtu = own.pathMtu.get(dst);
  const tail = `metric ${route.metric ?? 1024}${mtu === undefined ? '' : ` mtu ${mtu}`} pref medium`;
  return `${from}${via} dev ${route.device}${proto}${src === null ? '' : ` src ${src}`} ${tail}\n`;
}

function routeLine({ facts, family }: RouteEntry): string {
  return family === 4 ? `${facts.route} \n` : `${facts.route} pref medium\n`;
}

/** The kernel's order: by address, the shorter of two prefixes at one address last, then by metric. */
function byDestination(a: RouteEntry, b: RouteEntry): number {
  if ((a.length === 0) !== (b.length === 0)) return a.length === 0 ? -1 : 1;
  return (
    compareBytes(a.bytes, b.bytes) || b.length - a.length || (a.route.metric ?? 0) - (b.route.metric ?? 0)
  );
}

/** IPv6 routes stand in a tree that is walked children first: a prefix comes after all that lie in it. */
function byTree(a: RouteEntry, b: RouteEntry): number {
  const shorter = a.length < b.length ? a : b;
  const longer = shorter === a ? b : a;
  const inside = inPrefix(nthAddress(longer.route.prefix, 0), shorter.route.prefix);
  if (inside && a.length !== b.length) return shorter === a ? 1 : -1;
  return compareBytes(a.bytes, b.bytes) || (a.route.metric ?? 1024) - (b.route.metric ?? 1024);
}

function compareBytes(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
