/**
 * Who answers for Services of type LoadBalancer: nobody, a cloud (its cloud-controller-manager), or MetalLB with layer 2 or
 * BGP. In a real cluster this is what has been installed; here it is one setting of the cluster.
 */
import { nthAddress } from '../../../lib/ip';
import type { Service } from '../../api/kinds/service';

export type LoadBalancerProvider = 'none' | 'cloud' | 'metallb-l2' | 'metallb-bgp';

export const PROVIDERS: readonly LoadBalancerProvider[] = ['none', 'cloud', 'metallb-l2', 'metallb-bgp'];

/** Addresses that a provider hands out, both ends included. */
export interface Pool {
  readonly name: string;
  readonly first: string;
  readonly size: number;
}

/** Range that the cloud's balancer stands for (RFC 5737); BGP announces addresses of its upper half. */
export const CLOUD_RANGE = '198.51.100.0/24';

const POOLS: Readonly<Record<Exclude<LoadBalancerProvider, 'none'>, Pool>> = {
  cloud: { name: 'cloud', first: '198.51.100.1', size: 254 },
  'metallb-l2': { name: 'default-pool', first: '192.168.0.240', size: 11 },
  'metallb-bgp': { name: 'default-pool', first: '198.51.100.128', size: 128 },
};

export function poolOf(provider: Exclude<LoadBalancerProvider, 'none'>): Pool {
  return POOLS[provider];
}

/** All addresses of a pool, in order. */
export function poolAddresses({ first, size }: Pool): string[] {
  return Array.from({ length: size }, (_, i) => nthAddress(`${first}/32`, i));
}

/** True for Services that this provider serves: of the type, and not handed to somebody else by their class. */
export function wantsLoadBalancer({ spec, metadata }: Service): boolean {
  const isOurs = spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
  return isOurs && metadata.deletionTimestamp === undefined;
}

/** Addresses in the status of a Service. */
export function ingressIps({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
