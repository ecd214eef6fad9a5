import { expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';
import { packSlices } from './packing';
import { newSlice } from './slice';

const SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec: { clusterIP: '10.96.0.9', selector: { app: 'web' } },
};

const endpoint = (i: number): Endpoint => ({
  addresses: [`10.0.${Math.floor(i / 250)}.${i % 250}`],
  conditions: { ready: true, serving: true, terminating: false },
});

const range = (from: number, count: number): Endpoint[] =>
  Array.from({ length: count }, (_, i) => endpoint(from + i));

function existing(lengths: readonly number[]): EndpointSlice[] {
  let from = 0;
  return lengths.map((length, i) => {
    const slice = newSlice(SERVICE, 'IPv4', []);
    from += length;
    return {
      ...slice,
      metadata: { ...slice.metadata, name: `web-${i}` },
      endpoints: range(from - length, length),
    };
  });
}

it.each<[string, number[], number, number[], [number, number, number]]>([
  ['from scratch', [], 250, [100, 100, 50], [3, 0, 0]],
  ['two partly full', [62, 61], 250, [100, 89, 61], [1, 1, 0]],
  ['nothing to do', [30, 30, 30], 90, [30, 30, 30], [0, 0, 0]],
  ['fewer', [20], 10, [10], [0, 1, 0]],
  ['an emptied slice goes', [20, 20], 20, [20], [0, 0, 1]],
])('%s', (_title, before, desired, after, writes) => {
  const changes = packSlices(SERVICE, 'IPv4', [], existing(before), range(0, desired), 100);
  const kept = [...changes.create, ...changes.update, ...changes.unchanged];
  expect(kept.map((slice) => slice.endpoints.length).sort((a, b) => b - a)).toEqual(after);
  expect([changes.create.length, changes.update.length, changes.delete.length]).toEqual(writes);
});

it('fills the fuller of two slices that are written anyway', () => {
  const slices = existing([80, 20]).map((slice) => ({
    ...slice,
    endpoints: slice.endpoints.map((row, i) => (i === 0 ? { ...row, conditions: { ready: false } } : row)),
  }));
  const { update } = packSlices(SERVICE, 'IPv4', [], slices, range(0, 115), 100);
  expect(update.map((slice) => slice.endpoints.length).sort((a, b) => b - a)).toEqual([95, 20]);
});
