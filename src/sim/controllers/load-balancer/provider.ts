/**
 * Who answers for Services of type LoadBalancer: nobody, a cloud (its cloud-controller-manager), or MetalLB with layer 2 or
 * BGP. In a real cluster this is what has been installed; here it is one setting of the cluster.
 */
import type { Service } from '../../api/kinds/service';

export type LoadBalancerProvider = 'none' | 'cloud' | 'metallb-l2' | 'metallb-bgp';

export const PROVIDERS: readonly LoadBalancerProvider[] = ['none', 'cloud', 'metallb-l2', 'metallb-bgp'];

/** True for Services that this provider serves: of the type, and not handed to somebody else by their class. */
export function wantsLoadBalancer({ spec, metadata }: Service): boolean {
  const isOurs = spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
  return isOurs && metadata.deletionTimestamp === undefined;
}

/** Addresses in the status of a Service. */
export function ingressIps({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
