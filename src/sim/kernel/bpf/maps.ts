/**
 * BPF programs and maps of one machine as data: which programs are attached where, the tables that an agent fills for them,
 * and the tables that the programs themselves write while packets and sockets come by.
 * Documents: Documentation/bpf/ of Linux 6.x (map_hash, prog_cgroup_sockopt and the bpf_sock_addr hooks), tc-bpf(8).
 * Not simulated: the instructions. A program is one of the few kinds below, and the evaluator knows what each does.
 */
import type { Ns } from '../../clock/clock';
import type { Origin } from '../../trace/hop';
import type { PeerAddress } from '../machine-api';

export type BpfProtocol = 'tcp' | 'udp' | 'sctp';

/** An address and port that clients ask for, and the backends behind it. */
export interface Frontend {
  /** "0.0.0.0" (or "::") stands for every address of the machine and its peers; see `Addresses`. */
  readonly address: string;
  readonly port: number;
  readonly protocol: BpfProtocol;
  /** Those within look at "int" when the "ext" entry says that there are two. */
  readonly scope: 'ext' | 'int';
  readonly twoScopes: boolean;
  /** Number under which flows and clients are remembered, printed as REVNAT_ID. */
  readonly id: number;
  /** Ids of backends, by slot. */
  readonly slots: readonly number[];
  /** False: packets from the wire that ask for it are dropped. */
  readonly routable: boolean;
  /** True: sockets are led there only when the address is one of this machine's own. */
  readonly ownAddressOnly: boolean;
  /** Seconds that a client keeps its backend, 0 for none. */
  readonly affinitySeconds: number;
  /** Sources that may come in by the wire; empty for all. */
  readonly ranges: readonly string[];
  /** As the agent's tool prints them. */
  readonly flags: readonly string[];
  readonly origin?: Origin;
}

export interface Backend {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly protocol: BpfProtocol;
  /** It is on this machine. */
  readonly local: boolean;
  readonly state: 'active' | 'terminating';
  readonly origin?: Origin;
}

/** Addresses of this machine, and of the others whose wildcard ports are the same. */
export type Addresses = ReadonlyMap<string, 'host' | 'remote-node'>;

/**
 * What a program does. sock-addr: leads sockets to backends. from-wire: balances packets that come in by a device and turns
 * replies round. from-inside: only turns replies round. to-wire: the same for packets that leave by the device.
 */
export interface BpfProgram {
  /** "cil_sock4_connect" */
  readonly name: string;
  readonly kind: 'sock-addr' | 'from-wire' | 'from-inside' | 'to-wire';
  /** "cgroup/connect4", or a device of the host netns with its direction: "eth0/in". */
  readonly at: string;
  /** The hook as tools call it. */
  readonly hook: string;
}

/** What an agent loads and fills. */
export interface BpfTables {
  readonly programs: ReadonlyMap<string, BpfProgram>;
  readonly frontends: ReadonlyMap<string, Frontend>;
  readonly backends: ReadonlyMap<number, Backend>;
  readonly addresses: Addresses;
}

/** A connection that came in by the wire. */
export interface Flow {
  readonly protocol: BpfProtocol;
  readonly client: PeerAddress;
  readonly frontend: PeerAddress;
  readonly backend: PeerAddress;
  readonly backendId: number;
  readonly frontendId: number;
  /** What the backend sees as its client: the client, or this machine. */
  readonly seenAs: PeerAddress;
  readonly untilNs: Ns;
}

/** Which backend a client has and when it last asked. */
export interface Affinity {
  readonly backendId: number;
  readonly lastNs: Ns;
}

/** How a socket came to its peer; kept with it, and told with its first packet. */
export interface SocketTranslation {
  readonly asked: PeerAddress;
  readonly to: PeerAddress;
  readonly facts: Readonly<Record<string, string>>;
  readonly origin?: Origin;
}

export const EMPTY_TABLES: BpfTables = {
  programs: new Map(),
  frontends: new Map(),
  backends: new Map(),
  addresses: new Map(),
};

export interface BpfKeyframe {
  readonly tables: BpfTables;
  readonly affinity: ReadonlyMap<string, Affinity>;
  readonly reverse: ReadonlyMap<number, ReadonlyMap<string, PeerAddress>>;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly replies: ReadonlyMap<string, string>;
}

/** "10.96.0.10:53/udp/ext" */
export function frontendKey(
  address: string,
  port: number,
  protocol: string,
  scope: 'ext' | 'int' = 'ext',
): string {
  return `${address}:${port}/${protocol}/${scope}`;
}

export class Bpf {
  tables: BpfTables = EMPTY_TABLES;
  /** By frontend id and client. */
  readonly affinity = new Map<string, Affinity>();
  /** What a socket asked for, by socket and then by backend. */
  readonly reverse = new Map<number, ReadonlyMap<string, PeerAddress>>();
  /** By the tuple of the client's packets. */
  readonly flows = new Map<string, Flow>();
  /** From the tuple of the backend's packets to the key of the flow. */
  readonly replies = new Map<string, string>();

  /** True when no program is attached. */
  get idle(): boolean {
    return this.tables.programs.size === 0;
  }

  /** Replaces what the agent owns; what programs have noted stays. */
  load(tables: BpfTables): void {
    this.tables = tables;
  }

  /** Programs detached, maps unpinned. */
  unload(): void {
    this.tables = EMPTY_TABLES;
    this.affinity.clear();
    this.reverse.clear();
    this.flows.clear();
    this.replies.clear();
  }

  keyframe(): BpfKeyframe {
    return {
      tables: this.tables,
      affinity: new Map(this.affinity),
      reverse: new Map(this.reverse),
      flows: new Map(this.flows),
      replies: new Map(this.replies),
    };
  }

  restore(from: BpfKeyframe): void {
    this.tables = from.tables;
    refill(this.affinity, from.affinity);
    refill(this.reverse, from.reverse);
    refill(this.flows, from.flows);
    refill(this.replies, from.replies);
  }
}

function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}
