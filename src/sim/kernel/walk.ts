/**
 * What the parts of one kernel share: the packet's walk through a netns with its own small clock, the cost of each step,
 * and the road's entrances, by which the parts reach each other without importing each other.
 */
import type { Clock, Ns } from '../clock/clock';
import type { Action, Origin, PacketEnd, Place, Role, Station } from '../trace/hop';
import type { Packet } from '../trace/packet';
import { addStep } from '../trace/path';
import type { Trace } from '../trace/trace';
import type { Bpf } from './bpf/maps';
import type { Errno, PacketTag, Wire } from './machine-api';
import type { HookStep, Skb } from './netfilter/netfilter';
import type { Device, Netns } from './netns';
import type { SocketTable } from './socket';

/** One packet on its way through one netns. `atNs` runs ahead of the clock by what the steps so far have cost. */
export interface Walk {
  readonly netns: Netns;
  readonly tag: PacketTag;
  atNs: Ns;
}

/** What each kind of step costs, in ns: orders of magnitude of a present-day server, not measurements. */
export const COST = {
  socket: 1_000,
  /** Each end of a crossing, so that a veth costs 2 us. */
  device: 1_000,
  bridge: 500,
  route: 300,
  neighbour: 200,
  tunnel: 1_500,
  local: 500,
} as const;

/** The entrances of the road (stack.ts and link.ts implement them). */
export interface Road {
  /** A frame has come in by a device. */
  receive(walk: Walk, device: Device, skb: Skb): void;
  /** A bridge hands a frame to the IP layer; `prerouted` when it has passed that hook already. */
  up(walk: Walk, device: Device, skb: Skb, prerouted: boolean): void;
  /** A packet born here starts its way out; the errno is what its sender is told at once. */
  output(walk: Walk, skb: Skb): Errno | null;
  /** A frame with both MAC addresses leaves by a device. */
  send(walk: Walk, device: Device, skb: Skb): void;
  /** A bridged frame goes on inside its bridge, as if it had come in by `port`. */
  bridge(walk: Walk, bridge: Device, port: Device, skb: Skb): void;
}

export interface Kernel {
  readonly name: string;
  /** Address of the machine's own timers. */
  readonly address: string;
  readonly clock: Clock;
  readonly trace: Trace;
  readonly wire: Wire;
  readonly netns: Map<string, Netns>;
  readonly sockets: SocketTable;
  readonly bpf: Bpf;
  readonly road: Road;
}

/** Starts the trace of a new packet and its walk. */
export function begin(
  kernel: Kernel,
  netns: Netns,
  atNs: Ns,
  requestId: number,
  role: Role,
  label: string,
): Walk {
  return { netns, tag: { packetId: kernel.trace.begin(atNs, requestId, role, label), requestId }, atNs };
}

/** Further parts of a hop. */
export interface HopMore {
  readonly facts?: Readonly<Record<string, string>>;
  readonly origin?: Origin;
}

/** Records a step and moves the walk's time on by its cost. */
export function hop(
  kernel: Kernel,
  walk: Walk,
  place: Place,
  station: Station,
  name: string,
  action: Action,
  durationNs: Ns,
  before: Packet,
  after: Packet,
  more?: HopMore,
): void {
  const facts = more?.facts;
  const origin = more?.origin;
  const none = undefined;
  step(kernel, walk, place, station, name, action, durationNs, before, after, none, none, facts, origin);
}

/** Records what a netfilter hook did, in the netns where the packet is. */
export function hookHop(kernel: Kernel, walk: Walk, did: HookStep): void {
  const { station, name, action, costNs, before, after, rules, rulesPassed: passed, facts } = did;
  // The last rule is the one that decided, so its cause is the hop's cause.
  const origin = rules.length === 0 ? undefined : rules[rules.length - 1]!.origin;
  const { place } = walk.netns;
  step(kernel, walk, place, station, name, action, costNs, before, after, rules, passed, facts, origin);
}

/** The parts one by one and no object for them, because this runs for everything that any packet meets. */
function step(
  kernel: Kernel,
  walk: Walk,
  place: Place,
  station: Station,
  name: string,
  action: Action,
  durationNs: Ns,
  before: Packet,
  after: Packet,
  rules: HookStep['rules'] | undefined,
  passed: number | undefined,
  facts: HopMore['facts'],
  origin: Origin | undefined,
): void {
  const { atNs } = walk;
  walk.atNs += durationNs;
  const to = kernel.trace.recordOf(walk.tag.packetId);
  if (to === undefined) return;
  addStep(to, atNs, durationNs, place, station, name, action, before, after, rules, passed, facts, origin);
}

/** Ends the packet where it is (law 5). */
export function finish(
  kernel: Kernel,
  walk: Walk,
  kind: PacketEnd['kind'],
  reason: string,
  place: Place = walk.netns.place,
): void {
  kernel.trace.end(walk.tag.packetId, { atNs: walk.atNs, kind, reason, place });
}
