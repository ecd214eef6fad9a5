import { expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../api/kinds/workload';
import { MAX_REPLICAS, newSetSize, rolloutBounds, scaleInProportion, shrinkOldSets } from './rolling';

function deployment(
  replicas: number,
  maxSurge: number | string = '25%',
  maxUnavailable: number | string = '25%',
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: {},
      template: { spec: { containers: [] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

function set(name: string, replicas: number, availableReplicas: number, max = 0, born = 0): ReplicaSet {
  const creationTimestamp = `2026-01-01T00:00:${String(born).padStart(2, '0')}Z`;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, creationTimestamp, annotations: { [MAX_REPLICAS]: String(max) } },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas },
  };
}

it.each([
  [4, '25%', '25%', 1, 1],
  [3, '25%', '25%', 1, 0],
  [1, '25%', '25%', 1, 0],
  [2, 0, '25%', 0, 1],
  [6, '34%', '34%', 3, 2],
  [3, 1, 10, 1, 3],
  [0, '25%', '25%', 0, 0],
])(
  '%i replicas, surge %s, unavailable %s: +%i -%i',
  (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
    expect(rolloutBounds(deployment(replicas, maxSurge, maxUnavailable))).toEqual({ surge, unavailable });
  },
);

it('lets the new set grow into the room that the surge leaves', () => {
  expect(newSetSize(deployment(4), [set('old', 4, 4)], 0)).toBe(1);
  expect(newSetSize(deployment(4), [set('old', 1, 1), set('new', 2, 2)], 2)).toBe(4);
  expect(newSetSize(deployment(4), [set('old', 5, 5)], 0)).toBe(0);
});

it('gives up unhealthy old pods before healthy ones', () => {
  const old = [set('a', 3, 3, 0, 1), set('b', 2, 0, 0, 2)];
  expect(
    shrinkOldSets(deployment(3, 1, 1), old, set('new', 0, 0)).map((row) => [
      row.set.metadata.name,
      row.replicas,
    ]),
  ).toEqual([
    ['a', 2],
    ['b', 0],
  ]);
  expect(shrinkOldSets(deployment(3, 1, 0), [set('a', 3, 3)], set('new', 1, 0))).toEqual([]);
});

it.each<[number, [number, number][], number[]]>([
  // sizes before with their max-replicas note, sizes after; both sets were made for 10 + 3
  [
    15,
    [
      [8, 13],
      [5, 13],
    ],
    [12, 7],
  ],
  [
    5,
    [
      [8, 13],
      [5, 13],
    ],
    [4, 3],
  ],
  [
    0,
    [
      [8, 13],
      [5, 13],
    ],
    [0, 0],
  ],
])('spreads a scale to %i in proportion', (replicas, sizes, after) => {
  const sets = sizes.map(([size, max], i) => set(`s${i}`, size, size, max, i));
  const scaled = scaleInProportion(deployment(replicas), sets);
  expect(scaled.map((row) => row.replicas)).toEqual(after);
});
