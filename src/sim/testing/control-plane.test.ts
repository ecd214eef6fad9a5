import { expect, it } from 'vitest';
import { canonicalJson } from '../../lib/plain';
import { ControlPlane, deployment, serviceFor } from './control-plane';

const HTTP_PROBE = { httpGet: { port: 80, path: '/' }, periodSeconds: 1 };

function endpoints(plane: ControlPlane): string[] {
  return plane.store
    .list('EndpointSlice')
    .flatMap((slice) => slice.endpoints)
    .map((row) => {
      const { ready, serving, terminating } = row.conditions ?? {};
      return `${row.addresses.join()} ${ready ? 'ready' : 'unready'}${serving ? ' serving' : ''}${terminating ? ' terminating' : ''}`;
    })
    .sort();
}

it('brings a Deployment up, spread over the nodes, with its endpoints', () => {
  const plane = new ControlPlane(3);
  plane.apply(deployment('web', 3));
  plane.apply(serviceFor('web'));
  plane.run(10);
  expect(
    plane
      .pods()
      .map((pod) => pod.spec.nodeName)
      .sort(),
  ).toEqual(['node-1', 'node-2', 'node-3']);
  expect(plane.table().every((line) => line.endsWith('Running ready'))).toBe(true);
  expect(endpoints(plane)).toEqual(['1', '2', '3'].map((n) => `10.244.${n}.2 ready serving`));
  const status = plane.store.get('Deployment', 'default', 'web')?.status;
  expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
  expect(status?.conditions?.map((row) => `${row.type}=${row.status} ${row.reason}`)).toEqual([
    'Available=True MinimumReplicasAvailable',
    'Progressing=True NewReplicaSetAvailable',
  ]);
});

it('rolls a new image out without falling below the wanted number', () => {
  const plane = new ControlPlane(2);
  plane.apply(deployment('web', 3, { readinessProbe: HTTP_PROBE }));
  plane.run(10);
  plane.apply(deployment('web', 3, { readinessProbe: HTTP_PROBE, image: 'nginx:1.28' }));
  let least = 99;
  for (let second = 10; second < 40; second += 0.25) {
    plane.run(second);
    least = Math.min(least, plane.table().filter((line) => line.endsWith('Running ready')).length);
  }
  expect(least).toBe(3);
  expect(plane.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(3).fill('nginx:1.28'));
  const sizes = plane.store.list('ReplicaSet').map((set) => `${set.spec.replicas}/${set.status?.replicas}`);
  expect(sizes.sort()).toEqual(['0/0', '3/3']);
  expect(plane.store.get('Deployment', 'default', 'web')?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '2',
  });
});

it('takes a deleted pod out of the endpoints while it still shuts down', () => {
  const plane = new ControlPlane(1);
  plane.apply(
    deployment('web', 2, { readinessProbe: HTTP_PROBE, lifecycle: { preStop: { sleep: { seconds: 5 } } } }),
  );
  plane.apply(serviceFor('web'));
  plane.run(8);
  const victim = plane.pods()[0]!;
  plane.api.delete('Pod', 'default', victim.metadata.name);
  plane.run(8.1);
  expect(endpoints(plane)).toContain(`${victim.status?.podIP} unready serving terminating`);
  plane.run(12.9);
  expect(plane.runtime.log).toEqual([]);
  plane.run(13.5);
  expect(plane.runtime.log).toEqual(['13005 TERM c']);
  expect(plane.pods().map((pod) => pod.metadata.uid)).not.toContain(victim.metadata.uid);
  expect(endpoints(plane).every((line) => line.endsWith('ready serving'))).toBe(true);
  expect(plane.networks[0]?.attached.has(victim.metadata.uid ?? '')).toBe(false);
});

it('releases a pod whose label changes, and replaces it', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 2));
  plane.run(8);
  const { name } = plane.pods()[0]!.metadata;
  plane.store.patch('Pod', 'default', name, (pod) => ({
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, app: 'quarantine' } },
  }));
  plane.run(16);
  expect(plane.pods()).toHaveLength(3);
  expect(plane.store.get('Pod', 'default', name)?.metadata.ownerReferences).toBeUndefined();
  expect(plane.store.list('ReplicaSet')[0]?.status?.replicas).toBe(2);
});

it('deletes dependents with their owner, and everything with its namespace', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 2));
  plane.run(8);
  plane.api.delete('Deployment', 'default', 'web');
  plane.run(15);
  expect(plane.store.list('ReplicaSet')).toEqual([]);
  expect(plane.pods()).toEqual([]);
  plane.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  plane.apply({ ...deployment('web', 1), metadata: { name: 'web', namespace: 'shop' } });
  plane.run(25);
  plane.api.delete('Namespace', '', 'shop');
  expect(plane.store.get('Namespace', '', 'shop')?.status?.phase).toBe('Terminating');
  plane.run(60);
  expect(plane.store.kinds().flatMap((kind) => [...plane.store.list(kind, 'shop')])).toEqual([]);
  expect(plane.store.get('Namespace', '', 'shop')).toBeUndefined();
});

