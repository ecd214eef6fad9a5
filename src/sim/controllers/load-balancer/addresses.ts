/** Which addresses load balancers get in which family, and where nodes have theirs. */
import { ipFamily, nthAddress } from '../../../lib/ip';
import type { Node } from '../../api/kinds/cluster';
import type { Service } from '../../api/kinds/service';
import type { LoadBalancerProvider } from './provider';

export type IpFamily = 'IPv4' | 'IPv6';

/** Addresses that a provider hands out, both ends included. */
export interface Pool {
  readonly name: string;
  readonly first: string;
  readonly size: number;
}

/** Ranges that the cloud's balancer stands for (RFC 5737, RFC 3849); BGP announces addresses of their upper halves. */
export const CLOUD_RANGES: Readonly<Record<IpFamily, string>> = {
  IPv4: '198.51.100.0/24',
  IPv6: '2001:db8:198:51::/112',
};

const POOLS: Readonly<Record<Exclude<LoadBalancerProvider, 'none'>, Readonly<Record<IpFamily, Pool>>>> = {
  cloud: {
    IPv4: { name: 'cloud', first: '198.51.100.1', size: 254 },
    IPv6: { name: 'cloud', first: '2001:db8:198:51::1', size: 254 },
  },
  'metallb-l2': {
    IPv4: { name: 'default-pool', first: '192.168.0.240', size: 11 },
    IPv6: { name: 'default-pool', first: 'fd00:192:168::240', size: 17 },
  },
  'metallb-bgp': {
    IPv4: { name: 'default-pool', first: '198.51.100.128', size: 128 },
    IPv6: { name: 'default-pool', first: '2001:db8:198:51::8000', size: 128 },
  },
};

/** The pool of a family. */
export function poolFor(provider: Exclude<LoadBalancerProvider, 'none'>, family: IpFamily): Pool {
  return POOLS[provider][family];
}

/** The node's address in a family; undefined when it has none. */
export function nodeAddress({ status }: Node, family: IpFamily): string | undefined {
  const wanted = family === 'IPv4' ? 4 : 6;
  return status?.addresses?.find(({ type, address }) => type === 'InternalIP' && ipFamily(address) === wanted)
    ?.address;
}

export function familyOf(ip: string): IpFamily {
  return ipFamily(ip) === 6 ? 'IPv6' : 'IPv4';
}

/** All addresses of a pool, in order. */
export function poolAddresses({ first, size }: Pool): string[] {
  const whole = ipFamily(first) === 4 ? 32 : 128;
  return Array.from({ length: size }, (_, i) => nthAddress(`${first}/${whole}`, i));
}

/** Families of a Service; it gets one address of each. */
export function familiesOf({ ipFamilies }: Service['spec']): readonly IpFamily[] {
  return ipFamilies === undefined || ipFamilies.length === 0 ? ['IPv4'] : ipFamilies;
}
