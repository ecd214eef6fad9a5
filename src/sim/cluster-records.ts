/** The plain data that a cluster takes in, gives out and is kept as. */
import type { LoopKeyframe } from './api/loop';
import type { StoreKeyframe } from './api/store';
import type { ClockKeyframe, Ns } from './clock/clock';
import type { NodeKeyframe } from './cluster-node';
import type { OutsideKeyframe } from './cluster-outside';
import type { RolloutKeyframe } from './cluster-rollout';
import type { FilesApplied } from './manifests/apply';
import type { ProcessesKeyframe } from './programs/process-records';
import type { SessionsKeyframe } from './shell/sessions';
import type { TraceKeyframe } from './trace/trace';
import type { UnderlayKeyframe } from './underlay';
import type { Fault } from './view';

/** A file of the workspace. */
export interface WorkspaceFile {
  readonly name: string;
  readonly text: string;
}

/** What came from outside; together with seed and version it is the whole run. */
export type ClusterCommand =
  | { readonly type: 'apply'; readonly files: readonly WorkspaceFile[] }
  | { readonly type: 'exec'; readonly id: string; readonly line: string }
  | { readonly type: 'interrupt'; readonly id: string }
  | { readonly type: 'fault'; readonly fault: Fault };

/** What the terminal prints, to be fetched by `takeOutput`. */
export type TerminalOutput =
  | {
      readonly type: 'output';
      readonly id: number;
      readonly text: string;
      readonly stream: 'stdout' | 'stderr';
    }
  | { readonly type: 'exit'; readonly id: number; readonly code: number };

export interface ClusterKeyframe {
  readonly clock: ClockKeyframe;
  readonly trace: TraceKeyframe;
  readonly store: StoreKeyframe;
  readonly underlay: UnderlayKeyframe;
  readonly outside: OutsideKeyframe;
  readonly nodes: readonly NodeKeyframe[];
  readonly controllers: readonly LoopKeyframe[];
  readonly processes: ProcessesKeyframe;
  readonly sessions: SessionsKeyframe;
  readonly lastWriteNs: Ns;
  readonly rollout: RolloutKeyframe;
  readonly applied: FilesApplied | null;
  readonly files: readonly WorkspaceFile[];
}