it('keeps the owner until its dependents are gone in a foreground deletion', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 1));
  plane.run(8);
  plane.api.delete('Deployment', 'default', 'web', { propagationPolicy: 'Foreground' });
  plane.run(8.05);
  expect(plane.store.get('Deployment', 'default', 'web')).toBeDefined();
  plane.run(20);
  expect(plane.store.list('Deployment')).toEqual([]);
  expect(plane.pods()).toEqual([]);
});

it('declares a silent node unreachable, and moves its pods after their toleration', () => {
  const plane = new ControlPlane(2);
  plane.apply(deployment('web', 2));
  plane.apply(serviceFor('web'));
  plane.run(20);
  plane.kubelets[0]!.setPower(false);
  plane.run(55);
  expect(endpoints(plane)).toEqual(['10.244.1.2 ready serving', '10.244.2.2 ready serving']);
  plane.run(75);
  expect(endpoints(plane)).toEqual(['10.244.1.2 unready', '10.244.2.2 ready serving']);
  expect(
    plane.store.get('Node', '', 'node-1')?.spec?.taints?.map((row) => `${row.key}:${row.effect}`),
  ).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
  plane.run(355);
  expect(plane.pods()).toHaveLength(2);
  plane.run(390);
  expect(plane.table().filter((line) => line.includes('node-2 Running ready'))).toHaveLength(2);
  expect(plane.table().filter((line) => line.endsWith('terminating'))).toHaveLength(1);
  plane.kubelets[0]!.setPower(true);
  plane.run(400);
  expect(plane.table().filter((line) => line.endsWith('terminating'))).toEqual([]);
  expect(plane.store.get('Node', '', 'node-1')?.spec?.taints).toBeUndefined();
});

it('runs StatefulSets in order and DaemonSets everywhere', () => {
  const plane = new ControlPlane(3);
  const workload = (kind: string, name: string, spec: object): object => {
    const template = {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
    };
    const metadata = { name, namespace: 'default' };
    return {
      apiVersion: 'apps/v1',
      kind,
      metadata,
      spec: { selector: { matchLabels: { app: name } }, template, ...spec },
    };
  };
  plane.apply(workload('StatefulSet', 'db', { serviceName: 'db', replicas: 3 }));
  plane.apply(workload('DaemonSet', 'agent', {}));
  plane.run(20);
  expect(
    plane
      .table()
      .filter((line) => line.startsWith('db'))
      .map((line) => line.split(' ')[0]),
  ).toEqual(['db-0', 'db-1', 'db-2']);
  expect(plane.store.get('Pod', 'default', 'db-1')?.spec).toMatchObject({
    hostname: 'db-1',
    subdomain: 'db',
  });
  expect(
    plane
      .table()
      .filter((line) => line.startsWith('agent'))
      .map((line) => line.split(' ')[1])
      .sort(),
  ).toEqual(['node-1', 'node-2', 'node-3']);
  expect(plane.store.get('StatefulSet', 'default', 'db')?.status).toMatchObject({
    readyReplicas: 3,
    currentReplicas: 3,
  });
  expect(plane.store.get('DaemonSet', 'default', 'agent')?.status).toMatchObject({
    numberReady: 3,
    numberAvailable: 3,
  });
});

it.each([0.5, 2.5, 3.4, 12.2, 13.1])('goes on from a keyframe at %s s exactly as it would have', (second) => {
  const plane = new ControlPlane(2);
  plane.apply(deployment('web', 3, { readinessProbe: HTTP_PROBE, livenessProbe: HTTP_PROBE }));
  plane.apply(serviceFor('web'));
  const play = (): void => {
    plane.run(12);
    plane.apply(deployment('web', 2, { readinessProbe: HTTP_PROBE, image: 'nginx:1.28' }));
    plane.run(14);
  };
  const end = (): string => canonicalJson(plane.store.kinds().map((kind) => plane.store.list(kind)));
  if (second > 12) play();
  plane.run(second > 12 ? second + 2 : second);
  const frame = plane.keyframe();
  plane.run(30);
  const first = end();
  plane.restore(frame);
  plane.run(30);
  expect(end()).toBe(first);
});

it('writes Endpoints beside the slices, and mirrors those that a user wrote', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 2));
  plane.apply(serviceFor('web'));
  plane.run(10);
  const subsets = plane.store.endpointsOf('default', 'web')?.subsets;
  expect(subsets?.map((row) => row.addresses?.map((address) => address.ip))).toEqual([
    ['10.244.1.2', '10.244.1.3'],
  ]);
  expect(subsets?.[0]?.ports).toEqual([{ port: 80, protocol: 'TCP' }]);
  const metadata = { name: 'db', namespace: 'default' };
  plane.apply({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 5432 }] } });
  const rows = [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 5432 }] }];
  plane.apply({ apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: rows });
  plane.run(11);
  const [slice, ...others] = plane.store.slicesOf('default', 'db');
  expect(others).toEqual([]);
  expect(slice).toMatchObject({
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: true } }],
    ports: [{ port: 5432, protocol: 'TCP' }],
  });
  plane.api.delete('Endpoints', 'default', 'db');
  plane.run(12);
  expect(plane.store.slicesOf('default', 'db')).toEqual([]);
});

