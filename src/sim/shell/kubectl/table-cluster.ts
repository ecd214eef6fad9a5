/** Tables of nodes, namespaces, configuration, storage, access and events; and the list of all tables. */
import type { ApiObject } from '../../api/object';
import { AGE, CREATED_AT, NAME, column, count, field, wide } from './table';
import { conditionStatus } from './table-texts';
import type { CellContext, Columns } from './table';
import { NETWORK_TABLES } from './table-network';
import { POD_COLUMNS } from './table-pod';
import { WORKLOAD_TABLES } from './table-workloads';
import { age } from './time';
import { byText } from './plain-values';
import { at, bool, list, map, str, strings } from './read';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** Roles of a node by its labels, sorted; "<none>" without. */
export function nodeRoles(node: ApiObject): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length)
      roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort(byText).join(',') || '<none>';
}

function nodeStatus(node: ApiObject): string {
  const ready = conditionStatus(node, 'Ready');
  const status = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return bool(node, 'spec.unschedulable') ? `${status},SchedulingDisabled` : status;
}

function nodeAddress(type: string) {
  return (node: ApiObject) => {
    const found = list(node, 'status.addresses').find((address) => address['type'] === type);
    return str(found, 'address') || '<none>';
  };
}

const NODE: Columns = [
  NAME,
  column('STATUS', nodeStatus),
  column('ROLES', nodeRoles),
  AGE,
  field('VERSION', 'status.nodeInfo.kubeletVersion'),
  wide('INTERNAL-IP', nodeAddress('InternalIP')),
  wide('EXTERNAL-IP', nodeAddress('ExternalIP')),
  wide('OS-IMAGE', (o) => str(o, 'status.nodeInfo.osImage') || '<unknown>'),
  wide('KERNEL-VERSION', (o) => str(o, 'status.nodeInfo.kernelVersion') || '<unknown>'),
  wide('CONTAINER-RUNTIME', (o) => str(o, 'status.nodeInfo.containerRuntimeVersion') || '<unknown>'),
];

/** When an event was last and first seen, as timestamps. */
export function eventTimes(event: unknown): { last: unknown; first: unknown } {
  const first = at(event, 'firstTimestamp') ?? at(event, 'eventTime');
  const last = at(event, 'series.lastObservedTime') ?? at(event, 'lastTimestamp') ?? first;
  return { last, first };
}

/** How often an event was seen. */
export function eventCount(event: unknown): number {
  const series = at(event, 'series.count');
  const own = at(event, 'count');
  return typeof series === 'number' ? series : typeof own === 'number' && own > 0 ? own : 1;
}

