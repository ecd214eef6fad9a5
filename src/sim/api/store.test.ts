import { beforeEach, describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../clock/clock';
import type { ConfigMap, Namespace } from './kinds/cluster';
import type { Pod } from './kinds/pod';
import type { Service } from './kinds/service';
import type { ApiObject } from './object';
import { Store } from './store';
import type { WatchEvent } from './watch';

let clock: Clock;
let store: Store;
let heard: string[];

beforeEach(() => {
  clock = new Clock(7);
  store = new Store({ clock });
  heard = [];
  store.subscribe((event: WatchEvent) => {
    heard.push(`${event.type} ${event.object.metadata.name}`);
  });
});

const config = (name: string, namespace = 'default', data = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const service = (name: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80, protocol: 'TCP' }] },
});
const pod = (name: string, nodeName?: string, more: Partial<Pod> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [], nodeName },
  ...more,
});
const names = (objects: readonly ApiObject[]) => objects.map((o) => o.metadata.name);

describe('create', () => {
  it('gives uid, version and birth, all from seed and clock', () => {
    clock.advanceTo(90 * SECOND);
    const made = store.create(config('a'));
    expect(made.metadata.uid).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(made.metadata.creationTimestamp).toBe('2026-01-01T00:01:30Z');
    expect(made.metadata.resourceVersion).toBe('1');
    const again = new Store({ clock: new Clock(7) }).create(config('a'));
    expect(again.metadata.uid).toBe(made.metadata.uid);
  });

  it('refuses a second object of the name, in the words of the server', () => {
    store.create(config('a'));
    expect(() => store.create(config('a'))).toThrow('configmaps "a" already exists');
    expect(() => store.delete('Deployment', 'default', 'api')).toThrow('deployments.apps "api" not found');
  });

  it('makes names from generateName', () => {
    const base: Pod = { ...pod(''), metadata: { name: '', generateName: 'web-', namespace: 'default' } };
    const made = [store.create(base), store.create(base)];
    for (const one of made) expect(one.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(made[0]!.metadata.name).not.toBe(made[1]!.metadata.name);
  });
});

describe('list', () => {
  it('is ordered by namespace, then name, in code units', () => {
    for (const [ns, name] of [
      ['b', 'x'],
      ['a-b', 'z'],
      ['a', 'b'],
      ['a', 'B'],
      ['a', 'a'],
    ] as const)
      store.create(config(name, ns));
    expect(store.list('ConfigMap').map((o) => `${o.metadata.namespace}/${o.metadata.name}`)).toEqual([
      'a/B',
      'a/a',
      'a/b',
      'a-b/z',
      'b/x',
    ]);
    expect(names(store.list('ConfigMap', 'a'))).toEqual(['B', 'a', 'b']);
  });

  it('is a snapshot and is the same list until a write', () => {
    store.create(config('a'));
    const before = store.list('ConfigMap');
    expect(store.list('ConfigMap')).toBe(before);
    store.create(config('b'));
    expect(names(before)).toEqual(['a']);
    expect(names(store.list('ConfigMap'))).toEqual(['a', 'b']);
    expect(store.list('Pod')).toEqual([]);
  });
});

describe('update', () => {
  it('demands the stored version when one is given', () => {
    const made = store.create(config('a'));
    store.update({ ...made, data: { x: '1' } });
    expect(() => store.update({ ...made, data: { x: '2' } })).toThrow(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    const { resourceVersion: _, ...loose } = made.metadata;
    expect(store.update({ ...made, metadata: loose, data: { x: '2' } }).data).toEqual({ x: '2' });
  });

  it('does not write an unchanged object', () => {
    const made = store.create(config('a', 'default', { x: '1' }));
    const same = store.update({ ...made, data: { x: '1' } });
    expect(same).toBe(made);
    expect(heard).toEqual(['ADDED a']);
    expect(store.revision('ConfigMap')).toBe(1);
  });

  it('counts generations by the spec only, where the kind has them', () => {
    const made = store.create(pod('p'));
    expect(made.metadata.generation).toBe(1);
    const labelled = store.update({ ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
    expect(labelled.metadata.generation).toBe(1);
    const running = store.updateStatus({ ...labelled, status: { phase: 'Running' } });
    expect(running.metadata.generation).toBe(1);
    const bound = store.patch('Pod', 'default', 'p', (p) => ({ ...p, spec: { ...p.spec, nodeName: 'n1' } }));
    expect(bound.metadata.generation).toBe(2);
    expect(bound.status).toEqual({ phase: 'Running' });
    expect(store.create(service('web')).metadata.generation).toBeUndefined();
  });

  it('writes only the status through updateStatus', () => {
    const made = store.create(service('web'));
    const after = store.updateStatus({ ...made, spec: {}, status: { loadBalancer: {} } });
    expect(after.spec).toEqual(made.spec);
    expect(after.status).toEqual({ loadBalancer: {} });
  });
});

describe('delete', () => {
  it('gives a pod on a node its grace, and a pod without a node none', () => {
    store.create(pod('bound', 'n1'));
    store.create(pod('free'));
    clock.advanceTo(10 * SECOND);
    const marked = store.delete('Pod', 'default', 'bound');
    expect(marked.metadata.deletionTimestamp).toBe('2026-01-01T00:00:40Z');
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(30);
    store.delete('Pod', 'default', 'free');
    expect(names(store.list('Pod'))).toEqual(['bound']);
    store.delete('Pod', 'default', 'bound');
    expect(heard).toEqual(['ADDED bound', 'ADDED free', 'MODIFIED bound', 'DELETED free']);
    const shorter = store.delete('Pod', 'default', 'bound', { gracePeriodSeconds: 5 });
    expect(shorter.metadata.deletionTimestamp).toBe('2026-01-01T00:00:15Z');
    store.delete('Pod', 'default', 'bound', { gracePeriodSeconds: 0 });
    expect(store.list('Pod')).toEqual([]);
    expect(heard.at(-1)).toBe('DELETED bound');
  });

  it('waits for finalizers and goes with the last one', () => {
    const held = config('a');
    store.create({ ...held, metadata: { ...held.metadata, finalizers: ['x/y'] } });
    const marked = store.delete('ConfigMap', 'default', 'a') as ConfigMap;
    expect(marked.metadata.deletionTimestamp).toBeDefined();
    expect(store.get('ConfigMap', 'default', 'a')).toBeDefined();
    store.update({ ...marked, metadata: { ...marked.metadata, finalizers: [] } });
    expect(store.get('ConfigMap', 'default', 'a')).toBeUndefined();
  });

  it('keeps a namespace Terminating until its own finalizers are gone', () => {
    const ns: Namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop' },
      spec: { finalizers: ['kubernetes'] },
    };
    store.create(ns);
    const marked = store.delete('Namespace', '', 'shop') as Namespace;
    expect(marked.status?.phase).toBe('Terminating');
    store.update({ ...marked, spec: { finalizers: [] } });
    expect(store.list('Namespace')).toEqual([]);
  });

  it('checks preconditions', () => {
    store.create(config('a'));
    expect(() => store.delete('ConfigMap', 'default', 'a', { uid: 'other' })).toThrow(
      'UID in precondition: other',
    );
  });
});

describe('indexes', () => {
  it('follow pods from node to node, slices and owners', () => {
    store.create(pod('b', 'n1'));
    store.create(pod('a', 'n1'));
    store.create(pod('c'));
    store.patch('Pod', 'default', 'c', (p) => ({ ...p, spec: { ...p.spec, nodeName: 'n2' } }));
    expect(names(store.podsOnNode('n1'))).toEqual(['a', 'b']);
    expect(names(store.podsOnNode('n2'))).toEqual(['c']);
    store.delete('Pod', 'default', 'a', { gracePeriodSeconds: 0 });
    expect(names(store.podsOnNode('n1'))).toEqual(['b']);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u1' };
    store.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'web-1',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'web' },
        ownerReferences: [owner],
      },
      addressType: 'IPv4',
      endpoints: [],
    });
    expect(names(store.slicesOf('default', 'web'))).toEqual(['web-1']);
    expect(names(store.ownedBy('u1'))).toEqual(['web-1']);
    store.delete('EndpointSlice', 'default', 'web-1');
    expect(store.slicesOf('default', 'web')).toEqual([]);
    expect(store.ownedBy('u1')).toEqual([]);
  });
});

describe('keyframe', () => {
  it('brings back objects, versions and indexes, and is not changed by later writes', () => {
    store.create(pod('a', 'n1'));
    const frame = store.keyframe();
    const random = clock.keyframe();
    const first = store.create(pod('b', 'n1'));
    store.delete('Pod', 'default', 'a', { gracePeriodSeconds: 0 });
    const revision = store.revision('Pod');
    store.restore(frame);
    clock.restore(random);
    expect(names(store.podsOnNode('n1'))).toEqual(['a']);
    expect(store.revision('Pod')).toBeGreaterThan(revision);
    expect(store.create(pod('b', 'n1'))).toEqual(first);
  });
});

it('keeps kinds of the same name in different groups apart', () => {
  const gateway = (apiVersion: string): ApiObject => ({
    apiVersion,
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'default' },
  });
  store.create(gateway('gateway.networking.k8s.io/v1'));
  store.create(gateway('networking.istio.io/v1'));
  expect(store.kinds()).toEqual(['Gateway', 'Gateway.networking.istio.io']);
});
