/** `ip route`, `ip route get` and the local table, as iproute2 6.x prints them (each line ends in a space). */
import { addressBytes, canonicalIp, ipFamily, nthAddress } from '../../../lib/ip';
import type { Machine } from '../machine';
import type { RouteEntry } from '../netns';
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
  const lines = [...shown].sort(byDestination).map((entry) => routeLine(entry));
  return lines.join('');
}

/** `ip route show table local`. */
export function ipRouteLocal(machine: Machine, netns: string): string {
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

function compareBytes(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
