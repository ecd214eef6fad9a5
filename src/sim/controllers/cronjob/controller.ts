/**
 * Makes a Job at each time of a schedule, and clears old ones away. Upstream: pkg/controller/cronjob.
 *
 * Not simulated: startingDeadlineSeconds; of several missed times the last one counts, as there.
 */
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { ApiObject } from '../../api/object';
import type { Job } from '../../api/kinds/workload';
import { EPOCH_SECONDS, fromRfc3339, toRfc3339 } from '../../api/time';
import type { Component, WatchEvent } from '../../api/watch';
import { SECOND, type Ns } from '../../clock/clock';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { controllerOf } from '../ownership';
import { refusalOf } from '../revisions';
import { MINUTE, nextTime, parseSchedule, type Schedule } from './schedule';

interface CronJob extends ApiObject {
  readonly spec: {
    readonly schedule?: string;
    readonly suspend?: boolean;
    readonly concurrencyPolicy?: string;
    readonly successfulJobsHistoryLimit?: number;
    readonly failedJobsHistoryLimit?: number;
    readonly jobTemplate?: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec?: Job['spec'];
    };
  };
  readonly status?: { readonly lastScheduleTime?: string; readonly lastSuccessfulTime?: string };
}

/** Unix minutes of virtual time 0, by which Jobs are named. */
const FIRST_MINUTE = EPOCH_SECONDS / 60;

export class CronJobController implements Component {
  readonly name = 'controllers/cronjob';
  readonly watches = ['CronJob', 'Job'];
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'cronjob-controller' });
  }

  keysFor({ object }: WatchEvent): readonly string[] {
    if (object.kind === 'CronJob') return [keyOf(object)];
    const owner = controllerOf(object);
    return owner?.kind === 'CronJob' ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : [];
  }

  reconcile(key: string): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const cron = store.get('CronJob', namespace, name) as CronJob | undefined;
    if (cron === undefined || cron.metadata.deletionTimestamp !== undefined) return;
    this.clearHistory(cron);
    const schedule = parseSchedule(cron.spec.schedule ?? '');
    if (schedule === null) {
      const text = `Unparseable schedule: ${cron.spec.schedule ?? ''}`;
      return this.events.record(cron, 'Warning', 'UnparseableSchedule', text);
    }
    const dueNs = cron.spec.suspend === true ? null : this.due(cron, schedule);
    const ran = dueNs !== null && this.run(cron, dueNs);
    this.writeStatus(cron, ran ? dueNs : null);
    const next = nextTime(schedule, clock.nowNs);
    if (next !== null && cron.spec.suspend !== true) comeBack(this.deps, this.name, key, next - clock.nowNs);
  }

  /** The last time of the schedule that has come and not been taken; null when there is none. */
  private due(cron: CronJob, schedule: Schedule): Ns | null {
    const since = cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp ?? '';
    let last: Ns | null = null;
    let at = nextTime(schedule, fromRfc3339(since) ?? this.deps.clock.nowNs);
    while (at !== null && at <= this.deps.clock.nowNs) {
      last = at;
      at = nextTime(schedule, at);
    }
    return last;
  }

  private jobsOf(cron: CronJob): Job[] {
    return this.deps.store.ownedBy(cron.metadata.uid ?? '').filter((row): row is Job => row.kind === 'Job');
  }

  /** True when the time is dealt with. */
  private run(cron: CronJob, dueNs: Ns): boolean {
    const { store } = this.deps;
    const active = this.jobsOf(cron).filter((job) => endOf(job) === null);
    const { concurrencyPolicy } = cron.spec;
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.events.record(cron, 'Normal', 'JobAlreadyActive', text);
      return false;
    }
    if (concurrencyPolicy === 'Replace') for (const job of active) this.remove(cron, job);
    const job = jobOf(cron, dueNs);
    if (store.get('Job', job.metadata.namespace ?? '', job.metadata.name) !== undefined) return true;
    const refusal = refusalOf(() => void store.create(job));
    if (refusal === null)
      this.events.record(cron, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    else this.events.record(cron, 'Warning', 'FailedCreate', `Error creating job: ${refusal}`);
    return refusal === null;
  }

  private remove(cron: CronJob, job: Job): void {
    const { namespace = '', name } = job.metadata;
    this.deps.store.delete('Job', namespace, name, { propagationPolicy: 'Background' });
    this.events.record(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }

  private clearHistory(cron: CronJob): void {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec;
    const jobs = this.jobsOf(cron).sort((a, b) =>
      (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
    );
    for (const [end, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      const ended = jobs.filter((job) => endOf(job) === end);
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) this.remove(cron, job);
    }
  }

  private writeStatus(cron: CronJob, ranNs: Ns | null): void {
    const { store } = this.deps;
    const jobs = this.jobsOf(cron);
    const active = jobs.filter((job) => endOf(job) === null);
    const ends = jobs.flatMap((job) => (endOf(job) === 'Complete' ? [job.status?.completionTime ?? ''] : []));
    const lastScheduleTime = ranNs === null ? cron.status?.lastScheduleTime : toRfc3339(ranNs);
    const lastSuccessfulTime = [...ends, cron.status?.lastSuccessfulTime ?? ''].sort().pop();
    const status = {
      ...(active.length > 0 && {
        active: active.map(({ metadata: { name, namespace, uid, resourceVersion } }) => ({
          ...{ kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion },
        })),
      }),
      ...(lastScheduleTime && { lastScheduleTime }),
      ...(lastSuccessfulTime && { lastSuccessfulTime }),
    };
    if (!sameValue(status, cron.status ?? {})) store.updateStatus({ ...cron, status });
  }
}

/** How a Job has ended, null while it runs. */
function endOf(job: Job): 'Complete' | 'Failed' | null {
  const final = job.status?.conditions?.find(
    (row) => row.status === 'True' && /^(Complete|Failed)$/.test(row.type),
  );
  return (final?.type as 'Complete' | 'Failed' | undefined) ?? null;
}

function jobOf(cron: CronJob, dueNs: Ns): Job {
  const { name, namespace, uid = '' } = cron.metadata;
  const { metadata = {}, spec } = cron.spec.jobTemplate ?? {};
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-${FIRST_MINUTE + Math.floor(dueNs / MINUTE)}`,
      namespace,
      ...(metadata.labels && { labels: metadata.labels }),
      annotations: {
        ...metadata.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': toRfc3339(Math.floor(dueNs / SECOND) * SECOND),
      },
      ownerReferences: [owner],
    },
    spec,
  } as Job;
}
