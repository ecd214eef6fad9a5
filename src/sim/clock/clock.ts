/**
 * The one clock of a cluster: virtual time in whole nanoseconds and the queue of what is due.
 *
 * A timer is data (law 4): it names the part that will handle it and carries a plain event. Due time first, then
 * arrival, decides the order, so that the same commands give the same run wherever it is run.
 */
import type { Plain } from '../../lib/plain';
import { RandomStreams } from './random';

/** Virtual time or a span of it, in whole nanoseconds since the cluster was made. Safe to 2^53 ns, about 104 days. */
export type Ns = number;

export const US: Ns = 1_000;
export const MS: Ns = 1_000_000;
export const SECOND: Ns = 1_000_000_000;

/** What a timer carries: plain data with a type that its handler knows. */
export interface TimerEvent {
  readonly type: string;
  readonly [key: string]: Plain | object | undefined;
}

/** One entry of the queue. `to` is the address of the part that handles it, for example `kubelet/node-1`. */
export interface Timer {
  readonly id: number;
  readonly atNs: Ns;
  readonly to: string;
  readonly event: TimerEvent;
}

/** A part that timers can be addressed to. */
export interface TimerHandler {
  handle(event: TimerEvent, timer: Timer): void;
}

export interface ClockKeyframe {
  readonly nowNs: Ns;
  readonly lastId: number;
  readonly heap: readonly Timer[];
  readonly cancelled: ReadonlySet<number>;
  readonly random: ReadonlyMap<string, number>;
}

function before(a: Timer, b: Timer): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.id < b.id);
}

export class Clock {
  /** Now, in virtual nanoseconds. Only `take` moves it. */
  nowNs: Ns = 0;
  readonly random: RandomStreams;
  private lastId = 0;
  private heap: Timer[] = [];
  private cancelled = new Set<number>();

  constructor(seed: number) {
    this.random = new RandomStreams(seed);
  }

  /** Queues `event` for `to` after `delayNs` (rounded to whole ns, at least 0). Returns the timer's id. */
  schedule(delayNs: Ns, to: string, event: TimerEvent): number {
    return this.scheduleAt(this.nowNs + Math.max(0, Math.round(delayNs)), to, event);
  }

  /** Queues `event` for the virtual moment `atNs`; a moment in the past means now. */
  scheduleAt(atNs: Ns, to: string, event: TimerEvent): number {
    const timer: Timer = { id: ++this.lastId, atNs: Math.max(this.nowNs, Math.round(atNs)), to, event };
    this.siftUp(timer);
    return timer.id;
  }

  /** Takes a timer out of the queue; unknown, past and undefined ids are ignored. */
  cancel(id: number | undefined | null): void {
    if (id != null) this.cancelled.add(id);
  }

  /** The next timer that will fire, or undefined when nothing is due ever. */
  peek(): Timer | undefined {
    while (this.heap.length > 0 && this.cancelled.has(this.heap[0]!.id)) {
      this.cancelled.delete(this.pop()!.id);
    }
    if (this.heap.length === 0) this.cancelled.clear();
    return this.heap[0];
  }

  /** Removes the next timer, moves `nowNs` to its moment and returns it. */
  take(): Timer | undefined {
    if (this.peek() === undefined) return undefined;
    const timer = this.pop()!;
    this.nowNs = timer.atNs;
    return timer;
  }

  /** Moves time forward over a span in which nothing is due. */
  advanceTo(atNs: Ns): void {
    const next = this.peek();
    if (next !== undefined && next.atNs < atNs) throw new Error('a timer is due before that moment');
    this.nowNs = Math.max(this.nowNs, Math.round(atNs));
  }

  /** How many timers wait (cancelled ones not yet dropped included). */
  get pending(): number {
    return this.heap.length;
  }

  keyframe(): ClockKeyframe {
    return {
      nowNs: this.nowNs,
      lastId: this.lastId,
      heap: [...this.heap],
      cancelled: new Set(this.cancelled),
      random: this.random.keyframe(),
    };
  }

  restore(from: ClockKeyframe): void {
    this.nowNs = from.nowNs;
    this.lastId = from.lastId;
    this.heap = [...from.heap];
    this.cancelled = new Set(from.cancelled);
    this.random.restore(from.random);
  }

  private siftUp(timer: Timer): void {
    let i = this.heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(timer, this.heap[parent]!)) break;
      this.heap[i] = this.heap[parent]!;
      i = parent;
    }
    this.heap[i] = timer;
  }

  private pop(): Timer | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (top === undefined || last === undefined || this.heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!before(this.heap[child]!, last)) break;
      this.heap[i] = this.heap[child]!;
      i = child;
    }
    this.heap[i] = last;
    return top;
  }
}
