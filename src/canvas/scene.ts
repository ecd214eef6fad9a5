/**
 * What is to be drawn above the machines at one moment, as plain marks at places on the canvas: packets, the path of the
 * open one, stop marks. Built from the trace alone each frame; `draw.ts` puts it on the screen.
 */
import { innermost } from '../sim/trace/describe';
import type { Hop, PacketTrace, Role } from '../sim/trace/hop';
import type { Ns } from '../sim/clock/clock';
import { boardOf, type Board } from './board';
import { crowdOf, countsOf, EVERYWHERE, groupOf, type CountMark, type DotMark, type Placed } from './crowd';
import type { Journey } from './geometry';
import { isLost } from './losses';
import { cut, pointAlong, positionAt, positionOn, type Position } from './motion';
import type { Point, ProxyMode } from './road';
import { numbersOf, type NumberMark } from './numbers';
import { plateOf, stopWords, type Plate } from './words';

export interface PacketMark {
  readonly id: number;
  readonly at: Point;
  readonly role: Role;
  readonly label: string;
  /** It wears an outer header here. */
  readonly wrapped: boolean;
  readonly watched: boolean;
  readonly faint: boolean;
  readonly plate: Plate;
}

export interface StopMark {
  readonly id: number;
  readonly at: Point;
  readonly text: string;
  readonly faint: boolean;
  readonly open: boolean;
}

export interface Trail {
  readonly role: Role;
  readonly behind: readonly Point[];
  readonly ahead: readonly Point[];
}

export interface Scene {
  readonly trail: Trail | null;
  /** Way of a refusal back to who asked. */
  readonly wayBack: readonly Point[];
  readonly numbers: readonly NumberMark[];
  readonly board: Board | null;
  readonly packets: readonly PacketMark[];
  /** Packets too many to read, and how many there are where they crowd. */
  readonly dots: readonly DotMark[];
  readonly counts: readonly CountMark[];
  /** What is crowded, to be handed in with the next frame. */
  readonly crowd: ReadonlySet<string>;
  /** Packets on their way, whether they have a sign of their own or are part of a rate. */
  readonly moving: number;
  /** How many of them are too many to be drawn. */
  readonly left: number;
  readonly stops: readonly StopMark[];
}

export interface SceneInput {
  /** All that is known, for the open packet and what it caused. */
  readonly traces: Iterable<PacketTrace>;
  /** Those among them that may be on their way, and those that did not arrive; all when they are not told apart. */
  readonly moving?: Iterable<PacketTrace>;
  readonly lost?: Iterable<PacketTrace>;
  /** What was crowded a frame ago. */
  readonly before?: ReadonlySet<string>;
  /** The visitor stands far away: fewer packets make a crowd. */
  readonly far?: boolean;
  readonly nowNs: Ns;
  readonly journey: (trace: PacketTrace) => Journey;
  /** Open packet, and the hop that the visitor stands on; null follows the clock. */
  readonly watched: number | null;
  readonly hop: number | null;
  readonly reducedMotion: boolean;
  /** The clock runs too fast for single packets: rates are drawn instead. */
  readonly asRates: boolean;
  /** Wires with too many packets to tell apart: there they are a rate. */
  readonly crowded?: ReadonlySet<string>;
  /** Mode of kube-proxy, by which the sign of the decision goes; iptables when it is not said. */
  readonly mode?: ProxyMode;
}

/** More than any machine of ours simulates; what goes beyond it is told in words. */
const MOST_PACKETS = 5_000;
const MOST_STOPS = 12;
/** Errors keep their letters in a crowd, unless they are one themselves. */
const MOST_ERRORS = 40;

const NOBODY: ReadonlySet<string> = new Set();

