import { expect, it } from 'vitest';
import { Clock, MS, SECOND } from '../../clock/clock';
import { startLoop } from '../../api/loop';
import type { Pod, PodSpec } from '../../api/kinds/pod';
import { Store } from '../../api/store';
import { FakeMachine, FakeNetwork, FakeRuntime } from '../../testing/fake-node';
import { Kubelet } from './kubelet';

function world() {
  const clock = new Clock(3);
  const store = new Store({ clock });
  const runtime = new FakeRuntime(clock);
  const network = new FakeNetwork('10.244.1');
  const machine = new FakeMachine(clock, runtime, 'node-1').asMachine();
  const config = { clusterDns: '10.96.0.10', clusterDomain: 'cluster.local' };
  const kubelet = new Kubelet({
    clock,
    store,
    machine,
    nodeName: 'node-1',
    nodeIp: '192.168.0.11',
    runtime,
    network,
    config,
  });
  const loop = startLoop({ clock, store }, kubelet, { lagNs: 5 * MS });
  kubelet.setPower(true);
  const run = (seconds: number): void => {
    while ((clock.peek()?.atNs ?? Infinity) <= seconds * SECOND) {
      const timer = clock.take()!;
      loop.handle(timer.event, timer);
    }
    clock.advanceTo(seconds * SECOND);
  };
  const pod = (): Pod | undefined => store.get('Pod', 'default', 'web');
  const create = (spec: Partial<PodSpec>): Pod =>
    store.create<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'nginx:1' }], nodeName: 'node-1', ...spec },
    });
  const events = (): string[] =>
    [...store.list('Event', 'default')]
      .filter((row) => row.involvedObject.kind === 'Pod')
      .map((row) => `${row.reason}: ${row.message} x${row.count}`);
  const state = (): string => {
    const row = pod()?.status?.containerStatuses?.[0];
    const { waiting, terminated, running } = row?.state ?? {};
    return `${pod()?.status?.phase} ${running ? 'Running' : (waiting?.reason ?? terminated?.reason)} ${row?.restartCount}`;
  };
  return { clock, store, runtime, network, kubelet, run, pod, create, events, state };
}

it('starts a pod in about three seconds and says what it does', () => {
  const w = world();
  w.create({});
  w.run(0.1);
  expect(w.state()).toBe('Pending ContainerCreating 0');
  w.run(5);
  expect(w.state()).toBe('Running Running 0');
  expect(w.pod()?.status).toMatchObject({ podIP: '10.244.1.2', hostIP: '192.168.0.11' });
  expect(
    w
      .events()
      .map((line) => line.replace(/[\d.]+s/g, 'T').replace(/\d{5,}/, 'N'))
      .sort(),
  ).toEqual([
    'Created: Created container: c x1',
    'Pulled: Successfully pulled image "nginx:1" in T (T including waiting). Image size: N bytes. x1',
    'Pulling: Pulling image "nginx:1" x1',
    'Started: Started container c x1',
  ]);
});

it('holds a crashing container back, longer each time', () => {
  const w = world();
  w.runtime.behave = () => ({ exitAfterMs: 200, exitCode: 1 });
  w.create({});
  w.run(10);
  expect(w.state()).toBe('Running CrashLoopBackOff 1');
  const message = w.pod()?.status?.containerStatuses?.[0]?.state?.waiting?.message;
  expect(message).toBe(
    `back-off 10s restarting failed container=c pod=web_default(${w.pod()?.metadata.uid})`,
  );
  w.run(20);
  expect(w.state()).toBe('Running CrashLoopBackOff 2');
  w.run(60);
  expect(w.state()).toBe('Running CrashLoopBackOff 3');
  expect(w.runtime.started).toHaveLength(4);
});

it.each<[PodSpec['restartPolicy'], number, string]>([
  ['Never', 0, 'Succeeded Completed 0'],
  ['Never', 3, 'Failed Error 0'],
  ['OnFailure', 0, 'Succeeded Completed 0'],
  ['OnFailure', 3, 'Running CrashLoopBackOff 1'],
  ['Always', 0, 'Running CrashLoopBackOff 1'],
])('restartPolicy %s, exit code %i: %s', (restartPolicy, exitCode, expected) => {
  const w = world();
  w.runtime.behave = () => ({ exitAfterMs: 200, exitCode });
  w.create({ restartPolicy });
  w.run(10);
  expect(w.state()).toBe(expected);
});

