import { expect, it } from 'vitest';
import type { EndpointSlice, Endpoints } from '../../api/kinds/endpointslice';
import { Store } from '../../api/store';
import { Clock } from '../../clock/clock';
import { EndpointSliceMirroring } from './mirroring';

/** The mirror's slices for a Service and Endpoints `db`, once it has done its work. */
function mirrored(endpoints: Partial<Endpoints>): { slices: () => readonly EndpointSlice[]; store: Store } {
  const store = new Store({ clock: new Clock(1) });
  const controller = new EndpointSliceMirroring({ clock: store.clock, store });
  const queue: string[] = [];
  store.subscribe((event) => queue.push(...controller.keysFor(event)), controller.watches);
  const metadata = { name: 'db', namespace: 'default' };
  const ports = [{ port: 5432, protocol: 'TCP' as const }];
  store.create({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } });
  store.create({ apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [], ...endpoints } as Endpoints);
  const slices = () => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) controller.reconcile(key);
    return store.slicesOf('default', 'db');
  };
  return { slices, store };
}

const SUBSETS = [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 5432 }] }];

it('copies annotations but those that are about the Endpoints themselves', () => {
  const annotations = {
    team: 'db',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z',
  };
  const { slices } = mirrored({
    metadata: { name: 'db', namespace: 'default', annotations },
    subsets: SUBSETS,
  });
  expect(slices()[0]?.metadata.annotations).toEqual({ team: 'db' });
});

it('reads addresses, and leaves out what is none', () => {
  const addresses = ['192.0.2.007', 'db.example', '2001:DB8:0::7'].map((ip) => ({ ip }));
  const { slices } = mirrored({ subsets: [{ addresses, ports: [{ port: 5432 }] }] });
  const read = slices().map((slice) => [slice.addressType, slice.endpoints.map((row) => row.addresses)]);
  expect(read.sort()).toEqual([
    ['IPv4', [['192.0.2.7']]],
    ['IPv6', [['2001:db8::7']]],
  ]);
});

it('writes a copy again that someone has deleted', () => {
  const { slices, store } = mirrored({ subsets: SUBSETS });
  store.delete('EndpointSlice', 'default', slices()[0]!.metadata.name);
  expect(slices()).toHaveLength(1);
});
