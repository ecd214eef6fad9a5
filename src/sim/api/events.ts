/**
 * Records Events (core/v1) about objects. The same thing said again raises the count of the first Event instead of making
 * a second one, as client-go's event correlator does (tools/record/events_cache.go).
 */
import type { Clock } from '../clock/clock';
import type { Event } from './kinds/cluster';
import type { ApiObject } from './object';
import type { Store } from './store';
import { toRfc3339 } from './time';

/** Who reports: "kubelet" with its node as host, "deployment-controller", "default-scheduler". */
export interface EventSource {
  readonly component: string;
  readonly host?: string;
}

function fnv(text: string, seed: number): string {
  let hash = seed >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

export class EventRecorder {
  constructor(
    private readonly deps: { readonly clock: Clock; readonly store: Store },
    private readonly source: EventSource,
  ) {}

  /** Records one happening. Events of cluster-scoped objects lie in the namespace "default", as in life. */
  record(
    about: ApiObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ): void {
    const { store, clock } = this.deps;
    const namespace = about.metadata.namespace ?? 'default';
    const identity = [
      about.kind,
      about.metadata.uid,
      fieldPath,
      type,
      reason,
      message,
      this.source.component,
    ].join('|');
    // The name carries the identity, so that a repetition finds its Event without a table beside the store.
    const name = `${about.metadata.name}.${fnv(identity, 2166136261)}${fnv(identity, 0x9747b28c)}`;
    const now = toRfc3339(clock.nowNs);
    if (store.get('Event', namespace, name) !== undefined) {
      store.patch('Event', namespace, name, (event) => ({
        ...event,
        count: (event.count ?? 1) + 1,
        lastTimestamp: now,
      }));
      return;
    }
    const home = store.get('Namespace', '', namespace);
    // A namespace that is being deleted takes no new objects; the real recorder's write is refused and dropped.
    if (home?.metadata.deletionTimestamp !== undefined) return;
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        kind: about.kind,
        ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
        name: about.metadata.name,
        uid: about.metadata.uid,
        apiVersion: about.apiVersion,
        resourceVersion: about.metadata.resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      type,
      reason,
      message,
      source: this.source,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      reportingComponent: this.source.component,
    };
    store.create(event, { prepared: true });
  }
}
