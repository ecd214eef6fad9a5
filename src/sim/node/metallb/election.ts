/**
 * Whether a node answers for the address of a Service. Upstream: go.universe.tf/metallb speaker/layer2_controller.go,
 * speaker/bgp_controller.go, internal/k8s/epslices.
 */
import { sha256Hex } from '../../../lib/hash';
import type { Node } from '../../api/kinds/cluster';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** Nodes with an endpoint that can take traffic; with Cluster policy any endpoint makes all of `nodes` fit. */
export function nodesFor(
  service: Service,
  slices: readonly EndpointSlice[],
  nodes: readonly Node[],
): readonly string[] {
  const serving = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false || conditions.serving === true);
  if (serving.length === 0) return [];
  const fit = nodes.filter(({ metadata, status }) => {
    const cutOff = status?.conditions?.some(
      (one) => one.type === 'NetworkUnavailable' && one.status === 'True',
    );
    return metadata.labels?.[EXCLUDED] === undefined && cutOff !== true;
  });
  const names = fit.map(({ metadata }) => metadata.name);
  if (service.spec.externalTrafficPolicy !== 'Local') return names;
  return names.filter((name) => serving.some(({ nodeName }) => nodeName === name));
}

/** The one node that announces on layer 2: every speaker comes to the same answer by the same hash. */
export function elect(ip: string, nodes: readonly string[]): string | null {
  const ranked = nodes.map((name) => ({ name, hash: sha256Hex(`${name}#${ip}`) }));
  ranked.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return ranked[0]?.name ?? null;
}