it('runs init containers in order, and sidecars beside the others to the end', () => {
  const w = world();
  w.runtime.behave = (spec) => (spec.container.startsWith('init') ? { exitAfterMs: 500 } : { termMs: 100 });
  w.create({
    initContainers: [
      { name: 'init-a', image: 'busybox:1' },
      { name: 'side', image: 'envoy:1', restartPolicy: 'Always' },
      { name: 'init-b', image: 'busybox:1' },
    ],
  });
  w.run(4);
  expect(w.pod()?.status?.phase).toBe('Pending');
  w.run(15);
  expect(w.runtime.started.map((spec) => spec.container)).toEqual(['init-a', 'side', 'init-b', 'c']);
  expect(w.pod()?.status?.phase).toBe('Running');
  w.store.delete('Pod', 'default', 'web');
  w.run(20);
  expect(w.runtime.log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['TERM c', 'TERM side']);
  expect(w.pod()).toBeUndefined();
  expect(w.network.attached.size).toBe(0);
});

it('kills a container that does not mind SIGTERM when its grace is over', () => {
  const w = world();
  w.runtime.behave = () => ({});
  w.create({ terminationGracePeriodSeconds: 5 });
  w.run(5);
  w.store.delete('Pod', 'default', 'web');
  w.run(9.9);
  expect(w.pod()).toBeDefined();
  w.run(11);
  expect(w.runtime.log).toEqual(['5005 TERM c', '10005 KILL c']);
  expect(w.pod()).toBeUndefined();
});

it('probes over the network: ready after success, restarted after failures', () => {
  const w = world();
  let http: number | undefined = 500;
  w.runtime.behave = () => ({ termMs: 10, http });
  const probe = { httpGet: { port: 8080, path: '/healthz' }, periodSeconds: 2, failureThreshold: 2 };
  w.create({
    containers: [
      {
        name: 'c',
        image: 'nginx:1',
        readinessProbe: probe,
        livenessProbe: { ...probe, failureThreshold: 9 },
      },
    ],
  });
  const ready = (): string | undefined =>
    w.pod()?.status?.conditions?.find((row) => row.type === 'Ready')?.status;
  w.run(8);
  expect(ready()).toBe('False');
  expect(w.events()).toContainEqual(
    expect.stringContaining('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500'),
  );
  http = 200;
  w.run(11);
  expect(ready()).toBe('True');
  http = undefined;
  w.run(12.5);
  expect(ready()).toBe('True');
  w.run(15);
  expect(ready()).toBe('False');
  expect(w.events()).toContainEqual(
    expect.stringContaining(
      'Get "http://10.244.1.2:8080/healthz": dial tcp 10.244.1.2:8080: connect: connection refused',
    ),
  );
  w.run(32);
  expect(w.events()).toContainEqual(
    expect.stringContaining('Killing: Container c failed liveness probe, will be restarted'),
  );
  expect(w.pod()?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
});

it('waits for the startup probe before the others run', () => {
  const w = world();
  let exec = 1;
  w.runtime.behave = () => ({ termMs: 10, http: 200, exec });
  const startupProbe = { exec: { command: ['cat', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 30 };
  const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 10 };
  w.create({ containers: [{ name: 'c', image: 'nginx:1', startupProbe, readinessProbe }] });
  w.run(10);
  expect(w.pod()?.status?.containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
  exec = 0;
  w.run(11.2);
  expect(w.pod()?.status?.containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
});

it('keeps a pod unready while the annotation holds it', () => {
  const w = world();
  w.create({});
  w.run(5);
  const hold = (value: string): void =>
    void w.store.patch('Pod', 'default', 'web', (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, annotations: { 'hopyard.dev/hold-unready': value } },
    }));
  const ready = (): string | undefined =>
    w.pod()?.status?.conditions?.find((row) => row.type === 'Ready')?.status;
  expect(ready()).toBe('True');
  hold('true');
  w.run(5.1);
  expect(ready()).toBe('False');
  hold('false');
  w.run(5.2);
  expect(ready()).toBe('True');
});

it('reports what it cannot get: images, volumes, settings, the network', () => {
  const w = world();
  w.network.fail =
    'plugin type="bridge" failed (add): no IP addresses available in range set: 10.244.1.1-10.244.1.254';
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }];
  w.create({
    containers: [{ name: 'c', image: 'nginx:notfound', env }],
    volumes: [{ name: 'v', configMap: { name: 'files' } }],
  });
  w.run(3);
  expect(w.events()).toContainEqual(
    expect.stringContaining('MountVolume.SetUp failed for volume "v" : configmap "files" not found'),
  );
  w.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'files', namespace: 'default' } });
  w.run(10);
  expect(w.events()).toContainEqual(expect.stringContaining('FailedCreatePodSandBox'));
  w.network.fail = null;
  w.run(25);
  expect(w.state()).toBe('Pending ImagePullBackOff 0');
});

it('starts everything anew after a loss of power', () => {
  const w = world();
  w.create({});
  w.run(5);
  const before = w.pod()?.status?.podIP;
  w.kubelet.setPower(false);
  w.run(20);
  w.kubelet.setPower(true);
  w.run(25);
  expect(w.state()).toBe('Running Running 1');
  expect(w.pod()?.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
    exitCode: 255,
    reason: 'Unknown',
  });
  expect(w.pod()?.status?.podIP).not.toBe(before);
});
