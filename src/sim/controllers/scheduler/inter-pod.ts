/** Required rules between pods: (anti-)affinity and hard topology spread. Upstream: plugins/interpodaffinity, podtopologyspread. */
import type { LabelSelector } from '../../api/kinds/meta';
import type { Pod } from '../../api/kinds/pod';
import type { PodAffinityTerm } from '../../api/kinds/scheduling';
import { matchesSelector } from '../selector';
import { matchesNode, type NodeInfo, type Refusal } from './filters';

function required(pod: Pod, which: 'podAffinity' | 'podAntiAffinity'): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.[which]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function selects(term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const namespaces =
    term.namespaces ?? (term.namespaceSelector === undefined ? [owner.metadata.namespace ?? ''] : undefined);
  // Not simulated: a namespaceSelector of an affinity term chooses all namespaces.
  if (namespaces !== undefined && !namespaces.includes(other.metadata.namespace ?? '')) return false;
  return matchesSelector(term.labelSelector, other.metadata.labels);
}

function domain(info: NodeInfo, key: string): string | undefined {
  return info.node.metadata.labels?.[key];
}

/** Pods that a term selects in the same topology domain as a node. */
function inDomain(term: PodAffinityTerm, owner: Pod, info: NodeInfo, all: readonly NodeInfo[]): boolean {
  const value = domain(info, term.topologyKey);
  if (value === undefined) return false;
  return all.some(
    (row) => domain(row, term.topologyKey) === value && row.pods.some((pod) => selects(term, owner, pod)),
  );
}

function affinityHolds(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): boolean {
  return required(pod, 'podAffinity').every((term) => {
    if (inDomain(term, pod, info, all)) return true;
    // The first pod of a group that asks for its own kind may start it.
    const nobody = !all.some((row) => row.pods.some((other) => selects(term, pod, other)));
    return nobody && selects(term, pod, pod) && domain(info, term.topologyKey) !== undefined;
  });
}

function existingObject(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): boolean {
  return all.some((row) =>
    row.repelling.some((other) =>
      required(other, 'podAntiAffinity').some((term) => {
        const value = domain(row, term.topologyKey);
        return value !== undefined && value === domain(info, term.topologyKey) && selects(term, other, pod);
      }),
    ),
  );
}

function matching(selector: LabelSelector | undefined, pod: Pod, info: NodeInfo): number {
  const same = (row: Pod): boolean => row.metadata.namespace === pod.metadata.namespace;
  return info.pods.filter((row) => same(row) && matchesSelector(selector, row.metadata.labels)).length;
}

/** True when putting the pod here keeps every hard spread constraint. */
function spreadHolds(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): boolean | 'missing-label' {
  for (const row of pod.spec.topologySpreadConstraints ?? []) {
    if (row.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const here = domain(info, row.topologyKey);
    if (here === undefined) return 'missing-label';
    const counts = new Map<string, number>();
    for (const other of all.filter((entry) => matchesNode(pod, entry.node))) {
      const value = domain(other, row.topologyKey);
      if (value !== undefined)
        counts.set(value, (counts.get(value) ?? 0) + matching(row.labelSelector, pod, other));
    }
    const self = matchesSelector(row.labelSelector, pod.metadata.labels) ? 1 : 0;
    if ((counts.get(here) ?? 0) + self - Math.min(...counts.values()) > row.maxSkew) return false;
  }
  return true;
}

/** Why rules between pods keep the pod off this node; empty when they do not. */
export function affinityRefusals(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): Refusal[] {
  const spread = spreadHolds(pod, info, all);
  if (spread === 'missing-label') {
    const reason = "node(s) didn't match pod topology spread constraints (missing required label)";
    return [{ reason, helpless: true }];
  }
  if (!spread) return [{ reason: "node(s) didn't match pod topology spread constraints", helpless: false }];
  if (!affinityHolds(pod, info, all))
    return [{ reason: "node(s) didn't match pod affinity rules", helpless: true }];
  if (required(pod, 'podAntiAffinity').some((term) => inDomain(term, pod, info, all)))
    return [{ reason: "node(s) didn't match pod anti-affinity rules", helpless: false }];
  if (existingObject(pod, info, all))
    return [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules", helpless: false }];
  return [];
}
