/**
 * Leaving by a device, and arriving at the other end: what ndo_start_xmit of each kind of device does. Crossing a veth,
 * lo or the wire is a timer, so that what is deleted meanwhile takes the packet with it.
 */
import type { Packet } from '../trace/packet';
import { bridgeFrame } from './bridge';
import type { PacketTag } from './machine-api';
import type { ConnectionRef, Skb } from './netfilter/netfilter';
import type { Device } from './netns';
import { ipLength } from './packet';
import { encapsulateVxlan } from './tunnel';
import { COST, finish, hop, type Kernel, type Walk } from './walk';

/** A packet between two devices of one machine. Mark and connection only survive on lo (skb_scrub_packet). */
export interface CrossTimerEvent {
  readonly type: 'cross';
  readonly netns: string;
  readonly device: string;
  readonly serial: number;
  readonly packet: Packet;
  readonly tag: PacketTag;
  readonly mark: number;
  readonly connection?: ConnectionRef;
  readonly [more: string]: string | number | object | undefined;
}

/** A frame (or, on lo, a packet) leaves by a device. */
export function sendByDevice(kernel: Kernel, walk: Walk, device: Device, skb: Skb): void {
  const { packet } = skb;
  if (!device.up) return finish(kernel, walk, 'dropped', 'device-down', device.place);
  if (device.kind === 'bridge') return bridgeFrame(kernel, walk, device, null, skb, true);
  if (device.kind === 'vxlan') return encapsulateVxlan(kernel, walk, device, skb);
  // The IP layer has checked the MTU already; this one meets frames that a bridge brought here, and says nothing.
  if (ipLength(packet) > device.mtuBytes && packet.ip?.df === true)
    return finish(kernel, walk, 'dropped', 'mtu', device.place);
  const { place, name } = device;
  hop(kernel, walk, place, 'device', name, 'send', COST.device, packet, packet, device);
  switch (device.kind) {
    case 'loopback':
      return cross(kernel, walk, walk.netns.id, device, skb, skb.mark, skb.connection);
    case 'veth': {
      const { peer } = device;
      const other = peer && kernel.netns.get(peer.netns)?.devices.get(peer.device);
      if (other === undefined) return finish(kernel, walk, 'dropped', 'device-down', place);
      return cross(kernel, walk, peer!.netns, other, skb, 0);
    }
    case 'nic':
      return kernel.wire.transmit(kernel.name, name, packet, walk.tag, walk.atNs);
    default:
      // A dummy device swallows what it is given.
      finish(kernel, walk, 'dropped', 'not-for-us', place);
  }
}

function cross(
  kernel: Kernel,
  walk: Walk,
  netns: string,
  to: Device,
  skb: Skb,
  mark: number,
  connection?: ConnectionRef,
): void {
  const { packet } = skb;
  const event: CrossTimerEvent = {
    type: 'cross',
    netns,
    device: to.name,
    serial: to.serial,
    packet,
    tag: walk.tag,
    mark,
    connection,
  };
  kernel.clock.scheduleAt(walk.atNs, kernel.address, event);
}

/** The other end of a crossing; the packet is lost when that end is gone. */
export function arrive(kernel: Kernel, event: CrossTimerEvent): void {
  const { packet, mark, connection, tag } = event;
  const atNs = kernel.clock.nowNs;
  const netns = kernel.netns.get(event.netns);
  if (netns === undefined) return endLost(kernel, event, 'netns-gone');
  const device = netns.devices.get(event.device);
  if (device === undefined || device.serial !== event.serial) return endLost(kernel, event, 'device-down');
  kernel.road.receive({ netns, tag, atNs }, device, { packet, mark, connection });
}

/** Ends a packet that was on its way to something that is no more. */
export function endLost(kernel: Kernel, event: CrossTimerEvent, reason: string): void {
  const place = { machine: kernel.name, netns: event.netns, device: event.device };
  kernel.trace.end(event.tag.packetId, { atNs: kernel.clock.nowNs, kind: 'lost', reason, place });
}
