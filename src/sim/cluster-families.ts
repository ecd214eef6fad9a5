/**
 * The address plan of a cluster for each IP family it speaks: private ranges (RFC 1918, RFC 4193) that look alike in both.
 * Sizes are kubeadm's: a /16 of pods with a /24 for each node and a /16 of Services in IPv4; a /56 with a /64 for each node
 * (--node-cidr-mask-size-ipv6) and a /112 in IPv6, as in kubeadm's own dual-stack example.
 */
import { nthAddress } from '../lib/ip';

export type IpFamily = 'IPv4' | 'IPv6';

/** One family, or both with the primary one first. */
export type IpFamilies = readonly [IpFamily, ...IpFamily[]];

export interface FamilyPlan {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly underlayCidr: string;
}

const PLANS: Readonly<Record<IpFamily, FamilyPlan>> = {
  IPv4: { podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', underlayCidr: '192.168.0.0/24' },
  IPv6: { podCidr: 'fd00:10:244::/56', serviceCidr: 'fd00:10:96::/112', underlayCidr: 'fd00:192:168::/64' },
};

export function planOf(family: IpFamily): FamilyPlan {
  return PLANS[family];
}

export function familyOf(addressOrPrefix: string): IpFamily {
  return addressOrPrefix.includes(':') ? 'IPv6' : 'IPv4';
}

/** A machine's address on a network; IPv6 ones end in the same digits, so that 192.168.0.11 and fd00:192:168::11 are one host. */
export function hostAddress(cidr: string, number: number): string {
  return nthAddress(cidr, familyOf(cidr) === 'IPv4' ? number : parseInt(String(number), 16));
}

/** The pod range of the node with that number (from 1), cut from the cluster's. */
export function nodePodCidr(family: IpFamily, number: number): string {
  return family === 'IPv4' ? `10.244.${number}.0/24` : `fd00:10:244:${number.toString(16)}::/64`;
}

/** Families from text such as "IPv4,IPv6"; null when it names none, one twice, or something else. */
export function parseFamilies(text: string): IpFamilies | null {
  const words = text.split(',').map((word) => word.trim());
  const known = words.every((word) => word === 'IPv4' || word === 'IPv6');
  return known && words.length <= 2 && new Set(words).size === words.length
    ? (words as unknown as IpFamilies)
    : null;
}
