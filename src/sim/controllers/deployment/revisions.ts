/** ReplicaSets as the revisions of a Deployment: which one is new, its name, its annotations. Upstream: deployment_util.go. */
import { sameValue } from '../../api/equal';
import type { PodTemplateSpec } from '../../api/kinds/pod';
import type { Deployment, ReplicaSet } from '../../api/kinds/workload';
import { ownerReference } from '../ownership';
import { createdAt } from '../pod-state';
import { podTemplateHash } from '../template-hash/hash';
import { DESIRED_REPLICAS, MAX_REPLICAS, replicasOf, rolloutBounds } from './rolling';

export const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';
const HASH_LABEL = 'pod-template-hash';
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

type Annotations = Readonly<Record<string, string>>;

export function revisionOf(object: { readonly metadata: { readonly annotations?: Annotations } }): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** The template without the label that the controller itself put there. */
function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [HASH_LABEL]: _hash, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** True when a ReplicaSet makes the pods that the Deployment's template describes. */
export function hasTemplate(set: ReplicaSet, template: PodTemplateSpec): boolean {
  return sameValue(withoutHash(set.spec.template), withoutHash(template));
}

/** The ReplicaSet of the current template (the oldest if there are several), and the others. */
export function splitSets(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { fresh: ReplicaSet | null; old: ReplicaSet[] } {
  const byAge = [...sets].sort((a, b) => createdAt(a) - createdAt(b));
  const fresh = byAge.find((set) => hasTemplate(set, deployment.spec.template)) ?? null;
  return { fresh, old: byAge.filter((set) => set !== fresh) };
}

/** A ReplicaSet for the current template. `replicas` is its first size. */
export function makeSet(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = podTemplateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: annotationsFor(deployment, undefined, revision),
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** Annotations of the new ReplicaSet: those of the Deployment, its revision, and the sizes the scale is measured by. */
export function annotationsFor(
  deployment: Deployment,
  existing: Annotations | undefined,
  revision: number,
): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !NOT_COPIED.has(key),
  );
  const had = Number(existing?.[REVISION] ?? 0) || 0;
  const history =
    had > 0 && had < revision ? [existing?.[HISTORY], String(had)].filter(Boolean).join(',') : undefined;
  return {
    ...existing,
    ...Object.fromEntries(copied),
    ...(history === undefined ? {} : { [HISTORY]: history }),
    [REVISION]: String(Math.max(had, revision)),
    ...sizeAnnotations(deployment),
  };
}

export function sizeAnnotations(deployment: Deployment): Annotations {
  const wanted = replicasOf(deployment);
  return {
    [DESIRED_REPLICAS]: String(wanted),
    [MAX_REPLICAS]: String(wanted + rolloutBounds(deployment).surge),
  };
}

/** Old, empty ReplicaSets beyond the history limit, oldest revision first. */
export function surplusHistory(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = alive.length - (deployment.spec.revisionHistoryLimit ?? 10);
  if (surplus <= 0) return [];
  return alive
    .sort((a, b) => revisionOf(a) - revisionOf(b) || createdAt(a) - createdAt(b))
    .slice(0, surplus)
    .filter(
      (set) =>
        replicasOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}
