/** A cluster without a network: API server, all controllers, kubelets on fake nodes. For tests of what they do together. */
import { Clock, MS, SECOND } from '../clock/clock';
import { startLoop, type RunningLoop } from '../api/loop';
import type { ApiObject } from '../api/object';
import type { Pod } from '../api/kinds/pod';
import { ApiServer } from '../api/server';
import { Store } from '../api/store';
import { createControllers } from '../controllers/index';
import { Kubelet } from '../node/kubelet/kubelet';
import { FakeNetwork, FakeMachine, FakeRuntime } from './fake-node';

/** Timers at one moment that mean that something runs in circles. */
const TOO_MANY = 50_000;

export class ControlPlane {
  readonly clock: Clock;
  readonly store: Store;
  readonly api: ApiServer;
  readonly runtime: FakeRuntime;
  readonly kubelets: Kubelet[] = [];
  readonly networks: FakeNetwork[] = [];
  private readonly fakes: { keyframe(): object; restore(from: object): void }[] = [];
  private readonly loops = new Map<string, RunningLoop>();

  constructor(nodes: number, seed = 7) {
    this.clock = new Clock(seed);
    this.store = new Store({ clock: this.clock });
    this.api = new ApiServer(this.store);
    this.runtime = new FakeRuntime(this.clock);
    for (const name of ['default', 'kube-system', 'kube-node-lease'])
      this.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const deps = { clock: this.clock, store: this.store };
    for (const component of createControllers(deps))
      this.loops.set(component.name, startLoop(deps, component, { lagNs: 5 * MS }));
    for (let i = 1; i <= nodes; i++) this.addNode(i);
    this.run(1);
  }

  private addNode(i: number): void {
    const { clock, store, runtime } = this;
    const nodeName = `node-${i}`;
    const network = new FakeNetwork(`10.244.${i}`);
    const fake = new FakeMachine(clock, runtime, nodeName);
    const machine = fake.asMachine();
    const config = { clusterDns: '10.96.0.10', clusterDomain: 'cluster.local' };
    const kubelet = new Kubelet({
      clock,
      store,
      machine,
      nodeName,
      nodeIp: `192.168.0.${10 + i}`,
      runtime,
      network,
      config,
    });
    this.loops.set(kubelet.name, startLoop({ clock, store }, kubelet, { lagNs: 5 * MS }));
    this.kubelets.push(kubelet);
    this.networks.push(network);
    this.fakes.push(network, fake);
    kubelet.setPower(true);
  }

  /** Lets time pass up to this virtual second. */
  run(untilSeconds: number): void {
    const untilNs = Math.round(untilSeconds * SECOND);
    let count = 0;
    let atNs = -1;
    while ((this.clock.peek()?.atNs ?? Infinity) <= untilNs) {
      const timer = this.clock.take()!;
      count = timer.atNs === atNs ? count + 1 : 0;
      atNs = timer.atNs;
      if (count > TOO_MANY) throw new Error(`${timer.to} runs in circles: ${JSON.stringify(timer.event)}`);
      this.loops.get(timer.to)?.handle(timer.event, timer);
    }
    this.clock.advanceTo(untilNs);
  }

  apply(object: object): void {
    this.api.apply(object as ApiObject);
  }

  pods(namespace = 'default'): readonly Pod[] {
    return this.store.list('Pod', namespace);
  }

  /** "web-0 node-1 Running ready" per pod, with the waiting reason and what else is unusual. */
  table(namespace = 'default'): string[] {
    return this.pods(namespace).map((pod) => {
      const ready = pod.status?.conditions?.some((row) => row.type === 'Ready' && row.status === 'True');
      const statuses = pod.status?.containerStatuses ?? [];
      const reason = statuses
        .map((row) => row.state?.waiting?.reason ?? row.state?.terminated?.reason ?? '')
        .join('');
      const restarts = statuses.reduce((sum, row) => sum + row.restartCount, 0);
      const words = [
        pod.metadata.name,
        pod.spec.nodeName ?? '-',
        pod.status?.phase ?? '-',
        ready ? 'ready' : 'unready',
        reason,
        restarts > 0 ? `restarts=${restarts}` : '',
        pod.metadata.deletionTimestamp === undefined ? '' : 'terminating',
      ];
      return words.filter((word) => word !== '').join(' ');
    });
  }

  /** Reasons and messages of the Events about one kind, in the order in which they first happened. */
  events(kind: string): string[] {
    return [...this.store.list('Event')]
      .filter((event) => event.involvedObject.kind === kind)
      .sort((a, b) => Number(a.involvedObject.resourceVersion) - Number(b.involvedObject.resourceVersion))
      .map((event) => `${event.reason}: ${event.message}`);
  }

  keyframe(): unknown {
    const loops = new Map([...this.loops].map(([name, loop]) => [name, loop.keyframe()]));
    const fakes = [this.runtime, ...this.fakes].map((fake) => fake.keyframe());
    return { clock: this.clock.keyframe(), store: this.store.keyframe(), loops, fakes };
  }

  restore(from: unknown): void {
    const frame = from as {
      clock: ReturnType<Clock['keyframe']>;
      store: ReturnType<Store['keyframe']>;
      loops: Map<string, ReturnType<RunningLoop['keyframe']>>;
      fakes: object[];
    };
    this.clock.restore(frame.clock);
    this.store.restore(frame.store);
    for (const [name, loop] of this.loops) loop.restore(frame.loops.get(name)!);
    [this.runtime, ...this.fakes].forEach((fake, i) => fake.restore(frame.fakes[i]!));
  }
}

/** A Deployment of one container; `container` and `pod` add to their specs. */
export function deployment(name: string, replicas: number, container: object = {}, pod: object = {}): object {
  const labels = { app: name };
  const containers = [{ name: 'c', image: 'nginx:1.27', ports: [{ containerPort: 80 }], ...container }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, ...pod } },
    },
  };
}

/** A ClusterIP Service for the pods of a Deployment of the same name. */
export function serviceFor(name: string): object {
  const spec = { selector: { app: name }, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}
