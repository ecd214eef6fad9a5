import { expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import type { Pod } from '../../api/kinds/pod';
import { toRfc3339 } from '../../api/time';
import { deletionOrder } from './ranking';

interface Traits {
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running' | 'Unknown';
  readonly readyAt?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly bornAt?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = 'n1', phase = 'Running', readyAt, cost, restarts = 0, bornAt = 0 } = traits;
  const annotations = cost === undefined ? undefined : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    lastTransitionTime: toRfc3339((readyAt ?? 0) * SECOND),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, annotations, creationTimestamp: toRfc3339(bornAt * SECOND) },
    spec: { containers: [], nodeName: node },
    status: {
      phase,
      conditions: readyAt === undefined ? [] : [ready],
      containerStatuses: [{ name: 'c', ready: true, restartCount: restarts, image: '', imageID: '' }],
    },
  };
}

const first = (pods: Pod[], related = pods): string | undefined =>
  deletionOrder(pods, related, 10_000 * SECOND)[0]?.metadata.name;

it.each<[string, Pod[]]>([
  ['unassigned', [pod('b', { readyAt: 5 }), pod('gone', { node: '', phase: 'Pending' })]],
  ['pending before running', [pod('b'), pod('gone', { phase: 'Pending' })]],
  ['unknown before running', [pod('b'), pod('gone', { phase: 'Unknown' })]],
  ['not ready before ready', [pod('b', { readyAt: 1 }), pod('gone')]],
  ['lower cost', [pod('b', { readyAt: 9_999, cost: '0' }), pod('gone', { readyAt: 1, cost: '-1' })]],
  [
    'crowded node',
    [pod('b', { node: 'n2', readyAt: 9_999 }), pod('c', { readyAt: 1 }), pod('gone', { readyAt: 9_990 })],
  ],
  ['ready for a shorter time', [pod('b', { readyAt: 1 }), pod('gone', { readyAt: 9_000 })]],
  ['same power of two: by uid', [pod('z', { readyAt: 1 }), pod('gone', { readyAt: 1_000 })]],
  ['more restarts', [pod('b'), pod('gone', { restarts: 2 })]],
  ['younger', [pod('b', { bornAt: 0 }), pod('gone', { bornAt: 9_900 })]],
])('gives up first: %s', (_title, pods) => {
  expect(first(pods)).toBe('gone');
});

it('counts neighbours among all ReplicaSets of the Deployment', () => {
  const mine = [pod('b', { readyAt: 9_000 }), pod('gone', { node: 'n2', readyAt: 1 })];
  expect(first(mine, [...mine, pod('other', { node: 'n2' })])).toBe('gone');
});
