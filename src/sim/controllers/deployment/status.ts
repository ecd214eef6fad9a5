/** The status and conditions of a Deployment. Upstream: pkg/controller/deployment/{progress,sync}.go. */
import { SECOND, type Ns } from '../../clock/clock';
import type { Condition } from '../../api/kinds/meta';
import type { Deployment, ReplicaSet } from '../../api/kinds/workload';
import { fromRfc3339, toRfc3339 } from '../../api/time';
import { replicasOf, rolloutBounds } from './rolling';

type Status = NonNullable<Deployment['status']>;
type Counts = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';

/** Conditions with one of them set; an unchanged status keeps its transition time, an unchanged reason its place. */
export function withCondition(rows: readonly Condition[], row: Condition, nowNs: Ns): Condition[] {
  const now = toRfc3339(nowNs);
  const old = rows.find((entry) => entry.type === row.type);
  if (old !== undefined && old.status === row.status && old.reason === row.reason) return [...rows];
  const lastTransitionTime = old?.status === row.status ? old.lastTransitionTime : now;
  const next = { ...row, lastUpdateTime: now, lastTransitionTime };
  return [...rows.filter((entry) => entry.type !== row.type), next];
}

export function conditionOf(deployment: Deployment, type: string): Condition | undefined {
  return deployment.status?.conditions?.find((row) => row.type === type);
}

/** Counts from the statuses of the ReplicaSets. Zeros are left out, as the API's JSON leaves them out. */
function counts(deployment: Deployment, all: readonly ReplicaSet[], fresh: ReplicaSet | null): Status {
  const total = (field: Counts): number => all.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);
  const asked = all.reduce((sum, set) => sum + replicasOf(set), 0);
  const filled: Record<string, number | undefined> = {
    replicas: total('replicas'),
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: total('readyReplicas'),
    availableReplicas: total('availableReplicas'),
    unavailableReplicas: Math.max(0, asked - total('availableReplicas')),
    collisionCount: deployment.status?.collisionCount,
  };
  const status: Record<string, number> = {};
  for (const key of Object.keys(filled)) if (filled[key]) status[key] = filled[key];
  return {
    observedGeneration: deployment.metadata.generation,
    terminatingReplicas: total('terminatingReplicas'),
    ...status,
  };
}

/** Everything rolled out and available. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(before: Status, now: Status): boolean {
  const old = (status: Status): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** When the rollout runs out of time, counted from its last progress; null when no deadline applies. */
export function deadlineOf(deployment: Deployment): Ns | null {
  const row = conditionOf(deployment, 'Progressing');
  const seconds = deployment.spec.progressDeadlineSeconds;
  if (row === undefined || seconds === undefined || deployment.spec.paused === true) return null;
  if (row.reason === 'NewReplicaSetAvailable' || row.reason === 'ProgressDeadlineExceeded') return null;
  const from = fromRfc3339(row.lastUpdateTime ?? '');
  return from === null ? null : from + seconds * SECOND;
}

function availability(deployment: Deployment, status: Status): Condition {
  const enough =
    (status.availableReplicas ?? 0) >= replicasOf(deployment) - rolloutBounds(deployment).unavailable;
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressing(status: 'True' | 'False', reason: string, message: string): Condition {
  return { type: 'Progressing', status, reason, message };
}

/** Counts and availability only: what is written while a Deployment is paused or being scaled. */
export function plainStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  fresh: ReplicaSet | null,
  nowNs: Ns,
): Status {
  const status = counts(deployment, all, fresh);
  const rows = deployment.status?.conditions ?? [];
  return { ...status, conditions: withCondition(rows, availability(deployment, status), nowNs) };
}

/** The same with the Progressing condition of a running rollout. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  fresh: ReplicaSet | null,
  nowNs: Ns,
): Status {
  const status = plainStatus(deployment, all, fresh, nowNs);
  let rows: readonly Condition[] = status.conditions ?? [];
  const current = conditionOf(deployment, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  const what =
    fresh === null ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  const deadline = deadlineOf(deployment);
  if (deployment.spec.progressDeadlineSeconds === undefined)
    rows = rows.filter((row) => row.type !== 'Progressing');
  else if (!settled && isComplete(deployment, status)) {
    const row = progressing('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`);
    rows = withCondition(rows, row, nowNs);
  } else if (!settled && hasProgressed(deployment.status ?? {}, status)) {
    const now = toRfc3339(nowNs);
    const row = progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`);
    const lastTransitionTime = current?.status === 'True' ? current.lastTransitionTime : now;
    rows = [
      ...rows.filter((entry) => entry.type !== row.type),
      { ...row, lastUpdateTime: now, lastTransitionTime },
    ];
  } else if (!settled && deadline !== null && deadline <= nowNs) {
    const row = progressing('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`);
    rows = withCondition(rows, row, nowNs);
  }
  return { ...status, conditions: withFailures(rows, all, fresh, nowNs) };
}

/** A ReplicaSet that cannot make pods hands its complaint up. */
function withFailures(
  rows: readonly Condition[],
  all: readonly ReplicaSet[],
  fresh: ReplicaSet | null,
  nowNs: Ns,
): Condition[] {
  const sets = fresh === null ? all : [fresh, ...all];
  const failure = sets
    .flatMap((set) => set.status?.conditions ?? [])
    .find((row) => row.type === 'ReplicaFailure');
  const others = rows.filter((row) => row.type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const { type, status, reason, message } = failure;
  return withCondition(rows, { type, status, reason, message }, nowNs);
}
