/**
 * What runs in containers and terminals: programs as data and functions. A process is a record; its program is a table of
 * functions from (process, event) to actions through `Os`, so that everything a process knows is in its record (law 4).
 */
import type { Plain } from '../../lib/plain';
import type { Ns } from '../clock/clock';
import type { MachineApi, SocketEvent } from '../kernel/machine-api';
import type { ContainerSpec } from '../node/runtime';

/** A running program. `state` is the program's own and is replaced, never mutated. */
export interface Process {
  readonly pid: number;
  readonly program: string;
  readonly machine: string;
  readonly netns: string;
  /** Ref of the pod ("Pod/ns/name") or node ("Node//name") it runs in; asks are traced as coming from here. */
  readonly owner: string;
  /** Its container, absent for processes of the node itself and the outside. */
  readonly container?: ContainerSpec;
  readonly handle?: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes: an exec session's id, or absent for the container's log. */
  readonly session?: string;
  readonly state: Plain | object;
}

/** What happens to a process: a socket has news, a timer of its own rang, a signal came. */
export type ProcessEvent =
  | { readonly type: 'socket'; readonly event: SocketEvent }
  | { readonly type: 'timer'; readonly name: string; readonly data?: Plain | object }
  | { readonly type: 'signal'; readonly signal: 'TERM' | 'INT' };

/** The operating system as one process sees it. */
export interface Os {
  readonly process: Process;
  readonly machine: MachineApi;
  readonly nowNs: Ns;
  setState(state: Plain | object): void;
  /** Owner to give to sockets so that their news come back to this process. */
  readonly owner: { readonly to: string; readonly key: number };
  setTimer(name: string, delayNs: Ns, data?: Plain | object): number;
  cancelTimer(id: number): void;
  random(stream: string): number;
  print(text: string, to?: 'stdout' | 'stderr'): void;
  exit(code: number): void;
  /** Opens and closes a conversation in the trace; packets carry its id. */
  beginRequest(kind: 'http' | 'dns' | 'tcp' | 'udp' | 'ping' | 'probe', what: string): number;
  endRequest(id: number, ok: boolean, text: string): void;
  /** Files of the container: /etc/resolv.conf, /etc/hosts and mounted ones. Null when absent. */
  readFile(path: string): string | null;
}

export interface Program {
  readonly name: string;
  start(os: Os): void;
  onEvent(os: Os, event: ProcessEvent): void;
}
