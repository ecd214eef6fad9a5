/** What the settings are called, and one honest line about each (facts of Kubernetes 1.35, MetalLB and Cilium). */
import type { ClusterFacts } from '../sim/view';

export type Mode = ClusterFacts['proxyMode'];
export type Provider = NonNullable<ClusterFacts['loadBalancer']>;

export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = {
  cloud: 'cloud',
  'metallb-l2': 'MetalLB L2',
  'metallb-bgp': 'MetalLB BGP',
  none: 'none',
};

/** Mode, name, and what an honest colleague would say of it. */
export const MODE_WORDS: readonly (readonly [Mode, string, string])[] = [
  [
    'iptables',
    'iptables',
    'The default on Linux. One rule after the other: the last Service in KUBE-SERVICES costs a first packet the most.',
  ],
  [
    'ipvs',
    'IPVS',
    'Deprecated since Kubernetes 1.35. A table in the kernel with real schedulers, and iptables with ipsets beside it.',
  ],
  [
    'nftables',
    'nftables',
    'Stable since Kubernetes 1.33, and not yet the default. One look into a map, however many Services there are.',
  ],
  [
    'ebpf',
    'eBPF, without kube-proxy',
    'Not a mode of kube-proxy but a replacement, here as Cilium does it: sockets in the cluster are led to a backend when they connect, and no rules are passed.',
  ],
];

export const PROVIDER_WORDS: readonly (readonly [Provider, string, string])[] = [
  [
    'cloud',
    'Cloud controller',
    'A balancer outside the cluster checks the health of nodes and spreads connections over them.',
  ],
  [
    'metallb-l2',
    'MetalLB, layer 2',
    'One node answers ARP for each address. All traffic enters there, until that node fails.',
  ],
  [
    'metallb-bgp',
    'MetalLB, BGP',
    'Every node announces the address; the router spreads flows, and moves some when a node comes or goes.',
  ],
  ['none', 'None', 'EXTERNAL-IP stays <pending>: Kubernetes itself brings nobody who would serve it.'],
];

export const FAMILY_WORDS: Readonly<Record<string, string>> = {
  IPv4: 'IPv4 only',
  'IPv4,IPv6': 'Dual-stack, IPv4 first',
  'IPv6,IPv4': 'Dual-stack, IPv6 first',
  IPv6: 'IPv6 only',
};

export const SCHEDULER_WORDS: Readonly<Record<string, string>> = {
  rr: 'rr, in turn',
  wrr: 'wrr, in turn by weight',
  lc: 'lc, fewest connections',
  wlc: 'wlc, fewest by weight',
  sed: 'sed, shortest expected delay',
  nq: 'nq, an idle one first',
  dh: 'dh, by destination address',
  sh: 'sh, by source address',
};
