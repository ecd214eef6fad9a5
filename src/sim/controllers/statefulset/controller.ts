/**
 * Pods with names that stay. Upstream: pkg/controller/statefulset.
 *
 * Not simulated: persistentVolumeClaimRetentionPolicy (claims stay), maxUnavailable above one in rolling updates.
 */
import { SECOND } from '../../clock/clock';
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { Pod, PodTemplateSpec } from '../../api/kinds/pod';
import type { StatefulSet } from '../../api/kinds/workload';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { claimPods, Orphans, ownersOfPod, podFromTemplate } from '../ownership';
import { isActive, isAvailable, isReady } from '../pod-state';
import { ensureRevision, refusalOf, REVISION_LABEL, revisionsOf, trimRevisions } from '../revisions';
import { statefulSetRevisionHash } from '../template-hash/hash';
import { checkPod } from './check-pod';
import { claimsOf, withClaims } from './claims';
import { nextMoves, ordinalOf, revisionOfPod, type Move } from './plan';

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

export class StatefulSetController implements Component {
  readonly name = 'controllers/statefulset';
  readonly watches = ['StatefulSet', 'Pod'];
  private readonly orphans = new Orphans();
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'statefulset-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'StatefulSet') return [keyOf(event.object)];
    this.orphans.hear(event);
    const namespace = event.object.metadata.namespace ?? '';
    return ownersOfPod(event, 'StatefulSet', () => this.deps.store.list('StatefulSet', namespace));
  }

  reconcile(key: string): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const set = store.get('StatefulSet', namespace, name);
    if (set === undefined) return;
    // Only pods of the set's own name form are taken in.
    const pods = claimPods(store, set, set.spec.selector, this.orphans, (pod) => ordinalOf(set, pod) >= 0);
    const updateRevision = this.syncRevision(set);
    const currentRevision = set.status?.currentRevision ?? updateRevision;
    const moves = nextMoves({ set, pods, currentRevision, updateRevision, nowNs: clock.nowNs });
    for (const move of moves) this.make(set, move);
    this.writeStatus(key, currentRevision, updateRevision);
  }

  private syncRevision(set: StatefulSet): string {
    const hash = statefulSetRevisionHash(withResources(set.spec.template));
    const name = `${set.metadata.name}-${hash}`;
    const data = { spec: { template: { ...set.spec.template, $patch: 'replace' } } };
    ensureRevision(this.deps.store, set, name, hash, data, set.spec.selector.matchLabels ?? {});
    return name;
  }

  private make(set: StatefulSet, move: Move): void {
    const { store } = this.deps;
    const name = move.kind === 'create' ? `${set.metadata.name}-${move.ordinal}` : move.pod.metadata.name;
    const refusal = refusalOf(() => {
      if (move.kind === 'create') this.create(set, move.ordinal, move.revision);
      else store.delete('Pod', set.metadata.namespace ?? '', name, { uid: move.pod.metadata.uid });
    });
    const reason = move.kind === 'create' ? 'Create' : 'Delete';
    const what = `${move.kind} Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (refusal === null) this.events.record(set, 'Normal', `Successful${reason}`, `${what} successful`);
    else this.events.record(set, 'Warning', `Failed${reason}`, `${what} failed error: ${refusal}`);
    if (refusal !== null) comeBack(this.deps, this.name, keyOf(set), 10 * SECOND);
  }

  private create(set: StatefulSet, ordinal: number, revision: string): void {
    const pod = withClaims(this.podOf(set, ordinal, revision), set);
    checkPod(pod);
    this.ensureClaims(set, pod);
    this.deps.store.create(pod);
  }

  /** The claims of a pod come before it, and stay when it goes. */
  private ensureClaims(set: StatefulSet, pod: Pod): void {
    const { store } = this.deps;
    for (const claim of claimsOf(set, pod)) {
      const { namespace = '', name } = claim.metadata;
      if (store.get('PersistentVolumeClaim', namespace, name) !== undefined) continue;
      store.create(claim);
      const text = `create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`;
      this.events.record(set, 'Normal', 'SuccessfulCreate', text);
    }
  }

  /** A pod with its stable name, the host name that DNS knows it by, and the revision it was made from. */
  private podOf(set: StatefulSet, ordinal: number, revision: string): Pod {
    const name = `${set.metadata.name}-${ordinal}`;
    const pod = podFromTemplate(set, this.templateOf(set, revision), name);
    const labels = {
      ...pod.metadata.labels,
      [REVISION_LABEL]: revision,
      [POD_NAME_LABEL]: name,
      [POD_INDEX_LABEL]: String(ordinal),
    };
    const subdomain = set.spec.serviceName;
    return {
      ...pod,
      metadata: { ...pod.metadata, generateName: `${set.metadata.name}-`, labels },
      spec: { ...pod.spec, hostname: name, ...(subdomain ? { subdomain } : {}) },
    };
  }

  private templateOf(set: StatefulSet, revision: string): PodTemplateSpec {
    const known = revisionsOf(this.deps.store, set).find((row) => row.metadata.name === revision);
    const data = known?.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined;
    if (data?.spec?.template === undefined) return set.spec.template;
    const { $patch: _patch, ...template } = data.spec.template;
    return template;
  }

  private writeStatus(key: string, current: string, update: string): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const set = store.get('StatefulSet', namespace, name);
    if (set === undefined) return;
    const owned = store.ownedBy(set.metadata.uid ?? '').filter((row): row is Pod => row.kind === 'Pod');
    const minReady = set.spec.minReadySeconds ?? 0;
    const replicas = owned.length;
    const ready = owned.filter((pod) => isReady(pod) && isActive(pod));
    const available = ready.filter((pod) => isAvailable(pod, minReady, clock.nowNs));
    const of = (revision: string): number =>
      owned.filter((pod) => isActive(pod) && revisionOfPod(pod) === revision).length;
    const updated = of(update);
    // The update is complete when every pod is of the new revision and ready: it then becomes the current one.
    const rolling = set.spec.updateStrategy?.type !== 'OnDelete';
    const complete = rolling && updated === replicas && ready.length === replicas;
    const currentRevision = complete ? update : current;
    const status = {
      observedGeneration: set.metadata.generation,
      replicas,
      readyReplicas: ready.length,
      availableReplicas: available.length,
      currentReplicas: of(currentRevision),
      updatedReplicas: updated,
      currentRevision,
      updateRevision: update,
      collisionCount: set.status?.collisionCount ?? 0,
    };
    if (!sameValue(status, set.status)) store.updateStatus({ ...set, status });
    const live = new Set([currentRevision, update, ...owned.map(revisionOfPod)]);
    trimRevisions(store, set, live, set.spec.revisionHistoryLimit ?? 10);
    if (available.length < ready.length) comeBack(this.deps, this.name, key, minReady * SECOND);
  }

  keyframe(): unknown {
    return this.orphans.keyframe();
  }

  restore(from: unknown): void {
    this.orphans.restore(from as ReturnType<Orphans['keyframe']>);
  }
}

/** The hash is taken of the v1 JSON, in which every container has a `resources` object. */
function withResources(template: PodTemplateSpec): Record<string, unknown> {
  const fill = <T extends { readonly resources?: object }>(row: T): T => ({
    ...row,
    resources: row.resources ?? {},
  });
  const { initContainers } = template.spec;
  const spec = {
    ...template.spec,
    containers: template.spec.containers.map(fill),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(fill) }),
  };
  return { ...template, spec };
}
