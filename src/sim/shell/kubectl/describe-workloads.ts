/** Describe pages of the workload kinds. */
import { sameValue } from '../../api/equal';
import type { ApiObject } from '../../api/object';
import { Page } from './describe-writer';
import { conditions, controllerOf, intOrText, podCounts } from './describe-parts';
import { events } from './describe-events';
import type { DescribeContext } from './describe-writer';
import { podTemplate } from './describe-pod';
import { pairs } from './plain-values';
import { at, list, map, num, str, strings } from './read';
import { selectorText } from './table-texts';
import { rfc1123 } from './time';

const HASH_LABEL = 'pod-template-hash';

function templateWithoutHash(template: unknown): unknown {
  const { [HASH_LABEL]: _hash, ...labels } = map(template, 'metadata.labels');
  return { ...(template as object), metadata: { ...(at(template, 'metadata') as object), labels } };
}

/** ReplicaSets that a Deployment controls. */
export function replicaSetsOf(
  deployment: ApiObject,
  sets: readonly ApiObject[],
): { current: ApiObject | undefined; old: ApiObject[]; all: ApiObject[] } {
  const all = sets.filter((set) => {
    const owner = (set.metadata.ownerReferences ?? []).find((ref) => ref.controller === true);
    return owner?.kind === 'Deployment' && owner.uid === deployment.metadata.uid;
  });
  const wanted = templateWithoutHash(at(deployment, 'spec.template'));
  const current = all.find((set) => sameValue(templateWithoutHash(at(set, 'spec.template')), wanted));
  return { current, old: all.filter((set) => set !== current), all };
}

function setText(set: ApiObject): string {
  return `${set.metadata.name} (${num(set, 'status.replicas')}/${num(set, 'spec.replicas')} replicas created)`;
}

export function describeDeployment(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  page.field('CreationTimestamp', rfc1123(object.metadata.creationTimestamp));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  page.field('Selector', selectorText(at(object, 'spec.selector')));
  page.field(
    'Replicas',
    `${num(object, 'spec.replicas')} desired | ${num(object, 'status.updatedReplicas')} updated | ` +
      `${num(object, 'status.replicas')} total | ${num(object, 'status.availableReplicas')} available | ` +
      `${num(object, 'status.unavailableReplicas')} unavailable`,
  );
  page.field('StrategyType', str(object, 'spec.strategy.type'));
  page.field('MinReadySeconds', num(object, 'spec.minReadySeconds'));
  const rolling = at(object, 'spec.strategy.rollingUpdate');
  if (rolling != null) {
    const limits = `${intOrText(rolling, 'maxUnavailable')} max unavailable, ${intOrText(rolling, 'maxSurge')} max surge`;
    page.field('RollingUpdateStrategy', limits);
  }
  podTemplate(page, at(object, 'spec.template'));
  conditions(page, object);
  const { current, old } = replicaSetsOf(object, context.list('ReplicaSet', object.metadata.namespace));
  if (current !== undefined || old.length > 0) {
    page.field('OldReplicaSets', old.map(setText).join(', ') || '<none>');
    page.field('NewReplicaSet', current === undefined ? '<none>' : setText(current));
  }
  events(page, context, object);
  return page.text();
}

export function describeReplicaSet(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  const selector =
    object.kind === 'ReplicationController'
      ? pairs(map(object, 'spec.selector'))
      : selectorText(at(object, 'spec.selector'));
  page.field('Selector', selector);
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  const controller = controllerOf(object);
  if (controller !== null) page.field('Controlled By', controller);
  page.field(
    'Replicas',
    `${num(object, 'status.replicas')} current / ${num(object, 'spec.replicas')} desired`,
  );
  page.field('Pods Status', podCounts(context, object));
  podTemplate(page, at(object, 'spec.template'));
  conditions(page, object);
  events(page, context, object);
  return page.text();
}

export function describeStatefulSet(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  page.field('CreationTimestamp', rfc1123(object.metadata.creationTimestamp));
  page.field('Selector', selectorText(at(object, 'spec.selector')));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  page.field('Replicas', `${num(object, 'spec.replicas')} desired | ${num(object, 'status.replicas')} total`);
  page.field('Update Strategy', str(object, 'spec.updateStrategy.type'));
  const rolling = at(object, 'spec.updateStrategy.rollingUpdate');
  if (rolling != null && at(rolling, 'partition') != null)
    page.line(1, `Partition:\t${num(rolling, 'partition')}`);
  page.field('Pods Status', podCounts(context, object));
  podTemplate(page, at(object, 'spec.template'));
  claims(page, object);
  events(page, context, object);
  return page.text();
}

function claims(page: Page, object: ApiObject): void {
  const all = list(object, 'spec.volumeClaimTemplates');
  if (all.length === 0) page.field('Volume Claims', '<none>');
  else page.line(0, 'Volume Claims:');
  for (const claim of all) {
    page.line(1, `Name:\t${str(claim, 'metadata.name')}`);
    page.line(1, `StorageClass:\t${str(claim, 'spec.storageClassName')}`);
    page.labels('Labels', map(claim, 'metadata.labels'), '  ');
    page.annotations('Annotations', map(claim, 'metadata.annotations'), '  ');
    page.line(1, `Capacity:\t${map(claim, 'spec.resources.requests')['storage'] ?? '<default>'}`);
    page.line(1, `Access Modes:\t[${strings(claim, 'spec.accessModes').join(' ')}]`);
  }
}

export function describeDaemonSet(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Selector', selectorText(at(object, 'spec.selector')));
  page.field('Node-Selector', pairs(map(object, 'spec.template.spec.nodeSelector')));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  page.line(0, `Desired Number of Nodes Scheduled: ${num(object, 'status.desiredNumberScheduled')}`);
  page.line(0, `Current Number of Nodes Scheduled: ${num(object, 'status.currentNumberScheduled')}`);
  page.line(
    0,
    `Number of Nodes Scheduled with Up-to-date Pods: ${num(object, 'status.updatedNumberScheduled')}`,
  );
  page.line(0, `Number of Nodes Scheduled with Available Pods: ${num(object, 'status.numberAvailable')}`);
  page.line(0, `Number of Nodes Misscheduled: ${num(object, 'status.numberMisscheduled')}`);
  page.field('Pods Status', podCounts(context, object));
  podTemplate(page, at(object, 'spec.template'));
  events(page, context, object);
  return page.text();
}

export function describeDisruptionBudget(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  if (at(object, 'spec.minAvailable') != null)
    page.field('Min available', intOrText(object, 'spec.minAvailable'));
  else if (at(object, 'spec.maxUnavailable') != null)
    page.field('Max unavailable', intOrText(object, 'spec.maxUnavailable'));
  const selector = at(object, 'spec.selector');
  page.field('Selector', selector == null ? '<unset>' : selectorText(selector));
  page.line(0, 'Status:');
  page.line(2, `Allowed disruptions:\t${num(object, 'status.disruptionsAllowed')}`);
  page.line(2, `Current:\t${num(object, 'status.currentHealthy')}`);
  page.line(2, `Desired:\t${num(object, 'status.desiredHealthy')}`);
  page.line(2, `Total:\t${num(object, 'status.expectedPods')}`);
  events(page, context, object);
  return page.text();
}
