/** The Events block of describe pages: what was said about the object, oldest first (kubectl describe.go, DescribeEvents). */
import type { ApiObject } from '../../api/object';
import type { Page } from './describe-writer';
import type { DescribeContext } from './describe-writer';
import { isRecord } from './plain-values';
import { str } from './read';
import { eventCount, eventSource, eventTimes } from './table-cluster';
import { age, parseTime } from './time';

/** "42s" or "42s (x5 over 3m21s)" */
export function eventAge(event: unknown, nowMs: number): string {
  const { first, last } = eventTimes(event);
  const times = eventCount(event);
  if (times <= 1 || (str(event, 'lastTimestamp') === '' && !isRecord((event as ApiObject)['series']))) {
    return age(first, nowMs);
  }
  return `${age(last, nowMs)} (x${times} over ${age(first, nowMs)})`;
}

/** Events about an object, oldest first. */
export function eventsOf(context: DescribeContext, object: ApiObject): ApiObject[] {
  const { name, namespace, uid } = object.metadata;
  const about = context.list('Event', namespace ?? 'default').filter((event) => {
    const theirs = str(event, 'involvedObject.uid');
    return (
      str(event, 'involvedObject.kind') === object.kind &&
      str(event, 'involvedObject.name') === name &&
      (uid === undefined || theirs === uid)
    );
  });
  const when = (event: ApiObject) => parseTime(eventTimes(event).last) ?? 0;
  return [...about].sort((a, b) => when(a) - when(b));
}

/** The Events block at the end of a page. */
export function events(page: Page, context: DescribeContext, object: ApiObject): void {
  if (!context.showEvents) return;
  const all = eventsOf(context, object);
  if (all.length === 0) {
    page.field('Events', '<none>');
    return;
  }
  page.flush();
  page.line(0, 'Events:');
  page.line(1, 'Type\tReason\tAge\tFrom\tMessage');
  page.line(1, '----\t------\t----\t----\t-------');
  for (const event of all) {
    const from = str(event, 'source.component') || str(event, 'reportingComponent') || eventSource(event);
    page.line(
      1,
      `${str(event, 'type')}\t${str(event, 'reason')}\t${eventAge(event, context.nowMs)}\t${from}\t${str(event, 'message').trim()}`,
    );
  }
}
