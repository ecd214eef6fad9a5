/**
 * What is to be drawn above the machines at one moment, as plain marks at places on the canvas: packets, the path of the
 * open one, stop marks. Built from the trace alone each frame; `draw.ts` puts it on the screen.
 */
import { innermost } from '../sim/trace/describe';
import type { PacketTrace, Role } from '../sim/trace/hop';
import type { Ns } from '../sim/clock/clock';
import { boardOf, type Board } from './board';
import type { Journey } from './geometry';
import { isLost } from './losses';
import { cut, pointAlong, positionAt, type Position } from './motion';
import type { Point } from './road';
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
  readonly stops: readonly StopMark[];
}

export interface SceneInput {
  readonly traces: Iterable<PacketTrace>;
  readonly nowNs: Ns;
  readonly journey: (trace: PacketTrace) => Journey;
  /** Open packet, and the hop that the visitor stands on; null follows the clock. */
  readonly watched: number | null;
  readonly hop: number | null;
  readonly reducedMotion: boolean;
  /** The clock runs too fast for single packets: rates are drawn instead. */
  readonly asRates: boolean;
}

const MOST_PACKETS = 400;
const MOST_STOPS = 12;

export function sceneOf(input: SceneInput): Scene {
  const packets: PacketMark[] = [];
  const ended: PacketTrace[] = [];
  const open = openOf(input);
  for (const trace of input.traces) {
    if (trace.bornNs > input.nowNs) continue;
    if (trace.end !== null && trace.end.atNs <= input.nowNs) {
      if (isLost(trace, input.nowNs)) ended.push(trace);
      continue;
    }
    if (trace.id === input.watched || input.asRates || packets.length >= MOST_PACKETS) continue;
    const mark = markOf(trace, input, open);
    if (mark !== null) packets.push(mark);
  }
  const stops = merged(ended.slice(-MOST_STOPS).flatMap((trace) => stopOf(trace, input, open) ?? []));
  if (open === null) return { trail: null, wayBack: [], numbers: [], board: null, packets, stops };
  return { ...openParts(open, input), packets: [...packets, ...watchedMark(open, input)], stops };
}

function openOf({ traces, watched }: SceneInput): PacketTrace | null {
  if (watched === null) return null;
  for (const trace of traces) if (trace.id === watched) return trace;
  return null;
}

function wrapped(trace: PacketTrace, hop: number): boolean {
  const type = trace.hops[hop]?.after.payload?.type;
  return type === 'vxlan' || type === 'ipip';
}

/** The open packet's own conversation stays lit beside it. */
function isFaint(trace: PacketTrace, open: PacketTrace | null): boolean {
  if (open === null || trace.id === open.id) return false;
  return open.requestId === 0 || trace.requestId !== open.requestId;
}

function markOf(trace: PacketTrace, input: SceneInput, open: PacketTrace | null): PacketMark | null {
  const journey = input.journey(trace);
  const position = positionAt(trace, journey, input.nowNs);
  if (position === null) return null;
  const at = input.reducedMotion ? journey.points[position.hop]! : position.point;
  return {
    id: trace.id,
    at,
    role: trace.role,
    label: trace.label,
    wrapped: wrapped(trace, position.hop),
    watched: false,
    faint: isFaint(trace, open),
    plate: plateOf(trace, trace.hops[position.hop]!.after),
  };
}

/** Where the open packet is: on the hop that the visitor chose, or where the clock has brought it. */
export function openPosition(trace: PacketTrace, journey: Journey, input: SceneInput): Position | null {
  if (input.hop !== null) {
    const hop = Math.min(input.hop, journey.points.length - 1);
    const point = journey.points[hop];
    return point === undefined ? null : { point, hop, share: 0 };
  }
  const position = positionAt(trace, journey, input.nowNs);
  if (position === null || !input.reducedMotion) return position;
  return { ...position, point: journey.points[position.hop]!, share: 0 };
}

function watchedMark(trace: PacketTrace, input: SceneInput): PacketMark[] {
  const journey = input.journey(trace);
  const position = openPosition(trace, journey, input);
  if (position === null) return [];
  // A packet that was stopped is its stop mark.
  const last = position.hop === trace.hops.length - 1;
  if (last && trace.end !== null && trace.end.kind !== 'delivered' && trace.end.atNs <= input.nowNs)
    return [];
  const hop = trace.hops[position.hop]!;
  const onWire =
    hop.station === 'wire' && position.share === 0 && (journey.ways[position.hop]?.length ?? 0) > 1;
  // Standing on a wire means being half-way across, not at its first end.
  const at = onWire && input.hop !== null ? pointAlong(journey.ways[position.hop]!, 0.5) : position.point;
  return [
    {
      id: trace.id,
      at,
      role: trace.role,
      label: trace.label,
      wrapped: wrapped(trace, position.hop),
      watched: true,
      faint: false,
      plate: plateOf(trace, hop.after),
    },
  ];
}

function openParts(trace: PacketTrace, input: SceneInput): Omit<Scene, 'packets' | 'stops'> {
  const journey = input.journey(trace);
  const position = openPosition(trace, journey, input);
  if (position === null) return { trail: null, wayBack: [], numbers: [], board: null };
  const { hop, share } = position;
  const half = cut(journey.ways[hop] ?? [], share);
  const behind = joined([...journey.ways.slice(0, hop), half.behind]);
  const ahead = joined([half.ahead, ...journey.ways.slice(hop + 1)]);
  const stopped = trace.end !== null && trace.end.kind !== 'delivered' && trace.end.atNs <= input.nowNs;
  return {
    trail: { role: trace.role, behind, ahead: stopped && hop === trace.hops.length - 1 ? [] : ahead },
    wayBack: stopped ? wayBackOf(trace, input) : [],
    numbers: numbersOf(trace, journey, hop, stopped),
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
  const last = trace.hops.length - 1;
  const way = journey.ways[last];
  const at = way !== undefined && way.length > 1 ? pointAlong(way, 0.5) : journey.points.at(-1);
  if (at === undefined) return null;
  const faint = isFaint(trace, open);
  return { id: trace.id, at, text: stopWords(trace), faint, open: trace.id === input.watched };
}
