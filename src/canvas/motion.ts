/**
 * Where a packet is at a virtual moment. Time is linear between hops and never eased: a packet's speed on a wire is the
 * wire's latency through the dial.
 */
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { Point } from './road';
import { lengthOf } from './wires';

export interface Position {
  readonly point: Point;
  /** Hop that has begun last. */
  readonly hop: number;
  /** How much of the way to the next hop lies behind, 0 to 1. */
  readonly share: number;
}

/** When the packet leaves the station of hop i: at the end of a hop that takes its time, else at once. */
function leavesAt(trace: PacketTrace, i: number): Ns {
  const hop = trace.hops[i]!;
  const next = trace.hops[i + 1];
  const until = next?.atNs ?? hop.atNs + hop.durationNs;
  if (hop.station === 'wire' || next === undefined) return hop.atNs;
  const dwellEnd = Math.min(hop.atNs + hop.durationNs, until);
  // Hops that follow each other without a gap: the way itself takes the time.
  return until - dwellEnd < (until - hop.atNs) / 4 ? hop.atNs : dwellEnd;
}

/** Null before the first hop and when nothing of the trace can be drawn. */
export function positionAt(trace: PacketTrace, journey: Journey, nowNs: Ns): Position | null {
  const { hops } = trace;
  let hop = -1;
  while (hop + 1 < hops.length && hops[hop + 1]!.atNs <= nowNs) hop++;
  hop = Math.min(hop, journey.points.length - 1);
  const point = journey.points[hop];
  if (hop < 0 || point === undefined) return null;
  const way = journey.ways[hop];
  if (way === undefined || way.length < 2) return { point, hop, share: 0 };
  const from = leavesAt(trace, hop);
  const until = hops[hop + 1]?.atNs ?? hops[hop]!.atNs + hops[hop]!.durationNs;
  if (nowNs <= from || until <= from) return { point, hop, share: 0 };
  const share = Math.min(1, (nowNs - from) / (until - from));
  return { point: pointAlong(way, share), hop, share };
}

/** The point at a share of a polyline's length. */
export function pointAlong(way: readonly Point[], share: number): Point {
  let rest = lengthOf(way) * share;
  for (let i = 1; i < way.length; i++) {
    const [a, b] = [way[i - 1]!, way[i]!];
    const part = Math.hypot(b.x - a.x, b.y - a.y);
    if (rest <= part)
      return part === 0 ? a : { x: a.x + ((b.x - a.x) * rest) / part, y: a.y + ((b.y - a.y) * rest) / part };
    rest -= part;
  }
  return way.at(-1) ?? { x: 0, y: 0 };
}

/** Cuts a polyline at a share of its length. */
export function cut(
  way: readonly Point[],
  share: number,
): { behind: readonly Point[]; ahead: readonly Point[] } {
  if (share <= 0) return { behind: way.slice(0, 1), ahead: way };
  if (share >= 1) return { behind: way, ahead: way.slice(-1) };
  let rest = lengthOf(way) * share;
  for (let i = 1; i < way.length; i++) {
    const [a, b] = [way[i - 1]!, way[i]!];
    const part = Math.hypot(b.x - a.x, b.y - a.y);
    if (rest <= part && part > 0) {
      const at = { x: a.x + ((b.x - a.x) * rest) / part, y: a.y + ((b.y - a.y) * rest) / part };
      return { behind: [...way.slice(0, i), at], ahead: [at, ...way.slice(i)] };
    }
    rest -= part;
  }
  return { behind: way, ahead: way.slice(-1) };
}

/**
 * The moment that is drawn. Patches come in steps; the drawing runs on between them at the cluster's own speed and never
 * passes the newest patch, so that it shows nothing that has not happened.
 */
export class DrawnClock {
  private shownNs: Ns = 0;
  private atMs = -1;

  /** `nowNs` and `nsPerSecond` as the cluster last told them. Returns the moment to draw. */
  advance(atMs: number, nowNs: Ns, nsPerSecond: number, paused: boolean): Ns {
    const elapsedMs = this.atMs < 0 ? Infinity : atMs - this.atMs;
    this.atMs = atMs;
    const step = (elapsedMs / 1000) * nsPerSecond;
    // Catch up at once after a jump: a rewind, a pause, or falling more than a fifth of a second behind.
    const behind = nowNs - this.shownNs;
    if (behind < 0 || paused || !Number.isFinite(step)) this.shownNs = nowNs;
    else this.shownNs = Math.max(Math.min(nowNs, this.shownNs + step), nowNs - nsPerSecond / 5);
    return this.shownNs;
  }
}
