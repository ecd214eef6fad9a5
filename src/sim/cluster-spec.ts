/** What a cluster is made from before any manifest: machines, address ranges, and the seed of all its chance. */
import { nthAddress } from '../lib/ip';
import { familyOf, hostAddress, nodePodCidr, planOf, type IpFamilies } from './cluster-families';
import type { ClusterSettings } from './cluster-settings';
import type { ProxyModeName } from './cluster-mode';

export interface NodeSpec {
  readonly name: string;
  /** Address on the underlay, in the cluster's primary family. */
  readonly ip: string;
  /** Range of its pods, in the primary family. */
  readonly podCidr: string;
  /** All of them, the primary family's first; without these, the one above. */
  readonly ips?: readonly string[];
  readonly podCidrs?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ClusterSpec {
  readonly seed: number;
  readonly nodes: readonly NodeSpec[];
  /** IP families that nodes, pods and Services have; the first is the primary one, in which the ranges below are. */
  readonly ipFamilies: IpFamilies;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly underlayCidr: string;
  /** The same ranges for every family, in the order of `ipFamilies`. */
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  readonly underlayCidrs: readonly string[];
  readonly clusterDomain: string;
  readonly dnsServiceIp: string;
  /** Fold every packet into a hash, for tests of determinism. */
  readonly hashTrace: boolean;
  /** How many ended packets the trace keeps. */
  readonly keepPackets: number;
  /** Mode of kube-proxy on every node, or ebpf for what replaces it; absent means iptables. */
  readonly proxyMode?: ProxyModeName;
  /** What may be changed later, as it is at the start. */
  readonly settings?: Partial<ClusterSettings>;
}

/** Address on the underlay of the router to the outside, which is also the nodes' name server. */
export function gatewayOf(spec: ClusterSpec, underlayCidr: string = spec.underlayCidr): string {
  return hostAddress(underlayCidr, 1);
}

/** Address at which the API server would listen; only the Service "kubernetes" leads there. */
export function apiServerOf(spec: ClusterSpec): string {
  return hostAddress(spec.underlayCidr, 10);
}

/** Two workers as kubeadm with flannel lays them out; `overrides` replaces single settings. */
export function clusterSpec(overrides: Partial<ClusterSpec> & { nodeCount?: number } = {}): ClusterSpec {
  const { nodeCount = 2, ...rest } = overrides;
  const { ipFamilies = ['IPv4'] as const } = rest;
  const plans = ipFamilies.map(planOf);
  const [primary = planOf('IPv4'), ...others] = plans;
  const { podCidr = primary.podCidr, serviceCidr = primary.serviceCidr } = rest;
  const { underlayCidr = primary.underlayCidr } = rest;
  const underlayCidrs = [underlayCidr, ...others.map((plan) => plan.underlayCidr)];
  return {
    seed: 1,
    nodes: Array.from({ length: nodeCount }, (_, i) => nodeSpec(i + 1, underlayCidrs)),
    ipFamilies,
    podCidr,
    serviceCidr,
    underlayCidr,
    podCidrs: [podCidr, ...others.map((plan) => plan.podCidr)],
    serviceCidrs: [serviceCidr, ...others.map((plan) => plan.serviceCidr)],
    underlayCidrs,
    clusterDomain: 'cluster.local',
    dnsServiceIp: nthAddress(serviceCidr, 10),
    hashTrace: false,
    keepPackets: 4_000,
    ...rest,
  };
}

function nodeSpec(number: number, underlayCidrs: readonly string[]): NodeSpec {
  const ips = underlayCidrs.map((cidr) => hostAddress(cidr, 10 + number));
  const podCidrs = underlayCidrs.map((cidr) => nodePodCidr(familyOf(cidr), number));
  return { name: `node-${number}`, ip: ips[0]!, podCidr: podCidrs[0]!, ips, podCidrs };
}
