/**
 * What the outside may see of a cluster, as plain JSON, and the patches that keep a copy of it current. The page mirrors
 * this and computes nothing of its own about the cluster.
 */
import type { Ns } from './clock/clock';
import type { LoadBalancerProvider } from './controllers/load-balancer/provider';
import type { Hop, PacketEnd, PacketTrace, RequestTrace } from './trace/hop';

/** How a pod looks on the canvas. Order of a life: pending, creating, running (not ready), ready, terminating, gone. */
export type PodLook =
  'pending' | 'creating' | 'running' | 'ready' | 'backoff' | 'terminating' | 'completed' | 'failed';

export interface NodeView {
  readonly ref: string;
  readonly name: string;
  readonly ip: string;
  readonly podCidr: string;
  /** All addresses and pod ranges, the primary family's first. */
  readonly ips?: readonly string[];
  readonly podCidrs?: readonly string[];
  readonly ready: boolean;
  readonly schedulable: boolean;
  readonly poweredOn: boolean;
  /** True while its cable to the underlay is pulled. */
  readonly wireCut?: boolean;
  /** Devices of the host netns that the canvas draws, by role. */
  readonly devices: {
    readonly bridge: DeviceView | null;
    readonly tunnel: DeviceView | null;
    readonly nic: DeviceView;
  };
  /** Rules in the node's nat and filter tables. */
  readonly ruleCount: number;
  /** When kube-proxy last wrote rules, and what it is waiting for; null when in step. */
  readonly rulesSyncedNs: Ns | null;
  readonly rulesBehindSinceNs: Ns | null;
  readonly conntrackCount: number;
}

export interface DeviceView {
  readonly name: string;
  readonly kind: string;
  readonly address: string | null;
  readonly up: boolean;
}

export interface PodView {
  readonly ref: string;
  readonly name: string;
  readonly namespace: string;
  readonly node: string | null;
  readonly ip: string | null;
  /** All its addresses, the primary family's first. */
  readonly ips?: readonly string[];
  readonly look: PodLook;
  /** STATUS column of kubectl get pods. */
  readonly status: string;
  /** Why it is not further: scheduler message, probe failure, image error; empty when all is well. */
  readonly reason: string;
  readonly restarts: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Ref of the workload it belongs to in the end (Deployment rather than ReplicaSet), or its own. */
  readonly workload: string;
  readonly hostNetwork: boolean;
  readonly netns: string | null;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly ports: readonly string[];
  }[];
  readonly createdNs: Ns;
  /** How many readiness gates the user turned by hand ("make unready"). */
  readonly heldUnready: boolean;
}

export interface ServiceView {
  readonly ref: string;
  readonly name: string;
  readonly namespace: string;
  readonly type: string;
  readonly clusterIPs: readonly string[];
  readonly fqdn: string;
  readonly selector: Readonly<Record<string, string>> | null;
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: string;
    readonly targetPort: string;
    readonly nodePort: number | null;
  }[];
  readonly externalAddresses: readonly string[];
  readonly endpoints: readonly EndpointView[];
}

