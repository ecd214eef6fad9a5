/**
 * How the recorder keeps the hops of a packet. Packets that go the same way meet the same stations, rules and routes, so the
 * way is kept once, as a path of waypoints that many packets share, and a packet keeps only what is its own: times that do
 * not follow from the step before, and headers that changed. Hops as the page and the tests know them are made from that
 * when somebody looks. Nothing is lost: what comes out is what was put in.
 */
import type { Ns } from '../clock/clock';
import type { Hop, Place } from './hop';
import type { EthernetHeader, IpHeader, Packet } from './packet';

/** A step without what differs from packet to packet, and the steps that have followed it. */
export interface Waypoint extends Omit<Hop, 'atNs' | 'before' | 'after' | 'details'> {
  /** Null for the start alone. */
  readonly from: Waypoint | null;
  /** Which values a packet keeps for this step itself, in the order of the bits; the others are the waypoint's. */
  readonly own: number;
  /** The newest one first. Only a memo: packets hold their ways by `from`. */
  readonly next: Waypoint[];
}

/** What a packet keeps for itself. */
const AT = 1;
const DURATION = 2;
const NAME = 4;
const FACTS = 8;
const BEFORE_ETH = 16;
const BEFORE_IP = 32;
const BEFORE = 64;
const AFTER = 128;

/** Ways that may go on from one waypoint. Beyond that the one not seen for longest is forgotten. */
const WAYS = 16;
/** Waypoints made (some twenty megabytes) after which no new packet goes on the paths so far. */
const MOST = 100_000;

/** A packet's record while it grows: where it is on the shared paths, and what is its own. */
export interface OpenPath {
  at: Waypoint;
  readonly values: unknown[];
  /** The packet as the last step left it, and when. */
  packet: Packet | null;
  endNs: Ns;
}

/** Where every path starts. The first steps hang on the places where they are, and are gone with these. */
export const START: Waypoint = {
  from: null,
  own: 0,
  next: [],
  durationNs: 0,
  place: { machine: '', netns: '' },
  station: 'hook',
  name: '',
  action: 'pass',
};
// A memo for all clusters of this process, which never share a place: what a packet's hops are does not depend on it.
let starts = new WeakMap<Place, Waypoint[]>();
let made = 0;

function startsAt(place: Place): Waypoint[] {
  let next = starts.get(place);
  if (next === undefined) starts.set(place, (next = []));
  return next;
}

/**
 * A waypoint for a step that has not been met here. When it is only the facts that have not been met, they change, and
 * are each packet's own from now on.
 */
function newWay(parts: Omit<Waypoint, 'next'>, met: readonly Waypoint[]): Waypoint {
  const { own, place, station, name, action, rules, origin } = parts;
  const isAlike = (way: Waypoint): boolean =>
    way.own === own &&
    way.place === place &&
    way.station === station &&
    way.name === name &&
    way.action === action &&
    way.rules === rules &&
    way.origin === origin;
  const changing = met.some(isAlike);
  if (++made > MOST) {
    // The paths begin anew; packets keep those that they are on.
    starts = new WeakMap();
    made = 0;
  }
  return { ...parts, own: changing ? own | FACTS : own, next: [] };
}

/** Adds a step to a record: the parts of a hop, one by one, because this runs for everything that any packet meets. */
export function addStep(
  path: OpenPath,
  atNs: Ns,
  durationNs: Ns,
  place: Place,
  station: Hop['station'],
  name: string,
  action: Hop['action'],
  before: Packet,
  after: Packet,
  rules: Hop['rules'],
  rulesPassed: number | undefined,
  facts: Hop['facts'],
  origin: Hop['origin'],
): void {
  const { at, values, packet } = path;
  let own = STATIONS[station];
  // Conntrack's facts are those of one connection.
  if ((own & FACTS) !== 0 && facts === undefined) own &= ~FACTS;
  if (atNs !== path.endNs) own |= AT;
  if (before !== packet) own |= packet === null ? BEFORE : difference(packet, before);
  if (after !== before) own |= AFTER;
  const next = at === START ? startsAt(place) : at.next;
  let i = 0;
  for (; i < next.length; i++) {
    const way = next[i]!;
    // Shared parts are the same objects; nothing is read.
    if (
      (way.own === own || way.own === (own | FACTS)) &&
      way.place === place &&
      way.station === station &&
      way.action === action &&
      way.rules === rules &&
      way.origin === origin &&
      way.rulesPassed === rulesPassed &&
      ((way.own & FACTS) !== 0 || way.facts === facts) &&
      ((own & DURATION) !== 0 || way.durationNs === durationNs) &&
      ((own & NAME) !== 0 || way.name === name)
    )
      break;
  }
  if (i > 0 || next.length === 0) {
    if (i < next.length) toFront(next, i);
    else {
      const parts = { durationNs, place, station, name, action, rules, rulesPassed, facts, origin };
      next.unshift(newWay({ from: at, own, ...parts }, next));
      if (next.length > WAYS) next.pop();
    }
  }
  const way = next[0]!;
  path.at = way;
  path.packet = after;
  path.endNs = atNs + durationNs;
  if (way.own !== 0) keep(values, way.own, atNs, durationNs, name, facts, before, after);
}

