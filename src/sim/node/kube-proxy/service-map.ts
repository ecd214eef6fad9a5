/**
 * All service ports of a node for one family, kept up to date Service by Service (servicechangetracker.go,
 * endpointschangetracker.go). Entries of Services that did not change stay the same objects.
 */
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';
import type { ApiObject } from '../../api/object';
import type { Family } from './config';
import { serviceOfSlice, servicePortsOf, type ServicePortState } from './service-ports';

/** What the proxy reads of the API: lists by kind, as its informers hold them. */
export interface ObjectReader {
  list(kind: string): readonly ApiObject[];
}

/** Service ports by "namespace/name" of their Service. */
export type ServiceMap = ReadonlyMap<string, readonly ServicePortState[]>;

function key(object: ApiObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** The map after the named Services (null: all) were looked at again. */
export function updateServiceMap(
  before: ServiceMap,
  reader: ObjectReader,
  names: ReadonlySet<string> | null,
  family: Family,
  nodeName: string,
): ServiceMap {
  const wanted = (name: string) => names === null || names.has(name);
  const slices = new Map<string, EndpointSlice[]>();
  for (const object of reader.list('EndpointSlice')) {
    const slice = object as EndpointSlice;
    const owner = serviceOfSlice(slice);
    if (owner === null || !wanted(owner)) continue;
    const list = slices.get(owner);
    if (list) list.push(slice);
    else slices.set(owner, [slice]);
  }
  const next = new Map(names === null ? [] : before);
  names?.forEach((name) => next.delete(name));
  for (const object of reader.list('Service')) {
    const name = key(object);
    if (!wanted(name)) continue;
    const ports = servicePortsOf(object as Service, slices.get(name) ?? [], family, nodeName);
    if (ports.length > 0) next.set(name, ports);
  }
  return next;
}

/** Service ports in text order of their names, the order in which they are written. */
export function orderedPorts(map: ServiceMap): ServicePortState[] {
  const order = (port: ServicePortState) => `${port.info.name}/${port.info.protocol}`;
  return [...map.values()].flat().sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
