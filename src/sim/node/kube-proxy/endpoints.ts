/** Endpoints of a service port from its EndpointSlices (pkg/proxy/endpoints.go, endpointslicecache.go). */
import type { Origin } from '../../trace/hop';
import { refOf } from '../../api/object';
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import { ownAddress, type Family } from './config';
import { hostPort } from './names';

export interface EndpointInfo {
  readonly ip: string;
  readonly port: number;
  /** "ip:port"; endpoints are ordered by it. */
  readonly text: string;
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
  readonly origin: Origin;
}

/** Which endpoints of which slices belong to a service port: name and protocol have to agree. */
export interface EndpointQuery {
  readonly portName: string;
  readonly protocol: string;
  readonly family: Family;
  readonly nodeName: string;
}

/** Slices merged, each "ip:port" once, in text order. Where duplicates disagree the local one counts. */
export function endpointsOf(slices: readonly EndpointSlice[], query: EndpointQuery): EndpointInfo[] {
  const found = new Map<string, EndpointInfo>();
  const ordered = [...slices].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const slice of ordered) {
    if (slice.addressType !== query.family) continue;
    for (const port of slice.ports ?? []) {
      const fits = (port.name ?? '') === query.portName && (port.protocol ?? 'TCP') === query.protocol;
      if (!fits || !port.port) continue;
      // Go writes an empty list that was never made as null.
      (slice.endpoints ?? []).forEach((endpoint, i) => {
        const info = toInfo(slice, endpoint, i, port.port!, query);
        if (info !== null && (info.local || !found.has(info.text))) found.set(info.text, info);
      });
    }
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function toInfo(
  slice: EndpointSlice,
  endpoint: Endpoint,
  index: number,
  port: number,
  query: EndpointQuery,
): EndpointInfo | null {
  const address = endpoint.addresses?.[0];
  const ip = address === undefined ? null : ownAddress(address, query.family);
  if (ip === null) return null;
  const { ready, serving, terminating } = endpoint.conditions ?? {};
  return {
    ip,
    port,
    text: hostPort(ip, port),
    local: endpoint.nodeName !== undefined && endpoint.nodeName === query.nodeName,
    ready: ready ?? true,
    serving: serving ?? true,
    terminating: terminating ?? false,
    zoneHints: (endpoint.hints?.forZones ?? []).map((hint) => hint.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((hint) => hint.name),
    origin: { ref: refOf(slice), path: `endpoints[${index}]` },
  };
}
