/**
 * One pod as one endpoint of a Service: membership, conditions, address. Ruled by discovery/v1, KEP-1672 (terminating
 * endpoints) and staging/src/k8s.io/endpointslice.
 */
import { canonicalIp, ipFamily } from '../../../lib/ip';
import type { Node } from '../../api/kinds/cluster';
import type { Endpoint } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import { isReady } from '../pod-state';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

export type AddressType = 'IPv4' | 'IPv6';

/** True for pods that are listed at all: they have an address and have not ended. */
export function podBelongs(pod: Pod, includeTerminating: boolean): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return false;
  if (!pod.status?.podIP && (pod.status?.podIPs ?? []).length === 0) return false;
  return includeTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** A pod's host name counts only when its subdomain names this very Service (see facts/dns-l7.md, rule 9). */
export function hasServiceHostname(pod: Pod, service: Service): boolean {
  return (
    !!pod.spec.hostname &&
    pod.spec.subdomain === service.metadata.name &&
    pod.metadata.namespace === service.metadata.namespace
  );
}

// Pure memos: pods and endpoints are never changed in place, so what follows from one belongs to the object.
const endpoints = new WeakMap<Pod, Map<string, Endpoint>>();
const keys = new WeakMap<Endpoint, string>();

/** The endpoint of a pod; it has no address when the pod has none of that family. `node` may be unknown. */
export function podToEndpoint(pod: Pod, node: Node | null, service: Service, type: AddressType): Endpoint {
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const { namespace, name } = service.metadata;
  const asked = `${namespace}/${name}|${service.spec.publishNotReadyAddresses === true}|${type}|${zone ?? ''}`;
  const known = endpoints.get(pod) ?? new Map<string, Endpoint>();
  const made = known.get(asked) ?? makeEndpoint(pod, zone, service, type);
  endpoints.set(pod, known.set(asked, made));
  return made;
}

function makeEndpoint(pod: Pod, zone: string | undefined, service: Service, type: AddressType): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: addressesOf(pod, type),
    conditions: { ready, serving, terminating },
    targetRef: { kind: 'Pod', namespace, name, ...(uid === undefined ? {} : { uid }) },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(hasServiceHostname(pod, service) ? { hostname: pod.spec.hostname } : {}),
  };
}

function addressesOf(pod: Pod, type: AddressType): string[] {
  const family = type === 'IPv4' ? 4 : 6;
  const listed = (pod.status?.podIPs ?? []).map((row) => row.ip);
  const ips = listed.length > 0 ? listed : [pod.status?.podIP ?? ''];
  return ips.filter((ip) => ipFamily(ip) === family).map(canonicalIp);
}

/** Families a Service's slices are written for. One that names none and has no address gets both. */
export function addressTypesOf(service: Service): AddressType[] {
  const families = service.spec.ipFamilies ?? [];
  if (families.length > 0) return [...families];
  const ip = service.spec.clusterIP;
  if (!ip || ip === 'None') return ['IPv4', 'IPv6'];
  return [ipFamily(ip) === 6 ? 'IPv6' : 'IPv4'];
}

/** Endpoints with the same key are the same endpoint, whatever its conditions say. */
export function endpointKey(endpoint: Endpoint): string {
  const known = keys.get(endpoint);
  if (known !== undefined) return known;
  const addresses = [...endpoint.addresses].sort().join(',');
  const key = `${addresses}|${endpoint.hostname ?? ''}|${endpoint.targetRef?.namespace ?? ''}`;
  keys.set(endpoint, key);
  return key;
}

/** Everything but address, host name and hints. */
export function sameBeyondKey(a: Endpoint, b: Endpoint): boolean {
  if (a === b) return true;
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.name === b.targetRef?.name &&
    a.targetRef?.namespace === b.targetRef?.namespace &&
    a.targetRef?.uid === b.targetRef?.uid
  );
}

/** What a change of a pod means to slices: its own part (address, readiness, deletion) and its labels. */
export function podChanges(before: Pod, after: Pod): { pod: boolean; labels: boolean } {
  const ips = (pod: Pod): string => (pod.status?.podIPs ?? []).map((row) => row.ip).join(',');
  return {
    pod:
      (before.metadata.deletionTimestamp !== undefined) !==
        (after.metadata.deletionTimestamp !== undefined) ||
      isReady(before) !== isReady(after) ||
      before.status?.podIP !== after.status?.podIP ||
      ips(before) !== ips(after) ||
      podBelongs(before, true) !== podBelongs(after, true) ||
      before.spec.hostname !== after.spec.hostname ||
      before.spec.subdomain !== after.spec.subdomain,
    labels: labelText(before) !== labelText(after),
  };
}

function labelText(pod: Pod): string {
  const labels = pod.metadata.labels ?? {};
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(',');
}
