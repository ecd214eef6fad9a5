/**
 * Where a packet is at a virtual moment. Time is linear between hops and never eased: a packet's speed on a wire is the
 * wire's latency through the dial.
 */
import type { Ns } from '../sim/clock/clock';
import type { Hop } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { Point } from './road';
import { lengthOf } from './wires';

export interface Position {
  readonly point: Point;
  /** Numbered hop that has begun last, and the step of the journey. */
  readonly hop: number;
  readonly step: number;
  /** How much of the way to the next step lies behind, 0 to 1. */
  readonly share: number;
}

/** When the packet leaves the station of step i: at the end of a step that takes its time, else at once. */
function leavesAt(steps: readonly Hop[], i: number): Ns {
  const step = steps[i]!;
  const next = steps[i + 1];
  if (step.station === 'wire' || next === undefined) return step.atNs;
  const dwellEnd = Math.min(step.atNs + step.durationNs, next.atNs);
  // Steps that follow each other without a gap: the way itself takes the time.
  return next.atNs - dwellEnd < (next.atNs - step.atNs) / 4 ? step.atNs : dwellEnd;
}

/** Null before the first step and when nothing of the trace can be drawn. */
export function positionAt(journey: Journey, nowNs: Ns): Position | null {
  const { steps, points, ways, hopOfStep } = journey;
  let step = -1;
  while (step + 1 < steps.length && steps[step + 1]!.atNs <= nowNs) step++;
  step = Math.min(step, points.length - 1);
  const point = points[step];
  if (step < 0 || point === undefined) return null;
  const still: Position = { point, step, hop: hopOfStep[step]!, share: 0 };
  const way = ways[step];
  if (way === undefined || way.length < 2) return still;
  const from = leavesAt(steps, step);
  const until = steps[step + 1]?.atNs ?? steps[step]!.atNs + steps[step]!.durationNs;
  if (nowNs <= from || until <= from) return still;
  const share = Math.min(1, (nowNs - from) / (until - from));
  return { ...still, point: pointAlong(way, share), share };
}

/** Standing on a numbered hop; on a wire that means half-way across. */
export function positionOn(journey: Journey, hop: number): Position | null {
  const step = journey.stepOfHop[Math.min(hop, journey.stepOfHop.length - 1)];
  const point = step === undefined ? undefined : journey.points[step];
  if (step === undefined || point === undefined) return null;
  const way = journey.ways[step];
  const onWire = journey.steps[step]!.station === 'wire' && way !== undefined && way.length > 1;
  return {
    point: onWire ? pointAlong(way, 0.5) : point,
    step,
    hop: journey.hopOfStep[step]!,
    share: onWire ? 0.5 : 0,
  };
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
    // What is drawn and what the caption says are to be one moment: more than three frames behind, a quarter faster.
    const pace = nowNs - this.shownNs > nsPerSecond / 20 ? 1.25 : 1;
    const step = (elapsedMs / 1000) * nsPerSecond * pace;
    // Catch up at once after a jump: a rewind, a pause, or falling more than a fifth of a second behind.
    const behind = nowNs - this.shownNs;
    if (behind < 0 || paused || !Number.isFinite(step)) this.shownNs = nowNs;
    else this.shownNs = Math.max(Math.min(nowNs, this.shownNs + step), nowNs - nsPerSecond / 5);
    return this.shownNs;
  }
}
