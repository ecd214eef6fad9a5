/** Packets a second on a wire, for when the clock runs too fast to see single ones. Counted from the traces, never guessed. */
import { SECOND, type Ns } from '../sim/clock/clock';
import type { LeftOut, PacketTrace, Place } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { CanvasLayout } from './layout';
import { placeName } from './place-name';
import type { Point } from './road';
import type { PlaceId } from './wires';

/** What one wire carries of one kind of packet, beside the wire. */
export interface RatePill {
  /** The wire that it stands for. */
  readonly wire: string;
  readonly at: Point;
  readonly signal: 'request' | 'reply' | 'dns';
  readonly perSecond: number;
  readonly wrapped: boolean;
}

/** Virtual speed from which single packets are over before they are seen: 20 ms for a second of ours. */
export const RATES_FROM_NS_PER_SECOND = 20_000_000;

/** Virtual speed below which a packet is seen to cross a wire between machines: that takes a fifth of a second of ours. */
export const SEEN_BELOW_NS_PER_SECOND = 500_000;

type Kind = RatePill['signal'];

function kindOf(trace: PacketTrace): Kind | null {
  if (trace.role === 'request' || trace.role === 'reply') return trace.role;
  return trace.role === 'dns-query' || trace.role === 'dns-answer' ? 'dns' : null;
}

/** Which wires a packet took whose hops were left out: its summary tells. */
function wiresSummed({ from, to, crossed }: LeftOut): string[] {
  const inPod = ({ netns }: Place): boolean => netns !== 'host' && netns !== '';
  const taken = crossed.map(([a, b]) => `under:${a}>${b}`);
  if (inPod(from)) taken.push(`railL:${from.machine}`);
  if (inPod(to)) taken.push(`railR:${to.machine}`);
  return taken;
}

const PORTS: ReadonlySet<string> = new Set(['tap', 'wantap', 'nic', 'wan']);
const FEET_LEFT: ReadonlySet<string> = new Set(['foot', 'busL', 'pod']);
const FEET_RIGHT: ReadonlySet<string> = new Set(['foot', 'busR', 'pod']);
const ROAD_IN: ReadonlySet<string> = new Set(['prerouting', 'services', 'routes']);
const ROAD_OUT: ReadonlySet<string> = new Set(['postrouting', 'forward', 'routes']);

/** The wire from one place to the next by name: "railL:node-1", "railR:node-1", "under:node-1>node-2"; null for others. */
export function wireBetween(a: PlaceId, b: PlaceId): string | null {
  const [from, to] = [placeName(a), placeName(b)];
  if (FEET_LEFT.has(from.kind) && ROAD_IN.has(to.kind)) return `railL:${to.owner}`;
  if (ROAD_OUT.has(from.kind) && FEET_RIGHT.has(to.kind)) return `railR:${from.owner}`;
  if (PORTS.has(from.kind) && PORTS.has(to.kind) && from.owner !== to.owner)
    return `under:${from.owner}>${to.owner}`;
  return null;
}

/** Which wires a packet took, each once. */
function wiresTaken(trace: PacketTrace, journey: (trace: PacketTrace) => Journey): ReadonlySet<string> {
  if (trace.leftOut) return new Set(wiresSummed(trace.leftOut));
  const { places } = journey(trace);
  return new Set(places.slice(1).flatMap((place, i) => wireBetween(places[i]!, place) ?? []));
}

/** Packets on one wire in a second of the visitor's time, from which they are told as a rate. */
const CROWD = 50;

/** Wires on which single packets could not be told apart: `windowNs` is how much virtual time passes in that second. */
export function crowdedWires(
  traces: Iterable<PacketTrace>,
  journey: (trace: PacketTrace) => Journey,
  nowNs: Ns,
  windowNs: Ns,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const trace of traces) {
    if (trace.bornNs > nowNs || trace.bornNs < nowNs - windowNs || kindOf(trace) === null) continue;
    for (const wire of wiresTaken(trace, journey)) counts.set(wire, (counts.get(wire) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count > CROWD).map(([wire]) => wire));
}

/** Where a machine meets the wires between machines. */
function tapsOf(name: string, { machines, outside }: CanvasLayout): readonly Point[] {
  const machine = machines.get(name);
  if (machine !== undefined) return [{ x: machine.centre, y: machine.underlayY }];
  const place = outside?.machines.get(name);
  return [place?.lanTap, place?.wanTap].flatMap((tap) => tap ?? []);
}

/** Where the words about a wire stand; null when it is not drawn. */
export function placeOfWire(wire: string, layout: CanvasLayout): Point | null {
  const { kind, owner: rest } = placeName(wire);
  if (kind === 'under') {
    const [from, to] = rest.split('>').map((name) => tapsOf(name, layout));
    const one = from?.find(({ y }) => to?.some((other) => other.y === y)) ?? from?.[0];
    const other = to?.find(({ y }) => y === one?.y);
    if (one === undefined || to === undefined || to.length === 0) return null;
    // Both directions share a wire; each pill stands nearer to its sender.
    return { x: other === undefined ? one.x + 70 : one.x + (other.x - one.x) * 0.42, y: one.y };
  }
  const machine = layout.machines.get(rest);
  if (machine === undefined) return null;
  return { x: kind === 'railL' ? machine.railL : machine.railR, y: machine.busY + 40 };
}

/** Pills for the last virtual second (or since the first packet, if that is less). */
export function ratesOf(
  traces: Iterable<PacketTrace>,
  journey: (trace: PacketTrace) => Journey,
  layout: CanvasLayout,
  nowNs: Ns,
): RatePill[] {
  const counts = new Map<string, number>();
  for (const trace of traces) {
    const kind = kindOf(trace);
    if (kind === null || trace.bornNs > nowNs || trace.bornNs < nowNs - SECOND) continue;
    for (const wire of wiresTaken(trace, journey)) {
      const key = `${wire}|${kind}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const stacked = new Map<string, number>();
  const pills: RatePill[] = [];
  for (const [key, count] of [...counts].sort()) {
    const [wire = '', kind = 'request'] = key.split('|');
    const at = placeOfWire(wire, layout);
    if (at === null) continue;
    const level = stacked.get(wire) ?? 0;
    stacked.set(wire, level + 1);
    const under = wire.startsWith('under:');
    pills.push({
      wire,
      at: under ? { x: at.x + level * 64, y: at.y } : { x: at.x, y: at.y + level * 22 },
      signal: kind as Kind,
      perSecond: count,
      wrapped: under && layout.machines.get(wire.slice(6).split('>')[0] ?? '')?.hasTunnel === true,
    });
  }
  return pills;
}
