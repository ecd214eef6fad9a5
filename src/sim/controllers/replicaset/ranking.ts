/** Which pods a ReplicaSet gives up first (upstream ActivePodsWithRanks in controller_utils.go, KEP-2185, KEP-2255). */
import type { Ns } from '../../clock/clock';
import type { Pod } from '../../api/kinds/pod';
import { createdAt, isReady, maxRestarts, readySince } from '../pod-state';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES = ['Pending', 'Unknown', 'Running'];

interface Candidate {
  readonly pod: Pod;
  /** How many pods of the same owner share its node. */
  readonly neighbours: number;
}

function cost(pod: Pod): number {
  const text = pod.metadata.annotations?.[COST] ?? '0';
  return /^-?\d+$/.test(text) ? Number(text) : 0;
}

/** Ages are compared by their power of two only, so that which of two old pods dies is a matter of chance, not of age. */
function logAge(atNs: Ns, nowNs: Ns): number {
  return nowNs > atNs ? Math.floor(Math.log2(nowNs - atNs)) : -1;
}

function byAge(a: Pod, b: Pod, aNs: Ns, bNs: Ns, nowNs: Ns): number {
  const difference = logAge(aNs, nowNs) - logAge(bNs, nowNs);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

function phaseRank(pod: Pod): number {
  return PHASES.indexOf(pod.status?.phase ?? 'Pending');
}

/** Negative when `a` is deleted before `b`. */
function compare(a: Candidate, b: Candidate, nowNs: Ns): number {
  const assigned = Number(!!a.pod.spec.nodeName) - Number(!!b.pod.spec.nodeName);
  if (assigned !== 0) return assigned;
  const phase = phaseRank(a.pod) - phaseRank(b.pod);
  if (phase !== 0) return phase;
  const ready = Number(isReady(a.pod)) - Number(isReady(b.pod));
  if (ready !== 0) return ready;
  if (cost(a.pod) !== cost(b.pod)) return cost(a.pod) - cost(b.pod);
  if (a.neighbours !== b.neighbours) return b.neighbours - a.neighbours;
  const [readyA, readyB] = [readySince(a.pod), readySince(b.pod)];
  if (readyA !== null && readyB !== null && readyA !== readyB)
    return byAge(a.pod, b.pod, readyA, readyB, nowNs);
  const restarts = maxRestarts(b.pod) - maxRestarts(a.pod);
  if (restarts !== 0) return restarts;
  const [bornA, bornB] = [createdAt(a.pod), createdAt(b.pod)];
  return bornA === bornB ? 0 : byAge(a.pod, b.pod, bornA, bornB, nowNs);
}

/** Pods in the order in which they are given up. `related` are the pods of all sets with the same owner. */
export function deletionOrder(pods: readonly Pod[], related: readonly Pod[], nowNs: Ns): Pod[] {
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? '';
    if (node !== '') perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  return pods
    .map((pod) => ({ pod, neighbours: perNode.get(pod.spec.nodeName ?? '') ?? 0 }))
    .sort((a, b) => compare(a, b, nowNs))
    .map((row) => row.pod);
}
