/**
 * Which endpoints of a service port this node uses, for all modes alike (pkg/proxy/topology.go): traffic policies,
 * hints by node and by zone (KEP-2433, KEP-3015), and terminating endpoints as the last resort (KEP-1669).
 */
import type { EndpointInfo } from './endpoints';
import { usesClusterEndpoints, usesLocalEndpoints, type ServicePortInfo } from './service-ports';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export interface TopologyNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** False before PreferSameTrafficDistribution: node hints are not looked at. */
  readonly nodeHints?: boolean;
}

export interface EndpointChoice {
  /** For Cluster policy; null when the service port never uses such a list. */
  readonly cluster: readonly EndpointInfo[] | null;
  /** For Local policy; null when it never uses such a list. */
  readonly local: readonly EndpointInfo[] | null;
  /** Everything that traffic on this node may end up at. */
  readonly reachable: readonly EndpointInfo[];
  /** Some node has a usable endpoint: what is missing here is then dropped rather than rejected. */
  readonly anywhere: boolean;
}

/** How hints cut the Cluster list down. */
type Mode = { readonly hint: 'node' | 'zone'; readonly name: string } | null;

export function chooseEndpoints(
  info: ServicePortInfo,
  endpoints: readonly EndpointInfo[],
  node: TopologyNode,
): EndpointChoice {
  const anywhere = endpoints.some((endpoint) => endpoint.ready || isLastResort(endpoint));
  const mode = usesClusterEndpoints(info) ? topologyMode(endpoints, node) : null;
  const cluster = usesClusterEndpoints(info) ? readyOrLastResort(endpoints, mode) : null;
  const own = endpoints.filter((endpoint) => endpoint.local);
  const local = usesLocalEndpoints(info) ? readyOrLastResort(own, null) : null;
  return { cluster, local, reachable: union(cluster, local), anywhere };
}

function isLastResort(endpoint: EndpointInfo): boolean {
  return endpoint.serving && endpoint.terminating;
}

function hintsOf(endpoint: EndpointInfo, hint: 'node' | 'zone'): readonly string[] {
  return hint === 'node' ? endpoint.nodeHints : endpoint.zoneHints;
}

/** Hints count only when every ready endpoint has one and at least one of them points here. */
function topologyMode(endpoints: readonly EndpointInfo[], node: TopologyNode): Mode {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const holds = (hint: 'node' | 'zone', name: string) =>
    name !== '' &&
    ready.every((endpoint) => hintsOf(endpoint, hint).length > 0) &&
    ready.some((endpoint) => hintsOf(endpoint, hint).includes(name));
  if (node.nodeHints !== false && holds('node', node.name)) return { hint: 'node', name: node.name };
  const zone = node.labels[ZONE_LABEL] ?? '';
  return holds('zone', zone) ? { hint: 'zone', name: zone } : null;
}

/** Ready endpoints that the hints allow; when there are none, the terminating ones that still serve. */
function readyOrLastResort(endpoints: readonly EndpointInfo[], mode: Mode): EndpointInfo[] {
  const fits = (endpoint: EndpointInfo) => mode === null || hintsOf(endpoint, mode.hint).includes(mode.name);
  const ready = endpoints.filter((endpoint) => endpoint.ready && fits(endpoint));
  return ready.length > 0 ? ready : endpoints.filter(isLastResort);
}

/** Both lists without doubles, in the text order of the endpoints. */
function union(
  cluster: readonly EndpointInfo[] | null,
  local: readonly EndpointInfo[] | null,
): readonly EndpointInfo[] {
  if (cluster === null || local === null) return cluster ?? local ?? [];
  const missing = local.filter((endpoint) => !cluster.includes(endpoint));
  if (missing.length === 0) return cluster;
  return [...cluster, ...missing].sort((a, b) => (a.text < b.text ? -1 : 1));
}
