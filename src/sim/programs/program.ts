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
  /** Its pid as its container sees it; absent outside of containers. */
  readonly innerPid?: number;
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
  /** Standard input, when a shell pipes something into it. Absent means end of file at once. */
  readonly stdin?: string;
  /** The C library that its image is built with; it decides how names are resolved. */
  readonly libc: 'glibc' | 'musl';
  readonly state: Plain | object;
}

/** How a process starts another one. */
export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** capture: the text comes back with the child event. inherit: where the parent's goes. */
  readonly stdout?: 'inherit' | 'capture' | 'discard';
  readonly stderr?: 'inherit' | 'capture' | 'discard';
}

/** What happens to a process: a socket has news, a timer of its own rang, a signal came. */
export type ProcessEvent =
  | { readonly type: 'socket'; readonly event: SocketEvent }
  | { readonly type: 'timer'; readonly name: string; readonly data?: Plain | object }
  | { readonly type: 'signal'; readonly signal: 'TERM' | 'INT' }
  | { readonly type: 'child'; readonly pid: number; readonly code: number; readonly output: string };

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
  /** Paths of all files that readFile finds, sorted. */
  listFiles(): readonly string[];
  /** Writes a file; null removes it. It is gone with the container unless a volume is mounted there. */
  writeFile(path: string, text: string | null): void;
  /** Starts a child; a "child" event follows when it ends. Null when there is no such command. */
  spawn(argv: readonly string[], options?: SpawnOptions): number | null;
  /** Processes of the same container, with their pids inside of it (1 is the first); of none outside of containers. */
  siblings(): readonly { readonly pid: number; readonly args: readonly string[] }[];
  /** Sends a signal to a pid of the container. False when there is no such process. */
  signal(pid: number, signal: 'TERM' | 'INT' | 'KILL'): boolean;
  /** Turns this process into another program, as exec(2) does. False when there is no such command. */
  become(argv: readonly string[], env: Readonly<Record<string, string>>): boolean;
}

export interface Program {
  readonly name: string;
  /**
   * True when it has handlers for TERM and INT. Others die of both (128 plus the signal's number), unless they are the
   * container's first process: for that one the kernel ignores signals without a handler.
   */
  readonly handlesSignals?: boolean | ((process: Process) => boolean);
  start(os: Os): void;
  onEvent(os: Os, event: ProcessEvent): void;
}
