/** What the parts of one kubelet share: its tools, its table of pods, its timers. */
import type { Ns } from '../../clock/clock';
import type { EventRecorder } from '../../api/events';
import type { Container } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import type { KubeletDeps, KubeletTimings } from './config';
import type { PodTable } from './pod-table';
import type { PodRecord } from './records';

export interface KubeletContext {
  /** Timer address, "kubelet/node-1". */
  readonly address: string;
  readonly deps: KubeletDeps;
  readonly timings: KubeletTimings;
  readonly table: PodTable;
  readonly events: EventRecorder;
  /** Sets a timer of this boot; it is ignored after the machine lost power. */
  timer(delayNs: Ns, type: string, data: TimerData): void;
  /** The stored pod of a record, or the last one seen when it is gone. */
  podOf(record: PodRecord): Pod;
  /** False while the node cannot reach the API server: nothing is written there. */
  readonly connected: boolean;
  /** Has the next relist look at the pod. */
  soon(uid: string): void;
  /** Drops all that is remembered of a pod. */
  forget(uid: string): void;
  /** Looks at the pod now. */
  now(uid: string): void;
}

export interface TimerData {
  readonly uid?: string;
  readonly container?: string;
  readonly run?: number;
  readonly [more: string]: string | number | boolean | undefined;
}

/** A span with a little luck in it: 80 to 120 % of `ns`, from the kubelet's own stream. */
export function jittered(context: KubeletContext, ns: Ns): Ns {
  return ns * (0.8 + 0.4 * context.deps.clock.random.next(context.address));
}

/** The spec of a container by name. */
export function specOf(pod: Pod, name: string): Container | undefined {
  return (
    pod.spec.containers.find((row) => row.name === name) ??
    pod.spec.initContainers?.find((row) => row.name === name)
  );
}

/** How events point at a container. */
export function fieldPath(record: PodRecord, name: string): string {
  const role = record.containers.find((row) => row.name === name)?.role;
  return role === 'app' ? `spec.containers{${name}}` : `spec.initContainers{${name}}`;
}
