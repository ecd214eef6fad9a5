/**
 * Making and unmaking devices: what netlink's RTM_NEWLINK does. Their addresses are in address.ts.
 * Documents: ip-link(8), veth(4).
 */
import type { Origin } from '../trace/hop';
import type { Device, DeviceKind, Netns } from './netns';
import { deletePair, pairValues } from './pair-map';
import { dropRoutes } from './route';

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
