/** Describe pages of namespaces, configuration, storage claims and autoscalers; and which page belongs to which kind. */
import type { ApiObject } from '../../api/object';
import { describeGeneric } from './describe-generic';
import {
  describeEndpointSlice,
  describeEndpoints,
  describeIngress,
  describeIngressClass,
  describeNetworkPolicy,
  describeService,
} from './describe-network';
import { describeCronJob, describeJob } from './describe-jobs';
import { describeNode } from './describe-node';
import { describePod } from './describe-pod';
import {
  describeDaemonSet,
  describeDeployment,
  describeDisruptionBudget,
  describeReplicaSet,
  describeStatefulSet,
} from './describe-workloads';
import { Page } from './describe-writer';
import { events } from './describe-events';
import { head, shortPage } from './describe-parts';
import type { DescribeContext } from './describe-writer';
import { byText, bytesOf } from './plain-values';
import { at, list, map, num, str, strings } from './read';
import { accessModes } from './table-cluster';
import { rfc1123 } from './time';

type Describe = (object: ApiObject, context: DescribeContext) => string;

function describeNamespace(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object, { namespace: false });
  page.field('Status', str(object, 'status.phase'));
  const conditions = list(object, 'status.conditions');
  if (conditions.length > 0) {
    page.line(0, 'Conditions:');
    page.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
    page.line(1, '----\t------\t------------------\t------\t-------');
    for (const c of conditions) {
      page.line(
        1,
        `${str(c, 'type')} \t${str(c, 'status')}\t${rfc1123(at(c, 'lastTransitionTime'))}\t${str(c, 'reason')}\t${str(c, 'message')}`,
      );
    }
  }
  const quotas = context.list('ResourceQuota', object.metadata.name);
  page.line(0, '');
  if (quotas.length === 0) page.line(0, 'No resource quota.');
  else page.line(0, 'Resource Quotas');
  for (const quota of quotas) {
    page.line(1, `Name:\t${quota.metadata.name}`);
    page.line(1, 'Resource\tUsed\tHard');
    page.line(1, '--------\t---\t---');
    const hard = map(quota, 'status.hard');
    for (const key of Object.keys(hard).sort(byText)) {
      page.line(1, `${key}\t${map(quota, 'status.used')[key] ?? '0'}\t${hard[key]}`);
    }
  }
  page.line(0, '');
  page.line(
    0,
    context.list('LimitRange', object.metadata.name).length === 0
      ? 'No LimitRange resource.'
      : 'Resource Limits',
  );
  return page.text();
}

function describeConfigMap(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  page.line(0, '');
  page.line(0, 'Data');
  page.line(0, '====');
  const data = map(object, 'data');
  for (const key of Object.keys(data).sort(byText)) {
    page.line(0, `${key}:`);
    page.line(0, '----');
    page.line(0, data[key]!);
    page.line(0, '');
  }
  page.line(0, '');
  page.line(0, 'BinaryData');
  page.line(0, '====');
  const binary = map(object, 'binaryData');
  for (const key of Object.keys(binary).sort(byText)) {
    page.line(0, `${key}: ${Math.floor((binary[key]!.replace(/=+$/, '').length * 3) / 4)} bytes`);
  }
  page.line(0, '');
  events(page, context, object);
  return page.text();
}

function describeSecret(object: ApiObject): string {
  const page = new Page();
  head(page, object);
  page.line(0, '');
  page.field('Type', str(object, 'type'));
  page.line(0, '');
  page.line(0, 'Data');
  page.line(0, '====');
  const data = map(object, 'data');
  for (const key of Object.keys(data).sort(byText)) {
    page.line(0, `${key}:\t${Math.floor((bytesOf(data[key]!.replace(/=+$/, '')) * 3) / 4)} bytes`);
  }
  return page.text();
}

function describeServiceAccount(object: ApiObject, context: DescribeContext): string {
  return shortPage(object, context, (page) => {
    const names = (path: string) =>
      list(object, path).map((ref) => {
        const name = str(ref, 'name');
        const there = context.get('Secret', object.metadata.namespace ?? '', name) !== undefined;
        return there ? name : `${name} (not found)`;
      });
    page.multi('Image pull secrets', names('imagePullSecrets'));
    page.multi('Mountable secrets', names('secrets'));
    page.multi('Tokens', []);
  });
}

