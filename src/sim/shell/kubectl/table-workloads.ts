/** Tables of the workload kinds. */
import type { ApiObject } from '../../api/object';
import { AGE, NAME, column, count, field, templateColumns } from './table';
import { conditionStatus } from './table-texts';
import type { Columns } from './table';
import { age, humanDuration, parseTime } from './time';
import { pairs } from './plain-values';
import { at, list, map, num, str } from './read';

const TEMPLATE = 'spec.template';

function readyOf(object: ApiObject): string {
  return `${num(object, 'status.readyReplicas')}/${num(object, 'spec.replicas')}`;
}

const DEPLOYMENT: Columns = [
  NAME,
  column('READY', readyOf),
  count('UP-TO-DATE', 'status.updatedReplicas'),
  count('AVAILABLE', 'status.availableReplicas'),
  AGE,
  ...templateColumns(TEMPLATE),
];

const REPLICA_COUNTS: Columns = [
  NAME,
  count('DESIRED', 'spec.replicas'),
  count('CURRENT', 'status.replicas'),
  count('READY', 'status.readyReplicas'),
  AGE,
];

const DAEMON_SET: Columns = [
  NAME,
  count('DESIRED', 'status.desiredNumberScheduled'),
  count('CURRENT', 'status.currentNumberScheduled'),
  count('READY', 'status.numberReady'),
  count('UP-TO-DATE', 'status.updatedNumberScheduled'),
  count('AVAILABLE', 'status.numberAvailable'),
  column('NODE SELECTOR', (o) => pairs(map(o, 'spec.template.spec.nodeSelector'))),
  AGE,
  ...templateColumns(TEMPLATE),
];

function jobStatus(job: ApiObject): string {
  if (conditionStatus(job, 'Complete') === 'True') return 'Complete';
  if (conditionStatus(job, 'Failed') === 'True') return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (conditionStatus(job, 'Suspended') === 'True') return 'Suspended';
  return conditionStatus(job, 'FailureTarget') === 'True' ? 'FailureTarget' : 'Running';
}

function jobCompletions(job: ApiObject): string {
  const succeeded = num(job, 'status.succeeded');
  const wanted = at(job, 'spec.completions');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  const parallelism = num(job, 'spec.parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: ApiObject, nowMs: number): string {
  const start = parseTime(at(job, 'status.startTime'));
  if (start === null) return '';
  return humanDuration((parseTime(at(job, 'status.completionTime')) ?? nowMs / 1000) - start);
}

const JOB: Columns = [
  NAME,
  column('STATUS', jobStatus),
  column('COMPLETIONS', jobCompletions),
  column('DURATION', (job, { nowMs }) => jobDuration(job, nowMs)),
  AGE,
  ...templateColumns(TEMPLATE),
];

const CRON_JOB: Columns = [
  NAME,
  field('SCHEDULE', 'spec.schedule'),
  field('TIMEZONE', 'spec.timeZone', '<none>'),
  column('SUSPEND', (o) => {
    const suspend = at(o, 'spec.suspend');
    return suspend == null ? '<unset>' : suspend === true ? 'True' : 'False';
  }),
  column('ACTIVE', (o) => list(o, 'status.active').length),
  column('LAST SCHEDULE', (o, { nowMs }) => {
    const last = at(o, 'status.lastScheduleTime');
    return last == null ? '<none>' : age(last, nowMs);
  }),
  AGE,
  ...templateColumns('spec.jobTemplate.spec.template', (o) =>
    at(o, 'spec.jobTemplate.spec.selector') == null ? '<none>' : '',
  ),
];

const CONTROLLER_REVISION: Columns = [
  NAME,
  column('CONTROLLER', (o) => {
    const owner = (o.metadata.ownerReferences ?? []).find((ref) => ref.controller === true);
    if (owner === undefined) return '<none>';
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  count('REVISION', 'revision'),
  AGE,
];

/** "cpu: 42%/50%" for each metric of an autoscaler. */
function metricTexts(hpa: ApiObject): string[] {
  return list(hpa, 'spec.metrics').map((metric, i) => {
    const type = str(metric, 'type');
    const part = type.charAt(0).toLowerCase() + type.slice(1);
    const current = list(hpa, 'status.currentMetrics')[i];
    const target = at(metric, `${part}.target`);
    const name = str(metric, `${part}.name`);
    if (at(target, 'averageUtilization') != null) {
      const now = at(current, `${part}.current.averageUtilization`);
      return `${name}: ${now == null ? '<unknown>' : `${String(now)}%`}/${str(target, 'averageUtilization')}%`;
    }
    const key = at(target, 'averageValue') != null ? 'averageValue' : 'value';
    const now = str(current, `${part}.current.${key}`) || '<unknown>';
    const suffix = type === 'External' && key === 'averageValue' ? ' (avg)' : '';
    const label = type === 'Resource' || type === 'ContainerResource' ? `${name}: ` : '';
    return `${label}${now}/${str(target, key)}${suffix}`;
  });
}

function targets(hpa: ApiObject): string {
  const all = metricTexts(hpa);
  if (all.length === 0) return '<none>';
  return all.length <= 2 ? all.join(', ') : `${all.slice(0, 2).join(', ')} + ${all.length - 2} more...`;
}

const AUTOSCALER: Columns = [
  NAME,
  column('REFERENCE', (o) => `${str(o, 'spec.scaleTargetRef.kind')}/${str(o, 'spec.scaleTargetRef.name')}`),
  column('TARGETS', targets),
  column('MINPODS', (o) => str(o, 'spec.minReplicas') || '<unset>'),
  count('MAXPODS', 'spec.maxReplicas'),
  count('REPLICAS', 'status.currentReplicas'),
  AGE,
];

const DISRUPTION_BUDGET: Columns = [
  NAME,
  field('MIN AVAILABLE', 'spec.minAvailable', 'N/A'),
  field('MAX UNAVAILABLE', 'spec.maxUnavailable', 'N/A'),
  count('ALLOWED DISRUPTIONS', 'status.disruptionsAllowed'),
  AGE,
];

/** Columns by kind. */
export const WORKLOAD_TABLES: Readonly<Record<string, Columns>> = {
  Deployment: DEPLOYMENT,
  ReplicaSet: [...REPLICA_COUNTS, ...templateColumns(TEMPLATE)],
  ReplicationController: [
    ...REPLICA_COUNTS,
    ...templateColumns(TEMPLATE, (o) => pairs(map(o, 'spec.selector'))),
  ],
  StatefulSet: [NAME, column('READY', readyOf), AGE, ...templateColumns(TEMPLATE, null)],
  DaemonSet: DAEMON_SET,
  Job: JOB,
  CronJob: CRON_JOB,
  ControllerRevision: CONTROLLER_REVISION,
  HorizontalPodAutoscaler: AUTOSCALER,
  PodDisruptionBudget: DISRUPTION_BUDGET,
};