/** The scene at one moment. */
export function sceneOf(input: SceneInput): Scene {
  const { nowNs } = input;
  const open = openOf(input);
  const { placed, moving, left } = placedOf(input);
  const crowd = crowdOf(placed, input.before ?? NOBODY, input.far === true);
  const signs = signsOf(placed, crowd, open);
  const ended = [...(input.lost ?? input.traces)].filter((trace) => isLost(trace, nowNs));
  if (input.lost !== undefined) ended.sort((a, b) => a.id - b.id);
  const stops = merged(ended.slice(-MOST_STOPS).flatMap((trace) => stopOf(trace, input, open) ?? []));
  const all = { ...signs, counts: countsOf(placed, crowd), crowd, moving, left, stops };
  if (open === null) return { trail: null, wayBack: [], numbers: [], board: null, ...all };
  return { ...openParts(open, input), ...all, packets: [...signs.packets, ...watchedMark(open, input)] };
}

/** Where everything is that moves, but for the watched packet and what is told as a rate. */
function placedOf(
  input: SceneInput,
): Pick<Scene, 'moving' | 'left'> & { readonly placed: readonly Placed[] } {
  const { nowNs, watched, asRates, crowded = NOBODY } = input;
  const placed: Placed[] = [];
  let moving = 0;
  let left = 0;
  for (const trace of input.moving ?? input.traces) {
    if (trace.bornNs > nowNs || (trace.end !== null && trace.end.atNs <= nowNs)) continue;
    // Told without its way: it is part of a rate, or one of a flood's many copies.
    if (trace.leftOut !== undefined && !asRates) continue;
    moving++;
    if (trace.id === watched || asRates) continue;
    if (placed.length >= MOST_PACKETS) {
      left++;
      continue;
    }
    const journey = input.journey(trace);
    const found = positionAt(journey, nowNs);
    if (found === null) continue;
    const group = groupOf(journey, found);
    if (group !== null && crowded.has(group)) continue;
    const position = input.reducedMotion ? { ...found, point: journey.points[found.step]! } : found;
    placed.push({ trace, journey, position, group });
  }
  return { placed, moving, left };
}

/** Signs with letters, and dots where letters would cover each other. */
function signsOf(
  placed: readonly Placed[],
  crowd: ReadonlySet<string>,
  open: PacketTrace | null,
): Pick<Scene, 'packets' | 'dots'> {
  const packets: PacketMark[] = [];
  const dots: DotMark[] = [];
  const everywhere = crowd.has(EVERYWHERE);
  let errors = 0;
  for (const { trace, journey, position, group } of placed) {
    const { id, role, requestId } = trace;
    const isDense = everywhere || (group !== null && crowd.has(group));
    const own = open !== null && requestId !== 0 && requestId === open.requestId;
    const letters = !isDense || own || (role === 'error' && ++errors <= MOST_ERRORS);
    if (letters) packets.push(signAt(trace, journey, position, false, isFaint(trace, open)));
    else dots.push({ id, at: position.point, role, wrapped: isWrapped(journey.steps[position.step]!) });
  }
  return { packets, dots };
}

function openOf({ traces, watched }: SceneInput): PacketTrace | null {
  if (watched === null) return null;
  for (const trace of traces) if (trace.id === watched) return trace;
  return null;
}

function isWrapped(step: Hop): boolean {
  const type = step.after.payload?.type;
  return type === 'vxlan' || type === 'ipip';
}

/** The open packet's own conversation stays lit beside it. */
function isFaint(trace: PacketTrace, open: PacketTrace | null): boolean {
  if (open === null || trace.id === open.id) return false;
  return open.requestId === 0 || trace.requestId !== open.requestId;
}

function signAt(
  trace: PacketTrace,
  journey: Journey,
  position: Position,
  watched: boolean,
  faint: boolean,
): PacketMark {
  const step = journey.steps[position.step]!;
  const { id, role, label } = trace;
  const plate = plateOf(trace, step.after);
  return { id, at: position.point, role, label, wrapped: isWrapped(step), watched, faint, plate };
}

/** Where the open packet is: on the hop that the visitor chose, or where the clock has brought it. */
function openPosition(journey: Journey, input: SceneInput): Position | null {
  if (input.hop !== null) return positionOn(journey, input.hop);
  const position = positionAt(journey, input.nowNs);
  return position !== null && input.reducedMotion ? positionOn(journey, position.hop) : position;
}

