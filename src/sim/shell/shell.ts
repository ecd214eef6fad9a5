/**
 * The contract of the terminal: what a command may touch (ShellWorld), what a command is (ShellCommand), and what one that
 * takes time keeps between its steps (data, law 4). A real terminal has a shell on the learner's laptop here, with kubectl
 * configured for the cluster.
 */
import type { Plain } from '../../lib/plain';
import type { Clock, Ns } from '../clock/clock';
import type { MachineApi } from '../kernel/machine-api';
import type { SpawnRequest } from '../programs/process-table';
import type { Processes } from '../programs/processes';
import type { KubeApi } from './kubectl/api';

/** A pod on a node as the shell needs it: where it is and the process handle of each running container. */
export interface PodPlace {
  readonly machine: string;
  readonly netns: string;
  /** Container name to process handle; a container that does not run has none. */
  readonly handles: Readonly<Record<string, string>>;
}

/** The process table, as far as a terminal uses it. Output and exit come back under the session's id. */
export type ShellProcesses = Pick<Processes, 'execIn' | 'interrupt' | 'instanceLogs'> &
  Partial<Pick<Processes, 'holderOf'>>;

/** What a command may touch. The cluster supplies it; tests supply less. */
export interface ShellWorld {
  readonly clock: Clock;
  readonly nowNs: Ns;
  /** The API server, as a client of it sees it. */
  readonly api: KubeApi;
  readonly processes: ShellProcesses;
  machineOf(node: string): MachineApi | undefined;
  /** Where commands on a node start: its own network namespace and what they see there. Undefined without such a node. */
  nodePlace(node: string): Omit<SpawnRequest, 'argv'> | undefined;
  /** Where the terminal itself stands: outside of the cluster, with a way to the nodes' addresses. */
  readonly outside?: Omit<SpawnRequest, 'argv'>;
  podOf(namespace: string, name: string): PodPlace | undefined;
  /** Files of the workspace for `-f NAME`: one, or all below a folder ("." gives all). Null when there is none. */
  readFiles(name: string): readonly { readonly name: string; readonly text: string }[] | null;
}

/** Where a command writes, and what was piped or here-documented into it. */
export interface Io {
  readonly session: string;
  readonly stdin: string | null;
  out(text: string): void;
  err(text: string): void;
}

/**
 * What a step of a command answers: it has ended, or it goes on. `afterNs` asks to be stepped again after that time;
 * without it only the exit of its process (or Ctrl-C) steps it. With `process` Ctrl-C is left to the process, which may
 * have something to say yet. `state` is handed back unchanged.
 */
export type Step =
  | { readonly code: number }
  | { readonly state: Plain | object; readonly afterNs?: Ns; readonly process?: boolean };

/** Why a command is stepped. */
export type StepCause = { readonly type: 'tick' } | { readonly type: 'exit'; readonly code: number };

export interface ShellCommand {
  readonly name: string;
  /** One line of `help`. */
  readonly synopsis: string;
  run(world: ShellWorld, argv: readonly string[], io: Io, settings: ShellSettings): Step;
  /** The next step of a command that went on. */
  resume?(
    world: ShellWorld,
    argv: readonly string[],
    io: Io,
    settings: ShellSettings,
    state: Plain | object,
    cause: StepCause,
  ): Step;
  /** Words that may stand at `argv[index]`, which may be half typed. */
  complete?(
    world: ShellWorld,
    argv: readonly string[],
    index: number,
    settings: ShellSettings,
  ): readonly string[];
}

/** What the shell remembers between lines: the kubeconfig's current context. */
export interface ShellSettings {
  namespace: string;
}

/** How often a command that watches looks again. */
export const WATCH_EVERY_NS: Ns = 100_000_000;
