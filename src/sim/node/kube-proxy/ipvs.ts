/**
 * IPVS mode (deprecated since 1.35): virtual servers in the kernel, their addresses on a dummy device, ipsets and a few
 * fixed rules around them (pkg/proxy/ipvs/proxier.go, about 1.33).
 */
import { inPrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import type { IpvsProtocol, RealServer, VirtualServer } from '../../kernel/ipvs/ipvs';
import type { IpSet } from '../../kernel/netfilter/ipset';
import { netEntry } from '../../kernel/netfilter/ipset';
import type { ChainInput } from '../../kernel/iptables/tables';
import { familyNumber, isOfFamily, nodePortTargets, type ProxyConfig } from './config';
import type { EndpointInfo } from './endpoints';
import { ipvsFilterChains, ipvsNatChains, type ClosedAddress } from './ipvs-rules';
import { IPVS_SETS, ipvsSetName } from './ipvs-sets';
import type { ServicePortInfo, ServicePortState } from './service-ports';
import { chooseEndpoints, type EndpointChoice, type TopologyNode } from './topology';

export const DUMMY_DEVICE = 'kube-ipvs0';

export interface IpvsData {
  readonly virtualServers: readonly VirtualServer[];
  /** Addresses that the dummy device has to have. */
  readonly addresses: readonly string[];
  readonly sets: readonly IpSet[];
  readonly nat: readonly ChainInput[];
  readonly filter: readonly ChainInput[];
}

/** What is being gathered while going over the service ports. */
interface Draft {
  readonly config: ProxyConfig;
  readonly servers: VirtualServer[];
  readonly addresses: Set<string>;
  readonly entries: Map<string, Map<string, Origin | null>>;
  /** Load balancer addresses that the node itself may not reach, because no source range holds its address. */
  readonly closedToNode: ClosedAddress[];
}

export function generateIpvs(
  ports: readonly ServicePortState[],
  config: ProxyConfig,
  node: TopologyNode,
): IpvsData {
  const entries = new Map(Object.keys(IPVS_SETS).map((name) => [name, new Map<string, Origin | null>()]));
  const draft: Draft = { config, servers: [], addresses: new Set(), entries, closedToNode: [] };
  for (const { info, endpoints } of ports) {
    const choice = chooseEndpoints(info, endpoints, node);
    hairpins(draft, info, endpoints);
    clusterIp(draft, info, choice);
    externalIps(draft, info, choice);
    loadBalancers(draft, info, choice);
    nodePorts(draft, info, choice);
    if (info.healthCheckNodePort !== 0) {
      enter(draft, 'KUBE-HEALTH-CHECK-NODE-PORT', String(info.healthCheckNodePort), info.origin);
    }
  }
  for (const address of draft.addresses) enter(draft, 'KUBE-IPVS-IPS', address, null);
  const holds = (set: string) => (entries.get(set)?.size ?? 0) > 0;
  return {
    virtualServers: draft.servers,
    addresses: [...draft.addresses].sort(),
    sets: [...entries].map(([name, held]) => ({
      name: ipvsSetName(name, config.family),
      type: IPVS_SETS[name]!.type,
      family: familyNumber(config.family),
      entries: held,
      comment: IPVS_SETS[name]!.comment,
    })),
    nat: ipvsNatChains(config, holds),
    filter: ipvsFilterChains(config, holds, draft.closedToNode),
  };
}

function enter({ entries }: Draft, set: string, entry: string, origin: Origin | null): void {
  entries.get(set)?.set(entry, origin);
}

function protocolOf(info: ServicePortInfo): IpvsProtocol {
  return info.protocol.toLowerCase() as IpvsProtocol;
}

/** "10.0.0.1,tcp:80" */
function at(info: ServicePortInfo, ip: string, port = info.port): string {
  return `${ip},${protocolOf(info)}:${port}`;
}

/** Whoever on this node may reach itself through a virtual address, whatever its state. */
function hairpins(draft: Draft, info: ServicePortInfo, endpoints: readonly EndpointInfo[]): void {
  for (const endpoint of endpoints.filter(({ local }) => local)) {
    enter(draft, 'KUBE-LOOP-BACK', `${at(info, endpoint.ip, endpoint.port)},${endpoint.ip}`, endpoint.origin);
  }
}

/**
 * One virtual server. Local policy falls back to the cluster's endpoints when none is here: IPVS mode has no rule that
 * would drop the traffic.
 */
function serve(
  draft: Draft,
  info: ServicePortInfo,
  choice: EndpointChoice,
  ip: string,
  port: number,
  localOnly: boolean,
): void {
  const local = choice.local ?? [];
  const endpoints = localOnly && local.length > 0 ? local : (choice.cluster ?? []);
  const realServers = endpoints.map((endpoint): RealServer => ({
    address: endpoint.ip,
    port: endpoint.port,
    weight: 1,
    origin: endpoint.origin,
  }));
  const persistent = info.affinitySeconds === 0 ? {} : { persistentSeconds: info.affinitySeconds };
  const server = {
    address: ip,
    port,
    protocol: protocolOf(info),
    scheduler: draft.config.ipvsScheduler || 'rr',
    ...persistent,
  };
  draft.servers.push({ ...server, realServers, origin: info.origin });
}

/** Addresses that some other device has stay there. */
function bind(draft: Draft, ip: string): void {
  if (!draft.config.nodeIps.includes(ip)) draft.addresses.add(ip);
}

function clusterIp(draft: Draft, info: ServicePortInfo, choice: EndpointChoice): void {
  enter(draft, 'KUBE-CLUSTER-IP', at(info, info.clusterIp), info.origin);
  bind(draft, info.clusterIp);
  serve(draft, info, choice, info.clusterIp, info.port, info.internalPolicyLocal);
}

function externalIps(draft: Draft, info: ServicePortInfo, choice: EndpointChoice): void {
  const set = info.externalPolicyLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP';
  for (const ip of info.externalIps) {
    enter(draft, set, at(info, ip), info.origin);
    bind(draft, ip);
    serve(draft, info, choice, ip, info.port, info.externalPolicyLocal);
  }
}

function loadBalancers(draft: Draft, info: ServicePortInfo, choice: EndpointChoice): void {
  for (const ip of info.loadBalancerVips) {
    const entry = at(info, ip);
    enter(draft, 'KUBE-LOAD-BALANCER', entry, info.origin);
    if (info.externalPolicyLocal) enter(draft, 'KUBE-LOAD-BALANCER-LOCAL', entry, info.origin);
    if (info.sourceRanges.length > 0) {
      enter(draft, 'KUBE-LOAD-BALANCER-FW', entry, info.origin);
      for (const range of info.sourceRanges) {
        enter(draft, 'KUBE-LOAD-BALANCER-SOURCE-CIDR', `${entry},${netEntry(range)}`, info.origin);
      }
      const nodeAllowed = info.sourceRanges.some((range) => inPrefix(draft.config.nodeIp, range));
      if (!nodeAllowed) draft.closedToNode.push(closedAddress(info, ip));
      else enter(draft, 'KUBE-LOAD-BALANCER-SOURCE-IP', `${entry},${ip}`, info.origin);
    }
    bind(draft, ip);
    serve(draft, info, choice, ip, info.port, info.externalPolicyLocal);
  }
}

function closedAddress(info: ServicePortInfo, address: string): ClosedAddress {
  return { address, protocol: protocolOf(info), port: info.port, origin: info.origin };
}

function nodePorts(draft: Draft, info: ServicePortInfo, choice: EndpointChoice): void {
  const addresses = nodeAddresses(draft.config);
  if (info.nodePort === 0 || addresses.length === 0) return;
  const suffix = info.protocol === 'SCTP' ? 'SCTP-HASH' : info.protocol;
  const keys =
    info.protocol === 'SCTP' ? addresses.map((ip) => at(info, ip, info.nodePort)) : [String(info.nodePort)];
  for (const key of keys) {
    enter(draft, `KUBE-NODE-PORT-${suffix}`, key, info.origin);
    if (info.externalPolicyLocal) enter(draft, `KUBE-NODE-PORT-LOCAL-${suffix}`, key, info.origin);
  }
  for (const ip of addresses) serve(draft, info, choice, ip, info.nodePort, info.externalPolicyLocal);
}

/** Node addresses that take node ports: neither loopback nor link-local ones. */
function nodeAddresses(config: ProxyConfig): string[] {
  const targets = nodePortTargets(config);
  const all = targets === 'all' ? config.nodeIps : targets;
  return all.filter(
    (ip) =>
      isOfFamily(ip, config.family) && !ip.startsWith('127.') && ip !== '::1' && !inPrefix(ip, 'fe80::/10'),
  );
}
