/** kube-proxy's configuration as far as it changes what is written (KubeProxyConfiguration, kubeproxy.config.k8s.io/v1alpha1). */
import { addressBytes, canonicalIp, inPrefix, ipFamily, parsePrefix } from '../../../lib/ip';
import { SECOND, type Ns } from '../../clock/clock';

export type Family = 'IPv4' | 'IPv6';

/** How the proxy tells pods of the cluster from others (detectLocalMode). */
export type LocalDetector =
  | { readonly type: 'clusterCIDR' | 'nodeCIDR'; readonly cidr: string }
  | { readonly type: 'bridgeInterface'; readonly device: string }
  | { readonly type: 'interfaceNamePrefix'; readonly prefix: string }
  | { readonly type: 'none' };

/** What the generators need to know of the node and the configuration, for one IP family. */
export interface ProxyConfig {
  readonly family: Family;
  readonly nodeName: string;
  /** The node's own address of this family. */
  readonly nodeIp: string;
  /** All addresses of the node's devices, both families, without loopback. */
  readonly nodeIps: readonly string[];
  readonly localDetector: LocalDetector;
  readonly masqueradeAll: boolean;
  /** fwmark bit that says "masquerade this" (iptables.masqueradeBit, 14). */
  readonly masqueradeBit: number;
  /** CIDRs whose node addresses accept node ports, or "primary" for the node's own; null stands for all. */
  readonly nodePortAddresses: readonly string[] | null;
  /** iptables.localhostNodePorts: node ports answer on 127.0.0.1 as well. IPv4 only. */
  readonly localhostNodePorts: boolean;
  /** nfacct counters can be used. */
  readonly nfacct: boolean;
  /** False when net.netfilter.nf_conntrack_tcp_be_liberal is 1. */
  readonly dropInvalid: boolean;
  /** iptables knows --random-fully. */
  readonly randomFully: boolean;
  readonly serviceCidrs?: readonly string[];
  /** ipvs.scheduler: rr, wrr, lc, wlc, sed, nq, dh or sh. Absent or empty means rr. */
  readonly ipvsScheduler?: string;
  /** How nftables mode lays its table out: B (1.33 to 1.35, the default) or C (1.36 on). */
  readonly nftLayout?: 'B' | 'C';
}

export interface ProxyTiming {
  /** Least time from the end of one sync to the start of the next (1 s; 0 in IPVS mode). */
  readonly minSyncPeriodNs: Ns;
  /** Canary check and retry after a failed sync (30 s). */
  readonly syncPeriodNs: Ns;
}

export const DEFAULT_TIMING: ProxyTiming = { minSyncPeriodNs: SECOND, syncPeriodNs: 30 * SECOND };

/** The number behind a family's name, as the kernel's tables are keyed. */
export function familyNumber(family: Family): 4 | 6 {
  return family === 'IPv4' ? 4 : 6;
}

/** True when a text is an address or prefix of the family. */
export function isOfFamily(text: string, family: Family): boolean {
  return parsePrefix(text.trim())?.family === familyNumber(family);
}

/**
 * The canonical text of an address of the family; null for the other family's and for what is no address. An IPv4
 * address in IPv6 dress (::ffff:10.0.0.1) is IPv4, as it is to Go's net.IP.
 */
export function ownAddress(text: string, family: Family): string | null {
  const bytes = addressBytes(text);
  if (bytes === null) return null;
  const dressed = bytes.length === 16 && bytes.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  if (bytes.length === 4 || dressed) return family === 'IPv4' ? bytes.slice(-4).join('.') : null;
  return family === 'IPv6' ? canonicalIp(text) : null;
}

/** "0.0.0.0/0" and "::/0" in any spelling. */
export function isZeroCidr(text: string): boolean {
  return text.trim().endsWith('/0');
}

/** Where node ports are accepted: on every local address, or on these. */
export function nodePortTargets(config: ProxyConfig): 'all' | readonly string[] {
  const primary = `${config.nodeIp}/${config.family === 'IPv4' ? 32 : 128}`;
  const own = (config.nodePortAddresses ?? [])
    .map((cidr) => (cidr === 'primary' ? primary : cidr))
    .filter((cidr) => isOfFamily(cidr, config.family));
  if (own.length === 0 || own.some(isZeroCidr)) return 'all';
  const loopback = config.family === 'IPv4' ? '127.0.0.1' : '::1';
  const addresses = [...config.nodeIps, loopback].filter(
    (ip) => ipFamily(ip) === familyNumber(config.family) && own.some((cidr) => inPrefix(ip, cidr)),
  );
  return [...new Set(addresses)];
}

/** Whether localhost node ports can be on at all: IPv4, and loopback is among the node port addresses. */
export function localhostNodePortsPossible(config: ProxyConfig): boolean {
  if (config.family !== 'IPv4') return false;
  const targets = nodePortTargets(config);
  return targets === 'all' || targets.some((ip) => inPrefix(ip, '127.0.0.0/8'));
}
