/**
 * From hops to places on the drawing: each hop of a trace gets the station where it is drawn, and the way to the next
 * one follows the wires. Reads the trace only; nothing here knows where a packet ought to go.
 */
import type { Hop, PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import { innermost } from '../sim/trace/describe';
import type { Point, StationName } from './road';
import { wayBetween, type PlaceId, type Wires } from './wires';

/** What the drawing must know of the cluster to place a hop. */
export interface Atlas {
  readonly wires: Wires;
  /** Pod that owns a netns; null for the host's and for unknown ones. */
  readonly podOf: (netns: string) => string | null;
  /** Machine that has an address on the underlay. */
  readonly machineOf: (ip: string) => string | null;
  readonly devices: (machine: string) => {
    readonly bridge: string | null;
    readonly tunnel: string | null;
    readonly nic: string;
    /** A router's second card, towards the internet. */
    readonly wan?: string;
  } | null;
}

/**
 * A trace on the drawing, step by step: the numbered hops with the details that the view folds below them.
 * `places[i]` and `points[i]` belong to step i, `ways[i]` leads from step i to step i + 1.
 */
export interface Journey {
  readonly steps: readonly Hop[];
  /** Step of each numbered hop, and the other way round. */
  readonly stepOfHop: readonly number[];
  readonly hopOfStep: readonly number[];
  readonly places: readonly PlaceId[];
  readonly points: readonly Point[];
  /** False for steps without a place of their own, which share that of the hop before. */
  readonly own: readonly boolean[];
  /** One longer than needed when the packet is on a wire whose other end is known. */
  readonly ways: readonly (readonly Point[])[];
}

const HOOKS: Readonly<Record<string, StationName>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

function hookNamed(name: string | undefined): StationName | null {
  if (name === undefined) return null;
  return HOOKS[name.toUpperCase()] ?? null;
}

function isWrapped(packet: Packet): boolean {
  return packet.payload?.type === 'vxlan' || packet.payload?.type === 'ipip';
}

/** Hook in which a chain or conntrack hop happens: its rules' base chain, else what it rewrote, else what came before. */
function hookOf(hops: readonly Hop[], i: number): StationName | null {
  const hop = hops[i]!;
  const told = hookNamed(hop.facts?.['hook']) ?? hookNamed(hop.name);
  if (told !== null) return told;
  for (const step of hop.rules ?? []) {
    const hook = hookNamed(step.chain);
    if (hook !== null) return hook;
  }
  const [before, after] = [innermost(hop.before).ip, innermost(hop.after).ip];
  // Destinations are rewritten before routing, sources after it.
  if (before?.dst !== after?.dst) return bornHere(hops, i) ? 'output' : 'prerouting';
  if (before?.src !== after?.src) return 'postrouting';
  return routedBefore(hops, i) ? 'forward' : 'prerouting';
}

/** True when the packet began its way in this network namespace, false when it came in by a device. */
function bornHere(hops: readonly Hop[], i: number): boolean {
  const { machine, netns } = hops[i]!.place;
  for (let j = i - 1; j >= 0; j--) {
    const { place, station } = hops[j]!;
    if (place.machine !== machine || place.netns !== netns) return false;
    if (station === 'socket') return true;
    if (station === 'device' || station === 'tunnel') return false;
  }
  return true;
}

/** Linux looks up the route of its own packets before OUTPUT; they are still with the host then. */
function beforeOutput(hops: readonly Hop[], i: number): boolean {
  if (!bornHere(hops, i)) return false;
  const { machine, netns } = hops[i]!.place;
  for (let j = i + 1; j < hops.length; j++) {
    const { place, station } = hops[j]!;
    if (place.machine !== machine || place.netns !== netns || station === 'device') return false;
    if (station === 'hook' || station === 'chain' || station === 'conntrack')
      return hookOf(hops, j) === 'output';
  }
  return false;
}

function routedBefore(hops: readonly Hop[], i: number): boolean {
  for (let j = i - 1; j >= 0; j--) {
    const { station } = hops[j]!;
    if (station === 'route') return true;
    if (station === 'device' || station === 'bridge' || station === 'tunnel' || station === 'socket')
      return false;
  }
  return false;
}

/** Where hop i stands; null when it has no place of its own and the packet stays where it was. */
function placeOf(hops: readonly Hop[], i: number, atlas: Atlas): PlaceId | null {
  const hop = hops[i]!;
  const { machine, netns } = hop.place;
  if (hop.station === 'wire' || machine === 'underlay') return wireEnd(hops, i, atlas);
  if (netns !== 'host' && netns !== '') {
    const pod = atlas.podOf(netns);
    return pod === null ? null : `pod:${pod}`;
  }
  if (hop.station === 'tunnel') return `${hop.action === 'decapsulate' ? 'tunnelL' : 'tunnelR'}:${machine}`;
  if (isWrapped(hop.before) && hop.station !== 'device') return `lap:${machine}`;
  switch (hop.station) {
    case 'socket':
    case 'local':
      // ARP ends at the device that asked, before any hook.
      return hop.after.arp === undefined ? hostOf(machine, atlas) : null;
    case 'device':
      return placeOfDevice(hops, i, atlas);
    case 'bridge':
      return afterHooks(hops, i) && hop.action === 'deliver' ? null : placeOnBridge(hops, i, atlas);
    case 'route':
      return placeOfRoute(hops, i, atlas);
    case 'neighbour':
      return null;
    default:
      return placeOfRules(hops, i, atlas);
  }
}

/** Where programs of the machine itself are: its host plate, out there a socket. */
function hostOf(machine: string, { wires }: Atlas): PlaceId {
  const socket = `socket:${machine}`;
  return wires.at.has(socket) ? socket : `local:${machine}`;
}

/** What turns round behind INPUT, or is routed anew after OUTPUT, does not come by the road's routes. */
function placeOfRoute(hops: readonly Hop[], i: number, atlas: Atlas): PlaceId | null {
  const { machine } = hops[i]!.place;
  if (beforeOutput(hops, i)) return hostOf(machine, atlas);
  for (let j = i - 1; j >= 0; j--) {
    const { place, station, name } = hops[j]!;
    if (place.machine !== machine || place.netns !== 'host' || station === 'device') break;
    if (station === 'tunnel') break;
    const rules = station === 'hook' || station === 'chain' || station === 'conntrack';
    const hook = rules ? hookOf(hops, j) : null;
    if (name === IPVS || hook === 'output') return null;
  }
  return `routes:${machine}`;
}

/** The kernel's name for its balancer, which takes packets behind INPUT. */
const IPVS = 'IPVS';

function placeOfRules(hops: readonly Hop[], i: number, { wires }: Atlas): PlaceId {
  const hop = hops[i]!;
  const { machine } = hop.place;
  const drawn = wires.mode === 'iptables' || wires.mode === 'nftables';
  if (hop.name === IPVS) return `${wires.mode === 'ipvs' ? 'services' : 'input'}:${machine}`;
  const hook = hookOf(hops, i);
  if (hop.station === 'hook') return `${hook ?? 'routes'}:${machine}`;
  if (hop.station === 'conntrack') return `${hook ?? 'prerouting'}:${machine}`;
  // The sign stands for the chains that can rewrite before routing; elsewhere they belong to their hook.
  if (hook !== null && hook !== 'prerouting') return `${hook}:${machine}`;
  return `${drawn ? 'services' : 'prerouting'}:${machine}`;
}

/** On its way out the packet meets the tunnel device at its right edge, on its way in at its left. */
function tunnelSide(hops: readonly Hop[], i: number): PlaceId {
  const { machine } = hops[i]!.place;
  const inward = hops.slice(Math.max(0, i - 3), i + 1).some((hop) => hop.action === 'decapsulate');
  return `${inward ? 'tunnelL' : 'tunnelR'}:${machine}`;
}

function neighbourPod(hops: readonly Hop[], i: number, step: 1 | -1, atlas: Atlas): string | null {
  for (let j = i + step; j >= 0 && j < hops.length; j += step) {
    const { machine, netns } = hops[j]!.place;
    if (machine !== hops[i]!.place.machine) return null;
    if (netns !== 'host' && netns !== '') return atlas.podOf(netns);
    const station = hops[j]!.station;
    if (station !== 'device' && station !== 'bridge' && station !== 'neighbour') return null;
  }
  return null;
}

function placeOfDevice(hops: readonly Hop[], i: number, atlas: Atlas): PlaceId | null {
  const hop = hops[i]!;
  const { machine } = hop.place;
  const devices = atlas.devices(machine);
  const name = hop.place.device ?? hop.name;
  if (devices?.tunnel === name) return tunnelSide(hops, i);
  if (devices?.nic === name) return `nic:${machine}`;
  if (devices?.wan === name) return `wan:${machine}`;
  if (devices?.bridge === name) return placeOnBridge(hops, i, atlas);
  const from = neighbourPod(hops, i, -1, atlas);
  const to = neighbourPod(hops, i, 1, atlas);
  // A pair on one bridge: the first veth belongs to the sender, the one after the bridge to the receiver.
  const pastBridge = i > 0 && hops[i - 1]!.station === 'bridge';
  const pod = pastBridge ? (to ?? from) : (from ?? to);
  return pod === null ? null : `foot:${pod}`;
}

/** br_netfilter: the hook came first and the bridge hands the frame up afterwards. The packet is already on the road. */
function afterHooks(hops: readonly Hop[], i: number): boolean {
  const before = hops[i - 1];
  if (before === undefined || before.place.machine !== hops[i]!.place.machine) return false;
  return before.station === 'hook' || before.station === 'chain' || before.station === 'conntrack';
}

function placeOnBridge(hops: readonly Hop[], i: number, atlas: Atlas): PlaceId {
  const { machine } = hops[i]!.place;
  const from = neighbourPod(hops, i, -1, atlas);
  if (from !== null) return `foot:${from}`;
  const to = neighbourPod(hops, i, 1, atlas);
  if (to !== null) return `foot:${to}`;
  const next = hops[i + 1]?.station;
  const upwards = next === 'hook' || next === 'chain' || next === 'conntrack' || next === 'route';
  return `${upwards ? 'busL' : 'busR'}:${machine}`;
}

/** Where a machine meets a wire: the router has two, and the one that also leads to `other` is meant. */
function tapOf(
  machine: string,
  other: string | undefined,
  device: string | undefined,
  atlas: Atlas,
): PlaceId {
  const { at } = atlas.wires;
  const second = at.get(`wantap:${machine}`);
  if (second === undefined) return `tap:${machine}`;
  const there = other === undefined ? undefined : at.get(`tap:${other}`);
  const onSecond =
    there === undefined ? device === atlas.devices(machine)?.wan : Math.abs(there.y - second.y) < 1;
  return `${onSecond ? 'wantap' : 'tap'}:${machine}`;
}

function wireEnd(hops: readonly Hop[], i: number, atlas: Atlas): PlaceId | null {
  const { facts, before: packet } = hops[i]!;
  const before = hops[i - 1];
  const device = before?.place.device ?? before?.name;
  const from = facts?.['from'] ?? before?.place.machine;
  const to = facts?.['to'];
  if (from !== undefined && from !== 'underlay') return tapOf(from, to, device, atlas);
  const machine = packet.ip === undefined ? null : atlas.machineOf(packet.ip.src);
  return machine === null ? null : tapOf(machine, to, device, atlas);
}

/** Where a packet on a wire is heading, by the address on its outside. */
function farEnd(hop: Hop, atlas: Atlas): PlaceId | null {
  const { facts } = hop;
  const to = facts?.['to'];
  const from = facts?.['from'];
  if (to !== undefined && to !== '') return tapOf(to, from, undefined, atlas);
  const ip = hop.after.ip?.dst ?? hop.after.arp?.targetIp;
  if (ip === undefined) return null;
  const machine = atlas.machineOf(ip);
  if (machine !== null) return tapOf(machine, from, undefined, atlas);
  return atlas.wires.at.has('gate:') ? 'gate:' : null;
}

/** The numbered hops with their details between them, in the order in which they happened. */
function unfold(hops: readonly Hop[]): Pick<Journey, 'steps' | 'stepOfHop' | 'hopOfStep'> {
  const steps: Hop[] = [];
  const stepOfHop: number[] = [];
  const hopOfStep: number[] = [];
  hops.forEach((hop, number) => {
    stepOfHop.push(steps.length);
    for (const step of [hop, ...(hop.details ?? [])]) {
      steps.push(step);
      hopOfStep.push(number);
    }
  });
  return { steps, stepOfHop, hopOfStep };
}

/** Places every step of a trace and finds the ways between them. */
export function journeyOf(trace: Pick<PacketTrace, 'hops'>, atlas: Atlas): Journey {
  const unfolded = unfold(trace.hops);
  const { steps } = unfolded;
  const places: PlaceId[] = [];
  const points: Point[] = [];
  const own: boolean[] = [];
  let last: PlaceId | null = null;
  steps.forEach((_, i) => {
    const wanted = placeOf(steps, i, atlas);
    const isKnown = wanted !== null && atlas.wires.at.has(wanted);
    const place = isKnown
      ? wanted
      : (goneFrom(steps[i]!, wanted, last, atlas) ?? last ?? firstKnown(steps, i, atlas));
    if (place === null) return;
    // Steps before the first known place share it.
    while (places.length <= i) {
      places.push(place);
      points.push(atlas.wires.at.get(place)!);
      own.push(wanted === place);
    }
    last = place;
  });
  const ways = places.slice(1).map((place, i) => wayBetween(atlas.wires, places[i]!, place));
  const end = steps.at(-1);
  if (end !== undefined && end.station === 'wire' && last !== null) {
    const far = farEnd(end, atlas);
    if (far !== null && atlas.wires.at.has(far)) ways.push(wayBetween(atlas.wires, last, far));
  }
  return { ...unfolded, places, points, own, ways };
}

/** A pod that is gone left no card: what was on its way to it came as far as the bridge. */
function goneFrom(step: Hop, wanted: PlaceId | null, last: PlaceId | null, atlas: Atlas): PlaceId | null {
  if (last === null || wanted === null || !/^(pod|foot):/.test(wanted)) return null;
  const bridge = `busR:${step.place.machine}`;
  return atlas.wires.at.has(bridge) ? bridge : null;
}

function firstKnown(steps: readonly Hop[], from: number, atlas: Atlas): PlaceId | null {
  for (let i = from + 1; i < steps.length; i++) {
    const place = placeOf(steps, i, atlas);
    if (place !== null && atlas.wires.at.has(place)) return place;
  }
  const machine = steps[from]!.place.machine;
  const fallback = `routes:${machine}`;
  return atlas.wires.at.has(fallback) ? fallback : null;
}
