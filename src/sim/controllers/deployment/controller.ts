/** Rolls a Deployment out through ReplicaSets. Upstream: pkg/controller/deployment/{deployment_controller,sync,recreate}.go. */
import { sameValue } from '../../api/equal';
import { ApiError } from '../../api/errors';
import { EventRecorder } from '../../api/events';
import type { Pod } from '../../api/kinds/pod';
import type { Deployment, ReplicaSet } from '../../api/kinds/workload';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { controllerOf, ownerReference } from '../ownership';
import { matchesSelector } from '../selector';
import {
  annotationsFor,
  hasTemplate,
  makeSet,
  REVISION,
  revisionOf,
  sizeAnnotations,
  splitSets,
  surplusHistory,
} from './revisions';
import { DESIRED_REPLICAS, newSetSize, replicasOf, scaleInProportion, shrinkOldSets } from './rolling';
import { conditionOf, deadlineOf, isComplete, plainStatus, rolloutStatus, withCondition } from './status';

const NAME = 'controllers/deployment';

export class DeploymentController implements Component {
  readonly name = NAME;
  readonly watches = ['Deployment', 'ReplicaSet', 'Pod'];
  private readonly events: EventRecorder;
  /** The timer for each running rollout's progress deadline. */
  private readonly deadlines = new Map<string, { readonly atNs: number; readonly timer: number }>();

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'deployment-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    const { object } = event;
    if (object.kind === 'Deployment') return [keyOf(object)];
    if (object.kind === 'Pod') return this.keysForPod(event);
    const namespace = object.metadata.namespace ?? '';
    const owner = controllerOf(object);
    if (owner !== undefined) return owner.kind === 'Deployment' ? [`${namespace}/${owner.name}`] : [];
    const all = this.deps.store.list('Deployment', namespace);
    return all.filter((row) => matchesSelector(row.spec.selector, object.metadata.labels)).map(keyOf);
  }

  /** Only Recreate waits for pods to be gone; everything else it learns from the ReplicaSets. */
  private keysForPod(event: WatchEvent): readonly string[] {
    if (event.type !== 'DELETED') return [];
    const namespace = event.object.metadata.namespace ?? '';
    const owner = controllerOf(event.object);
    const set =
      owner?.kind === 'ReplicaSet' ? this.deps.store.get('ReplicaSet', namespace, owner.name) : undefined;
    const parent = set === undefined ? undefined : controllerOf(set);
    const deployment = this.deps.store.get('Deployment', namespace, parent?.name ?? '');
    return deployment?.spec.strategy?.type === 'Recreate' ? [keyOf(deployment)] : [];
  }

  reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const deployment = this.deps.store.get('Deployment', namespace, name);
    if (deployment === undefined) return this.setDeadline(key, null);
    this.claim(deployment);
    const { fresh, old } = this.sets(deployment);
    if (deployment.metadata.deletionTimestamp !== undefined) return this.writePlain(deployment, fresh, old);
    const noted = this.notePause(deployment);
    if (noted.spec.paused === true || this.isScaling(noted, fresh, old)) return this.scaleOnly(noted);
    if (noted.spec.strategy?.type === 'Recreate') this.recreate(noted);
    else this.roll(noted);
  }

  /** Its ReplicaSets as stored now. */
  private sets(deployment: Deployment): { fresh: ReplicaSet | null; old: ReplicaSet[] } {
    const uid = deployment.metadata.uid ?? '';
    const owned = this.deps.store.ownedBy(uid).filter((row): row is ReplicaSet => row.kind === 'ReplicaSet');
    return splitSets(
      deployment,
      owned.filter((row) => controllerOf(row)?.uid === uid),
    );
  }

  /** Adopts matching ReplicaSets that nobody controls, lets go of those that no longer match. */
  private claim(deployment: Deployment): void {
    const { store } = this.deps;
    const namespace = deployment.metadata.namespace ?? '';
    const uid = deployment.metadata.uid ?? '';
    if (deployment.metadata.deletionTimestamp !== undefined) return;
    for (const set of store.list('ReplicaSet', namespace)) {
      const owner = controllerOf(set);
      const matches = matchesSelector(deployment.spec.selector, set.metadata.labels);
      if (
        owner === undefined
          ? !matches || set.metadata.deletionTimestamp !== undefined
          : owner.uid !== uid || matches
      )
        continue;
      store.patch('ReplicaSet', namespace, set.metadata.name, (now) => {
        const rest = (now.metadata.ownerReferences ?? []).filter((row) => row.uid !== uid);
        const ownerReferences = matches ? [...rest, ownerReference(deployment)] : rest;
        return { ...now, metadata: { ...now.metadata, ownerReferences } };
      });
    }
  }

  /** Pausing and resuming leave a trace in the Progressing condition. */
  private notePause(deployment: Deployment): Deployment {
    const row = conditionOf(deployment, 'Progressing');
    const paused = deployment.spec.paused === true;
    if (deployment.spec.progressDeadlineSeconds === undefined || row?.reason === 'ProgressDeadlineExceeded')
      return deployment;
    if (paused === (row?.reason === 'DeploymentPaused')) return deployment;
    const next = {
      type: 'Progressing',
      status: 'Unknown' as const,
      reason: paused ? 'DeploymentPaused' : 'DeploymentResumed',
      message: paused ? 'Deployment is paused' : 'Deployment is resumed',
    };
    const conditions = withCondition(deployment.status?.conditions ?? [], next, this.deps.clock.nowNs);
    return this.deps.store.updateStatus({ ...deployment, status: { ...deployment.status, conditions } });
  }

  /** True when the wanted number changed since the active ReplicaSets were last sized. */
  private isScaling(deployment: Deployment, fresh: ReplicaSet | null, old: readonly ReplicaSet[]): boolean {
    const active = [...old, ...(fresh === null ? [] : [fresh])].filter((set) => replicasOf(set) > 0);
    return active.some((set) => {
      const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
      return desired !== undefined && Number(desired) !== replicasOf(deployment);
    });
  }

  private scaleOnly(deployment: Deployment): void {
    const { fresh, old } = this.syncRevision(deployment, false);
    this.scale(deployment, fresh, old);
    if (deployment.spec.paused === true) this.cleanUp(deployment);
    const after = this.sets(deployment);
    this.writePlain(this.current(deployment), after.fresh, after.old);
  }

  private scale(deployment: Deployment, fresh: ReplicaSet | null, old: readonly ReplicaSet[]): void {
    const all = fresh === null ? [...old] : [...old, fresh];
    const active = all.filter((set) => replicasOf(set) > 0);
    if (active.length <= 1) {
      const only = active[0] ?? fresh ?? old[old.length - 1];
      if (only !== undefined) this.resize(deployment, only, replicasOf(deployment));
      return;
    }
    const saturated =
      fresh !== null &&
      replicasOf(fresh) === replicasOf(deployment) &&
      Number(fresh.metadata.annotations?.[DESIRED_REPLICAS]) === replicasOf(deployment) &&
      (fresh.status?.availableReplicas ?? 0) === replicasOf(deployment);
    if (saturated) old.filter((set) => replicasOf(set) > 0).forEach((set) => this.resize(deployment, set, 0));
    else if (deployment.spec.strategy?.type !== 'Recreate')
      for (const row of scaleInProportion(deployment, active)) this.resize(deployment, row.set, row.replicas);
  }

  private roll(deployment: Deployment): void {
    const { fresh, old } = this.syncRevision(deployment, true);
    if (fresh === null) return;
    const size = this.sizeOfNew(deployment, fresh, old);
    if (size !== replicasOf(fresh)) this.resize(deployment, fresh, size);
    else {
      const shrink = shrinkOldSets(
        deployment,
        old.filter((set) => replicasOf(set) > 0),
        fresh,
      );
      for (const row of shrink) this.resize(deployment, row.set, row.replicas);
      const now = this.current(deployment);
      if (shrink.length === 0 && isComplete(now, now.status ?? {})) this.cleanUp(now);
    }
    this.writeRollout(this.current(deployment));
  }

  private sizeOfNew(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): number {
    const current = replicasOf(fresh);
    if (current >= replicasOf(deployment)) return replicasOf(deployment);
    return newSetSize(deployment, [...old, fresh], current);
  }

  private recreate(deployment: Deployment): void {
    const { fresh, old } = this.syncRevision(deployment, false);
    const active = old.filter((set) => replicasOf(set) > 0);
    for (const set of active) this.resize(deployment, set, 0);
    if (active.length > 0 || this.oldPodsRun(old)) return this.writeRollout(this.current(deployment));
    const made = fresh ?? this.syncRevision(deployment, true).fresh;
    if (made !== null) this.resize(deployment, made, replicasOf(deployment));
    const now = this.current(deployment);
    if (isComplete(now, now.status ?? {})) this.cleanUp(now);
    this.writeRollout(now);
  }

  /** Recreate waits until the last old pod is gone, the dying ones included. */
  private oldPodsRun(old: readonly ReplicaSet[]): boolean {
    return old.some((set) =>
      this.deps.store.ownedBy(set.metadata.uid ?? '').some((row) => {
        const phase = row.kind === 'Pod' ? (row as Pod).status?.phase : 'Failed';
        return phase !== 'Failed' && phase !== 'Succeeded';
      }),
    );
  }

  /** Brings revision numbers in step; makes the ReplicaSet of the current template when asked to. */
  private syncRevision(
    deployment: Deployment,
    create: boolean,
  ): { fresh: ReplicaSet | null; old: ReplicaSet[] } {
    const { fresh, old } = this.sets(deployment);
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    if (fresh === null) {
      const made = create ? this.createSet(deployment, old, revision) : null;
      return { fresh: made, old };
    }
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    const annotations = { ...annotationsFor(deployment, fresh.metadata.annotations, revision) };
    // Sizes are noted when the set is resized, not here, or a scaling would go unseen.
    for (const key of Object.keys(sizeAnnotations(deployment))) {
      const had = fresh.metadata.annotations?.[key];
      if (had !== undefined) annotations[key] = had;
    }
    const kept = this.deps.store.update({
      ...fresh,
      metadata: { ...fresh.metadata, annotations },
      spec: {
        ...fresh.spec,
        ...(minReadySeconds === (fresh.spec.minReadySeconds ?? 0) ? {} : { minReadySeconds }),
      },
    });
    this.noteRevision(deployment, kept);
    if (conditionOf(deployment, 'Progressing') === undefined)
      this.noteProgress(deployment, 'FoundNewReplicaSet', `Found new replica set "${kept.metadata.name}"`);
    return { fresh: kept, old };
  }

  private createSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number): ReplicaSet | null {
    const { store } = this.deps;
    const size = newSetSize(deployment, old, 0);
    const wanted = makeSet(deployment, size, revision);
    let made: ReplicaSet;
    try {
      made = store.create(wanted);
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      return this.collide(deployment, wanted);
    }
    if (size > 0) this.announce(deployment, made, 0, size);
    this.noteRevision(deployment, made);
    this.noteProgress(deployment, 'NewReplicaSetCreated', `Created new replica set "${made.metadata.name}"`);
    return made;
  }

  /** Another ReplicaSet has the name: the collision count changes the hash of the next try. */
  private collide(deployment: Deployment, wanted: ReplicaSet): null {
    const { store } = this.deps;
    const taken = store.get('ReplicaSet', wanted.metadata.namespace ?? '', wanted.metadata.name);
    const mine = taken !== undefined && controllerOf(taken)?.uid === deployment.metadata.uid;
    if (!mine || !hasTemplate(taken, deployment.spec.template)) {
      const now = this.current(deployment);
      const collisionCount = (now.status?.collisionCount ?? 0) + 1;
      store.updateStatus({ ...now, status: { ...now.status, collisionCount } });
      comeBack(this.deps, NAME, keyOf(deployment), 0);
    }
    return null;
  }

  private noteRevision(deployment: Deployment, set: ReplicaSet): void {
    const revision = set.metadata.annotations?.[REVISION] ?? '1';
    if (this.current(deployment).metadata.annotations?.[REVISION] === revision) return;
    this.deps.store.patch(
      'Deployment',
      deployment.metadata.namespace ?? '',
      deployment.metadata.name,
      (now) => ({
        ...now,
        metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, [REVISION]: revision } },
      }),
    );
  }

  private noteProgress(deployment: Deployment, reason: string, message: string): void {
    const now = this.current(deployment);
    if (now.spec.progressDeadlineSeconds === undefined) return;
    const row = { type: 'Progressing', status: 'True' as const, reason, message };
    const conditions = withCondition(now.status?.conditions ?? [], row, this.deps.clock.nowNs);
    this.deps.store.updateStatus({ ...now, status: { ...now.status, conditions } });
  }

  private resize(deployment: Deployment, given: ReplicaSet, replicas: number): void {
    const { store } = this.deps;
    const set = store.get('ReplicaSet', given.metadata.namespace ?? '', given.metadata.name) ?? given;
    const before = replicasOf(set);
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
    store.update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
    if (before !== replicas) this.announce(deployment, set, before, replicas);
  }

  private announce(deployment: Deployment, set: ReplicaSet, from: number, to: number): void {
    const way = to > from ? 'up' : 'down';
    const text = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${to}`;
    this.events.record(deployment, 'Normal', 'ScalingReplicaSet', text);
  }

  private cleanUp(deployment: Deployment): void {
    const { old } = this.sets(deployment);
    for (const set of surplusHistory(deployment, old))
      this.deps.store.delete('ReplicaSet', set.metadata.namespace ?? '', set.metadata.name);
  }

  private current(deployment: Deployment): Deployment {
    return (
      this.deps.store.get('Deployment', deployment.metadata.namespace ?? '', deployment.metadata.name) ??
      deployment
    );
  }

  private writePlain(deployment: Deployment, fresh: ReplicaSet | null, old: readonly ReplicaSet[]): void {
    const all = fresh === null ? [...old] : [...old, fresh];
    const status = plainStatus(deployment, all, fresh, this.deps.clock.nowNs);
    if (!sameValue(status, deployment.status)) this.deps.store.updateStatus({ ...deployment, status });
  }

  private writeRollout(deployment: Deployment): void {
    const { fresh, old } = this.sets(deployment);
    const all = fresh === null ? old : [...old, fresh];
    const { nowNs } = this.deps.clock;
    const status = rolloutStatus(deployment, all, fresh, nowNs);
    const written = sameValue(status, deployment.status)
      ? deployment
      : this.deps.store.updateStatus({ ...deployment, status });
    this.setDeadline(keyOf(deployment), deadlineOf(written));
  }

  private setDeadline(key: string, atNs: number | null): void {
    const { clock } = this.deps;
    const known = this.deadlines.get(key);
    if ((known?.atNs ?? null) === atNs) return;
    clock.cancel(known?.timer);
    this.deadlines.delete(key);
    if (atNs === null || atNs <= clock.nowNs) return;
    const timer = clock.scheduleAt(atNs, NAME, { type: 'reconcile', key, later: true });
    this.deadlines.set(key, { atNs, timer });
  }

  keyframe(): unknown {
    return new Map(this.deadlines);
  }

  restore(from: unknown): void {
    this.deadlines.clear();
    for (const [key, row] of from as typeof this.deadlines) this.deadlines.set(key, row);
  }
}
