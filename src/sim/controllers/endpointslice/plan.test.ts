import { expect, it } from 'vitest';
import { Clock } from '../../clock/clock';
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import { Store } from '../../api/store';
import { EndpointSliceController } from './controller';
import { addressTypesOf } from './endpoint';
import { applyTrafficDistribution } from './hints';
import { planSlices } from './plan';
import { isOwnedBy, newSlice } from './slice';

const SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec: {
    clusterIP: '10.96.0.9',
    ipFamilies: ['IPv4'],
    selector: { app: 'web' },
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  },
};

it('writes the empty slice of a Service without pods once', () => {
  const store = new Store({ clock: new Clock(1) });
  const controller = new EndpointSliceController({ clock: store.clock, store });
  const writes: string[] = [];
  store.subscribe((event) => void writes.push(event.type), ['EndpointSlice']);
  store.create(SERVICE);
  for (let i = 0; i < 3; i++) controller.reconcile('default/web');
  expect(writes).toEqual(['ADDED']);
});

function sliceWith(endpoint: Endpoint): EndpointSlice {
  const slice = newSlice(SERVICE, 'IPv4', []);
  return { ...slice, metadata: { ...slice.metadata, name: 'web-1' }, endpoints: [endpoint] };
}

it.each<[string, string | undefined, Endpoint['conditions'], boolean]>([
  ['an endpoint that is not ready keeps what it has', 'PreferClose', { ready: false }, false],
  ['so does one that says nothing of itself', 'PreferClose', {}, false],
  ['an unknown distribution takes hints away', 'Unknown', { ready: false }, true],
  ['none takes hints away', undefined, { ready: false }, true],
  ['a ready one is put right', 'PreferClose', { ready: true }, true],
])('%s', (_title, distribution, conditions, written) => {
  const stale = { forZones: [{ name: 'elsewhere' }] };
  const endpoint = { addresses: ['10.0.0.1'], zone: 'here', conditions, hints: stale };
  const planned = { create: [], update: [], delete: [], unchanged: [sliceWith(endpoint)] };
  expect(applyTrafficDistribution(planned, distribution).update).toHaveLength(written ? 1 : 0);
});

it('tells when topology hints begin, why they cannot be, and when they end', () => {
  const store = new Store({ clock: new Clock(1) });
  const controller = new EndpointSliceController({ clock: store.clock, store });
  store.subscribe((event) => void controller.keysFor(event), controller.watches);
  const auto = { 'service.kubernetes.io/topology-mode': 'Auto' };
  const annotated = (annotations: Record<string, string>): Service => ({
    ...SERVICE,
    metadata: { ...SERVICE.metadata, annotations },
  });
  store.create(annotated(auto));
  for (const zone of ['a', 'b'])
    store.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: zone, labels: { 'topology.kubernetes.io/zone': zone } },
      status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '2' } },
    });
  const pod = (node: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p-${node}`, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c' }], nodeName: node },
    status: {
      phase: 'Running',
      podIPs: [{ ip: node === 'a' ? '10.0.0.1' : '10.0.0.2' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  const told = (): string[] =>
    store
      .list('Event')
      .map(({ type, reason, message }) => `${type} ${reason} ${message}`)
      .sort();
  store.create(pod('a'));
  controller.reconcile('default/web');
  const few = 'Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4';
  const events = [`Warning TopologyAwareHintsDisabled ${few}`];
  expect(told()).toEqual(events);
  store.create(pod('b'));
  controller.reconcile('default/web');
  controller.reconcile('default/web');
  const enabled = 'Topology Aware Hints has been enabled, addressType: IPv4';
  expect(told()).toEqual([`Normal TopologyAwareHintsEnabled ${enabled}`, ...events]);
  const frame = controller.keyframe();
  const now = store.get('Service', 'default', 'web')!;
  store.update({ ...now, metadata: { ...now.metadata, annotations: {} } });
  controller.restore(frame);
  controller.reconcile('default/web');
  controller.reconcile('default/web');
  expect(told()).toContain(
    'Warning TopologyAwareHintsDisabled Topology Aware Hints has been disabled, addressType: IPv4',
  );
  expect(told()).toHaveLength(3);
});

it('does not fall back on trafficDistribution where the annotation is set', () => {
  const service = {
    ...SERVICE,
    metadata: { ...SERVICE.metadata, annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
    spec: { ...SERVICE.spec, trafficDistribution: 'PreferClose' },
  } as Service;
  const zoned = { metadata: { name: 'n', labels: { 'topology.kubernetes.io/zone': 'z' } } };
  const { create } = planSlices({
    service,
    slices: [],
    maxEndpoints: 100,
    nodeOf: () => ({ apiVersion: 'v1', kind: 'Node', ...zoned }),
    pods: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'default' },
        spec: { containers: [{ name: 'c' }], nodeName: 'n' },
        status: { podIPs: [{ ip: '10.0.0.1' }], conditions: [{ type: 'Ready', status: 'True' }] },
      },
    ],
  });
  expect(create[0]?.endpoints.map(({ zone, hints }) => [zone, hints])).toEqual([['z', undefined]]);
});

it('takes both families for a Service with neither families nor an address', () => {
  expect(addressTypesOf({ ...SERVICE, spec: {} })).toEqual(['IPv4', 'IPv6']);
});

it('knows its own slices by the owner, controller or not', () => {
  const slice = newSlice(SERVICE, 'IPv4', []);
  const owner = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u' };
  const owned = (uid: string): boolean =>
    isOwnedBy({ ...slice, metadata: { ...slice.metadata, ownerReferences: [{ ...owner, uid }] } }, SERVICE);
  expect([owned('u'), owned('other')]).toEqual([true, false]);
});
