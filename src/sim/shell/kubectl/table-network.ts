/** Tables of the networking kinds. */
import type { ApiObject } from '../../api/object';
import { ipFamily } from '../../../lib/ip';
import { AGE, NAME, column, field, wide } from './table';
import { conditionStatus, firstFew, selectorText } from './table-texts';
import type { Columns } from './table';
import { byText, pairs } from './plain-values';
import { at, list, map, str, strings } from './read';

/** "10.0.0.1:80" or "[fd00::1]:80". */
export function hostPort(ip: string, port: number | string): string {
  return ipFamily(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** ip and hostname values of a load balancer status, each once, sorted. */
export function ingressAddresses(object: unknown): string[] {
  const all = list(object, 'status.loadBalancer.ingress').map((i) => str(i, 'ip') || str(i, 'hostname'));
  return [...new Set(all.filter((text) => text !== ''))].sort(byText);
}

function externalIp(service: ApiObject): string {
  const external = strings(service, 'spec.externalIPs');
  switch (str(service, 'spec.type')) {
    case 'ExternalName':
      return str(service, 'spec.externalName');
    case 'LoadBalancer':
      return [...ingressAddresses(service), ...external].join(',') || '<pending>';
    default:
      return external.join(',') || '<none>';
  }
}

function servicePorts(service: ApiObject): string {
  const ports = list(service, 'spec.ports').map((port) => {
    const node = str(port, 'nodePort');
    const protocol = str(port, 'protocol') || 'TCP';
    return `${str(port, 'port')}${node !== '' && node !== '0' ? `:${node}` : ''}/${protocol}`;
  });
  return ports.join(',') || '<none>';
}

const SERVICE: Columns = [
  NAME,
  field('TYPE', 'spec.type'),
  column('CLUSTER-IP', (o) => strings(o, 'spec.clusterIPs')[0] ?? (str(o, 'spec.clusterIP') || '<none>')),
  column('EXTERNAL-IP', externalIp),
  column('PORT(S)', servicePorts),
  AGE,
  wide('SELECTOR', (o) => pairs(map(o, 'spec.selector'))),
];

/** Ready addresses of an Endpoints object, at most three. */
export function endpointsText(endpoints: ApiObject): string {
  const subsets = list(endpoints, 'subsets');
  if (subsets.length === 0) return '<none>';
  const all: string[] = [];
  for (const subset of subsets) {
    const ips = list(subset, 'addresses').map((address) => str(address, 'ip'));
    const ports = list(subset, 'ports');
    if (ports.length === 0) all.push(...ips);
    for (const port of ports) all.push(...ips.map((ip) => hostPort(ip, str(port, 'port'))));
  }
  return firstFew(all, 3);
}

function slicePorts(slice: ApiObject): string {
  const ports = list(slice, 'ports').map((port) => str(port, 'port') || str(port, 'name') || '*');
  return ports.length === 0 ? '<unset>' : firstFew(ports, 3);
}

function sliceEndpoints(slice: ApiObject): string {
  const all = list(slice, 'endpoints').flatMap((endpoint) => strings(endpoint, 'addresses'));
  return all.length === 0 ? '<unset>' : firstFew(all, 3);
}

function ingressHosts(ingress: ApiObject): string {
  const rules = list(ingress, 'spec.rules');
  const hosts = rules
    .slice(0, 3)
    .map((rule) => str(rule, 'host'))
    .filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  return hosts.join(',') + (rules.length > 3 ? ` + ${rules.length - 3} more...` : '');
}

const INGRESS: Columns = [
  NAME,
  field('CLASS', 'spec.ingressClassName', '<none>'),
  column('HOSTS', ingressHosts),
  column('ADDRESS', (o) => ingressAddresses(o).join(',')),
  column('PORTS', (o) => (list(o, 'spec.tls').length > 0 ? '80, 443' : '80')),
  AGE,
];

function classParameters(object: ApiObject): string {
  const ref = at(object, 'spec.parameters');
  if (ref == null) return '<none>';
  const group = str(ref, 'apiGroup');
  return `${str(ref, 'kind')}${group === '' ? '' : `.${group}`}/${str(ref, 'name')}`;
}

function hostnames(route: ApiObject): string {
  const names = at(route, 'spec.hostnames');
  return Array.isArray(names) ? JSON.stringify(names) : '';
}

const ROUTE: Columns = [NAME, column('HOSTNAMES', hostnames), AGE];

/** Columns by kind. */
export const NETWORK_TABLES: Readonly<Record<string, Columns>> = {
  Service: SERVICE,
  Endpoints: [NAME, column('ENDPOINTS', endpointsText), AGE],
  EndpointSlice: [
    NAME,
    field('ADDRESSTYPE', 'addressType'),
    column('PORTS', slicePorts),
    column('ENDPOINTS', sliceEndpoints),
    AGE,
  ],
  Ingress: INGRESS,
  IngressClass: [NAME, field('CONTROLLER', 'spec.controller'), column('PARAMETERS', classParameters), AGE],
  NetworkPolicy: [NAME, column('POD-SELECTOR', (o) => selectorText(at(o, 'spec.podSelector'))), AGE],
  ServiceCIDR: [NAME, column('CIDRS', (o) => strings(o, 'spec.cidrs').join(',')), AGE],
  IPAddress: [
    NAME,
    column('PARENTREF', (o) => {
      const ref = at(o, 'spec.parentRef');
      const group = str(ref, 'group');
      const where = str(ref, 'namespace');
      return `${str(ref, 'resource')}${group && `.${group}`}/${where && `${where}/`}${str(ref, 'name')}`;
    }),
  ],
  GatewayClass: [
    NAME,
    field('CONTROLLER', 'spec.controllerName'),
    column('ACCEPTED', (o) => conditionStatus(o, 'Accepted') ?? ''),
    AGE,
    wide('DESCRIPTION', (o) => str(o, 'spec.description')),
  ],
  Gateway: [
    NAME,
    field('CLASS', 'spec.gatewayClassName'),
    column('ADDRESS', (o) => str(list(o, 'status.addresses')[0], 'value')),
    column('PROGRAMMED', (o) => conditionStatus(o, 'Programmed') ?? ''),
    AGE,
  ],
  HTTPRoute: ROUTE,
  GRPCRoute: ROUTE,
  ReferenceGrant: [NAME, AGE],
};
