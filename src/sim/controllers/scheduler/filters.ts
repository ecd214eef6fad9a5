/**
 * Which nodes a pod may run on, and why not on the others, in the scheduler's own words.
 * Upstream: pkg/scheduler/framework/plugins, in the order in which the default profile asks them.
 */
import type { Node, Taint } from '../../api/kinds/cluster';
import type { Pod } from '../../api/kinds/pod';
import type { NodeSelectorRequirement, NodeSelectorTerm, Toleration } from '../../api/kinds/scheduling';
import { amounts, fits, type Amounts } from './resources';

/** A pod asks for a node and is refused: `helpless` refusals would not be cured by evicting other pods. */
export interface Refusal {
  readonly reason: string;
  readonly helpless: boolean;
}

/** A node as the scheduler sees it. */
export interface NodeInfo {
  readonly node: Node;
  /** Pods that are bound to it and have not ended. */
  readonly pods: readonly Pod[];
  /** Those of them that keep others away. */
  readonly repelling: readonly Pod[];
  /** What they have asked for, summed when it is needed. */
  readonly used: () => Amounts;
}

const MAX_PODS = 110;

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some(
    (row) =>
      (row.effect === undefined || row.effect === taint.effect) &&
      (row.key === undefined || row.key === '' ? row.operator === 'Exists' : row.key === taint.key) &&
      (row.operator === 'Exists' || (row.value ?? '') === (taint.value ?? '')),
  );
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function requirement(row: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = row.values ?? [];
  switch (row.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** One node selector term: all its requirements hold. A term without any matches nothing. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((row) => requirement(row, node.metadata.labels?.[row.key])) &&
    fields.every((row) => requirement(row, row.key === 'metadata.name' ? node.metadata.name : undefined))
  );
}

/** nodeSelector and required node affinity together. */
export function matchesNode(pod: Pod, node: Node): boolean {
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {}))
    if (node.metadata.labels?.[key] !== value) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function hostPorts(pod: Pod): string[] {
  return pod.spec.containers
    .flatMap((row) => row.ports ?? [])
    .filter((row) => row.hostPort !== undefined && row.hostPort > 0)
    .map((row) => `${row.protocol ?? 'TCP'}/${row.hostPort}`);
}

function portsTaken(pod: Pod, info: NodeInfo): boolean {
  const asked = hostPorts(pod);
  if (asked.length === 0) return false;
  const taken = new Set(info.pods.flatMap(hostPorts));
  return asked.some((port) => taken.has(port));
}

/** Why the pod cannot run on this node; empty when it can. */
export function refusalsOf(pod: Pod, info: NodeInfo): Refusal[] {
  const { node } = info;
  if (node.spec?.unschedulable === true && !tolerates(pod.spec.tolerations, UNSCHEDULABLE))
    return [{ reason: 'node(s) were unschedulable', helpless: true }];
  const taint = (node.spec?.taints ?? []).find(
    (row) => row.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations, row),
  );
  if (taint !== undefined) return [{ reason: 'node(s) had untolerated taint(s)', helpless: true }];
  if (!matchesNode(pod, node))
    return [{ reason: "node(s) didn't match Pod's node affinity/selector", helpless: true }];
  if (portsTaken(pod, info))
    return [{ reason: "node(s) didn't have free ports for the requested pod ports", helpless: false }];
  return tooSmall(pod, info);
}

function tooSmall(pod: Pod, info: NodeInfo): Refusal[] {
  const allocatable = info.node.status?.allocatable ?? {};
  const limit = Number(allocatable.pods ?? MAX_PODS);
  const out: Refusal[] = [];
  if (info.pods.length >= limit) out.push({ reason: 'Too many pods', helpless: false });
  const asked = amounts(pod);
  if (Object.keys(asked).length === 0) return out;
  for (const resource of fits(asked, info.used(), allocatable))
    out.push({ reason: `Insufficient ${resource}`, helpless: false });
  return out;
}

/** The message of FailedScheduling for a pod that fits nowhere. */
export function failureMessage(nodes: number, refusals: readonly (readonly Refusal[])[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const head = `0/${nodes} nodes are available`;
  const preemption = refusals.map((rows) => [
    {
      reason: rows.some((row) => row.helpless)
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
      helpless: true,
    },
  ]);
  return `${head}: ${counted(refusals)}. preemption: ${head}: ${counted(preemption)}.`;
}

function counted(refusals: readonly (readonly Refusal[])[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of refusals.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
