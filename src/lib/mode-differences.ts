/**
 * Where the ways to make Services work really differ: not by mistake, but as in life. Each with what one sees in each mode, why,
 * and where that is written. A test asks the same of clusters in all four modes and allows these differences only.
 */

export type ModeName = 'iptables' | 'ipvs' | 'nftables' | 'ebpf';

export interface ModeDifference {
  readonly id: string;
  /** What one tries. */
  readonly what: string;
  /** What one sees, in each mode. */
  readonly answers: Readonly<Record<ModeName, string>>;
  /** Modes that do otherwise than iptables, the default. */
  readonly modes: readonly ModeName[];
  readonly why: string;
  /** Upstream path, document or issue that says so. */
  readonly source: string;
}

type Answers = readonly [iptables: string, ipvs: string, nftables: string, ebpf: string];

function difference(
  id: string,
  what: string,
  [iptables, ipvs, nftables, ebpf]: Answers,
  why: string,
  source: string,
): ModeDifference {
  const answers = { iptables, ipvs, nftables, ebpf };
  const modes = (['ipvs', 'nftables', 'ebpf'] as const).filter((mode) => answers[mode] !== iptables);
  return { id, what, answers, modes, why, source };
}

const DROPPED = 'times out';
const REFUSED = 'connection refused';
const NO_ROUTE = 'no route to host';

export const MODE_DIFFERENCES: readonly ModeDifference[] = [
  difference(
    'ping-cluster-ip',
    'Ping a cluster IP',
    ['leaves the node for the router', 'rejected', 'rejected', 'leaves the node for the router'],
    'In iptables rules and BPF maps a cluster IP is only there together with a port. In IPVS mode the kube-ipvs0 device carries it and a rule rejects what is for no virtual server; nftables mode rejects whatever goes to a known cluster IP and is for no port of its Service.',
    'kubernetes/website#41002; pkg/proxy/ipvs (KUBE-IPVS-FILTER); pkg/proxy/nftables/README.md; bpf/bpf_sock.c',
  ),
  difference(
    'cluster-ip-other-port',
    'Connect to a cluster IP at a port that the Service does not have',
    ['leaves the node for the router', REFUSED, REFUSED, 'leaves the node for the router'],
    'iptables rules and BPF maps name address and port together, so nothing matches. In IPVS mode the address is the node’s own and nobody listens; nftables mode has a set of all cluster IPs and rejects.',
    'pkg/proxy/nftables/README.md; KEP-3866',
  ),
  difference(
    'cluster-ip-no-endpoints',
    'Connect from inside to a cluster IP without endpoints',
    [REFUSED, REFUSED, REFUSED, NO_ROUTE],
    'Rules reject the first packet with an ICMP error. With BPF maps connect() itself fails: no packet is sent.',
    'cilium/cilium#45184 (EHOSTUNREACH from the socket hooks)',
  ),
  difference(
    'internal-local-none-here',
    'internalTrafficPolicy: Local, no endpoint on this node',
    [DROPPED, REFUSED, DROPPED, NO_ROUTE],
    'iptables and nftables drop so that clients try again. IPVS has a virtual server without real servers, which refuses; with BPF maps the frontend has no backend and connect() fails.',
    'KEP-2086; pkg/proxy/ipvs/proxier.go; cilium/cilium#45184',
  ),
  difference(
    'external-local-none-here',
    'externalTrafficPolicy: Local, from outside, no endpoint on this node',
    [DROPPED, 'served by other nodes', DROPPED, REFUSED],
    'IPVS mode falls back to all endpoints where the Service uses them for internal traffic. Cilium answers with an ICMP error by default where kube-proxy drops.',
    'pkg/proxy/ipvs/proxier.go (syncEndpoint); cilium/cilium#28157 (service-no-backend-response: reject)',
  ),
  difference(
    'other-node-port-local',
    'From inside to another node’s port, externalTrafficPolicy: Local',
    [
      'only endpoints of that node',
      'only endpoints of that node',
      'only endpoints of that node',
      'all endpoints',
    ],
    'Packets travel to that node, whose rules apply. Sockets are connected to a backend at once when they ask for any node’s address, and to them internalTrafficPolicy applies.',
    'bpf/bpf_sock.c (wildcard lookup); Cilium kubeproxy-free guide, externalTrafficPolicy',
  ),
  difference(
    'ranges-from-inside',
    'From a pod or node to a load balancer IP whose source ranges leave it out',
    [DROPPED, DROPPED, DROPPED, 'served'],
    'Cilium looks at the ranges when packets come in by a device; a socket is connected to a backend before there is a packet.',
    'bpf/lib/nodeport.h (source range check), bpf/bpf_sock.c (none)',
  ),
  difference(
    'external-ip-from-inside',
    'From inside to one of spec.externalIPs',
    ['served', 'served', 'served', 'leaves the node for the router'],
    'Cilium does not take over addresses that are not the node’s own for its sockets, so that nobody can draw traffic for a foreign address to a Service (CVE-2020-8554).',
    'bpf/bpf_sock.c (sock4_skip_xlate)',
  ),
  difference(
    'node-port-on-loopback',
    'From a node to a node port on 127.0.0.1',
    ['served', REFUSED, REFUSED, 'served'],
    'iptables mode sets route_localnet for it, the newer modes do not have it; a socket in the host’s network is translated whatever address of its node it asks for.',
    'KEP-3866 (localhost node ports); bpf/bpf_sock.c',
  ),
  difference(
    'source-with-local-endpoint',
    'externalTrafficPolicy: Cluster, from outside, endpoint on the same node',
    ['the pod sees the node', 'the pod sees the node', 'the pod sees the node', 'the pod sees the client'],
    'kube-proxy masquerades everything from outside under Cluster policy. Cilium rewrites the source only when the backend is on another node.',
    'Cilium kubeproxy-free guide, client source IP preservation; bpf/lib/nodeport.h',
  ),
  difference(
    'sctp',
    'SCTP Services',
    ['served', 'served', 'served', 'leaves the node for the router'],
    'Socket hooks translate TCP and UDP only, and Cilium’s packet path takes SCTP only when it is switched on.',
    'bpf/bpf_sock.c; Cilium Helm value sctp.enabled (default false)',
  ),
  difference(
    'topology-hints',
    'Hints in EndpointSlices (trafficDistribution)',
    ['followed', 'followed', 'followed', 'not looked at'],
    'Cilium looks at hints only when told to.',
    'Cilium Helm value loadBalancer.serviceTopology (default false)',
  ),
  difference(
    'affinity-by',
    'sessionAffinity: ClientIP, for clients inside',
    [
      'by source address',
      'by source address',
      'by source address',
      'by network namespace, for each frontend',
    ],
    'When a socket is connected there is no source address yet, so the namespace of its pod stands for it.',
    'Cilium kubeproxy-free guide, session affinity',
  ),
];