it.each([
  [0, 'Complete', 3],
  [1, 'Failed', 2],
])('runs a Job whose pods end with %i to %s', (exitCode, condition, pods) => {
  const plane = new ControlPlane(1);
  plane.runtime.behave = () => ({ exitAfterMs: 500, exitCode });
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } };
  const spec = { completions: 3, parallelism: 2, backoffLimit: 1, template };
  plane.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'pi', namespace: 'default' }, spec });
  plane.run(60);
  const job = plane.store.get('Job', 'default', 'pi');
  expect(job?.status?.conditions?.map((row) => row.type)).toContain(condition);
  expect(plane.pods()).toHaveLength(pods);
});

it('lets a node that is cut off run on, and takes its reports when it is back', () => {
  const plane = new ControlPlane(2);
  plane.apply(deployment('web', 2));
  plane.run(20);
  plane.kubelets[0]!.setConnected(false);
  plane.run(80);
  expect(
    plane
      .table()
      .map((line) => line.split(' ').slice(1).join(' '))
      .sort(),
  ).toEqual(['node-1 Running unready', 'node-2 Running ready']);
  plane.run(400);
  expect(plane.table().filter((line) => line.endsWith('terminating'))).toHaveLength(1);
  expect(plane.runtime.log).toEqual([]);
  plane.kubelets[0]!.setConnected(true);
  plane.run(405);
  expect(plane.runtime.log).toHaveLength(1);
  expect(plane.table().every((line) => line.endsWith('node-2 Running ready'))).toBe(true);
  expect(plane.networks[0]?.attached.size).toBe(0);
});

function withStrategy(object: object, more: object): object {
  const { spec } = object as { spec: object };
  return { ...object, spec: { ...spec, ...more } };
}

it('recreates: no old pod is left when the first new one starts', () => {
  const plane = new ControlPlane(1);
  const strategy = { strategy: { type: 'Recreate' } };
  plane.apply(withStrategy(deployment('web', 2), strategy));
  plane.run(8);
  plane.apply(withStrategy(deployment('web', 2, { image: 'nginx:2' }), strategy));
  let mixed = false;
  for (let second = 8; second < 25; second += 0.1) {
    plane.run(second);
    mixed ||= new Set(plane.pods().map((pod) => pod.spec.containers[0]?.image)).size > 1;
  }
  expect(mixed).toBe(false);
  expect(plane.table().every((line) => line.endsWith('Running ready'))).toBe(true);
  expect(plane.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(['nginx:2', 'nginx:2']);
});

it('keeps as many old revisions as it is told, and goes back to one', () => {
  const plane = new ControlPlane(1);
  const limit = { revisionHistoryLimit: 1 };
  for (const [i, tag] of ['1', '2', '3'].entries()) {
    plane.apply(withStrategy(deployment('web', 1, { image: `nginx:${tag}` }), limit));
    plane.run(20 * (i + 1));
  }
  const revisions = (): string[] =>
    plane.store
      .list('ReplicaSet')
      .map((set) => `${set.metadata.annotations?.['deployment.kubernetes.io/revision']}:${set.spec.replicas}`)
      .sort();
  expect(revisions()).toEqual(['2:0', '3:1']);
  plane.apply(withStrategy(deployment('web', 1, { image: 'nginx:2' }), limit));
  plane.run(80);
  expect(revisions()).toEqual(['3:0', '4:1']);
});

it('does not roll out while paused, and scales all the same', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 2));
  plane.run(8);
  plane.apply(withStrategy(deployment('web', 2, { image: 'nginx:2' }), { paused: true }));
  plane.run(15);
  expect(plane.store.list('ReplicaSet')).toHaveLength(1);
  plane.api.scale('Deployment', 'default', 'web', 3);
  plane.run(25);
  expect(plane.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(3).fill('nginx:1.27'));
  plane.apply(withStrategy(deployment('web', 3, { image: 'nginx:2' }), { paused: false }));
  plane.run(60);
  expect(plane.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(3).fill('nginx:2'));
});

it('gives a rollout up when it makes no progress', () => {
  const plane = new ControlPlane(1);
  plane.apply(
    withStrategy(deployment('web', 1, { image: 'nginx:notfound' }), { progressDeadlineSeconds: 30 }),
  );
  plane.run(29);
  const progressing = (): string | undefined =>
    plane.store
      .get('Deployment', 'default', 'web')
      ?.status?.conditions?.find((row) => row.type === 'Progressing')?.reason;
  expect(progressing()).toBe('ReplicaSetUpdated');
  plane.run(60);
  expect(progressing()).toBe('ProgressDeadlineExceeded');
});

it('forgets Events after an hour', () => {
  const plane = new ControlPlane(1);
  plane.apply(deployment('web', 1));
  plane.run(10);
  expect(plane.store.list('Event').length).toBeGreaterThan(5);
  plane.run(4_300);
  expect(plane.store.list('Event')).toEqual([]);
});
