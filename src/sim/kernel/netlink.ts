/**
 * The netlink side of a machine: what network agents change, as functions over its state.
 * Documents: rtnetlink(7), ip-link(8), bridge(8).
 */
import type { Origin } from '../trace/hop';
import { addAddress } from './address';
import { addDevice, changeDevice, derivedMac, deviceOf, forgetLearned, removeDevice } from './device';
import type { Netfilter } from './netfilter/netfilter';
import { forgetNeighbours } from './neighbour';
import { emptyNetns, type Device, type Netns } from './netns';
import { drop } from './tcp-end';
import type { Kernel } from './walk';
import { dropSctp } from './sctp';

/** The netns, or an error that names it. */
export function netnsOf(kernel: Kernel, id: string): Netns {
  const netns = kernel.netns.get(id);
  if (netns === undefined) throw new Error(`no netns ${id} on ${kernel.name}`);
  return netns;
}

export function addNetns(
  kernel: Kernel,
  id: string,
  netfilter: Netfilter,
  serial: number,
  origin?: Origin,
): void {
  const netns = emptyNetns(kernel.name, id, netfilter, origin);
  kernel.netns.set(id, netns);
  addLoopback(netns, serial);
}

/** Every netns has lo with 127.0.0.1/8 and ::1/128. */
function addLoopback(netns: Netns, serial: number): void {
  addDevice(netns, { name: 'lo', kind: 'loopback', mac: '00:00:00:00:00:00', mtuBytes: 65_536, serial });
  addAddress(netns, 'lo', '127.0.0.1/8');
  addAddress(netns, 'lo', '::1/128');
}

/** Packets in its queues are lost, its sockets are gone without a word, and with its veths go their other ends. */
export function deleteNetns(kernel: Kernel, id: string): void {
  const netns = kernel.netns.get(id);
  if (netns === undefined) return;
  forgetNeighbours(kernel, netns, null, 'netns-gone');
  forgetSockets(kernel, id);
  kernel.netns.delete(id);
  for (const { peer } of netns.devices.values()) {
    if (peer !== undefined && peer.netns !== id) deleteDevice(kernel, peer.netns, peer.device);
  }
}

/** All sockets of a netns vanish; nothing is sent. */
function forgetSockets(kernel: Kernel, netns: string): void {
  for (const socket of [...kernel.sockets.byId.values()]) {
    if (socket.netns !== netns) continue;
    if (socket.kind === 'tcp') drop(kernel, socket);
    else if (socket.kind === 'sctp') dropSctp(kernel, socket);
    else kernel.sockets.remove(socket);
  }
  for (const wait of [...kernel.sockets.timeWaits.values()]) {
    if (wait.netns === netns) kernel.sockets.leaveTimeWait(wait);
  }
}

export interface VethEnd {
  readonly netns: string;
  readonly device: string;
  readonly mac?: string;
}

export function addVeth(
  kernel: Kernel,
  a: VethEnd,
  b: VethEnd,
  mtuBytes: number,
  serial: number,
  origin?: Origin,
): void {
  const make = (end: VethEnd, other: VethEnd, number: number) =>
    addDevice(netnsOf(kernel, end.netns), {
      name: end.device,
      kind: 'veth',
      mac: end.mac ?? derivedMac(kernel.name, end.netns, end.device),
      mtuBytes,
      serial: number,
      peer: { netns: other.netns, device: other.device },
      origin,
    });
  netnsOf(kernel, b.netns);
  make(a, b, serial);
  make(b, a, serial + 1);
}

/** A device that has no other end; one that is there already (an agent that started again) stays. */
export function addPlainDevice(
  kernel: Kernel,
  netns: string,
  device: Pick<Device, 'name' | 'kind' | 'mtuBytes' | 'serial'> &
    Partial<Pick<Device, 'mac' | 'vxlan' | 'ipipLocal' | 'origin'>>,
): void {
  const own = netnsOf(kernel, netns);
  if (own.devices.get(device.name)?.kind === device.kind) return;
  addDevice(own, { mac: derivedMac(kernel.name, netns, device.name), ...device });
}

/** Removes a device; the other end of a veth pair goes with it. */
export function deleteDevice(kernel: Kernel, id: string, name: string): void {
  const netns = kernel.netns.get(id);
  const device = netns?.devices.get(name);
  if (netns === undefined || device === undefined) return;
  forgetNeighbours(kernel, netns, name, 'device-down');
  removeDevice(netns, name);
  if (device.peer !== undefined) deleteDevice(kernel, device.peer.netns, device.peer.device);
}

/** Taken down, a device forgets its neighbours and what its bridge learned behind it. */
export function setUp(kernel: Kernel, id: string, name: string, up: boolean): void {
  const netns = netnsOf(kernel, id);
  if (deviceOf(netns, name).up === up) return;
  changeDevice(netns, name, { up });
  if (up) return;
  forgetNeighbours(kernel, netns, name, 'device-down');
  forgetLearned(netns, name);
}

/** A machine that loses power: packets in its queues are lost, sockets and what was learned are gone. */
export function losePower(kernel: Kernel): void {
  for (const id of [...kernel.netns.keys()]) if (id !== 'host') deleteNetns(kernel, id);
  const host = netnsOf(kernel, 'host');
  forgetNeighbours(kernel, host, null, 'host-down');
  forgetSockets(kernel, 'host');
  host.fdb.clear();
  host.announced.clear();
  host.pathMtu.clear();
}
