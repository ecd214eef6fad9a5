/** Claims and their volumes, as kubectl's columns show them. */
import { beforeEach, expect, it } from 'vitest';
import type { ApiObject } from '../../api/object';
import { ControlPlane } from '../../testing/control-plane';
import { fittingVolume, type Claim, type Volume } from './matching';

let plane: ControlPlane;

beforeEach(() => {
  plane = new ControlPlane(1);
});

const claim = (name: string, spec: object = {}): ApiObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

const volume = (name: string, storage: string, spec: object = {}): ApiObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' }, ...spec },
});

const pod = (name: string, claimName: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'c', image: 'nginx' }],
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }],
  },
});

/** Lets this many seconds go by. */
function pass(seconds: number): void {
  plane.run(plane.clock.nowNs / 1e9 + seconds);
}

/** "name phase class", a line for each. */
function rows(kind: 'PersistentVolumeClaim' | 'PersistentVolume'): string[] {
  const all = plane.store.list(kind) as readonly ApiObject[] as readonly (Claim & Volume)[];
  return all.map(({ metadata, status, spec }) => {
    const name = metadata.name.startsWith('pvc-') ? 'pvc-*' : metadata.name;
    return `${name} ${status?.phase ?? ''} ${spec.storageClassName ?? ''}`.trim();
  });
}

function eventsOf(name: string): string[] {
  return plane.store
    .list('Event')
    .filter((event) => event.involvedObject.name === name)
    .map((event) => event.reason ?? '');
}

it('waits for the first pod, then has a volume of the default class; both go together', () => {
  plane.api.create(claim('data'));
  pass(3);
  expect(rows('PersistentVolumeClaim')).toEqual(['data Pending standard']);
  expect(eventsOf('data')).toEqual(['WaitForFirstConsumer']);
  plane.api.create(pod('p', 'data'));
  pass(5);
  expect(rows('PersistentVolumeClaim')).toEqual(['data Bound standard']);
  expect(rows('PersistentVolume')).toEqual(['pvc-* Bound standard']);
  expect(eventsOf('data')).toContain('ProvisioningSucceeded');
  plane.store.delete('PersistentVolumeClaim', 'default', 'data');
  pass(2);
  expect(rows('PersistentVolume')).toEqual([]);
});

it('binds a claim to the smallest volume that is enough, and keeps what is to be retained', () => {
  plane.api.create(volume('big', '10Gi', { storageClassName: 'manual' }));
  plane.api.create(volume('small', '2Gi', { storageClassName: 'manual' }));
  pass(1);
  expect(rows('PersistentVolume')).toEqual(['big Available manual', 'small Available manual']);
  plane.api.create(claim('data', { storageClassName: 'manual' }));
  pass(2);
  expect(rows('PersistentVolumeClaim')).toEqual(['data Bound manual']);
  expect(rows('PersistentVolume')).toEqual(['big Available manual', 'small Bound manual']);
  plane.store.delete('PersistentVolumeClaim', 'default', 'data');
  pass(2);
  expect(rows('PersistentVolume')).toEqual(['big Available manual', 'small Released manual']);
});

it('says which class is missing, and binds when it comes', () => {
  plane.api.create(claim('data', { storageClassName: 'fast' }));
  pass(2);
  expect(rows('PersistentVolumeClaim')).toEqual(['data Pending fast']);
  expect(eventsOf('data')).toEqual(['ProvisioningFailed']);
  plane.api.create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'pd.csi.storage.gke.io',
  });
  pass(2);
  expect(rows('PersistentVolumeClaim')).toEqual(['data Bound fast']);
});

it('gives the pods of a StatefulSet claims of their own, which stay when they go', () => {
  plane.api.create({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      serviceName: 'db',
      replicas: 2,
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: {
          containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/d' }] }],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim('x').spec }],
    },
  } as ApiObject);
  pass(40);
  expect(rows('PersistentVolumeClaim')).toEqual(['data-db-0 Bound standard', 'data-db-1 Bound standard']);
  expect(plane.store.get('PersistentVolumeClaim', 'default', 'data-db-0')?.metadata.labels).toEqual({
    app: 'db',
  });
  plane.store.delete('StatefulSet', 'default', 'db');
  pass(40);
  expect(plane.store.list('Pod', 'default')).toEqual([]);
  expect(rows('PersistentVolumeClaim')).toEqual(['data-db-0 Bound standard', 'data-db-1 Bound standard']);
});

it.each([
  [
    'a volume that another claim has is not free',
    { claimRef: { namespace: 'default', name: 'other', uid: 'u' } },
    null,
  ],
  ['one that is reserved for it is', { claimRef: { namespace: 'default', name: 'data' } }, 'v'],
  ['access modes must be there', { accessModes: ['ReadOnlyMany'] }, null],
  ['the class must be the same', { storageClassName: 'x' }, null],
  ['size must do', { capacity: { storage: '500Mi' } }, null],
])('%s', (_what, spec, expected) => {
  const found = fittingVolume(claim('data') as Claim, [volume('v', '1Gi', spec) as Volume]);
  expect(found?.metadata.name ?? null).toBe(expected);
});
