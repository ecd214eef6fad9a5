/** What a cluster is made from before any manifest: machines, address ranges, and the seed of all its chance. */
import { nthAddress } from '../lib/ip';
import type { ClusterSettings } from './cluster-settings';

export interface NodeSpec {
  readonly name: string;
  /** Address on the underlay. */
  readonly ip: string;
  /** Range of its pods. */
  readonly podCidr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ClusterSpec {
  readonly seed: number;
  readonly nodes: readonly NodeSpec[];
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly underlayCidr: string;
  readonly clusterDomain: string;
  readonly dnsServiceIp: string;
  /** Fold every packet into a hash, for tests of determinism. */
  readonly hashTrace: boolean;
  /** How many ended packets the trace keeps. */
  readonly keepPackets: number;
  /** What may be changed later, as it is at the start. */
  readonly settings?: Partial<ClusterSettings>;
}

/** Address on the underlay of the router to the outside, which is also the nodes' name server. */
export function gatewayOf(spec: ClusterSpec): string {
  return nthAddress(spec.underlayCidr, 1);
}

/** Address at which the API server would listen; only the Service "kubernetes" leads there. */
export function apiServerOf(spec: ClusterSpec): string {
  return nthAddress(spec.underlayCidr, 10);
}

/** Two workers as kubeadm with flannel lays them out; `overrides` replaces single settings. */
export function clusterSpec(overrides: Partial<ClusterSpec> & { nodeCount?: number } = {}): ClusterSpec {
  const { nodeCount = 2, ...rest } = overrides;
  const nodes = Array.from({ length: nodeCount }, (_, i) => ({
    name: `node-${i + 1}`,
    ip: nthAddress('192.168.0.0/24', 11 + i),
    podCidr: `10.244.${i + 1}.0/24`,
  }));
  return {
    seed: 1,
    nodes,
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    underlayCidr: '192.168.0.0/24',
    clusterDomain: 'cluster.local',
    dnsServiceIp: '10.96.0.10',
    hashTrace: false,
    keepPackets: 4_000,
    ...rest,
  };
}
