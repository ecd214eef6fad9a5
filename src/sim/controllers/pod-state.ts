/** What controllers read from a pod: is it alive, ready, available, and since when (pkg/api/v1/pod, controller_utils.go). */
import { SECOND, type Ns } from '../clock/clock';
import type { Pod } from '../api/kinds/pod';
import { fromRfc3339 } from '../api/time';

/** Not ended and not on its way out: a pod that counts. */
export function isActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((row) => row.type === 'Ready' && row.status === 'True') ?? false;
}

/** When the pod became ready; null when it is not. */
export function readySince(pod: Pod): Ns | null {
  const row = pod.status?.conditions?.find((entry) => entry.type === 'Ready');
  if (row === undefined || row.status !== 'True') return null;
  return fromRfc3339(row.lastTransitionTime ?? '');
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowNs: Ns): boolean {
  if (!isReady(pod)) return false;
  if (minReadySeconds <= 0) return true;
  const since = readySince(pod);
  return since !== null && since + minReadySeconds * SECOND <= nowNs;
}

/** The highest restart count among its containers. */
export function maxRestarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((row) => row.restartCount));
}

/** Moment of birth, for "oldest first"; 0 when unknown. */
export function createdAt(object: { readonly metadata: { readonly creationTimestamp?: string } }): Ns {
  return fromRfc3339(object.metadata.creationTimestamp ?? '') ?? 0;
}

/** True when a change of a pod can matter to the workload that owns it. */
export function mattersToOwner(before: Pod, after: Pod): boolean {
  return (
    isActive(before) !== isActive(after) ||
    before.status?.phase !== after.status?.phase ||
    isReady(before) !== isReady(after) ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences ||
    before.spec.nodeName !== after.spec.nodeName
  );
}
