/**
 * The trace: what really happened to each packet, as a list of hops (law 5). The kernel writes it while it walks;
 * canvas, inspector, terminal, tests and export only read it.
 */
import type { Ns } from '../clock/clock';
import type { Packet } from './packet';

/**
 * Why a rule, route, device or answer exists: the object that caused it (law 3). To the kernel it is an opaque label.
 * `ref` is "Kind/namespace/name" (empty namespace for cluster-scoped kinds), `path` a field path such as "spec.ports[0]".
 */
export interface Origin {
  readonly ref: string;
  readonly path?: string;
}

/** Where in the world: a machine, one of its network namespaces, and a device in it where that matters. */
export interface Place {
  /** Node name, "outside" for the world beyond the nodes' network, or "underlay" for the wires. */
  readonly machine: string;
  /** "host" or the id of a pod's netns. Empty on the underlay. */
  readonly netns: string;
  readonly device?: string;
}

/**
 * What kind of thing the packet met.
 * - socket: a process sends or receives, or a program at its cgroup gives it another peer (name cgroup/connect4 …). device: it leaves or enters by a device (veth end, eth0). bridge: a bridge
 *   forwards or floods it. hook: a netfilter hook, passed as a whole (name PREROUTING …). chain: rules in that hook that
 *   did something (name of the first jumped-to chain, KUBE-SERVICES …). conntrack: a known connection was translated.
 * - route: the routing table was asked. neighbour: a MAC was looked up. tunnel: encapsulated or unwrapped.
 * - wire: it crosses the underlay. local: the host itself takes it (INPUT's end).
 */
export type Station =
  | 'socket'
  | 'device'
  | 'bridge'
  | 'hook'
  | 'chain'
  | 'conntrack'
  | 'route'
  | 'neighbour'
  | 'tunnel'
  | 'wire'
  | 'local';

/** What the station did. `drop` and `reject` end the packet there. */
export type Action =
  | 'send'
  | 'pass'
  | 'forward'
  | 'flood'
  | 'dnat'
  | 'snat'
  | 'masquerade'
  | 'untranslate'
  | 'translate'
  | 'lookup'
  | 'encapsulate'
  | 'decapsulate'
  | 'cross'
  | 'deliver'
  | 'queue'
  | 'drop'
  | 'reject';

/** One rule that was met on the way through a hook and matched. */
export interface RuleStep {
  readonly table: string;
  readonly chain: string;
  /** The rule as its tool prints it, for example "-A KUBE-SERVICES -d 10.96.0.42/32 … -j KUBE-SVC-…". */
  readonly rule: string;
  /** 1-based place in its chain. */
  readonly number: number;
  /** How many rules of this chain were looked at before this one matched, this one included. */
  readonly passed: number;
  readonly origin?: Origin;
}

/** One step of one packet. Hops of a packet are in order and their times never overlap. */
export interface Hop {
  readonly atNs: Ns;
  /** How long this step takes: processing, or the time on a wire. */
  readonly durationNs: Ns;
  readonly place: Place;
  readonly station: Station;
  /** What the tools call it: "cni0", "PREROUTING", "KUBE-SERVICES", "flannel.1", "main" (routing table), "underlay". */
  readonly name: string;
  readonly action: Action;
  /** The packet as it came and as it went on; the same object when nothing changed. */
  readonly before: Packet;
  readonly after: Packet;
  /** Rules that matched, in the order of the walk. */
  readonly rules?: readonly RuleStep[];
  /** Rules looked at in this hop altogether. */
  readonly rulesPassed?: number;
  /** Further facts in the tool's own notation, for example { route: "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink" }. */
  readonly facts?: Readonly<Record<string, string>>;
  readonly origin?: Origin;
  /** In the view only: steps that only confirm this one, folded below it (see fold.ts). */
  readonly details?: readonly Hop[];
}

/** How a packet ended. Every packet gets one (law 5). */
export interface PacketEnd {
  readonly atNs: Ns;
  readonly kind: 'delivered' | 'dropped' | 'rejected' | 'lost';
  /**
   * delivered: "socket", "echo", "arp", "kernel" (a RST or stray segment that the host's TCP consumed). Otherwise why:
   * "rule", "no-route", "no-neighbour", "no-listener", "ttl", "mtu", "conntrack-invalid", "device-down", "netns-gone",
   * "wire-loss", "wire-cut", "host-down", "not-for-us", "martian", "no-fdb-entry", "no-hairpin", "buffer-full", "no-backend",
   * "not-routable", "source-range".
   */
  readonly reason: string;
  readonly place: Place;
}

/** Which way a packet goes in its conversation, and hence which signal colour it wears. */
export type Role = 'request' | 'reply' | 'dns-query' | 'dns-answer' | 'error' | 'arp';

/** One packet's whole life. A packet keeps its id through NAT and encapsulation; a retransmission is a new packet. */
export interface PacketTrace {
  readonly id: number;
  /** The conversation it belongs to (see RequestTrace), 0 when nobody asked for it. */
  readonly requestId: number;
  readonly role: Role;
  /** Three or four letters for the capsule: SYN, ACK, GET, 200, FIN, RST, A?, A, ICMP, ARP, PING, PONG. */
  readonly label: string;
  readonly bornNs: Ns;
  readonly hops: readonly Hop[];
  readonly end: PacketEnd | null;
  /** Set when the hops were left out of a patch because time ran too fast to see them: enough to count wires by. */
  readonly leftOut?: LeftOut;
}

/** Where a packet began and ended, and the wires between machines that it crossed. */
export interface LeftOut {
  readonly from: Place;
  readonly to: Place;
  readonly crossed: readonly (readonly [string, string])[];
}

/** One thing that somebody asked for: a curl, a probe, a lookup. It groups the packets that it caused. */
export interface RequestTrace {
  readonly id: number;
  /** Ref of who asked, for example "Pod/default/frontend-…" or "Node//node-1". */
  readonly from: string;
  /** "GET http://backend:80/", "nslookup backend", "readiness probe http-get :8080/". */
  readonly what: string;
  readonly kind: 'http' | 'dns' | 'tcp' | 'udp' | 'ping' | 'probe';
  readonly startNs: Ns;
  readonly endNs: Ns | null;
  readonly outcome: { readonly ok: boolean; readonly text: string } | null;
}
