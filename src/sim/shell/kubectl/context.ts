/** What one kubectl command works with: its flags, its arguments, the API server, and where it prints. */
import { EPOCH_SECONDS } from '../../api/time';
import type { Io, ShellSettings, ShellWorld, Step, StepCause } from '../shell';
import type { Plain } from '../../../lib/plain';
import type { KubeApi } from './api';
import { UsageError } from './api';
import type { Flags } from './flags';

export interface Kubectl {
  readonly world: ShellWorld;
  readonly api: KubeApi;
  readonly io: Io;
  readonly settings: ShellSettings;
  readonly flags: Flags;
  /** Arguments that are no flags, the command's own name left out. */
  readonly args: readonly string[];
  /** The namespace that the command works in: -n or the context's. */
  readonly namespace: string;
  readonly allNamespaces: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** One kubectl command. `path` is its words: "rollout status". */
export interface Verb {
  readonly path: string;
  run(k: Kubectl): Step;
  resume?(k: Kubectl, state: Plain | object, cause: StepCause): Step;
}

/** The context's name as kubeadm writes it. */
export const CONTEXT_NAME = 'kubernetes-admin@kubernetes';

export const DONE: Step = { code: 0 };
export const FAILED: Step = { code: 1 };

/** Milliseconds since 1970 of a virtual moment. */
export function epochMs(nowNs: number): number {
  return EPOCH_SECONDS * 1000 + nowNs / 1_000_000;
}

/** "none", "client" or "server" of --dry-run. Throws UsageError for another value. */
export function dryRunOf(flags: Flags): 'none' | 'client' | 'server' {
  const value = flags.text('dry-run') || 'none';
  if (value === 'unchanged' || value === 'true') return 'client';
  if (value === 'false') return 'none';
  if (value === 'none' || value === 'client' || value === 'server') return value;
  throw new UsageError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

/** What is added to a message of a write that was not made. */
export function dryRunSuffix(mode: 'none' | 'client' | 'server'): string {
  return mode === 'client' ? ' (dry run)' : mode === 'server' ? ' (server dry run)' : '';
}
