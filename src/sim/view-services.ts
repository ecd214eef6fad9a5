/** Services and their endpoints as the page shows them. */
import type { Endpoint, EndpointSlice } from './api/kinds/endpointslice';
import type { Service } from './api/kinds/service';
import { refOf } from './api/object';
import type { Store } from './api/store';
import type { EndpointView, ServiceView } from './view';

function endpointView(slice: EndpointSlice, endpoint: Endpoint, ip: string): EndpointView {
  const conditions = endpoint.conditions ?? {};
  const target = endpoint.targetRef;
  return {
    ip,
    ports: (slice.ports ?? []).flatMap((port) => (port.port == null ? [] : [port.port])),
    podRef: target?.kind === 'Pod' ? `Pod/${target.namespace ?? ''}/${target.name}` : null,
    node: endpoint.nodeName ?? null,
    ready: conditions.ready ?? true,
    serving: conditions.serving ?? true,
    terminating: conditions.terminating ?? false,
  };
}

/** Endpoints of all slices of a Service; one address once, in the order of the slices. */
function endpointsOf(store: Store, service: Service): EndpointView[] {
  const slices = store.slicesOf(service.metadata.namespace ?? '', service.metadata.name);
  const seen = new Map<string, EndpointView>();
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      for (const ip of endpoint.addresses) {
        const view = endpointView(slice, endpoint, ip);
        const known = seen.get(ip);
        seen.set(ip, known ? { ...known, ports: [...new Set([...known.ports, ...view.ports])] } : view);
      }
    }
  }
  return [...seen.values()];
}

function externalAddresses({ spec, status }: Service): string[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const named = spec.type === 'ExternalName' && spec.externalName ? [spec.externalName] : [];
  return [
    ...named,
    ...(spec.externalIPs ?? []),
    ...ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  ];
}

export function serviceView(store: Store, service: Service, clusterDomain: string): ServiceView {
  const { name, namespace = '' } = service.metadata;
  const { spec } = service;
  return {
    ref: refOf(service),
    name,
    namespace,
    type: spec.type ?? 'ClusterIP',
    clusterIPs: spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []),
    fqdn: `${name}.${namespace}.svc.${clusterDomain}`,
    selector: spec.selector ?? null,
    ports: (spec.ports ?? []).map((port) => ({
      name: port.name ?? '',
      port: port.port,
      protocol: port.protocol ?? 'TCP',
      targetPort: String(port.targetPort ?? port.port),
      nodePort: port.nodePort ?? null,
    })),
    externalAddresses: externalAddresses(service),
    endpoints: endpointsOf(store, service),
  };
}
