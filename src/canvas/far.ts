/** What is left of a machine's pods when the visitor stands far away: workloads, how many pods each has, how the worst does. */
import type { PodLook, PodView } from '../sim/view';

export interface WorkloadCount {
  /** Ref of the workload. */
  readonly workload: string;
  /** The look of the pod that is furthest from ready. */
  readonly look: PodLook;
  readonly count: number;
}

/** From ready to furthest from it. */
const WORST: readonly PodLook[] = [
  'ready',
  'completed',
  'terminating',
  'running',
  'creating',
  'pending',
  'backoff',
  'failed',
];

/** In the order of the first pod of each. */
export function workloadsOf(pods: readonly PodView[]): WorkloadCount[] {
  const groups = new Map<string, WorkloadCount>();
  for (const { workload, look } of pods) {
    const known = groups.get(workload);
    const worse = known === undefined || WORST.indexOf(look) > WORST.indexOf(known.look);
    groups.set(workload, {
      workload,
      look: worse ? look : known.look,
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...groups.values()];
}
