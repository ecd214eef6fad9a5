/**
 * What the parts of the process table share: its records, and the few things that system calls need of it.
 */
import type { Plain } from '../../lib/plain';
import type { Clock } from '../clock/clock';
import type { MachineApi } from '../kernel/machine-api';
import type { ContainerSpec } from '../node/runtime';
import type { Trace } from '../trace/trace';
import type { Command } from './commands';
import type { ImageBehaviour } from './images';
import type { Process, Program, SpawnOptions } from './program';

/** Timer address of the process table. */
export const PROCESSES_ADDRESS = 'processes';

export interface ProcessDeps {
  readonly clock: Clock;
  readonly trace: Trace;
  machineOf(name: string): MachineApi;
  readonly programs: readonly Program[];
  onOutput(session: string, stream: 'stdout' | 'stderr', text: string): void;
  onExit(session: string, code: number): void;
}

/** Where a process starts: a machine's netns, and what it sees there. */
export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly machine: string;
  readonly netns: string;
  readonly owner: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly session?: string;
  readonly container?: ContainerSpec;
  readonly handle?: string;
  readonly libc?: 'glibc' | 'musl';
  readonly stdin?: string;
  /** Files that a process outside of containers sees, such as the node's /etc/resolv.conf. */
  readonly files?: Readonly<Record<string, string>>;
  /** Set when the program is known and need not be looked for by its command's name. */
  readonly program?: string;
}

/** A process with what the table knows about it. Replaced, never mutated. */
export interface Entry {
  readonly process: Process;
  readonly parent: number | null;
  /** Pid of the first process of its session; Ctrl-C goes to all of a group. */
  readonly group: number;
  /** above: what an ancestor captures. */
  readonly stdout: 'out' | 'capture' | 'above' | 'discard';
  readonly stderr: 'out' | 'capture' | 'above' | 'discard';
  readonly captured: string;
  readonly timers: ReadonlySet<number>;
  readonly requests: ReadonlySet<number>;
  readonly files: Readonly<Record<string, string>>;
  readonly reply?: { readonly to: string; readonly token: Plain };
}

export interface Container {
  readonly spec: ContainerSpec;
  readonly image: ImageBehaviour;
  readonly mainPid: number;
  /** How many processes it has had: they count from 1 on in its own pid namespace. */
  readonly born?: number;
  readonly running: boolean;
  /** The container's writable layer. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines printed, oldest first: what is kept of them, and those that came since that was last put together. */
  readonly log: readonly string[];
  readonly freshLog: readonly string[];
}

/** The process table as Os sees it. */
export interface ProcessTable {
  readonly deps: ProcessDeps;
  entry(pid: number): Entry | undefined;
  replace(pid: number, entry: Entry): void;
  container(handle: string | undefined): Container | undefined;
  /** What a command line starts for a process; `awaited` as in commands.ts. */
  commandFor(entry: Entry, argv: readonly string[], awaited: boolean): Command | null;
  readFile(entry: Entry, path: string): string | null;
  listFiles(entry: Entry): readonly string[];
  writeFile(handle: string | undefined, path: string, text: string | null): void;
  output(pid: number, stream: 'stdout' | 'stderr', text: string): void;
  /** Processes of a container, the first one first. */
  processesIn(handle: string): readonly Process[];
  signalFrom(pid: number, signal: 'TERM' | 'INT' | 'KILL'): void;
  become(pid: number, program: Program, argv: readonly string[], env: Readonly<Record<string, string>>): void;
  spawn(request: SpawnRequest, parent: number | null, options: SpawnOptions): number;
}
