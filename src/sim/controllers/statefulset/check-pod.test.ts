import { expect, it } from 'vitest';
import type { ApiError } from '../../api/errors';
import type { Pod } from '../../api/kinds/pod';
import type { StatefulSet } from '../../api/kinds/workload';
import { checkPod } from './check-pod';
import { withClaims } from './claims';

const set = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
} as unknown as StatefulSet;

function refusal(mounts: readonly { name: string; mountPath: string }[]): string {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-0', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'nginx', volumeMounts: mounts }] },
  } as Pod;
  try {
    checkPod(withClaims(pod, set));
    return '';
  } catch (error) {
    return (error as ApiError).message;
  }
}

it('lets a pod mount the claims of its set', () => {
  expect(refusal([{ name: 'data', mountPath: '/d' }])).toBe('');
});

it('refuses what the server would refuse, although the set was taken', () => {
  expect(refusal([{ name: 'gone', mountPath: '/d' }])).toBe(
    'Pod "db-0" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "gone"',
  );
});
