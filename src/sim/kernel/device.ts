/**
 * Making and unmaking devices and their addresses: what netlink's RTM_NEWLINK and RTM_NEWADDR do.
 * Documents: ip-link(8), ip-address(8), veth(4).
 */
import { canonicalIp, canonicalPrefix, ipFamily, parsePrefix } from '../../lib/ip';
import type { Origin } from '../trace/hop';
import type { Address, Device, DeviceKind, Netns } from './netns';
import { deletePair, pairValues } from './pair-map';
import { addRoute, dropRoutes } from './route';

/** A stable, locally administered MAC for a device: the same names give the same MAC in every run. */
export function derivedMac(machine: string, netns: string, device: string): string {
  const text = `${machine}/${netns}/${device}`;
  let low = 2166136261;
  let high = 3339675911;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 16777619) >>> 0;
    high = Math.imul(high ^ text.charCodeAt(i), 2246822519) >>> 0;
  }
  const bytes = [
    (high & 0xfc) | 0x02,
    high >>> 24,
    low & 0xff,
    (low >>> 8) & 0xff,
    (low >>> 16) & 0xff,
    low >>> 24,
  ];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** What a new device is made of; the rest is derived. */
export interface NewDevice {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly mac: string;
  readonly mtuBytes: number;
  readonly serial: number;
  readonly peer?: Device['peer'];
  readonly vxlan?: Device['vxlan'];
  readonly ipipLocal?: string;
  readonly origin?: Origin;
}

/**
 * Adds a device to a netns; it is up at once.
 * Not simulated: the moment between making a device and setting it up; both happen together.
 */
export function addDevice(netns: Netns, device: NewDevice): void {
  if (netns.devices.has(device.name)) throw new Error(`device ${device.name} exists in ${netns.id}`);
  netns.devices.set(device.name, {
    ...device,
    index: ++netns.lastIndex,
    up: true,
    addresses: [],
    place: { ...netns.place, device: device.name },
    ...(device.peer === undefined ? undefined : { facts: { peer: device.peer.device } }),
  });
  netns.routeMemo.clear();
}

/** Every netns has lo with 127.0.0.1/8 and ::1/128. */
export function addLoopback(netns: Netns, serial: number): void {
  addDevice(netns, { name: 'lo', kind: 'loopback', mac: '00:00:00:00:00:00', mtuBytes: 65_536, serial });
  addAddress(netns, 'lo', '127.0.0.1/8');
  addAddress(netns, 'lo', '::1/128');
}

/** Takes a device out of its netns with its routes, neighbours and forwarding entries; its veth peer is the caller's. */
export function removeDevice(netns: Netns, name: string): void {
  const device = netns.devices.get(name);
  if (device === undefined) return;
  netns.devices.delete(name);
  for (const address of device.addresses) netns.locals.delete(address.ip);
  dropRoutes(netns, (route) => route.device === name);
  netns.neighbours.delete(name);
  netns.vxlanFdb.delete(name);
  forgetLearned(netns, name);
  for (const port of netns.devices.values()) {
    if (port.master === name) netns.devices.set(port.name, { ...port, master: undefined });
  }
}

/** What a bridge learned by way of a device, or itself, is forgotten. */
export function forgetLearned(netns: Netns, name: string): void {
  for (const { bridge, mac, port } of pairValues(netns.fdb)) {
    if (port === name || bridge === name) deletePair(netns.fdb, bridge, mac);
  }
}

/** Replaces parts of a device; unknown devices are an error of the caller. */
export function changeDevice(netns: Netns, name: string, change: Partial<Device>): void {
  netns.devices.set(name, { ...deviceOf(netns, name), ...change });
  netns.routeMemo.clear();
}

/** The device, or an error that names it. */
export function deviceOf(netns: Netns, name: string): Device {
  const device = netns.devices.get(name);
  if (device === undefined) throw new Error(`no device ${name} in ${netns.id}`);
  return device;
}

/** Adds "address/length" with its local route and, for less than a full-length prefix, its connected route. */
export function addAddress(netns: Netns, name: string, cidr: string): void {
  const device = deviceOf(netns, name);
  const address = parseAddress(cidr);
  if (device.addresses.some((known) => known.ip === address.ip)) return;
  changeDevice(netns, name, { addresses: [...device.addresses, address] });
  addLocal(netns, name, address.ip);
  if (device.kind === 'loopback' || address.length === (address.family === 4 ? 32 : 128)) return;
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
