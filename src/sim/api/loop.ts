/**
 * Runs one component against the store: the informer and the rate-limited work queue of client-go
 * (tools/cache, util/workqueue) as timers on the cluster's clock.
 */
import {
  MS,
  SECOND,
  type Clock,
  type Ns,
  type Timer,
  type TimerEvent,
  type TimerHandler,
} from '../clock/clock';
import { ApiError } from './errors';
import type { Store } from './store';
import type { Component, ComponentLoop, WatchEvent } from './watch';

export interface LoopOptions {
  /** From a write to the moment the component works on it. */
  readonly lagNs: Ns;
  /** False when a keyframe is restored right after: nothing is listed, the timers are in the clock already. */
  readonly list?: boolean;
}

export interface LoopKeyframe {
  readonly queued: ReadonlySet<string>;
  readonly later: ReadonlyMap<string, { readonly atNs: Ns; readonly timer: number }>;
  readonly failures: ReadonlyMap<string, number>;
  readonly component: unknown;
}

/** A running loop. The coordinator hands it every timer addressed to `component.name`. */
export interface RunningLoop extends ComponentLoop, TimerHandler {
  keyframe(): LoopKeyframe;
  restore(from: LoopKeyframe): void;
  /** Hears no more of the store; timers on their way still arrive. */
  stop(): void;
}

/** First wait after a refused reconcile; doubles up to the limit (DefaultTypedControllerRateLimiter). */
const BACKOFF_FIRST: Ns = 5 * MS;
const BACKOFF_LIMIT: Ns = 1_000 * SECOND;

/** Starts a component: every object that exists is told to it as ADDED, then every change. */
export function startLoop(
  deps: { readonly clock: Clock; readonly store: Store },
  component: Component,
  options: LoopOptions,
): RunningLoop {
  return new Loop(deps.clock, deps.store, component, options);
}

class Loop implements RunningLoop {
  private readonly queued = new Set<string>();
  private readonly later = new Map<string, { readonly atNs: Ns; readonly timer: number }>();
  private readonly failures = new Map<string, number>();
  readonly stop: () => void;

  constructor(
    private readonly clock: Clock,
    store: Store,
    readonly component: Component,
    private readonly options: LoopOptions,
  ) {
    this.stop = store.subscribe((event) => this.hear(event), component.watches);
    if (options.list === false) return;
    for (const kind of component.watches)
      for (const object of store.list(kind)) this.hear({ type: 'ADDED', object });
  }

  handle(event: TimerEvent, _timer: Timer): void {
    if (event.type !== 'reconcile') {
      this.component.onTimer?.(event);
      return;
    }
    const key = event.key as string;
    // Taken off before the work, so that news that arrive during it queue the key again.
    if (event.later === true) this.later.delete(key);
    else this.queued.delete(key);
    try {
      this.component.reconcile(key);
      this.failures.delete(key);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.retry(key);
    }
  }

  requeue(key: string, afterNs: Ns): void {
    const atNs = this.clock.nowNs + Math.max(0, Math.round(afterNs));
    const waiting = this.later.get(key);
    if (waiting !== undefined) {
      if (waiting.atNs <= atNs) return;
      this.clock.cancel(waiting.timer);
    }
    const timer = this.clock.scheduleAt(atNs, this.component.name, { type: 'reconcile', key, later: true });
    this.later.set(key, { atNs, timer });
  }

  keyframe(): LoopKeyframe {
    return {
      queued: new Set(this.queued),
      later: new Map(this.later),
      failures: new Map(this.failures),
      component: this.component.keyframe?.(),
    };
  }

  restore(from: LoopKeyframe): void {
    this.queued.clear();
    for (const key of from.queued) this.queued.add(key);
    this.later.clear();
    for (const [key, waiting] of from.later) this.later.set(key, waiting);
    this.failures.clear();
    for (const [key, count] of from.failures) this.failures.set(key, count);
    this.component.restore?.(from.component);
  }

  private hear(event: WatchEvent): void {
    for (const key of this.component.keysFor(event)) {
      if (this.queued.has(key)) continue;
      this.queued.add(key);
      this.clock.schedule(this.options.lagNs, this.component.name, { type: 'reconcile', key });
    }
  }

  /** The API server refused: try again, each time later. Any other error is ours and is not caught. */
  private retry(key: string): void {
    const count = this.failures.get(key) ?? 0;
    this.failures.set(key, count + 1);
    this.requeue(key, Math.min(BACKOFF_LIMIT, BACKOFF_FIRST * 2 ** count));
  }
}
