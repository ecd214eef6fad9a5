/**
 * Addresses of devices, with the local and connected routes that come and go with them: netlink's RTM_NEWADDR.
 * Document: ip-address(8).
 */
import { canonicalIp, canonicalPrefix, ipFamily, parsePrefix } from '../../lib/ip';
import { changeDevice, deviceOf } from './device';
import type { Address, Netns } from './netns';
import { addRoute, dropRoutes } from './route';

/**
 * Adds "address/length" with its local route and its connected route. IPv4 has none of those for a full-length prefix; in
 * IPv6 such an address has one to itself.
 */
export function addAddress(netns: Netns, name: string, cidr: string): void {
  const device = deviceOf(netns, name);
  const address = parseAddress(cidr);
  if (device.addresses.some((known) => known.ip === address.ip)) return;
  changeDevice(netns, name, { addresses: [...device.addresses, address] });
  addLocal(netns, name, address.ip);
  if (device.kind === 'loopback' || (address.family === 4 && address.length === 32)) return;
  const { ip: src, family } = address;
  const connected = { device: name, proto: 'kernel', scope: 'link', origin: device.origin } as const;
  addRoute(netns, {
    ...connected,
    prefix: canonicalPrefix(cidr),
    ...(family === 4 ? { src } : { metric: 256 }),
  });
}

export function deleteAddress(netns: Netns, name: string, cidr: string): void {
  const device = netns.devices.get(name);
  const { ip } = parseAddress(cidr);
  if (device === undefined || !device.addresses.some((address) => address.ip === ip)) return;
  changeDevice(netns, name, { addresses: device.addresses.filter((address) => address.ip !== ip) });
  netns.locals.delete(ip);
  for (const other of netns.devices.values()) {
    if (other.addresses.some((address) => address.ip === ip)) addLocal(netns, other.name, ip);
  }
  const prefix = parsePrefix(cidr)!;
  dropRoutes(netns, (route) => {
    if (route.device !== name) return false;
    if (route.src === ip) return true;
    const own = parsePrefix(route.prefix)!;
    const same = own.length === prefix.length && own.bytes.every((byte, i) => byte === prefix.bytes[i]);
    return route.proto === 'kernel' && same;
  });
}

function addLocal(netns: Netns, device: string, ip: string): void {
  netns.locals.set(ip, {
    device,
    facts: { route: `local ${ip} dev ${device} proto kernel scope host src ${ip}`, local: device },
  });
}

function parseAddress(cidr: string): Address {
  const [text = '', lengthText] = cidr.split('/');
  const family = ipFamily(text);
  const prefix = parsePrefix(cidr);
  if (family === null || prefix === null) throw new Error(`not an address: ${cidr}`);
  const full = family === 4 ? 32 : 128;
  return { ip: canonicalIp(text), length: lengthText === undefined ? full : prefix.length, family };
}