function describeClaim(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  page.field('StorageClass', str(object, 'spec.storageClassName'));
  page.field('Status', str(object, 'status.phase'));
  page.field('Volume', str(object, 'spec.volumeName'));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  page.field('Finalizers', `[${(object.metadata.finalizers ?? []).join(' ')}]`);
  const bound = str(object, 'spec.volumeName') !== '';
  page.field('Capacity', bound ? str(object, 'status.capacity.storage') : '');
  page.field('Access Modes', bound ? accessModes(strings(object, 'status.accessModes')) : '');
  if (str(object, 'spec.volumeMode') !== '') page.field('VolumeMode', str(object, 'spec.volumeMode'));
  const users = context
    .list('Pod', object.metadata.namespace)
    .filter((pod) =>
      list(pod, 'spec.volumes').some(
        (v) => str(v, 'persistentVolumeClaim.claimName') === object.metadata.name,
      ),
    );
  page.multi(
    'Used By',
    users.map((pod) => pod.metadata.name),
  );
  events(page, context, object);
  return page.text();
}

function describeAutoscaler(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  page.field('CreationTimestamp', rfc1123(object.metadata.creationTimestamp));
  const kind = str(object, 'spec.scaleTargetRef.kind');
  page.field('Reference', `${kind}/${str(object, 'spec.scaleTargetRef.name')}`);
  page.line(0, 'Metrics:\t( current / target )');
  list(object, 'spec.metrics').forEach((metric, i) => {
    const current = list(object, 'status.currentMetrics')[i];
    const name = str(metric, 'resource.name');
    const now = at(current, 'resource.current.averageUtilization');
    const value = str(current, 'resource.current.averageValue');
    if (at(metric, 'resource.target.averageUtilization') != null) {
      const shown = now == null ? '<unknown>' : `${String(now)}% (${value})`;
      page.line(
        1,
        `resource ${name} on pods  (as a percentage of request):\t${shown} / ${str(metric, 'resource.target.averageUtilization')}%`,
      );
    } else
      page.line(
        1,
        `resource ${name} on pods:\t${value || '<unknown>'} / ${str(metric, 'resource.target.averageValue')}`,
      );
  });
  page.field('Min replicas', str(object, 'spec.minReplicas') || '<unset>');
  page.field('Max replicas', num(object, 'spec.maxReplicas'));
  page.field(
    `${kind} pods`,
    `${num(object, 'status.currentReplicas')} current / ${num(object, 'status.desiredReplicas')} desired`,
  );
  const conditions = list(object, 'status.conditions');
  if (conditions.length > 0) {
    page.line(0, 'Conditions:');
    page.line(1, 'Type\tStatus\tReason\tMessage');
    page.line(1, '----\t------\t------\t-------');
    for (const c of conditions) {
      page.line(1, `${str(c, 'type')}\t${str(c, 'status')}\t${str(c, 'reason')}\t${str(c, 'message')}`);
    }
  }
  events(page, context, object);
  return page.text();
}

const PAGES: Readonly<Record<string, Describe>> = {
  ConfigMap: describeConfigMap,
  CronJob: describeCronJob,
  DaemonSet: describeDaemonSet,
  Deployment: describeDeployment,
  EndpointSlice: describeEndpointSlice,
  Endpoints: describeEndpoints,
  HorizontalPodAutoscaler: describeAutoscaler,
  Ingress: describeIngress,
  IngressClass: describeIngressClass,
  Job: describeJob,
  Namespace: describeNamespace,
  NetworkPolicy: describeNetworkPolicy,
  Node: describeNode,
  PersistentVolumeClaim: describeClaim,
  Pod: describePod,
  PodDisruptionBudget: describeDisruptionBudget,
  ReplicaSet: describeReplicaSet,
  ReplicationController: describeReplicaSet,
  Secret: describeSecret,
  Service: describeService,
  ServiceAccount: describeServiceAccount,
  StatefulSet: describeStatefulSet,
};

/** The describe page of any object. */
export function describePage(object: ApiObject, context: DescribeContext): string {
  return (PAGES[object.kind] ?? describeGeneric)(object, context);
}
