/**
 * Hints by trafficDistribution (KEP-4444, KEP-3015): every ready endpoint is meant for its own zone, or its own node.
 * kube-proxy never looks at the field, only at the hints that are written here.
 */
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import type { SliceChanges } from './packing';

type Hints = Endpoint['hints'];

/**
 * Which hints a trafficDistribution asks for; a value that is not known takes all away. Endpoints that are not known to be
 * ready are left as they are. `preferSame` is the gate for the names of KEP-3015 (on since 1.34).
 */
function hintsOf(endpoint: Endpoint, distribution: string | undefined, preferSame: boolean): Hints {
  const sameNode = preferSame && distribution === 'PreferSameNode';
  const sameZone = distribution === 'PreferClose' || (preferSame && distribution === 'PreferSameZone');
  if (!sameNode && !sameZone) return undefined;
  if (endpoint.conditions?.ready !== true) return endpoint.hints;
  const zone = endpoint.zone ? { forZones: [{ name: endpoint.zone }] } : {};
  const node = sameNode && endpoint.nodeName ? { forNodes: [{ name: endpoint.nodeName }] } : {};
  return 'forZones' in zone || 'forNodes' in node ? { ...zone, ...node } : undefined;
}

function names(list: readonly { readonly name: string }[] | undefined): string {
  return (list ?? []).map((row) => row.name).join(',');
}

function sameHints(a: Hints, b: Hints): boolean {
  return names(a?.forZones) === names(b?.forZones) && names(a?.forNodes) === names(b?.forNodes);
}

function withHints(endpoint: Endpoint, hints: Hints): Endpoint {
  const { hints: _old, ...bare } = endpoint;
  return hints === undefined ? bare : { ...bare, hints };
}

/** Sets a slice's hints by a function of its endpoints; the same object when nothing changes. */
export function rehint(slice: EndpointSlice, hintsFor: (endpoint: Endpoint) => Hints): EndpointSlice {
  let changed = false;
  const endpoints = slice.endpoints.map((endpoint) => {
    const hints = hintsFor(endpoint);
    if (sameHints(endpoint.hints, hints)) return endpoint;
    changed = true;
    return withHints(endpoint, hints);
  });
  return changed ? { ...slice, endpoints } : slice;
}

/** Applies hints to a set of planned writes; an untouched slice whose hints are wrong becomes an update. */
export function rehintAll(changes: SliceChanges, hintsFor: (endpoint: Endpoint) => Hints): SliceChanges {
  const touched = changes.unchanged.map((slice) => ({ slice, next: rehint(slice, hintsFor) }));
  return {
    create: changes.create.map((slice) => rehint(slice, hintsFor)),
    update: [
      ...changes.update.map((slice) => rehint(slice, hintsFor)),
      ...touched.filter((row) => row.next !== row.slice).map((row) => row.next),
    ],
    delete: changes.delete,
    unchanged: touched.filter((row) => row.next === row.slice).map((row) => row.slice),
  };
}

/** Writes the hints of a Service's trafficDistribution; with none set all hints go. */
export function applyTrafficDistribution(
  changes: SliceChanges,
  distribution: string | undefined,
  preferSame = true,
): SliceChanges {
  return rehintAll(changes, (endpoint) => hintsOf(endpoint, distribution, preferSame));
}
