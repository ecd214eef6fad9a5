/** Drives the Deployment controller through a rollout and writes down each move, as the tables of timings.json do. */
import { Clock, SECOND } from '../../sim/clock/clock';
import type { Deployment, ReplicaSet } from '../../sim/api/kinds/workload';
import { Store } from '../../sim/api/store';
import { DeploymentController } from '../../sim/controllers/deployment/controller';
import { replicasOf, rolloutBounds } from '../../sim/controllers/deployment/rolling';

interface Table {
  readonly replicas: number;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
}

export interface Step {
  readonly action: string;
  readonly old: number;
  readonly new: number;
  readonly total: number;
  readonly available: number;
}

const KEY = 'default/web';

function deployment(table: Table): Deployment {
  const { replicas, maxSurge, maxUnavailable } = table;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
      },
    },
  };
}

/** Plays ReplicaSet controller and kubelets: pods exist at once; old ones are available, new ones when told. */
class Rollout {
  readonly store = new Store({ clock: new Clock(1) });
  private readonly controller = new DeploymentController({ clock: this.store.clock, store: this.store });
  readonly steps: Step[] = [];
  private oldName = '';
  private newAvailable = 0;
  private moved = false;

  constructor(private readonly table: Table) {
    this.store.create(deployment(table));
    this.settle();
    this.oldName = this.sets()[0]!.metadata.name;
    this.settle();
    this.store.subscribe(
      (event) => {
        const [set, before] = [event.object as ReplicaSet, event.previous as ReplicaSet | undefined];
        const from = before === undefined ? 0 : replicasOf(before);
        if (event.type !== 'DELETED' && (before === undefined || from !== replicasOf(set)))
          this.note(set, from, before === undefined);
      },
      ['ReplicaSet'],
    );
  }

  private sets(): readonly ReplicaSet[] {
    return this.store.list('ReplicaSet', 'default');
  }

  private size(old: boolean): number {
    return this.sets()
      .filter((set) => (set.metadata.name === this.oldName) === old)
      .reduce((sum, set) => sum + replicasOf(set), 0);
  }

  private note(set: ReplicaSet, from: number, born: boolean): void {
    this.moved = true;
    const to = replicasOf(set);
    const which = set.metadata.name === this.oldName ? 'old' : 'new';
    const action =
      born && to === 0
        ? 'create new ReplicaSet with 0 pods'
        : `scale ${to > from ? 'up' : 'down'} ${which} ${from}->${to}`;
    this.push(action);
  }

  private push(action: string): void {
    const [old, fresh] = [this.size(true), this.size(false)];
    this.steps.push({ action, old, new: fresh, total: old + fresh, available: old + this.newAvailable });
  }

  /** Reconciles until nothing moves any more. */
  private settle(): void {
    for (let round = 0; round < 200; round++) {
      this.moved = false;
      this.controller.reconcile(KEY);
      const changed = this.updateStatuses();
      if (!this.moved && !changed) return;
    }
    throw new Error('the rollout does not settle');
  }

  private updateStatuses(): boolean {
    let changed = false;
    for (const set of this.sets()) {
      const replicas = replicasOf(set);
      const old = this.oldName === '' || set.metadata.name === this.oldName;
      const availableReplicas = old ? replicas : Math.min(this.newAvailable, replicas);
      const status = {
        replicas,
        readyReplicas: availableReplicas,
        availableReplicas,
        observedGeneration: set.metadata.generation,
      };
      changed = this.store.updateStatus({ ...set, status }) !== set || changed;
    }
    return changed;
  }

  run(): void {
    this.store.clock.advanceTo(this.store.clock.nowNs + SECOND);
    this.store.patch('Deployment', 'default', 'web', (now) => ({
      ...now,
      spec: {
        ...now.spec,
        template: { ...now.spec.template, spec: { containers: [{ name: 'c', image: 'nginx:2' }] } },
      },
    }));
    for (let round = 0; round < 200; round++) {
      this.settle();
      if (this.newAvailable === this.size(false)) return;
      this.newAvailable = this.size(false);
      this.push('new pods become available');
      this.updateStatuses();
    }
  }
}

/** The bounds of a rollout and every move of it. */
export function rolloutSteps(table: Table): { bounds: object; steps: readonly Step[] } {
  const { surge, unavailable } = rolloutBounds(deployment(table));
  const bounds = {
    surgePods: surge,
    unavailablePods: unavailable,
    maxTotal: table.replicas + surge,
    minAvailable: table.replicas - unavailable,
  };
  const rollout = new Rollout(table);
  rollout.run();
  return { bounds, steps: rollout.steps };
}
