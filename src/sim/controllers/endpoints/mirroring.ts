/**
 * Copies Endpoints that a user wrote for a Service without selector into EndpointSlices, which is what kube-proxy and DNS
 * read. Upstream: pkg/controller/endpointslicemirroring.
 */
import { canonicalIp, ipFamily } from '../../../lib/ip';
import { sameValue } from '../../api/equal';
import {
  SERVICE_NAME_LABEL,
  type Endpoint,
  type EndpointAddress,
  type EndpointPort,
  type Endpoints,
  type EndpointSlice,
} from '../../api/kinds/endpointslice';
import type { Component, WatchEvent } from '../../api/watch';
import { keyOf, splitKey, type ControllerDeps } from '../deps';
import type { AddressType } from '../endpointslice/endpoint';
import { portsKey } from '../endpointslice/ports';
import { MANAGED_BY_LABEL, TRIGGER_TIME_ANNOTATION } from '../endpointslice/slice';
import { ownerReference } from '../ownership';

const CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** --mirroring-max-endpoints-per-subset */
const MAX_ADDRESSES = 1000;

export class EndpointSliceMirroring implements Component {
  readonly name = 'controllers/endpointslice-mirroring';
  readonly watches = ['Endpoints', 'Service', 'EndpointSlice'];

  constructor(private readonly deps: ControllerDeps) {}

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind !== 'EndpointSlice') return [keyOf(event.object)];
    // A copy that someone else changed or deleted is written again; the own writes come back and change nothing.
    const { namespace, labels = {} } = event.object.metadata;
    const name = labels[SERVICE_NAME_LABEL];
    return labels[MANAGED_BY_LABEL] === CONTROLLER && name ? [`${namespace ?? ''}/${name}`] : [];
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const { namespace, name } = splitKey(key);
    const endpoints = store.get('Endpoints', namespace, name);
    const service = store.get('Service', namespace, name);
    const selected = Object.keys(service?.spec.selector ?? {}).length > 0;
    const mirrored = service !== undefined && !selected && endpoints !== undefined && isMirrored(endpoints);
    const wanted = mirrored ? slicesOf(endpoints) : [];
    const known = store
      .slicesOf(namespace, name)
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY_LABEL] === CONTROLLER);
    for (const slice of wanted) this.write(slice, known);
    const keep = new Set(wanted.map(identity));
    for (const slice of known)
      if (!keep.has(identity(slice))) store.delete('EndpointSlice', namespace, slice.metadata.name);
  }

  private write(wanted: EndpointSlice, known: readonly EndpointSlice[]): void {
    const old = known.find((slice) => identity(slice) === identity(wanted));
    if (old === undefined) return void this.deps.store.create(wanted);
    const { labels, annotations } = wanted.metadata;
    const next = { ...wanted, metadata: { ...old.metadata, labels, annotations } };
    if (!sameValue(next, old)) this.deps.store.update(next);
  }
}

function isMirrored(endpoints: Endpoints): boolean {
  return (
    endpoints.metadata.labels?.[SKIP] !== 'true' && endpoints.metadata.annotations?.[LEADER] === undefined
  );
}

function identity(slice: EndpointSlice): string {
  return `${slice.addressType}|${portsKey(slice.ports)}`;
}

function endpointOf(address: EndpointAddress, ready: boolean): Endpoint {
  const { ip, hostname, nodeName, targetRef } = address;
  return {
    addresses: [canonicalIp(ip)],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}

function valid(addresses: readonly EndpointAddress[] | undefined | null): readonly EndpointAddress[] {
  return (addresses ?? []).filter(({ ip }) => ipFamily(ip) !== null);
}

/** One slice for each family and list of ports. */
function slicesOf(endpoints: Endpoints): EndpointSlice[] {
  const made = new Map<string, EndpointSlice>();
  for (const subset of endpoints.subsets ?? []) {
    const ports: EndpointPort[] = (subset.ports ?? []).map((row) => ({
      protocol: 'TCP',
      ...row,
      name: row.name ?? '',
    }));
    const rows = [
      ...valid(subset.addresses).map((row) => endpointOf(row, true)),
      ...valid(subset.notReadyAddresses).map((row) => endpointOf(row, false)),
    ];
    for (const row of rows.slice(0, MAX_ADDRESSES)) {
      const type: AddressType = ipFamily(row.addresses[0] ?? '') === 6 ? 'IPv6' : 'IPv4';
      const empty = emptySlice(endpoints, type, ports);
      const slice = made.get(identity(empty)) ?? empty;
      made.set(identity(empty), { ...slice, endpoints: [...slice.endpoints, row] });
    }
  }
  return [...made.values()];
}

function emptySlice(endpoints: Endpoints, type: AddressType, ports: readonly EndpointPort[]): EndpointSlice {
  const { namespace, name, labels, annotations = {} } = endpoints.metadata;
  const { [LAST_APPLIED]: _applied, [TRIGGER_TIME_ANNOTATION]: _time, ...copied } = annotations;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: CONTROLLER },
      ...(Object.keys(copied).length > 0 ? { annotations: copied } : {}),
      ownerReferences: [ownerReference(endpoints)],
    },
    addressType: type,
    ports,
    endpoints: [],
  };
}
