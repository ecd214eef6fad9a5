/**
 * Graceful deletion, as the registry does it: what a DELETE turns an object into, or that it is gone at once.
 * Upstream: apiserver pkg/registry/rest/delete.go, pkg/registry/core/pod/strategy.go; finalizers by the API concepts page.
 */
import { SECOND, type Ns } from '../clock/clock';
import type { Namespace } from './kinds/cluster';
import type { Pod } from './kinds/pod';
import type { ApiObject } from './object';
import { fromRfc3339, toRfc3339 } from './time';

export interface DeleteOptions {
  /** Seconds; 0 takes a pod away at once. Absent means the pod's own. Other kinds have no grace. */
  readonly gracePeriodSeconds?: number;
  /** Foreground keeps the object until its dependents are gone; Orphan lets them live. Background is the default. */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Delete only the object with this uid or version; otherwise a conflict. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Finalizers the garbage collector takes off. */
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** True when a deleted object may leave the store: no finalizer holds it and its grace is over. */
export function mayLeave(object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return (finalizers ?? []).length === 0 && namespaceFinalizers(object).length === 0;
}

function namespaceFinalizers(object: ApiObject): readonly string[] {
  return object.kind === 'Namespace' ? ((object as Namespace).spec?.finalizers ?? []) : [];
}

/** Seconds of grace that a delete leaves this object: a pod that no kubelet has, or that is done, has nobody to wait for. */
function graceOf(object: ApiObject, options: DeleteOptions): number {
  if (object.kind !== 'Pod') return 0;
  const pod = object as Pod;
  const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const phase = pod.status?.phase;
  if ((pod.spec.nodeName ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  // A negative grace is read as the shortest one.
  return asked < 0 ? 1 : asked;
}

/** The object as the delete leaves it. When `mayLeave` holds for the result, it is to be removed. */
export function markDeleted(object: ApiObject, options: DeleteOptions, nowNs: Ns): ApiObject {
  const grace = graceOf(object, options);
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp !== undefined) {
    // A second delete may only shorten the grace, counted from when the first one came.
    if (grace >= (deletionGracePeriodSeconds ?? 0)) return object;
    const asked = (fromRfc3339(deletionTimestamp) ?? nowNs) - (deletionGracePeriodSeconds ?? 0) * SECOND;
    return withDeletion(object, Math.max(nowNs, asked + grace * SECOND), grace);
  }
  const marked = withDeletion(withPropagation(object, options), nowNs + grace * SECOND, grace);
  if (marked.kind !== 'Namespace') return marked;
  return { ...marked, status: { ...(marked.status as object | undefined), phase: 'Terminating' } };
}

function withDeletion(object: ApiObject, atNs: Ns, grace: number): ApiObject {
  const metadata = {
    ...object.metadata,
    deletionTimestamp: toRfc3339(atNs),
    deletionGracePeriodSeconds: grace,
  };
  return { ...object, metadata };
}

function withPropagation(object: ApiObject, options: DeleteOptions): ApiObject {
  const policy = options.propagationPolicy;
  if (policy !== 'Foreground' && policy !== 'Orphan') return object;
  const finalizer = policy === 'Foreground' ? FOREGROUND : ORPHAN;
  const finalizers = [...new Set([...(object.metadata.finalizers ?? []), finalizer])];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
