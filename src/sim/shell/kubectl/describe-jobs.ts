/** Describe pages of Jobs and CronJobs. */
import type { ApiObject } from '../../api/object';
import { events } from './describe-events';
import { controllerOf, head } from './describe-parts';
import { podTemplate } from './describe-pod';
import { Page } from './describe-writer';
import type { DescribeContext } from './describe-writer';
import { at, list, num, str } from './read';
import { selectorText } from './table-texts';
import { humanDuration, parseTime, rfc1123 } from './time';

/** Fields that are shown only when they are set, each with what follows its value. */
function optional(
  page: Page,
  object: ApiObject,
  fields: readonly (readonly [string, string, string?])[],
): void {
  for (const [title, path, unit = ''] of fields) {
    if (at(object, path) != null) page.field(title, `${str(object, path)}${unit}`);
  }
}

function times(page: Page, job: ApiObject): void {
  const [start, end] = [at(job, 'status.startTime'), at(job, 'status.completionTime')];
  if (start != null) page.field('Start Time', rfc1123(start));
  if (end != null) page.field('Completed At', rfc1123(end));
  if (start != null && end != null) {
    page.field('Duration', humanDuration((parseTime(end) ?? 0) - (parseTime(start) ?? 0)));
  }
}

/** At most some fifty letters of the list of indexes, cut at a comma. */
function indexes(text: string): string {
  if (text === '') return '<none>';
  const comma = text.indexOf(',', 50);
  return comma < 0 ? text : `${text.slice(0, comma + 1)}...`;
}

export function describeJob(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  const selector = at(object, 'spec.selector');
  page.field('Selector', selector == null ? '' : selectorText(selector));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  const controller = controllerOf(object);
  if (controller !== null) page.field('Controlled By', controller);
  optional(page, object, [['Parallelism', 'spec.parallelism']]);
  page.field('Completions', str(object, 'spec.completions') || '<unset>');
  optional(page, object, [
    ['Completion Mode', 'spec.completionMode'],
    ['Suspend', 'spec.suspend'],
    ['Backoff Limit', 'spec.backoffLimit'],
    ['TTL Seconds After Finished', 'spec.ttlSecondsAfterFinished'],
  ]);
  times(page, object);
  optional(page, object, [['Active Deadline Seconds', 'spec.activeDeadlineSeconds', 's']]);
  const ready = at(object, 'status.ready') == null ? '' : ` (${num(object, 'status.ready')} Ready)`;
  const ended = `${num(object, 'status.succeeded')} Succeeded / ${num(object, 'status.failed')} Failed`;
  page.field('Pods Statuses', `${num(object, 'status.active')} Active${ready} / ${ended}`);
  if (str(object, 'spec.completionMode') === 'Indexed') {
    page.field('Completed Indexes', indexes(str(object, 'status.completedIndexes')));
  }
  podTemplate(page, at(object, 'spec.template'));
  events(page, context, object);
  return page.text();
}

export function describeCronJob(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  const orUnset = (path: string, unit = '') =>
    at(object, path) == null ? '<unset>' : `${str(object, path)}${unit}`;
  head(page, object);
  page.field('Schedule', str(object, 'spec.schedule'));
  page.field('Concurrency Policy', str(object, 'spec.concurrencyPolicy'));
  const suspend = at(object, 'spec.suspend');
  page.field('Suspend', suspend == null ? '<unset>' : suspend === true ? 'True' : 'False');
  page.field('Successful Job History Limit', orUnset('spec.successfulJobsHistoryLimit'));
  page.field('Failed Job History Limit', orUnset('spec.failedJobsHistoryLimit'));
  page.field('Starting Deadline Seconds', orUnset('spec.startingDeadlineSeconds', 's'));
  const selector = at(object, 'spec.jobTemplate.spec.selector');
  page.field('Selector', selector == null ? '<unset>' : selectorText(selector));
  page.field('Parallelism', orUnset('spec.jobTemplate.spec.parallelism'));
  page.field('Completions', orUnset('spec.jobTemplate.spec.completions'));
  optional(page, object, [['Active Deadline Seconds', 'spec.jobTemplate.spec.activeDeadlineSeconds', 's']]);
  podTemplate(page, at(object, 'spec.jobTemplate.spec.template'));
  const last = at(object, 'status.lastScheduleTime');
  page.field('Last Schedule Time', last == null ? '<unset>' : rfc1123(last));
  page.field(
    'Active Jobs',
    list(object, 'status.active')
      .map((job) => str(job, 'name'))
      .join(', ') || '<none>',
  );
  events(page, context, object);
  return page.text();
}
