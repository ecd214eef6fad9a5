/** What every controller is given, and how it comes back to a key later. */
import type { Clock, Ns } from '../clock/clock';
import type { Store } from '../api/store';

export interface ControllerDeps {
  readonly clock: Clock;
  readonly store: Store;
}

/** Queues a key of a controller for later; the timer looks like the loop's own, so refusals are retried as usual. */
export function comeBack(deps: ControllerDeps, name: string, key: string, afterNs: Ns): void {
  deps.clock.schedule(afterNs, name, { type: 'reconcile', key, later: true });
}

/** "namespace/name", the work key of namespaced kinds. */
export function keyOf(object: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** The two parts of a work key. */
export function splitKey(key: string): { namespace: string; name: string } {
  const at = key.indexOf('/');
  return { namespace: key.slice(0, at), name: key.slice(at + 1) };
}
