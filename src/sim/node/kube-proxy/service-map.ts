/**
 * All service ports of a node for one family, kept up to date Service by Service (servicechangetracker.go,
 * endpointschangetracker.go). Entries of Services that did not change stay the same objects.
 */
import { canonicalJson } from '../../../lib/plain';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';
import type { ApiObject } from '../../api/object';
import type { Family } from './config';
import { servicePortsOf, type ServicePortState } from './service-ports';

/** What the proxy reads of the API, as its informers hold it; the store has this shape. */
export interface ObjectReader {
  list(kind: string): readonly ApiObject[];
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
  /** The EndpointSlices that name this Service in their label. */
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
}

/** Service ports by "namespace/name" of their Service. */
export type ServiceMap = ReadonlyMap<string, readonly ServicePortState[]>;

/** Which Services of which proxy: the family's part of one node. */
export interface MapView {
  readonly family: Family;
  readonly nodeName: string;
}

/** The service ports of one Service as the API has it now. */
function portsNow(reader: ObjectReader, name: string, view: MapView): readonly ServicePortState[] {
  const [namespace = '', service = ''] = name.split('/');
  const object = reader.get('Service', namespace, service) as Service | undefined;
  if (object === undefined) return [];
  return servicePortsOf(object, reader.slicesOf(namespace, service), view.family, view.nodeName);
}

/** True when looking at a Service again would change the map. */
export function isOutdated(map: ServiceMap, reader: ObjectReader, name: string, view: MapView): boolean {
  return canonicalJson(map.get(name) ?? []) !== canonicalJson(portsNow(reader, name, view));
}

/** The map after the named Services (null: all) were looked at again. */
export function updateServiceMap(
  before: ServiceMap,
  reader: ObjectReader,
  names: ReadonlySet<string> | null,
  view: MapView,
): ServiceMap {
  const next = new Map(names === null ? [] : before);
  const all = () =>
    reader.list('Service').map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  for (const name of names ?? all()) {
    const ports = portsNow(reader, name, view);
    if (ports.length === 0) next.delete(name);
    // What did not change stays the same object, so that what was generated from it can be used again.
    else if (canonicalJson(before.get(name) ?? []) === canonicalJson(ports))
      next.set(name, before.get(name)!);
    else next.set(name, ports);
  }
  return next;
}

// Derived from immutable maps: a pure memo, not state.
const ordered = new WeakMap<ServiceMap, readonly ServicePortState[]>();

/** Service ports in text order of their names, the order in which they are written. */
export function orderedPorts(map: ServiceMap): readonly ServicePortState[] {
  let ports = ordered.get(map);
  if (ports === undefined) {
    const keyed = [...map.values()]
      .flat()
      .map((port) => [`${port.info.name}/${port.info.protocol}`, port] as const);
    ports = keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
    ordered.set(map, ports);
  }
  return ports;
}