export interface EndpointView {
  readonly ip: string;
  readonly ports: readonly number[];
  readonly podRef: string | null;
  readonly node: string | null;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

export interface WorkloadView {
  readonly ref: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
  readonly available: number;
  readonly scalable: boolean;
}

/** An object as `kubectl get` would list it; also those that are stored and not simulated. */
export interface ObjectView {
  readonly ref: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly simulated: boolean;
  /** From the user's manifests, from the cluster's own set-up, or made by a controller. */
  readonly from: 'manifest' | 'system' | 'controller';
}

/** One change of the control plane, in words, for the ruler and the Changes list. */
export interface ChangeView {
  readonly id: number;
  readonly atNs: Ns;
  /** Ref of what changed; "Node//node-1" for a rule sync. */
  readonly ref: string;
  /** "replicas 3 to 5", "10.244.1.5 ready", "4 rules changed". */
  readonly text: string;
  readonly kind: 'workload' | 'pod' | 'endpoints' | 'rules' | 'node' | 'service' | 'object';
}

/** A Kubernetes Event. */
export interface EventView {
  readonly id: number;
  readonly lastNs: Ns;
  readonly type: string;
  readonly reason: string;
  readonly object: string;
  readonly message: string;
  readonly count: number;
}

/** Keyed parts of the view; each holds records by key. */
export interface ViewTables {
  readonly nodes: NodeView;
  readonly pods: PodView;
  readonly services: ServiceView;
  readonly workloads: WorkloadView;
  readonly objects: ObjectView;
  readonly packets: PacketTrace;
  readonly requests: RequestTrace;
  readonly changes: ChangeView;
  readonly events: EventView;
}
export type ViewTableName = keyof ViewTables;

/** Whole records that are new or changed, and keys that are gone. */
export type TablePatch<V> = {
  readonly set: readonly (readonly [string, V])[];
  readonly gone: readonly string[];
};

export type ViewPatch = {
  readonly nowNs: Ns;
  /** True while everything is as it should be and only periodic work is left. */
  readonly settled: boolean;
  readonly facts: ClusterFacts;
  /** Packets that are known already and have gone on; to be taken in after the tables. */
  readonly grown?: readonly PacketGrowth[];
} & { readonly [T in ViewTableName]?: TablePatch<ViewTables[T]> };

/** What came to a packet since it was last told: its first `keep` hops stay, `hops` follow them. */
export interface PacketGrowth {
  readonly id: number;
  readonly keep: number;
  readonly hops: readonly Hop[];
  readonly end: PacketEnd | null;
}

/** Settings and constants of the cluster that the page names. */
export interface ClusterFacts {
  readonly version: string;
  readonly seed: number;
  readonly serviceCidr: string;
  readonly podCidr: string;
  readonly underlayCidr: string;
  readonly proxyMode: 'iptables' | 'ipvs' | 'nftables' | 'ebpf';
  readonly proxy?: ProxyFacts;
  /** IP families, the primary one first, and the same ranges as above for each of them in that order. */
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly cni: string;
  readonly dnsServiceIp: string;
  /** The ranges of all families, the primary one's first. */
  readonly serviceCidrs?: readonly string[];
  readonly podCidrs?: readonly string[];
  readonly underlayCidrs?: readonly string[];
  /** Who serves Services of type LoadBalancer. */
  readonly loadBalancer?: LoadBalancerProvider;
  /** Whether the router sends external IPs to the nodes. */
  readonly routeExternalIps?: boolean;
  readonly outside?: readonly OutsideView[];
  readonly announcements?: readonly AnnouncementView[];
}

/** How kube-proxy, or what replaces it, is set, and how far a change of that has come. */
export interface ProxyFacts {
  /** Empty for the default, rr. */
  readonly ipvsScheduler: string;
  readonly masqueradeAll: boolean;
  /** Nodes that are still on their way to these settings, in the order of the rollout. */
  readonly switching: readonly string[];
  /** Settings that a document among the manifests gives, and which therefore win. */
  readonly written: { readonly proxy: boolean; readonly loadBalancer: boolean };
}

/** A machine beyond the nodes. Requests are sent from the client by its ref or its address. */
export interface OutsideView {
  /** "Outside//client" */
  readonly ref: string;
  /** Name in traces; the router's is "outside". */
  readonly name: string;
  readonly role: 'router' | 'client' | 'balancer' | 'internet';
  readonly addresses: readonly string[];
  /** Its ways to networks that it is not in itself: the addresses of load balancers, external IPs. */
  readonly routes: readonly {
    readonly prefix: string;
    /** Next hops that flows are spread over. */
    readonly via: readonly string[];
    readonly kind: 'unicast' | 'blackhole' | 'unreachable';
    /** Service that the route is for. */
    readonly ref: string | null;
  }[];
  /** What the balancer knows of the nodes' health; empty for all others. */
  readonly health: readonly {
    readonly node: string;
    readonly port: number;
    /** Gets traffic. */
    readonly healthy: boolean;
    /** Failed checks in a row; the third takes the node out. */
    readonly failures: number;
    readonly lastNs: Ns | null;
    readonly last: string;
  }[];
}

/** A node that makes the outside send packets for an address to it (MetalLB's speaker). */
export interface AnnouncementView {
  readonly ip: string;
  readonly node: string;
  readonly service: string;
  readonly protocol: 'layer2' | 'bgp';
}

export type { LoadBalancerProvider } from './controllers/load-balancer/provider';
export type { ApplyResult, ApplyRow, Diagnostic, SourceRange } from './manifests/result';

/** What a user can break or change besides manifests. */
export type Fault =
  | { readonly kind: 'kill-pod'; readonly ref: string }
  | { readonly kind: 'hold-unready'; readonly ref: string; readonly held: boolean }
  | { readonly kind: 'cordon'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'power'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'cut-wire'; readonly node: string; readonly cut: boolean }
  | { readonly kind: 'scale'; readonly ref: string; readonly replicas: number }
  | { readonly kind: 'delete'; readonly ref: string }
  /** A call from a pod, a node or a machine outside; `ping` asks the URL's host alone. */
  | { readonly kind: 'request'; readonly ref: string; readonly url: string; readonly tool?: 'curl' | 'ping' }
  | { readonly kind: 'load-balancer'; readonly provider: LoadBalancerProvider }
  | { readonly kind: 'route-external-ips'; readonly on: boolean }
  /** Rolls kube-proxy out in another mode, or what replaces it. */
  | { readonly kind: 'proxy-mode'; readonly mode: ClusterFacts['proxyMode'] }
  /** Rolls out other parts of kube-proxy's configuration. */
  | {
      readonly kind: 'proxy-settings';
      readonly change: Partial<Pick<ProxyFacts, 'ipvsScheduler' | 'masqueradeAll'>>;
    };

/** Tables of a machine, by the tool that prints them. */
export type MachineTool =
  | 'iptables-save'
  | 'ip6tables-save'
  | 'iptables-nat'
  | 'nft'
  | 'ipvsadm'
  | 'ipset'
  | 'cilium-lb'
  | 'ip-route'
  | 'ip-addr'
  | 'bridge-fdb'
  | 'conntrack'
  | 'neighbours'
  | 'ss';

/** A table of a machine, as its tool prints it, kept live while someone looks. */
export type Probe =
  | {
      readonly what: MachineTool;
      readonly node: string;
      readonly netns?: string;
    }
  | { readonly what: 'object' | 'describe'; readonly ref: string }
  /** One packet with all its hops, as JSON text. */
  | { readonly what: 'packet'; readonly id: number }
  | { readonly what: 'rules-of'; readonly ref: string; readonly node: string };

/** One line of a table with what it links to. */
export interface ProbeRow {
  readonly text: string;
  readonly ref: string | null;
  readonly path: string | null;
  /** Service that it is there for, when `ref` is one of its slices. */
  readonly service?: string;
  /** Times that a rule matched. */
  readonly count?: number;
  /** For rules: where they stand. */
  readonly table?: string;
  readonly chain?: string;
  /** For a connection: its parts. */
  readonly flow?: FlowView;
}

/** One direction of a connection. For ICMP `srcPort` is the echo's id and `dstPort` its type. */
export interface FlowTuple {
  readonly protocol: string;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** An entry of conntrack. */
export interface FlowView {
  readonly id: number;
  readonly original: FlowTuple;
  /** What the peer's packets look like. */
  readonly reply: FlowTuple;
  /** TCP's or SCTP's state; "NONE" for protocols without one. */
  readonly state: string;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly expiresNs: Ns;
}
