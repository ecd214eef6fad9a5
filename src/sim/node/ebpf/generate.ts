/**
 * Services as BPF maps, the way Cilium's agent writes them with kube-proxy replaced: pure, from the same normal form that the
 * other modes' generators read. Rules: Cilium pkg/loadbalancer (flags, scopes), bpf/bpf_sock.c and bpf/lib/nodeport.h (what
 * the programs make of them), Documentation/network/kubernetes/kubeproxy-free.rst.
 *
 * - A cluster IP is one frontend with the endpoints that internalTrafficPolicy leaves; packets from the wire may not use it.
 * - A node port is a frontend for each node port address of this node, and one for 0.0.0.0 that sockets of the cluster find
 *   for any node's address, so that they go to a backend without passing that node.
 * - Where external and internal policy differ, frontends that the outside can reach have two scopes: sockets of the cluster
 *   see the internal list.
 * - External IPs lead no socket anywhere unless the address is the node's own (a mitigation of CVE-2020-8554).
 * - loadBalancerSourceRanges are asked of packets from the wire only; a socket of the cluster is not asked.
 * - Hints are not looked at (loadBalancer.serviceTopology is off by default).
 * Not simulated: SCTP in the data plane (sctp.enabled is off by default, so such service ports are left out), HostPort, L7
 * frontends, local redirect, annotations of Cilium's own.
 */
import { chooseEndpoints } from '../kube-proxy/topology';
import { nodePortTargets, type ProxyConfig } from '../kube-proxy/config';
import type { EndpointInfo } from '../kube-proxy/endpoints';
import type { ServicePortInfo, ServicePortState } from '../kube-proxy/service-ports';
import {
  frontendKey,
  type Addresses,
  type Backend,
  type BpfTables,
  type Frontend,
} from '../../kernel/bpf/maps';
import { programsFor, type Devices } from './programs';

/** Numbers given so far: a frontend or backend keeps its number as long as it lives. */
export interface Numbers {
  readonly frontends: ReadonlyMap<string, number>;
  readonly backends: ReadonlyMap<string, number>;
  /** What each pool gives next. */
  readonly next: { readonly frontends: number; readonly backends: number };
}

export const NO_NUMBERS: Numbers = {
  frontends: new Map(),
  backends: new Map(),
  next: { frontends: 1, backends: 1 },
};

export interface EbpfInput {
  /** For each family its service ports, in text order of their names. */
  readonly families: readonly {
    readonly config: ProxyConfig;
    readonly ports: readonly ServicePortState[];
  }[];
  readonly addresses: Addresses;
  readonly devices: Devices;
  readonly numbers: Numbers;
}

type Draft = Omit<Frontend, 'id' | 'slots'> & { readonly endpoints: readonly EndpointInfo[] };

export function generateEbpf(input: EbpfInput): { readonly tables: BpfTables; readonly numbers: Numbers } {
  const given = input.numbers;
  const frontends = new Map<string, Frontend>();
  const backends = new Map<number, Backend>();
  const numbers = { frontends: new Map<string, number>(), backends: new Map<string, number>() };
  const next = { ...given.next };
  const numberOf = (kind: 'frontends' | 'backends', key: string): number => {
    const number = numbers[kind].get(key) ?? given[kind].get(key) ?? next[kind]++;
    numbers[kind].set(key, number);
    return number;
  };
  const drafts = input.families.flatMap(({ config, ports }) =>
    ports.filter(({ info }) => info.protocol !== 'SCTP').flatMap((port) => draftsOf(port, config)),
  );
  for (const { endpoints, ...draft } of drafts) {
    const { address, protocol, scope } = draft;
    const key = frontendKey(address, draft.port, protocol, scope);
    // Two Services that claim one address and port: the first by name has it.
    if (frontends.has(key)) continue;
    const slots = endpoints.map((endpoint) => {
      const id = numberOf('backends', `${endpoint.text}/${protocol}`);
      backends.set(id, backendOf(id, endpoint, protocol));
      return id;
    });
    frontends.set(key, { ...draft, id: numberOf('frontends', key), slots });
  }
  const programs = programsFor(input.devices);
  const tables = { programs, frontends, backends, addresses: input.addresses };
  return { tables, numbers: { ...numbers, next } };
}

