/** The slice objects themselves: labels, ownership, the empty slice that is created and filled. Ruled by discovery/v1. */
import type { OwnerReference } from '../../api/object';
import type { EndpointPort, EndpointSlice } from '../../api/kinds/endpointslice';
import { SERVICE_NAME_LABEL } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';
import type { AddressType } from './endpoint';

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';
export const TRIGGER_TIME_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const RESERVED = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

type Labels = Readonly<Record<string, string>>;

function unreserved(labels: Labels | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !RESERVED.has(key)));
}

function sameLabels(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/**
 * The labels that a Service's slice must have, and whether that alone is a reason to write it. Reserved labels of the
 * Service are never copied, and a slice that lacks only reserved ones is left alone.
 */
export function sliceLabels(
  existing: Labels | undefined,
  service: Service,
): { labels: Labels; changed: boolean } {
  const copied = unreserved(service.metadata.labels);
  const changed = !sameLabels(unreserved(existing), copied);
  const ip = service.spec.clusterIP;
  if (!ip || ip === 'None') copied[HEADLESS_LABEL] = '';
  copied[SERVICE_NAME_LABEL] = service.metadata.name;
  copied[MANAGED_BY_LABEL] = CONTROLLER_NAME;
  return { labels: copied, changed };
}

/** "web-", or without the dash where that would be too long for a name. */
function generateNameOf(service: Service): string {
  const prefix = `${service.metadata.name}-`;
  return prefix.length <= 253 ? prefix : service.metadata.name;
}

/** An empty slice; the store gives it a name from `generateName`. */
export function newSlice(service: Service, type: AddressType, ports: readonly EndpointPort[]): EndpointSlice {
  const owner: OwnerReference = {
    apiVersion: 'v1',
    kind: 'Service',
    name: service.metadata.name,
    uid: service.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: generateNameOf(service),
      namespace: service.metadata.namespace,
      labels: sliceLabels(undefined, service).labels,
      ownerReferences: [owner],
    },
    addressType: type,
    ports: [...ports],
    endpoints: [],
  };
}

/** True when an owner reference of the slice names this very Service (by uid). */
export function isOwnedBy(slice: EndpointSlice, service: Service): boolean {
  return (slice.metadata.ownerReferences ?? []).some(
    (row) => row.kind === 'Service' && row.apiVersion === 'v1' && row.uid === (service.metadata.uid ?? ''),
  );
}

/** "namespace/name" of the Service that a slice belongs to; throws when the slice does not say so. */
export function serviceKeyOf(slice: Pick<EndpointSlice, 'metadata'> | null): string {
  const name = slice?.metadata.labels?.[SERVICE_NAME_LABEL];
  if (!slice || !name) throw new Error('EndpointSlice missing the kubernetes.io/service-name label');
  return `${slice.metadata.namespace ?? ''}/${name}`;
}

/** Whether a slice already is the placeholder that would be written; of its metadata only namespace and labels count. */
export function isSamePlaceholder(a: EndpointSlice | null, b: EndpointSlice | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.addressType === b.addressType &&
    (a.metadata.namespace ?? '') === (b.metadata.namespace ?? '') &&
    sameLabels(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
    (a.endpoints ?? []).length === 0 &&
    (b.endpoints ?? []).length === 0 &&
    (a.ports ?? []).length === 0 &&
    (b.ports ?? []).length === 0
  );
}
