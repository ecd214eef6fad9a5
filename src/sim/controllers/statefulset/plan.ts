/**
 * Which pod of a StatefulSet is created or deleted next. Pure. Upstream: pkg/controller/statefulset/stateful_set_control.go.
 */
import type { Ns } from '../../clock/clock';
import type { Pod } from '../../api/kinds/pod';
import type { StatefulSet } from '../../api/kinds/workload';
import { isAvailable, isReady } from '../pod-state';
import { REVISION_LABEL } from '../revisions';

export type Move =
  | { readonly kind: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly kind: 'delete'; readonly pod: Pod };

export interface PlanInput {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Names of the revisions in use and wanted, "web-6596ffb49b". */
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly nowNs: Ns;
}

/** The number at the end of a pod's name, or -1 when the name is not of this set's form. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`;
  const rest = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : -1;
}

/** The label holds the revision's full name in a StatefulSet. */
export function revisionOfPod(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

/** Running, ready for long enough, and not on its way out. */
function isHealthy(input: PlanInput, pod: Pod): boolean {
  const { minReadySeconds = 0 } = input.set.spec;
  return isReady(pod) && !isTerminating(pod) && isAvailable(pod, minReadySeconds, input.nowNs);
}

/** Pods below the partition are made from the old revision; without a partition, those that have not been updated yet. */
function revisionFor(input: PlanInput, ordinal: number): string {
  const { updateStrategy, ordinals } = input.set.spec;
  if (updateStrategy?.type === 'OnDelete') return input.updateRevision;
  const start = ordinals?.start ?? 0;
  const partition = updateStrategy?.rollingUpdate?.partition ?? input.set.status?.currentReplicas ?? 0;
  return ordinal < start + partition ? input.currentRevision : input.updateRevision;
}

/** The next moves, in order. OrderedReady gives one at a time; Parallel creates and deletes without waiting. */
export function nextMoves(input: PlanInput): Move[] {
  const { set } = input;
  if (set.metadata.deletionTimestamp !== undefined) return [];
  const parallel = set.spec.podManagementPolicy === 'Parallel';
  const start = set.spec.ordinals?.start ?? 0;
  const replicas = set.spec.replicas ?? 1;
  const byOrdinal = new Map(input.pods.map((pod) => [ordinalOf(set, pod), pod]));
  const wanted = Array.from({ length: replicas }, (_, i) => start + i);
  const surplus = input.pods
    .filter((pod) => !wanted.includes(ordinalOf(set, pod)))
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  const moves: Move[] = [];
  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal);
    const move = fillMove(input, ordinal, pod);
    if (move !== null) moves.push(move);
    if (parallel) continue;
    if (move !== null) return moves;
    if (pod !== undefined && !isHealthy(input, pod)) return [];
  }
  if (parallel && moves.length > 0) return moves;
  const shrink = shrinkMoves(input, surplus, wanted, byOrdinal, parallel);
  return shrink ?? updateMoves(input, wanted, byOrdinal);
}

/** Creates a missing pod, takes an ended one away so that it can be made again. */
function fillMove(input: PlanInput, ordinal: number, pod: Pod | undefined): Move | null {
  if (pod === undefined) return { kind: 'create', ordinal, revision: revisionFor(input, ordinal) };
  return hasEnded(pod) && !isTerminating(pod) ? { kind: 'delete', pod } : null;
}

/** Highest ordinal first; in order, one at a time, and only while the others are well. Null when nothing is too many. */
function shrinkMoves(
  input: PlanInput,
  surplus: readonly Pod[],
  wanted: readonly number[],
  byOrdinal: ReadonlyMap<number, Pod>,
  parallel: boolean,
): Move[] | null {
  if (surplus.length === 0) return null;
  const dying = surplus.some(isTerminating);
  if (parallel) return surplus.filter((pod) => !isTerminating(pod)).map((pod) => ({ kind: 'delete', pod }));
  if (dying) return [];
  const [top] = surplus;
  const unhealthy = wanted
    .map((ordinal) => byOrdinal.get(ordinal))
    .find((pod) => pod && !isHealthy(input, pod));
  return top === undefined || unhealthy !== undefined ? [] : [{ kind: 'delete', pod: top }];
}

/** The rolling update: from the top down to the partition, one pod at a time. */
function updateMoves(
  input: PlanInput,
  wanted: readonly number[],
  byOrdinal: ReadonlyMap<number, Pod>,
): Move[] {
  const { updateStrategy, ordinals } = input.set.spec;
  if (updateStrategy?.type === 'OnDelete') return [];
  const partition = (updateStrategy?.rollingUpdate?.partition ?? 0) + (ordinals?.start ?? 0);
  for (const ordinal of [...wanted].reverse()) {
    if (ordinal < partition) return [];
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) return [];
    if (revisionOfPod(pod) !== input.updateRevision && !isTerminating(pod)) return [{ kind: 'delete', pod }];
    if (!isHealthy(input, pod)) return [];
  }
  return [];
}