function backendOf(id: number, endpoint: EndpointInfo, protocol: 'tcp' | 'udp' | 'sctp'): Backend {
  const { ip: address, port, local, terminating, ready, origin } = endpoint;
  return {
    id,
    address,
    port,
    protocol,
    local,
    state: terminating && !ready ? 'terminating' : 'active',
    origin,
  };
}

/** Ready endpoints, or terminating ones that still serve when none is ready; without hints. */
function listsOf({ info, endpoints }: ServicePortState) {
  const blind = endpoints.map((endpoint) => ({ ...endpoint, zoneHints: [], nodeHints: [] }));
  // Both lists are wanted, whatever the policies of the Service use of them elsewhere.
  const asked: ServicePortInfo = { ...info, nodePort: info.nodePort || 1, internalPolicyLocal: true };
  const { cluster, local } = chooseEndpoints(asked, blind, { name: '', labels: {} });
  return { cluster: cluster ?? [], local: local ?? [] };
}

function draftsOf(port: ServicePortState, config: ProxyConfig): Draft[] {
  const { info } = port;
  const { cluster, local } = listsOf(port);
  const inner = info.internalPolicyLocal ? local : cluster;
  const base = {
    protocol: info.protocol.toLowerCase() as 'tcp' | 'udp',
    affinitySeconds: info.affinitySeconds,
    ownAddressOnly: false,
    ranges: [],
    origin: info.origin,
  };
  const clusterIp: Draft = {
    ...base,
    ...{ address: info.clusterIp, port: info.port, scope: 'ext', twoScopes: false, routable: false },
    flags: flagsOf('ClusterIP', info, info.internalPolicyLocal ? ['InternalLocal'] : [], false, false),
    endpoints: inner,
  };
  const outer = (type: ExternalType, address: string, number: number, routable = true): Draft[] => {
    const twoScopes = info.externalPolicyLocal !== info.internalPolicyLocal;
    const policies = [
      ...(info.externalPolicyLocal ? ['Local'] : []),
      ...(info.internalPolicyLocal ? ['InternalLocal'] : []),
      ...(twoScopes ? ['two-scopes'] : []),
    ];
    const ranges = type === 'LoadBalancer' ? info.sourceRanges : [];
    const common = {
      ...base,
      ...{ address, port: number, twoScopes, routable, ranges },
      ownAddressOnly: type === 'ExternalIPs',
      flags: flagsOf(type, info, policies, routable, ranges.length > 0),
    };
    const ext: Draft = { ...common, scope: 'ext', endpoints: info.externalPolicyLocal ? local : cluster };
    return twoScopes ? [ext, { ...common, scope: 'int', endpoints: inner }] : [ext];
  };
  const any = config.family === 'IPv4' ? '0.0.0.0' : '::';
  const nodePorts = info.nodePort === 0 ? [] : nodePortAddresses(config);
  return [
    clusterIp,
    ...nodePorts.flatMap((ip) => outer('NodePort', ip, info.nodePort)),
    ...(nodePorts.length > 0 ? outer('NodePort', any, info.nodePort, false) : []),
    ...info.externalIps.flatMap((ip) => outer('ExternalIPs', ip, info.port)),
    ...info.loadBalancerVips.flatMap((ip) => outer('LoadBalancer', ip, info.port)),
  ];
}

type ExternalType = 'NodePort' | 'ExternalIPs' | 'LoadBalancer';

/** As loadbalancer.ServiceFlags prints them, in its order. */
function flagsOf(
  type: 'ClusterIP' | ExternalType,
  info: ServicePortInfo,
  policies: readonly string[],
  routable: boolean,
  ranges: boolean,
): string[] {
  return [
    type,
    ...policies,
    ...(info.affinitySeconds > 0 ? ['sessionAffinity'] : []),
    ...(routable ? [] : ['non-routable']),
    ...(ranges ? ['check source-range'] : []),
  ];
}

function nodePortAddresses(config: ProxyConfig): readonly string[] {
  const targets = nodePortTargets(config);
  const own = targets === 'all' ? [config.nodeIp] : targets;
  return own.filter((ip) => ip !== '127.0.0.1' && ip !== '::1');
}
