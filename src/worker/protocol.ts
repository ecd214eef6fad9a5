/**
 * What the page and the cluster say to each other, as plain data. Nothing here knows whether a Worker, a socket or a
 * function call carries it.
 */
import type { Ns } from '../sim/clock/clock';
import type { Hop } from '../sim/trace/hop';
import type { ApplyResult, SourceRange, ViewPatch } from '../sim/view';

/** One file of the workspace. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** What a user can break or change besides manifests. */
export type Fault =
  | { readonly kind: 'kill-pod'; readonly ref: string }
  | { readonly kind: 'hold-unready'; readonly ref: string; readonly held: boolean }
  | { readonly kind: 'cordon'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'power'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'cut-wire'; readonly node: string; readonly cut: boolean }
  | { readonly kind: 'scale'; readonly ref: string; readonly replicas: number }
  | { readonly kind: 'delete'; readonly ref: string }
  | { readonly kind: 'request'; readonly ref: string; readonly url: string };

/** Speed of virtual time. `auto` eases to `packetNsPerSecond` while a packet is on its way and hurries in between. */
export interface Pace {
  readonly paused: boolean;
  /** Virtual nanoseconds per real second. */
  readonly nsPerSecond: number;
  readonly auto: boolean;
  /** Packet that the user follows: each of its hops is held until it can be read. Null for none. */
  readonly watchedPacket: number | null;
}

/** A table of a machine, as its tool prints it, kept live while someone looks. */
export type Probe =
  | {
      readonly what: 'iptables-save' | 'ip-route' | 'ip-addr' | 'bridge-fdb' | 'conntrack' | 'neighbours';
      readonly node: string;
      readonly netns?: string;
    }
  | { readonly what: 'object'; readonly ref: string }
  | { readonly what: 'describe'; readonly ref: string }
  | { readonly what: 'rules-of'; readonly ref: string; readonly node: string };

/** Page to cluster. `id` comes back in the answer. */
export type Command =
  | { readonly type: 'boot'; readonly seed: number; readonly files: readonly SourceFile[] }
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

/** One line of a table with what it links to. */
export interface ProbeRow {
  readonly text: string;
  readonly ref: string | null;
  readonly path: string | null;
  /** Times that a rule matched. */
  readonly count?: number;
}
