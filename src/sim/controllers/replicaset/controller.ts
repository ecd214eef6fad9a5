/** Keeps as many pods alive as a ReplicaSet asks for. Upstream: pkg/controller/replicaset/replica_set.go. */
import { SECOND } from '../../clock/clock';
import { sameValue } from '../../api/equal';
import { ApiError } from '../../api/errors';
import { EventRecorder } from '../../api/events';
import type { Condition } from '../../api/kinds/meta';
import type { Pod } from '../../api/kinds/pod';
import type { ReplicaSet } from '../../api/kinds/workload';
import { toRfc3339 } from '../../api/time';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { claimPods, controllerOf, Orphans, ownersOfPod, podFromTemplate } from '../ownership';
import { isActive, isAvailable, isReady } from '../pod-state';
import { matchesLabels } from '../selector';
import { deletionOrder } from './ranking';

/** At most this many pods are made or deleted in one go. */
const BURST = 500;

export class ReplicaSetController implements Component {
  readonly name = 'controllers/replicaset';
  readonly watches = ['ReplicaSet', 'Pod'];
  private readonly orphans = new Orphans();
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'replicaset-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'ReplicaSet') return [keyOf(event.object)];
    this.orphans.hear(event);
    const namespace = event.object.metadata.namespace ?? '';
    return ownersOfPod(event, 'ReplicaSet', () => this.deps.store.list('ReplicaSet', namespace));
  }

  reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.deps.store.get('ReplicaSet', namespace, name);
    if (set === undefined) return;
    const pods = claimPods(this.deps.store, set, set.spec.selector, this.orphans);
    const active = pods.filter(isActive);
    const failure = set.metadata.deletionTimestamp === undefined ? this.balance(set, active) : null;
    this.writeStatus(key, failure);
  }

  keyframe(): unknown {
    return this.orphans.keyframe();
  }

  restore(from: unknown): void {
    this.orphans.restore(from as ReturnType<Orphans['keyframe']>);
  }

  /** Creates or deletes pods. Returns why a pod could not be made, or null. */
  private balance(set: ReplicaSet, active: readonly Pod[]): string | null {
    const surplus = active.length - (set.spec.replicas ?? 1);
    if (surplus < 0) return this.createPods(set, Math.min(-surplus, BURST));
    if (surplus > 0) this.deletePods(set, active, Math.min(surplus, BURST));
    return null;
  }

  /** Batches of 1, 2, 4, 8 …: when the first pod is refused (quota, admission), the others are not tried. */
  private createPods(set: ReplicaSet, count: number): string | null {
    const template = set.spec.template ?? { spec: { containers: [] } };
    let left = count;
    for (let batch = 1; left > 0; batch *= 2) {
      let refused: string | null = null;
      for (let i = Math.min(batch, left); i > 0; i--, left--)
        refused = this.createPod(set, template) ?? refused;
      if (refused !== null) return refused;
    }
    return null;
  }

  private createPod(set: ReplicaSet, template: NonNullable<ReplicaSet['spec']['template']>): string | null {
    try {
      const pod = this.deps.store.create(podFromTemplate(set, template));
      this.events.record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.events.record(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
      return error.message;
    }
  }

  private deletePods(set: ReplicaSet, active: readonly Pod[], count: number): void {
    const { store, clock } = this.deps;
    const doomed =
      count >= active.length
        ? active
        : deletionOrder(active, this.related(set, active), clock.nowNs).slice(0, count);
    for (const pod of doomed) {
      store.delete('Pod', pod.metadata.namespace ?? '', pod.metadata.name, { uid: pod.metadata.uid });
      this.events.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }
  }

  /** Active pods of all ReplicaSets that have the same controller (the Deployment's). */
  private related(set: ReplicaSet, own: readonly Pod[]): Pod[] {
    const owner = controllerOf(set);
    if (owner === undefined) return [...own];
    const sets = this.deps.store.ownedBy(owner.uid).filter((row) => row.kind === 'ReplicaSet');
    return sets
      .flatMap((row) => this.deps.store.ownedBy(row.metadata.uid ?? ''))
      .filter((row): row is Pod => row.kind === 'Pod' && isActive(row as Pod));
  }

  private writeStatus(key: string, failure: string | null): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const set = store.get('ReplicaSet', namespace, name);
    if (set === undefined) return;
    const owned = store.ownedBy(set.metadata.uid ?? '').filter((row): row is Pod => row.kind === 'Pod');
    const active = owned.filter(isActive);
    const minReady = set.spec.minReadySeconds ?? 0;
    const ready = active.filter(isReady);
    const available = ready.filter((pod) => isAvailable(pod, minReady, clock.nowNs));
    const templateLabels = set.spec.template?.metadata?.labels ?? {};
    const conditions = this.conditionsAfter(set, failure);
    const status = {
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) => matchesLabels(templateLabels, pod.metadata.labels)).length,
      readyReplicas: ready.length,
      availableReplicas: available.length,
      terminatingReplicas: owned.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length,
      observedGeneration: set.metadata.generation,
      ...(conditions.length > 0 ? { conditions } : {}),
    };
    if (!sameValue(status, set.status)) store.updateStatus({ ...set, status });
    if (available.length < ready.length) comeBack(this.deps, this.name, key, minReady * SECOND);
    if (failure !== null) comeBack(this.deps, this.name, key, 10 * SECOND);
  }

  private conditionsAfter(set: ReplicaSet, failure: string | null): readonly Condition[] {
    const others = (set.status?.conditions ?? []).filter((row) => row.type !== 'ReplicaFailure');
    if (failure === null) return others;
    const known = set.status?.conditions?.find((row) => row.type === 'ReplicaFailure');
    const lastTransitionTime = known?.lastTransitionTime ?? toRfc3339(this.deps.clock.nowNs);
    const condition = {
      type: 'ReplicaFailure',
      status: 'True' as const,
      reason: 'FailedCreate',
      message: failure,
    };
    return [...others, { ...condition, lastTransitionTime }];
  }
}
