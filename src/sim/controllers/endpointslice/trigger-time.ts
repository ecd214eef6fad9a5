/**
 * When the change that a slice write answers to happened (endpoints.kubernetes.io/last-change-trigger-time), for the
 * programming-latency metric of kube-proxy. Upstream: endpointslice/trigger_time_tracker.go.
 */
import type { Ns } from '../../clock/clock';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import { fromRfc3339 } from '../../api/time';

/** What was seen of a Service and its pods when its slices were last written. */
export interface SeenTimes {
  readonly serviceNs: Ns;
  readonly pods: ReadonlyMap<string, Ns>;
}

function readyChange(pod: Pod): Ns | null {
  const row = pod.status?.conditions?.find((entry) => entry.type === 'Ready');
  return row === undefined ? null : fromRfc3339(row.lastTransitionTime ?? '');
}

/** The earliest change since `seen`, as an API time, and what is seen now. Null when nothing newer is known. */
export function triggerTime(
  service: Service,
  pods: readonly Pod[],
  seen: SeenTimes | undefined,
): { trigger: string | null; now: SeenTimes } {
  let earliest: string | null = null;
  let earliestNs = Infinity;
  const consider = (text: string | undefined, atNs: Ns | null, beforeNs: Ns): void => {
    if (text === undefined || atNs === null || atNs <= beforeNs || atNs >= earliestNs) return;
    earliest = text;
    earliestNs = atNs;
  };
  const times = new Map<string, Ns>();
  for (const pod of pods) {
    const atNs = readyChange(pod);
    if (atNs === null) continue;
    times.set(pod.metadata.name, atNs);
    const row = pod.status?.conditions?.find((entry) => entry.type === 'Ready');
    consider(row?.lastTransitionTime, atNs, seen?.pods.get(pod.metadata.name) ?? -1);
  }
  const born = service.metadata.creationTimestamp;
  const bornNs = fromRfc3339(born ?? '');
  consider(born, bornNs, seen?.serviceNs ?? -1);
  return { trigger: earliest, now: { serviceNs: bornNs ?? -1, pods: times } };
}
