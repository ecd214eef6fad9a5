/**
 * Runs pods to completion. Upstream: pkg/controller/job.
 *
 * Not simulated: pod failure and success policies, backoffLimitPerIndex, finalizers for counting.
 */
import { SECOND, type Ns } from '../../clock/clock';
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { Condition } from '../../api/kinds/meta';
import type { Pod } from '../../api/kinds/pod';
import type { Job } from '../../api/kinds/workload';
import { fromRfc3339, toRfc3339 } from '../../api/time';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { controllerOf, podFromTemplate } from '../ownership';
import { isActive, isReady, mattersToOwner } from '../pod-state';
import { refusalOf } from '../revisions';

const BACKOFF_FIRST: Ns = 10 * SECOND;
const BACKOFF_LIMIT: Ns = 600 * SECOND;
const INDEX = 'batch.kubernetes.io/job-completion-index';

interface Tally {
  readonly active: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  /** When the last pod failed; null when none has. */
  readonly lastFailureNs: Ns | null;
}

export class JobController implements Component {
  readonly name = 'controllers/job';
  readonly watches = ['Job', 'Pod'];
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'job-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'Job') return [keyOf(event.object)];
    const owner = controllerOf(event.object);
    if (owner?.kind !== 'Job') return [];
    const previous = event.previous as Pod | undefined;
    if (event.type === 'MODIFIED' && previous && !mattersToOwner(previous, event.object as Pod)) return [];
    return [`${event.object.metadata.namespace ?? ''}/${owner.name}`];
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const { namespace, name } = splitKey(key);
    const job = store.get('Job', namespace, name);
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const finished = job.status?.conditions?.find((row) => isFinal(row));
    if (finished !== undefined) return this.afterwards(job, finished);
    const tally = this.tally(job);
    const verdict = this.verdict(job, tally);
    if (verdict !== null) for (const pod of tally.active) this.remove(pod);
    else if (job.spec.suspend === true) for (const pod of tally.active) this.remove(pod);
    else this.fill(job, tally);
    this.writeStatus(key, verdict);
  }

  private tally(job: Job): Tally {
    const pods = this.deps.store
      .ownedBy(job.metadata.uid ?? '')
      .filter((row): row is Pod => row.kind === 'Pod');
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed');
    const ends = failed.map((pod) => {
      const ended = pod.status?.containerStatuses?.map(
        (row) => fromRfc3339(row.state?.terminated?.finishedAt ?? '') ?? 0,
      );
      return Math.max(0, ...(ended ?? []));
    });
    const indexed = job.spec.completionMode === 'Indexed';
    const good = pods.filter((pod) => pod.status?.phase === 'Succeeded');
    const succeeded = indexed
      ? new Set(good.map((pod) => pod.metadata.annotations?.[INDEX])).size
      : good.length;
    return {
      active: pods.filter(isActive),
      succeeded,
      failed: failed.length,
      lastFailureNs: ends.length > 0 ? Math.max(...ends) : null,
    };
  }

  /** Restarts of containers count against the limit as well as failed pods do. */
  private verdict(job: Job, tally: Tally): Condition | null {
    const { completions, backoffLimit = 6, activeDeadlineSeconds } = job.spec;
    const restarts = tally.active
      .flatMap((pod) => pod.status?.containerStatuses ?? [])
      .reduce((sum, row) => sum + row.restartCount, 0);
    const over = tally.failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit);
    if (over) {
      const message = 'Job has reached the specified backoff limit';
      return { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message };
    }
    const startedNs = fromRfc3339(job.status?.startTime ?? '');
    if (activeDeadlineSeconds !== undefined && startedNs !== null) {
      const left = startedNs + activeDeadlineSeconds * SECOND - this.deps.clock.nowNs;
      const message = 'Job was active longer than specified deadline';
      if (left <= 0) return { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message };
      comeBack(this.deps, this.name, keyOf(job), left);
    }
    const enough =
      completions === undefined
        ? tally.succeeded > 0 && tally.active.length === 0
        : tally.succeeded >= completions;
    if (!enough) return null;
    const message = 'Reached expected number of succeeded pods';
    return { type: 'Complete', status: 'True', reason: 'CompletionsReached', message };
  }

  /** Starts as many pods as may run now; after a failure only when its back-off is over. */
  private fill(job: Job, tally: Tally): void {
    const { completions, parallelism = 1 } = job.spec;
    const open =
      completions === undefined ? (tally.succeeded > 0 ? 0 : parallelism) : completions - tally.succeeded;
    const missing = Math.min(parallelism, open) - tally.active.length;
    for (const pod of missing < 0 ? tally.active.slice(missing) : []) this.remove(pod);
    if (missing <= 0) return;
    const { nowNs } = this.deps.clock;
    const delayNs = Math.min(BACKOFF_LIMIT, BACKOFF_FIRST * 2 ** Math.max(0, tally.failed - 1));
    const dueNs = tally.lastFailureNs === null ? nowNs : tally.lastFailureNs + delayNs;
    if (dueNs > nowNs) return comeBack(this.deps, this.name, keyOf(job), dueNs - nowNs);
    for (const index of this.freeIndexes(job, missing)) this.create(job, index);
  }

  private freeIndexes(job: Job, count: number): (number | null)[] {
    if (job.spec.completionMode !== 'Indexed') return Array.from({ length: count }, () => null);
    const pods = this.deps.store
      .ownedBy(job.metadata.uid ?? '')
      .filter((row): row is Pod => row.kind === 'Pod');
    const used = new Set(
      pods.filter((pod) => pod.status?.phase !== 'Failed').map((pod) => pod.metadata.annotations?.[INDEX]),
    );
    const all = Array.from({ length: job.spec.completions ?? 0 }, (_, i) => i);
    return all.filter((index) => !used.has(String(index))).slice(0, count);
  }

  private create(job: Job, index: number | null): void {
    const refusal = refusalOf(() => {
      const made = this.deps.store.create(jobPod(job, index));
      this.events.record(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
    });
    if (refusal === null) return;
    this.events.record(job, 'Warning', 'FailedCreate', `Error creating: ${refusal}`);
    comeBack(this.deps, this.name, keyOf(job), BACKOFF_FIRST);
  }

  private remove(pod: Pod): void {
    this.deps.store.delete('Pod', pod.metadata.namespace ?? '', pod.metadata.name, { uid: pod.metadata.uid });
  }

  private writeStatus(key: string, verdict: Condition | null): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const job = store.get('Job', namespace, name);
    if (job === undefined) return;
    const { active, succeeded, failed } = this.tally(job);
    const now = toRfc3339(clock.nowNs);
    const stamped = verdict === null ? [] : [{ ...verdict, lastProbeTime: now, lastTransitionTime: now }];
    const count = (field: string, value: number): object => (value > 0 ? { [field]: value } : {});
    const status = {
      ...(job.spec.suspend === true && job.status?.startTime === undefined
        ? {}
        : { startTime: job.status?.startTime ?? now }),
      ...count('active', active.length),
      ready: active.filter(isReady).length,
      ...count('succeeded', succeeded),
      ...count('failed', failed),
      ...(verdict?.type === 'Complete' ? { completionTime: now } : {}),
      ...(stamped.length > 0 ? { conditions: [...(job.status?.conditions ?? []), ...stamped] } : {}),
    };
    if (!sameValue(status, job.status)) store.updateStatus({ ...job, status });
    if (verdict === null) return;
    if (verdict.type === 'Complete') this.events.record(job, 'Normal', 'Completed', 'Job completed');
    else this.events.record(job, 'Warning', verdict.reason ?? 'Failed', verdict.message ?? '');
  }

  /** A finished Job only waits for its time to live to run out. */
  private afterwards(job: Job, finished: Condition): void {
    const seconds = job.spec.ttlSecondsAfterFinished;
    if (seconds === undefined) return;
    const { store, clock } = this.deps;
    const leftNs =
      (fromRfc3339(finished.lastTransitionTime ?? '') ?? clock.nowNs) + seconds * SECOND - clock.nowNs;
    if (leftNs > 0) return comeBack(this.deps, this.name, keyOf(job), leftNs);
    store.delete('Job', job.metadata.namespace ?? '', job.metadata.name, { propagationPolicy: 'Foreground' });
  }
}

function isFinal(row: Condition): boolean {
  return (row.type === 'Complete' || row.type === 'Failed') && row.status === 'True';
}

/** A pod with the labels by which a Job knows its own. */
function jobPod(job: Job, index: number | null): Pod {
  const pod = podFromTemplate(job, job.spec.template);
  const { uid = '', name } = job.metadata;
  const own = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  if (index === null)
    return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...own } } };
  const labels = { ...pod.metadata.labels, ...own, [INDEX]: String(index) };
  const annotations = { ...pod.metadata.annotations, [INDEX]: String(index) };
  const metadata = { ...pod.metadata, generateName: `${name}-${index}-`, labels, annotations };
  return { ...pod, metadata, spec: { ...pod.spec, hostname: `${name}-${index}` } };
}
