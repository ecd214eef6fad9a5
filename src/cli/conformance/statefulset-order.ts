/** Plays a StatefulSet example of timings.json in the real controller and writes down who comes and goes, in order. */
import { Clock } from '../../sim/clock/clock';
import type { Pod } from '../../sim/api/kinds/pod';
import type { StatefulSet } from '../../sim/api/kinds/workload';
import { Store } from '../../sim/api/store';
import { StatefulSetController } from '../../sim/controllers/statefulset/controller';
import { revisionOfPod } from '../../sim/controllers/statefulset/plan';

interface Example {
  readonly before: number;
  readonly replicas: number;
  readonly parallel: boolean;
  readonly update: boolean;
  readonly partition?: number;
}

/** "create 3", "scale 3 to 1", "update image, 3 replicas, partition 2", with ", Parallel" behind. */
function read(text: string): Example | null {
  const parallel = /Parallel/.test(text);
  const create = /^create (\d+)/.exec(text);
  if (create !== null) return { before: 0, replicas: Number(create[1]), parallel, update: false };
  const scale = /^scale (\d+) to (\d+)/.exec(text);
  if (scale !== null)
    return { before: Number(scale[1]), replicas: Number(scale[2]), parallel, update: false };
  const update = /^update image, (\d+) replicas?(?:, partition (\d+))?/.exec(text);
  if (update === null) return null;
  const [, count, partition] = update;
  return {
    before: Number(count),
    replicas: Number(count),
    parallel,
    update: true,
    partition: Number(partition ?? 0),
  };
}

function setOf(example: Example, replicas: number, image: string): StatefulSet {
  const { parallel, partition } = example;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      serviceName: 'web',
      replicas,
      selector: { matchLabels: { app: 'web' } },
      podManagementPolicy: parallel ? 'Parallel' : 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: partition ?? 0 } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
    },
  };
}

class Play {
  readonly log: string[] = [];
  readonly store = new Store({ clock: new Clock(1) });
  private readonly controller = new StatefulSetController({ clock: this.store.clock, store: this.store });
  private updating = false;

  constructor(private readonly example: Example) {
    this.store.subscribe((event) => void this.controller.keysFor(event), this.controller.watches);
    this.store.subscribe(
      (event) => {
        const ordinal = event.object.metadata.name.replace('web-', '');
        const marked = event.object.metadata.deletionTimestamp !== undefined;
        if (event.type === 'ADDED') this.log.push(`create ${ordinal}${this.updating ? ' (new)' : ''}`);
        else if (event.type === 'DELETED') this.log.push(`${ordinal} gone`);
        else if (marked && event.previous?.metadata.deletionTimestamp === undefined)
          this.log.push(`delete ${ordinal}`);
      },
      ['Pod'],
    );
  }

  private pods(): Pod[] {
    return [...this.store.list('Pod', 'default')];
  }

  /** One thing that kubelets do: end a pod that was deleted, or make the first waiting pod ready. */
  private kubelet(): boolean {
    const dying = this.pods().find((pod) => pod.metadata.deletionTimestamp !== undefined);
    if (dying !== undefined) {
      this.store.delete('Pod', 'default', dying.metadata.name, { gracePeriodSeconds: 0 });
      return true;
    }
    const waiting = this.pods().find((pod) => pod.status?.phase !== 'Running');
    if (waiting === undefined) return false;
    const { name } = waiting.metadata;
    const conditions = [
      { type: 'Ready', status: 'True' as const, lastTransitionTime: waiting.metadata.creationTimestamp },
    ];
    this.store.patch('Pod', 'default', name, (pod) => ({
      ...pod,
      spec: { ...pod.spec, nodeName: 'node-1' },
      status: { phase: 'Running', conditions },
    }));
    this.log.push(`${name.replace('web-', '')} ready`);
    return true;
  }

  settle(): void {
    for (let round = 0; round < 1000; round++) {
      this.controller.reconcile('default/web');
      if (!this.kubelet()) return;
    }
  }

  run(): string[] {
    const { before, replicas, update, parallel } = this.example;
    this.store.create(setOf(this.example, before > 0 ? before : replicas, 'nginx:1'));
    if (before > 0) {
      this.settle();
      this.settle();
      this.log.length = 0;
      this.updating = update;
      const next = setOf(this.example, replicas, update ? 'nginx:2' : 'nginx:1');
      this.store.patch('StatefulSet', 'default', 'web', (now) => ({ ...now, spec: next.spec }));
    }
    this.settle();
    const kept = this.log.filter(
      (line) => !(update && line.endsWith('gone')) && !(parallel && line.endsWith('ready')),
    );
    return [...kept, ...this.leftBehind()];
  }

  /** Who is still of the old revision when the update has come to rest. */
  private leftBehind(): string[] {
    const wanted = this.store.get('StatefulSet', 'default', 'web')?.status?.updateRevision;
    const old = this.pods().filter((pod) => revisionOfPod(pod) !== wanted);
    const names = old.map((pod) => pod.metadata.name.replace('web-', ''));
    if (!this.example.update || names.length === 0) return [];
    return [`done: ${names.join(' and ')} stay on the old revision`];
  }
}

/** The order of events, or null for a text that is not understood. */
export function statefulSetOrder(text: string): string[] | null {
  const example = read(text);
  return example === null ? null : new Play(example).run();
}
