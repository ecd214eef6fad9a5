/** Blocks that the describe pages of many kinds have: the head, the owner, counts of pods, conditions. */
import type { ApiObject } from '../../api/object';
import { events } from './describe-events';
import { Page } from './describe-writer';
import type { DescribeContext } from './describe-writer';
import { list, num, str } from './read';

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
