/**
 * How many pods the ReplicaSets of a Deployment may have at this moment of a rollout. Pure arithmetic.
 * Upstream: pkg/controller/deployment/rolling.go and util/deployment_util.go.
 */
import type { IntOrString } from '../../api/kinds/meta';
import type { Deployment, ReplicaSet } from '../../api/kinds/workload';
import { createdAt } from '../pod-state';

/** Size wanted for a ReplicaSet. */
interface Scale {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

export function replicasOf(object: { readonly spec: { readonly replicas?: number } }): number {
  return object.spec.replicas ?? 1;
}

/** "25%" of a total, or the number itself. */
export function scaledValue(value: IntOrString | undefined, total: number, up: boolean): number {
  if (typeof value === 'number') return value;
  const percent = Number(/^(\d+)%$/.exec(value ?? '')?.[1] ?? 0);
  return up ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100);
}

/** Pods above and below the wanted number that a rollout may use. Both zero would stand still, so that one may be missing. */
export function rolloutBounds(deployment: Deployment): { surge: number; unavailable: number } {
  if (deployment.spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = scaledValue(maxSurge, replicas, true);
  const unavailable = scaledValue(maxUnavailable, replicas, false);
  if (surge === 0 && unavailable === 0) return { surge: 0, unavailable: Math.min(1, replicas) };
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

function sum(sets: readonly ReplicaSet[]): number {
  return sets.reduce((total, set) => total + replicasOf(set), 0);
}

function available(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

/** The size the new ReplicaSet may have now. `current` is its present size (0 before it exists), `all` include it. */
export function newSetSize(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const wanted = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  const room = wanted + rolloutBounds(deployment).surge - sum(all);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** Which old ReplicaSets shrink now: unhealthy pods first, then healthy ones of the oldest set, never below the minimum. */
export function shrinkOldSets(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  fresh: ReplicaSet,
): Scale[] {
  const minAvailable = replicasOf(deployment) - rolloutBounds(deployment).unavailable;
  const freshUnavailable = replicasOf(fresh) - available(fresh);
  const budget = sum(old) + replicasOf(fresh) - minAvailable - freshUnavailable;
  if (sum(old) === 0 || budget <= 0) return [];
  const sets = [...old].sort((a, b) => createdAt(a) - createdAt(b));
  const sizes = new Map(sets.map((set) => [set, replicasOf(set)]));
  let cleaned = 0;
  for (const set of sets) {
    const unhealthy = Math.min(budget - cleaned, replicasOf(set) - available(set));
    if (unhealthy <= 0) continue;
    sizes.set(set, replicasOf(set) - unhealthy);
    cleaned += unhealthy;
  }
  // Counted from the statuses as they are: the pods just given up were not available.
  let spare = [...old, fresh].reduce((total, set) => total + available(set), 0) - minAvailable;
  for (const set of sets) {
    const healthy = Math.min(spare, sizes.get(set)!);
    if (healthy <= 0) continue;
    sizes.set(set, sizes.get(set)! - healthy);
    spare -= healthy;
  }
  return sets
    .filter((set) => sizes.get(set) !== replicasOf(set))
    .map((set) => ({ set, replicas: sizes.get(set)! }));
}

export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';

/** Go's rounding of a size: halves away from zero. */
function round(value: number): number {
  return value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5);
}

function share(set: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (replicasOf(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const allowed = toAdd - added;
  const wanted = replicasOf(deployment);
  let fraction = -replicasOf(set);
  if (wanted > 0) {
    const before =
      Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0);
    if (before === 0) return 0;
    const size = (replicasOf(set) * (wanted + rolloutBounds(deployment).surge)) / before;
    fraction = round(size) - replicasOf(set);
  }
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

/** Spreads a change of `spec.replicas` during a rollout over the ReplicaSets in proportion to their sizes. */
export function scaleInProportion(deployment: Deployment, active: readonly ReplicaSet[]): Scale[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + rolloutBounds(deployment).surge : 0;
  const toAdd = allowed - sum(active);
  const newerFirst = toAdd > 0 ? -1 : 1;
  const sets = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || newerFirst * (createdAt(a) - createdAt(b)),
  );
  let added = 0;
  const out: Scale[] = [];
  for (const set of sets) {
    const change = share(set, deployment, toAdd, added);
    added += change;
    out.push({ set, replicas: replicasOf(set) + change });
  }
  const [largest] = out;
  // What rounding left over goes to the largest set.
  if (largest !== undefined && toAdd !== 0)
    out[0] = { set: largest.set, replicas: Math.max(0, largest.replicas + toAdd - added) };
  return out;
}