function hasStopped({ end }: PacketTrace, nowNs: Ns): boolean {
  return end !== null && end.kind !== 'delivered' && end.atNs <= nowNs;
}

function watchedMark(trace: PacketTrace, input: SceneInput): PacketMark[] {
  const journey = input.journey(trace);
  const position = openPosition(journey, input);
  if (position === null) return [];
  // A packet that was stopped is its stop mark.
  if (position.hop === trace.hops.length - 1 && hasStopped(trace, input.nowNs)) return [];
  return [signAt(trace, journey, position, true, false)];
}

function openParts(
  trace: PacketTrace,
  input: SceneInput,
): Pick<Scene, 'trail' | 'wayBack' | 'numbers' | 'board'> {
  const journey = input.journey(trace);
  const position = openPosition(journey, input);
  if (position === null) return { trail: null, wayBack: [], numbers: [], board: null };
  const { hop, step, share } = position;
  const stopped = hasStopped(trace, input.nowNs);
  const ended = stopped && hop === trace.hops.length - 1;
  const half = cut(journey.ways[step] ?? [], share);
  // A packet that was stopped has gone through all its steps.
  const behind = ended ? joined(journey.ways) : joined([...journey.ways.slice(0, step), half.behind]);
  const ahead = ended ? [] : joined([half.ahead, ...journey.ways.slice(step + 1)]);
  return {
    trail: { role: trace.role, behind, ahead },
    wayBack: stopped ? wayBackOf(trace, input) : [],
    numbers: numbersOf(trace, journey, hop, stopped, input.mode),
    board: boardOf(trace, journey, hop),
  };
}

function joined(parts: readonly (readonly Point[])[]): Point[] {
  const out: Point[] = [];
  for (const part of parts) {
    for (const point of part) {
      const last = out.at(-1);
      if (last === undefined || last.x !== point.x || last.y !== point.y) out.push(point);
    }
  }
  return out;
}

/** The refusal that this packet caused: the first error of the same conversation after its end. */
function wayBackOf(trace: PacketTrace, input: SceneInput): readonly Point[] {
  if (trace.end === null || trace.requestId === 0) return [];
  for (const other of input.traces) {
    if (other.requestId !== trace.requestId || other.role !== 'error') continue;
    if (other.bornNs < trace.end.atNs || other.bornNs > input.nowNs) continue;
    const quoted = other.hops[0] && innermost(other.hops[0].after).l4;
    if (quoted?.kind === 'icmp' || quoted?.kind === 'tcp') return joined(input.journey(other).ways);
  }
  return [];
}

/** Packets that ended alike at one place share a mark; the newest one is opened by it. */
function merged(stops: readonly StopMark[]): StopMark[] {
  const byPlace = new Map<string, { mark: StopMark; count: number }>();
  for (const mark of stops) {
    const key = `${Math.round(mark.at.x)} ${Math.round(mark.at.y)} ${mark.text} ${mark.faint} ${mark.open}`;
    byPlace.set(key, { mark, count: (byPlace.get(key)?.count ?? 0) + 1 });
  }
  return [...byPlace.values()].map(({ mark, count }) =>
    count === 1 ? mark : { ...mark, text: `${mark.text} ×${count}` },
  );
}

function stopOf(trace: PacketTrace, input: SceneInput, open: PacketTrace | null): StopMark | null {
  const journey = input.journey(trace);
  const way = journey.ways[journey.steps.length - 1];
  // Half-way on its wire, or before the door of a machine that is off.
  const share = trace.end?.reason === 'host-down' ? 1 : 0.5;
  const at = way !== undefined && way.length > 1 ? pointAlong(way, share) : journey.points.at(-1);
  if (at === undefined) return null;
  const faint = isFaint(trace, open);
  return { id: trace.id, at, text: stopWords(trace), faint, open: trace.id === input.watched };
}
