/** Writing describe pages: two blanks per level, tab-separated cells, and the blocks that many kinds have (kubectl describe.go). */
import type { ApiObject } from '../../api/object';
import { DESCRIBE_TABS, layoutTabs } from '../tabwriter';
import { byText, isRecord } from './plain-values';
import { list, num, str } from './read';
import { eventCount, eventSource, eventTimes } from './table-cluster';
import { age, parseTime } from './time';

/** What a describe page may look up besides its object. */
export interface DescribeContext {
  readonly nowMs: number;
  readonly showEvents: boolean;
  list(kind: string, namespace?: string): readonly ApiObject[];
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
}

export class Page {
  private out = '';
  private done = '';

  /** One line at a level; cells are separated by tabs. */
  line(level: number, text: string): void {
    this.out += `${'  '.repeat(level)}${text}\n`;
  }

  /** A line "Title:\tvalue" on the lowest level. */
  field(title: string, value: string | number): void {
    this.line(0, `${title}:\t${value}`);
  }

  /** Ends the alignment of what was written so far. */
  flush(): void {
    this.done += layoutTabs(this.out, DESCRIBE_TABS);
    this.out = '';
  }

  /** What was written, tabs and all. */
  raw(): string {
    return this.out;
  }

  text(): string {
    this.flush();
    return this.done;
  }

  /** One value per line under a title, "<none>" without any. `indent` stands before the title. */
  multi(title: string, values: readonly string[], indent = ''): void {
    if (values.length === 0) this.line(0, `${indent}${title}:\t<none>`);
    values.forEach((value, i) => this.line(0, `${i === 0 ? `${indent}${title}:` : ''}\t${value}`));
  }

  labels(title: string, map: Readonly<Record<string, string>>, indent = ''): void {
    this.multi(
      title,
      Object.keys(map)
        .sort(byText)
        .map((key) => `${key}=${map[key]}`),
      indent,
    );
  }

  annotations(title: string, map: Readonly<Record<string, string>>, indent = ''): void {
    const keys = Object.keys(map)
      .filter((key) => key !== LAST_APPLIED)
      .sort(byText);
    this.multi(
      title,
      keys.flatMap((key) => annotationLines(key, map[key]!)),
      indent,
    );
  }
}

/** The annotation that `kubectl apply` leaves; describe leaves it out. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LONGEST_ANNOTATION = 140;

function annotationLines(key: string, given: string): string[] {
  const value = given.replace(/\n$/, '');
  if (value.length + key.length + 2 <= LONGEST_ANNOTATION && !value.includes('\n'))
    return [`${key}: ${value}`];
  const limit = LONGEST_ANNOTATION - 2;
  const lines = value.split('\n').map((line) => (line.length > limit ? `${line.slice(0, limit)}...` : line));
  return [`${key}:`, ...lines.map((line) => `  ${line}`)];
}

/** Name, namespace, labels and annotations: how most pages begin. */
export function head(page: Page, object: ApiObject, options: { namespace?: boolean } = {}): void {
  page.field('Name', object.metadata.name);
  if (options.namespace !== false) page.field('Namespace', object.metadata.namespace ?? '');
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
}

/** "ReplicaSet/web-5869d7778c" of the owner that controls the object; null without one. */
export function controllerOf(object: ApiObject): string | null {
  const owner = (object.metadata.ownerReferences ?? []).find((ref) => ref.controller === true);
  return owner === undefined ? null : `${owner.kind}/${owner.name}`;
}

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

/** "2 Running / 0 Waiting / 0 Succeeded / 0 Failed" of a controller's pods. */
export function podCounts(context: DescribeContext, owner: ApiObject): string {
  const counts: Record<string, number> = { Running: 0, Pending: 0, Succeeded: 0, Failed: 0 };
  for (const pod of context.list('Pod', owner.metadata.namespace)) {
    const controller = (pod.metadata.ownerReferences ?? []).find((ref) => ref.controller === true);
    const phase = str(pod, 'status.phase');
    if (controller?.uid === owner.metadata.uid && counts[phase] !== undefined) counts[phase]++;
  }
  return `${counts['Running']} Running / ${counts['Pending']} Waiting / ${counts['Succeeded']} Succeeded / ${counts['Failed']} Failed`;
}

/** "True", "False" of a boolean. */
export function titleBool(value: unknown): string {
  return value === true ? 'True' : 'False';
}

/** Conditions with Type, Status and Reason. */
export function conditions(page: Page, object: ApiObject): void {
  const all = list(object, 'status.conditions');
  if (all.length === 0) return;
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus\tReason');
  page.line(1, '----\t------\t------');
  for (const c of all) page.line(1, `${str(c, 'type')} \t${str(c, 'status')}\t${str(c, 'reason')}`);
}

/** A whole number field that may be text as well ("25%"). */
export function intOrText(object: unknown, path: string): string {
  return str(object, path) || String(num(object, path));
}

/** Name, namespace, labels, annotations and what `more` adds: the short pages. */
export function shortPage(
  object: ApiObject,
  context: DescribeContext,
  more: (page: Page) => void,
  options: { namespace?: boolean } = {},
): string {
  const page = new Page();
  head(page, object, options);
  more(page);
  events(page, context, object);
  return page.text();
}
