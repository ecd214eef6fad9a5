/**
 * How components hear of changes: one contract for controllers and node agents. A component names the kinds it cares for
 * and turns a change into its own work keys; a key is reconciled once however many changes led to it (as client-go's
 * informers and work queues do). Each delivery is a timer, so that one can stand between a write and its consequence.
 */
import type { Ns } from '../clock/clock';
import type { ApiObject } from './object';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  /** The object before, absent for ADDED. */
  readonly previous?: ApiObject;
}

export interface Component {
  /** Timer address, for example "controllers/deployment" or "kube-proxy/node-1". */
  readonly name: string;
  /** Kinds whose changes are delivered. */
  readonly watches: readonly string[];
  /** Work keys that a change concerns; an empty list means that it is of no interest. */
  keysFor(event: WatchEvent): readonly string[];
  /** Brings the world closer to what the objects say, for one key. Reads the store as it is now. */
  reconcile(key: string): void;
  /** Timers that the component set for itself, by type; "reconcile" is the loop's own. */
  onTimer?(event: { readonly type: string; readonly [key: string]: unknown }): void;
  /** What it must remember besides the store; plain data. Absent when it keeps nothing. */
  keyframe?(): unknown;
  restore?(from: unknown): void;
}

/**
 * Runs one component: watch events to keys, keys to timers. `lagNs` is how long news take to reach it (API server to
 * informer to worker). A key that is already queued is not queued again; `requeue` adds one by hand, later.
 */
export interface ComponentLoop {
  readonly component: Component;
  requeue(key: string, afterNs: Ns): void;
}