/** "kubelet, worker-1" */
export function eventSource(event: unknown): string {
  const component = str(event, 'source.component') || str(event, 'reportingComponent');
  const host = str(event, 'source.host') || str(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

const since = (pick: 'last' | 'first') => (event: ApiObject, context: CellContext) =>
  age(eventTimes(event)[pick], context.nowMs);

const EVENT: Columns = [
  column('LAST SEEN', since('last')),
  field('TYPE', 'type'),
  field('REASON', 'reason'),
  column('OBJECT', (o) => `${str(o, 'involvedObject.kind').toLowerCase()}/${str(o, 'involvedObject.name')}`),
  wide('SUBOBJECT', (o) => str(o, 'involvedObject.fieldPath')),
  wide('SOURCE', eventSource),
  column('MESSAGE', (o) => str(o, 'message').trim()),
  wide('FIRST SEEN', since('first')),
  wide('COUNT', eventCount),
  wide('NAME', (o) => o.metadata.name),
];

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** "RWO,ROX": the access modes in their fixed order. */
export function accessModes(modes: readonly string[]): string {
  return Object.keys(SHORT_MODES)
    .filter((mode) => modes.includes(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(',');
}

const phase = (o: ApiObject) =>
  o.metadata.deletionTimestamp === undefined ? str(o, 'status.phase') : 'Terminating';
const bound = (o: ApiObject) => str(o, 'spec.volumeName') !== '';

const VOLUME_CLAIM: Columns = [
  NAME,
  column('STATUS', phase),
  field('VOLUME', 'spec.volumeName'),
  column('CAPACITY', (o) => (bound(o) ? str(o, 'status.capacity.storage') : '')),
  column('ACCESS MODES', (o) => (bound(o) ? accessModes(strings(o, 'status.accessModes')) : '')),
  field('STORAGECLASS', 'spec.storageClassName'),
  field('VOLUMEATTRIBUTESCLASS', 'spec.volumeAttributesClassName', '<unset>'),
  AGE,
  wide('VOLUMEMODE', (o) => str(o, 'spec.volumeMode') || '<unset>'),
];

const VOLUME: Columns = [
  NAME,
  field('CAPACITY', 'spec.capacity.storage'),
  column('ACCESS MODES', (o) => accessModes(strings(o, 'spec.accessModes'))),
  field('RECLAIM POLICY', 'spec.persistentVolumeReclaimPolicy'),
  column('STATUS', phase),
  column('CLAIM', (o) =>
    at(o, 'spec.claimRef') == null
      ? ''
      : `${str(o, 'spec.claimRef.namespace')}/${str(o, 'spec.claimRef.name')}`,
  ),
  field('STORAGECLASS', 'spec.storageClassName'),
  field('VOLUMEATTRIBUTESCLASS', 'spec.volumeAttributesClassName', '<unset>'),
  field('REASON', 'status.reason'),
  AGE,
  wide('VOLUMEMODE', (o) => str(o, 'spec.volumeMode') || '<unset>'),
];

function storageClassName(object: ApiObject): string {
  const notes = object.metadata.annotations ?? {};
  const isDefault =
    notes['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    notes['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
  return isDefault ? `${object.metadata.name} (default)` : object.metadata.name;
}

function quota(limits: boolean) {
  return (object: ApiObject) =>
    Object.keys(map(object, 'status.hard'))
      .filter((key) => key.startsWith('limits.') === limits)
      .sort(byText)
      .map((key) => `${key}: ${map(object, 'status.used')[key] ?? ''}/${map(object, 'status.hard')[key]}`)
      .join(', ');
}

function subjects(kind: string) {
  return (object: ApiObject) =>
    list(object, 'subjects')
      .filter((subject) => subject['kind'] === kind)
      .map((s) => (kind === 'ServiceAccount' ? `${str(s, 'namespace')}/${str(s, 'name')}` : str(s, 'name')))
      .join(', ');
}

const BINDING: Columns = [
  NAME,
  column('ROLE', (o) => `${str(o, 'roleRef.kind')}/${str(o, 'roleRef.name')}`),
  AGE,
  wide('USERS', subjects('User')),
  wide('GROUPS', subjects('Group')),
  wide('SERVICEACCOUNTS', subjects('ServiceAccount')),
];

const entries = (o: ApiObject, path: string) => Object.keys(map(o, path)).length;
const CREATED: Columns = [NAME, CREATED_AT];

const CLUSTER_TABLES: Readonly<Record<string, Columns>> = {
  Node: NODE,
  Namespace: [NAME, field('STATUS', 'status.phase'), AGE],
  ConfigMap: [NAME, column('DATA', (o) => entries(o, 'data') + entries(o, 'binaryData')), AGE],
  Secret: [NAME, field('TYPE', 'type'), column('DATA', (o) => entries(o, 'data')), AGE],
  ServiceAccount: [NAME, column('SECRETS', (o) => list(o, 'secrets').length), AGE],
  Event: EVENT,
  Lease: [NAME, field('HOLDER', 'spec.holderIdentity'), AGE],
  PersistentVolumeClaim: VOLUME_CLAIM,
  PersistentVolume: VOLUME,
  StorageClass: [
    column('NAME', storageClassName),
    field('PROVISIONER', 'provisioner'),
    field('RECLAIMPOLICY', 'reclaimPolicy', 'Delete'),
    field('VOLUMEBINDINGMODE', 'volumeBindingMode', 'Immediate'),
    field('ALLOWVOLUMEEXPANSION', 'allowVolumeExpansion', 'false'),
    AGE,
  ],
  ResourceQuota: [NAME, column('REQUEST', quota(false)), column('LIMIT', quota(true)), AGE],
  PriorityClass: [
    NAME,
    count('VALUE', 'value'),
    field('GLOBAL-DEFAULT', 'globalDefault', 'false'),
    AGE,
    field('PREEMPTIONPOLICY', 'preemptionPolicy'),
  ],
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
  ComponentStatus: [
    NAME,
    column('STATUS', (o) => {
      const healthy = list(o, 'conditions').find((condition) => condition['type'] === 'Healthy');
      return str(healthy, 'status') === 'True' ? 'Healthy' : 'Unhealthy';
    }),
    column('MESSAGE', (o) => str(list(o, 'conditions')[0], 'message')),
    column('ERROR', (o) => str(list(o, 'conditions')[0], 'error')),
  ],
  Role: CREATED,
  ClusterRole: CREATED,
  LimitRange: CREATED,
  CustomResourceDefinition: CREATED,
};

const TABLES: Readonly<Record<string, Columns>> = {
  Pod: POD_COLUMNS,
  ...WORKLOAD_TABLES,
  ...NETWORK_TABLES,
  ...CLUSTER_TABLES,
};

/** The columns of a kind; kinds without a printer of their own have name and age, as custom resources do. */
export function columnsOf(kind: string): Columns {
  return TABLES[kind] ?? [NAME, AGE];
}
