/** Settings and constants of a cluster as the page names them. */
import type { ClusterNode } from './cluster-node';
import type { Outside } from './cluster-outside';
import type { ProxyRollout } from './cluster-rollout';
import type { ClusterSpec } from './cluster-spec';
import type { ClusterFacts } from './view';
import { outsideFacts } from './view-outside';

export interface FactParts {
  readonly spec: ClusterSpec;
  readonly rollout: ProxyRollout;
  readonly outside: Outside;
  readonly nodes: readonly ClusterNode[];
}

export function clusterFacts({ spec, rollout, outside, nodes }: FactParts): ClusterFacts {
  const { seed, serviceCidr, podCidr, underlayCidr, dnsServiceIp } = spec;
  const { ipFamilies, serviceCidrs, podCidrs, underlayCidrs } = spec;
  return {
    version: 'v1.35.0',
    seed,
    serviceCidr,
    podCidr,
    underlayCidr,
    proxyMode: rollout.mode,
    proxy: rollout.facts(nodes),
    cni: 'flannel (VXLAN)',
    dnsServiceIp,
    ipFamilies,
    serviceCidrs,
    podCidrs,
    underlayCidrs,
    ...outsideFacts(outside, nodes),
  };
}
