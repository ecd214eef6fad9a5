/** What a kubelet remembers of its pods between two looks: plain data, replaced and never changed in place (law 4). */
import type { Ns } from '../../clock/clock';
import type { ContainerState } from '../../api/kinds/container';
import type { Backoff } from './backoff';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProbeRecord {
  /** The result that counts: it flips only after enough equal outcomes in a row. */
  readonly result: 'unknown' | 'success' | 'failure';
  readonly last: 'success' | 'failure' | null;
  readonly inARow: number;
  /** A failed liveness or startup probe rests until the container is a new one. */
  readonly resting: boolean;
}

/** How far stopping a container has come. */
export interface Stopping {
  readonly stage: 'pre-stop' | 'terminating' | 'killed';
  /** When SIGKILL is due. */
  readonly deadlineNs: Ns;
}

export interface ContainerRecord {
  readonly name: string;
  readonly role: 'init' | 'sidecar' | 'app';
  /**
   * idle: not started yet. pulling, starting: on its way. running. exited: over, what follows is to be decided. waiting: a
   * back-off or error holds it. done: over for good.
   */
  readonly stage: 'idle' | 'pulling' | 'starting' | 'running' | 'exited' | 'waiting' | 'done';
  /** Counts starts; timers and probes of earlier runs are ignored. */
  readonly run: number;
  readonly handle: string | null;
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly restartCount: number;
  readonly startedAt?: string;
  /** Started at this moment and not yet seen by a relist; its probes begin when it is. */
  readonly unseenSinceNs: Ns | null;
  /** The runtime said so, the next relist will notice. */
  readonly exit: {
    readonly code: number;
    readonly reason: string;
    readonly message?: string;
    readonly atNs: Ns;
  } | null;
  readonly crash: Backoff | null;
  readonly pull: Backoff | null;
  readonly probes: Readonly<Partial<Record<ProbeKind, ProbeRecord>>>;
  readonly stopping: Stopping | null;
}

export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** sandbox: no network yet. running: containers are looked after. stopping: they are asked to end. ended: all is over. */
  readonly stage: 'sandbox' | 'running' | 'stopping' | 'ended';
  readonly netns: string;
  readonly ips: readonly string[];
  readonly startTime: string;
  /** Init containers first, in the order of the spec. */
  readonly containers: readonly ContainerRecord[];
  /** Set when stopping: how long its containers are given. */
  readonly graceNs: Ns;
  /** The phase it ended in, kept because its containers may be gone. */
  readonly mountTries: number;
}

/** A pod record with one container changed. */
export function withContainer(record: PodRecord, name: string, change: Partial<ContainerRecord>): PodRecord {
  const containers = record.containers.map((row) => (row.name === name ? { ...row, ...change } : row));
  return { ...record, containers };
}

export function containerOf(record: PodRecord, name: string): ContainerRecord | undefined {
  return record.containers.find((row) => row.name === name);
}
