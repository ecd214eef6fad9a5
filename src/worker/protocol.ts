/**
 * What the page and the cluster say to each other, as plain data. Nothing here knows whether a Worker, a socket or a
 * function call carries it.
 */
import type { Ns } from '../sim/clock/clock';
import type { IpFamilies } from '../sim/cluster-families';
import type { Hop } from '../sim/trace/hop';
import type { ApplyResult, ClusterFacts, Fault, Probe, ProbeRow, SourceRange, ViewPatch } from '../sim/view';

export type { Fault, Probe, ProbeRow } from '../sim/view';

/** What a visitor chose about the cluster itself; absent is the default. Documents among the manifests go first. */
export interface BootSettings {
  readonly proxyMode?: ClusterFacts['proxyMode'];
  readonly ipvsScheduler?: string;
  readonly masqueradeAll?: boolean;
  readonly loadBalancer?: NonNullable<ClusterFacts['loadBalancer']>;
  readonly routeExternalIps?: boolean;
  /** Only a new cluster can have others. */
  readonly ipFamilies?: IpFamilies;
}

/** One file of the workspace. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Speed of virtual time. `auto` eases to `packetNsPerSecond` while a packet is on its way and hurries in between. */
export interface Pace {
  readonly paused: boolean;
  /** Virtual nanoseconds per real second. */
  readonly nsPerSecond: number;
  readonly auto: boolean;
  /** Packet that the user follows: each of its hops is held until it can be read. Null for none. */
  readonly watchedPacket: number | null;
  /** Request whose packets are told in full, however fast time runs. Absent for none. */
  readonly watchedRequest?: number | null;
}

/** Page to cluster. `id` comes back in the answer. */
export type Command =
  | {
      readonly type: 'boot';
      readonly seed: number;
      readonly files: readonly SourceFile[];
      readonly settings?: BootSettings;
    }
  | { readonly type: 'apply'; readonly id: number; readonly files: readonly SourceFile[] }
  | { readonly type: 'check'; readonly id: number; readonly files: readonly SourceFile[] }
  | { readonly type: 'exec'; readonly id: number; readonly line: string }
  | { readonly type: 'interrupt'; readonly id: number }
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'pace'; readonly pace: Pace }
  | { readonly type: 'step-event' }
  | { readonly type: 'step-hop'; readonly packet: number | null }
  | { readonly type: 'run-to'; readonly atNs: Ns }
  | { readonly type: 'rewind'; readonly toNs: Ns }
  | { readonly type: 'probe'; readonly id: number; readonly probe: Probe }
  | { readonly type: 'unprobe'; readonly id: number }
  | { readonly type: 'locate'; readonly id: number; readonly ref: string; readonly path: string }
  | { readonly type: 'complete'; readonly id: number; readonly line: string };

/** Cluster to page. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'patch'; readonly patch: ViewPatch; readonly nsPerSecond: number }
  | { readonly type: 'applied'; readonly id: number; readonly result: ApplyResult }
  | { readonly type: 'checked'; readonly id: number; readonly result: ApplyResult }
  | {
      readonly type: 'output';
      readonly id: number;
      readonly text: string;
      readonly stream: 'stdout' | 'stderr';
    }
  | { readonly type: 'exit'; readonly id: number; readonly code: number }
  | {
      readonly type: 'probed';
      readonly id: number;
      readonly text: string;
      readonly rows?: readonly ProbeRow[];
    }
  | {
      readonly type: 'located';
      readonly id: number;
      readonly range: SourceRange | null;
      readonly from: string;
    }
  | { readonly type: 'completed'; readonly id: number; readonly words: readonly string[] }
  | { readonly type: 'stopped'; readonly packet: number | null; readonly hop: Hop | null }
  | { readonly type: 'crashed'; readonly message: string; readonly replay: string };