/** In the order of the bits, in which `hopsOf` takes them out again. */
function keep(
  values: unknown[],
  own: number,
  atNs: Ns,
  durationNs: Ns,
  name: string,
  facts: Hop['facts'],
  before: Packet,
  after: Packet,
): void {
  if ((own & AT) !== 0) values.push(atNs);
  if ((own & DURATION) !== 0) values.push(durationNs);
  if ((own & NAME) !== 0) values.push(name);
  if ((own & FACTS) !== 0) values.push(facts);
  if ((own & BEFORE_ETH) !== 0) values.push(before.eth);
  if ((own & BEFORE_IP) !== 0) values.push(before.ip);
  if ((own & BEFORE) !== 0) values.push(before);
  if ((own & AFTER) !== 0) values.push(after);
}

/** What is a packet's own at each station: a wire's length is chance, and sockets are named by their ports. */
const STATIONS: Readonly<Record<Hop['station'], number>> = {
  socket: NAME,
  device: 0,
  bridge: 0,
  hook: 0,
  chain: FACTS,
  conntrack: FACTS,
  route: 0,
  neighbour: 0,
  tunnel: 0,
  wire: DURATION,
  local: 0,
};

/** Between two steps it is mostly the Ethernet header or the TTL that changes. */
function difference(was: Packet, is: Packet): number {
  if (was.l4 !== is.l4 || was.payload !== is.payload || was.arp !== is.arp) return BEFORE;
  return (was.eth === is.eth ? 0 : BEFORE_ETH) | (was.ip === is.ip ? 0 : BEFORE_IP);
}

function toFront(ways: Waypoint[], at: number): void {
  const way = ways[at]!;
  for (let i = at; i > 0; i--) ways[i] = ways[i - 1]!;
  ways[0] = way;
}

/** Reads the hops of one record, as often as it has grown. A hop that was read once stays the same object. */
export class HopReader {
  private readonly hops: Hop[] = [];
  private used = 0;
  private packet: Packet = {};

  constructor(private endNs: Ns) {}

  /** All hops so far, with everything in them. */
  read({ at, values }: Pick<OpenPath, 'at' | 'values'>): readonly Hop[] {
    const ways: Waypoint[] = [];
    for (let way = at; way.from !== null; way = way.from) ways.push(way);
    for (let i = ways.length - this.hops.length - 1; i >= 0; i--) this.hops.push(this.next(ways[i]!, values));
    return [...this.hops];
  }

  private next(way: Waypoint, values: readonly unknown[]): Hop {
    const { own, place, station, action, rules, rulesPassed, origin } = way;
    const mine = <T>(bit: number, shared: T): T => ((own & bit) === 0 ? shared : (values[this.used++] as T));
    const atNs = mine(AT, this.endNs);
    const durationNs = mine(DURATION, way.durationNs);
    const name = mine(NAME, way.name);
    const facts = mine(FACTS, way.facts);
    if ((own & (BEFORE_ETH | BEFORE_IP)) !== 0) {
      const { eth: oldEth, arp, ip: oldIp, l4, payload } = this.packet;
      const eth = mine<EthernetHeader | undefined>(BEFORE_ETH, oldEth);
      const ip = mine<IpHeader | undefined>(BEFORE_IP, oldIp);
      this.packet = { eth, arp, ip, l4, payload };
    }
    const before = mine(BEFORE, this.packet);
    const after = mine(AFTER, before);
    this.packet = after;
    this.endNs = atNs + durationNs;
    const parts = { station, name, action, before, after, rules, rulesPassed, facts, origin };
    return { atNs, durationNs, place, ...parts };
  }
}
