/**
 * When is a cluster at rest? There is no such signal in life; people wait until nothing changes any more. Here: no pod is
 * on its way to somewhere, every node's rules are in step, and for some virtual seconds no object but heartbeats and
 * Events was written. A pod that will never get ready does not hold this up for ever.
 */
import type { Pod } from './api/kinds/pod';
import type { Store } from './api/store';
import type { WatchEvent } from './api/watch';
import { SECOND, type Clock, type Ns } from './clock/clock';

const QUIET: Ns = 2 * SECOND;
/** After this long without a write, pods that are not ready count as staying so. */
const QUIET_ANYWAY: Ns = 45 * SECOND;
const IGNORED = new Set(['Event', 'Lease']);
const STUCK = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
]);

export class SettledWatch {
  private lastWriteNs: Ns = 0;

  constructor(
    private readonly clock: Clock,
    private readonly store: Store,
    private readonly rulesInStep: () => boolean,
  ) {
    store.subscribe((event) => this.hear(event));
  }

  get settled(): boolean {
    const quietFor = this.clock.nowNs - this.lastWriteNs;
    if (quietFor < QUIET || !this.rulesInStep()) return false;
    return quietFor >= QUIET_ANYWAY || !this.store.list('Pod').some(onItsWay);
  }

  keyframe(): Ns {
    return this.lastWriteNs;
  }

  restore(from: Ns): void {
    this.lastWriteNs = from;
  }

  private hear(event: WatchEvent): void {
    if (IGNORED.has(event.object.kind) || isHeartbeat(event)) return;
    this.lastWriteNs = this.clock.nowNs;
  }
}

/** A node's status that says nothing new. */
function isHeartbeat({ object, previous }: WatchEvent): boolean {
  if (object.kind !== 'Node' || previous === undefined) return false;
  const ready = (node: typeof object): string | undefined =>
    (node['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.find(
      (condition) => condition.type === 'Ready',
    )?.status;
  return ready(object) === ready(previous) && object.metadata.generation === previous.metadata.generation;
}

function onItsWay(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return true;
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return false;
  // An unschedulable pod waits for a change of the cluster, not for time.
  if (pod.spec.nodeName === undefined) {
    return !pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'False');
  }
  if (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) return false;
  const waiting = (pod.status?.containerStatuses ?? []).map((status) => status.state?.waiting?.reason ?? '');
  return !waiting.some((reason) => STUCK.has(reason));
}
