/**
 * What the page and the worker of the side-by-side view say to each other: one question, put to a cluster in each mode
 * of kube-proxy, and the packets that it caused there. Plain data, like the other protocol.
 */
import type { Ns } from '../sim/clock/clock';
import type { Hop, PacketEnd, RequestTrace, Role } from '../sim/trace/hop';
import type { ClusterFacts } from '../sim/view';
import type { SourceFile } from './protocol';

export type CompareMode = ClusterFacts['proxyMode'];

/** Who asks, with which tool, and for what. */
export interface Ask {
  /** Ref of a pod, a node or a machine outside: "Pod/default/frontend-…". */
  readonly from: string;
  readonly tool: 'curl' | 'ping';
  /** A URL or a host. */
  readonly target: string;
}

export type CompareSettings = Pick<ClusterFacts, 'loadBalancer' | 'routeExternalIps'>;

export interface CompareCommand {
  readonly type: 'compare';
  readonly id: number;
  readonly seed: number;
  readonly files: readonly SourceFile[];
  readonly modes: readonly CompareMode[];
  /** Settings of the live cluster that are no manifests. */
  readonly settings?: CompareSettings;
  /** What is left out is chosen by the worker: a pod that calls, and the first Service. */
  readonly ask: Partial<Ask>;
}

/** Something that can be chosen in the form. */
export interface Choice {
  readonly value: string;
  readonly name: string;
}

/** Lines of a table that stand behind a step, as the tool named prints them; `hit` marks what the packet met. */
export interface Behind {
  readonly tool: string;
  readonly lines: readonly { readonly text: string; readonly hit: boolean }[];
}

export interface CompareHop {
  /** A folded hop, its details hung below it. */
  readonly hop: Hop;
  readonly behind: readonly Behind[];
}

export interface ComparePacket {
  readonly id: number;
  readonly role: Role;
  readonly label: string;
  readonly bornNs: Ns;
  readonly end: PacketEnd | null;
  readonly hops: readonly CompareHop[];
  /** Rules looked at on its whole way, on all machines, those for a tunnel's outer packet among them. */
  readonly rulesPassed: number;
  /** The same on the machine that decided, for the packet itself, and how long it was in that machine's hooks. */
  readonly there: { readonly rulesPassed: number; readonly hooksNs: Ns };
}

export interface ModeRun {
  readonly mode: CompareMode;
  /** Null when nothing was asked at all, for example because the pod is gone. */
  readonly request: RequestTrace | null;
  /** Packets of the request without questions for MAC addresses, in order of birth. */
  readonly packets: readonly ComparePacket[];
  /** The machine that decided where the first packet goes. */
  readonly node: string;
  /** What that machine holds: "iptables rules", 57. */
  readonly holds: readonly { readonly what: string; readonly count: number }[];
  /** Addresses and who has them. */
  readonly names: readonly (readonly [string, string])[];
}

export type CompareReport =
  | {
      readonly type: 'compared';
      readonly id: number;
      /** Modes that this build can run. */
      readonly modes: readonly CompareMode[];
      readonly ask: Ask;
      readonly places: readonly Choice[];
      readonly targets: readonly Choice[];
      readonly runs: readonly ModeRun[];
    }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
