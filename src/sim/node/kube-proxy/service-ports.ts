/**
 * Services and EndpointSlices in the normal form that every mode's generator reads: one entry a service port
 * (pkg/proxy/serviceport.go, servicechangetracker.go). Addresses canonical, other families and unusable entries gone.
 */
import { canonicalPrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import { refOf } from '../../api/object';
import { SERVICE_NAME_LABEL, type EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service, ServicePort } from '../../api/kinds/service';
import { isOfFamily, isZeroCidr, ownAddress, type Family } from './config';
import { endpointsOf, type EndpointInfo } from './endpoints';
import { servicePortName } from './names';

export interface ServicePortInfo {
  /** "default/web:http", what rules and hashes call it. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly portName: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly clusterIp: string;
  readonly port: number;
  /** 0 for none. */
  readonly nodePort: number;
  readonly externalIps: readonly string[];
  /** Load balancer ingress addresses that the node has to answer for. */
  readonly loadBalancerVips: readonly string[];
  /** Empty: not restricted. */
  readonly sourceRanges: readonly string[];
  /** Seconds of ClientIP affinity, 0 for none. */
  readonly affinitySeconds: number;
  /** 0 for none. */
  readonly healthCheckNodePort: number;
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  readonly origin: Origin;
}

/** A service port with all endpoints of its slices, whatever their state. */
export interface ServicePortState {
  readonly info: ServicePortInfo;
  readonly endpoints: readonly EndpointInfo[];
}

/** Labels that take a Service or slice away from this proxy. */
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';

function isForThisProxy(object: { readonly metadata: { readonly labels?: object } }): boolean {
  const labels = object.metadata.labels ?? {};
  return !(PROXY_NAME_LABEL in labels) && !(HEADLESS_LABEL in labels);
}

/** "namespace/name" of the Service that a slice belongs to, null when it names none. */
export function serviceOfSlice(slice: EndpointSlice): string | null {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name ? `${slice.metadata.namespace ?? ''}/${name}` : null;
}

/** The service ports of one Service with their endpoints; empty for headless, ExternalName and other families. */
export function servicePortsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  family: Family,
  nodeName: string,
): ServicePortState[] {
  const clusterIp = clusterIpOf(service, family);
  if (clusterIp === null || !isForThisProxy(service)) return [];
  const usable = slices.filter(isForThisProxy);
  return (service.spec.ports ?? []).map((port, i) => {
    const info = portInfo(service, port, i, clusterIp, family);
    const query = { portName: info.portName, protocol: info.protocol, family, nodeName };
    return { info, endpoints: endpointsOf(usable, query) };
  });
}

function clusterIpOf(service: Service, family: Family): string | null {
  const { type, clusterIP, clusterIPs } = service.spec;
  if (type === 'ExternalName' || !clusterIP || clusterIP === 'None') return null;
  const all = clusterIPs && clusterIPs.length > 0 ? clusterIPs : [clusterIP];
  return addressesOf(all, family)[0] ?? null;
}

function portInfo(
  service: Service,
  port: ServicePort,
  index: number,
  clusterIp: string,
  family: Family,
): ServicePortInfo {
  const { spec } = service;
  const { name, namespace = '' } = service.metadata;
  const affinity = spec.sessionAffinity === 'ClientIP';
  return {
    name: servicePortName(namespace, name, port.name ?? ''),
    namespace,
    service: name,
    portName: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
    clusterIp,
    port: port.port,
    nodePort: port.nodePort ?? 0,
    externalIps: addressesOf(spec.externalIPs ?? [], family),
    loadBalancerVips: vipsOf(service, family),
    sourceRanges: sourceRangesOf(spec.loadBalancerSourceRanges ?? [], family),
    affinitySeconds: affinity ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
    healthCheckNodePort: needsHealthCheck(service) ? (spec.healthCheckNodePort ?? 0) : 0,
    externalPolicyLocal: isExternal(service) && spec.externalTrafficPolicy === 'Local',
    internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    origin: { ref: refOf(service), path: `spec.ports[${index}]` },
  };
}

function addressesOf(texts: readonly string[], family: Family): string[] {
  return texts.flatMap((text) => ownAddress(text, family) ?? []);
}

/** Ingress addresses with ipMode Proxy are the load balancer's own business (KEP-1860). */
function vipsOf(service: Service, family: Family): string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const vips = ingress.filter((entry) => entry.ipMode !== 'Proxy').flatMap((entry) => entry.ip ?? []);
  return addressesOf(vips, family);
}

/** A /0 among the ranges of a family lifts the restriction for that family; a bare address is no range. */
function sourceRangesOf(texts: readonly string[], family: Family): string[] {
  const ranges = texts.map((text) => text.trim()).filter((text) => text.includes('/'));
  const own = ranges.filter((text) => isOfFamily(text, family));
  return own.some(isZeroCidr) ? [] : own.map(canonicalPrefix);
}

function isExternal(service: Service): boolean {
  const { type, externalIPs } = service.spec;
  return type === 'LoadBalancer' || type === 'NodePort' || (externalIPs?.length ?? 0) > 0;
}

function needsHealthCheck(service: Service): boolean {
  return service.spec.type === 'LoadBalancer' && service.spec.externalTrafficPolicy === 'Local';
}

/** Anything outside the cluster can be sent here: a node port, a load balancer VIP or an external IP. */
export function externallyAccessible(info: ServicePortInfo): boolean {
  return info.nodePort !== 0 || info.loadBalancerVips.length > 0 || info.externalIps.length > 0;
}

/** The Cluster list is in use: for internal traffic, or for the short circuits of external traffic. */
export function usesClusterEndpoints(info: ServicePortInfo): boolean {
  return !info.internalPolicyLocal || externallyAccessible(info);
}

export function usesLocalEndpoints(info: ServicePortInfo): boolean {
  return info.internalPolicyLocal || (info.externalPolicyLocal && externallyAccessible(info));
}
