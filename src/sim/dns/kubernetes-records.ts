/**
 * Which Service addresses, endpoints and pods a name in the cluster's zone stands for: the name grammar of the DNS
 * specification (kubernetes/dns docs/specification.md, schema 1.1.0) as CoreDNS' plugin/kubernetes reads it.
 */
import { canonicalIp, ipFamily } from '../../lib/ip';
import type { Origin } from '../trace/hop';
import type { ClusterReader, DnsEndpoint, DnsPort, DnsService } from './cluster-reader';

export interface KubernetesConfig {
  /** Absolute, lower case. */
  readonly zones: readonly string[];
  readonly ttl: number;
  readonly pods: 'disabled' | 'insecure' | 'verified';
  /** Null: none. An empty list: all zones. */
  readonly fallthrough: readonly string[] | null;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly ignoreEmptyService: boolean;
  readonly endpointPodNames: boolean;
  readonly zonal: boolean;
  /** PTR only for endpoints that have a hostname. */
  readonly ptrHostnameOnly: boolean;
  /** Endpoints are not watched, so that nothing is known of them. */
  readonly noEndpoints: boolean;
}

/** One thing found: an address or another name, with the port and the name that SRV records point at. */
export interface Found {
  /** Address, or the target of an ExternalName. */
  readonly host: string;
  readonly port: number;
  /** Labels under the zone that SRV and NS targets use: "web.default.svc", "10-244-1-5.web.default.svc". */
  readonly key: string;
  readonly origin: Origin;
}

/** NXDOMAIN, or a list that may be empty: the name exists then without such records (NODATA). */
export type Finding = 'nxdomain' | { readonly items: readonly Found[]; readonly exists?: boolean };

interface NameParts {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
  readonly zonal?: { readonly mode: string; readonly zone: string };
}

const EMPTY: Finding = { items: [] };

/** What a name under `zone` stands for. Both lower case and absolute. */
export function findRecords(
  cluster: ClusterReader,
  config: KubernetesConfig,
  name: string,
  zone: string,
): Finding {
  const labels = labelsUnder(name, zone);
  const [top, namespace = '', service = '', ...left] = [...labels].reverse();
  if (top === undefined || (labels.length === 1 && (top === 'svc' || top === 'pod'))) return EMPTY;
  if (top !== 'svc' && top !== 'pod') return 'nxdomain';
  const isZonal = config.zonal && top === 'svc';
  const parts = parseLeft(isZonal, namespace, service, left.reverse());
  if (parts === null || !isExposed(cluster, config, namespace)) return 'nxdomain';
  return top === 'pod' ? findPods(cluster, config, parts) : findServices(cluster, config, parts);
}

/** True when queries may see the namespace at all: it exists and no option hides it. */
function isExposed(cluster: ClusterReader, config: KubernetesConfig, namespace: string): boolean {
  if (config.namespaces.length > 0 && !config.namespaces.includes(namespace)) return false;
  return cluster.hasNamespace(namespace);
}

function labelsUnder(name: string, zone: string): string[] {
  const base = zone === '.' ? name : name.slice(0, name.length - zone.length);
  return base.split('.').filter((label) => label !== '');
}

/** One label left of the service is an endpoint, two are port and protocol; three are nothing, but for zonal names. */
function parseLeft(
  mayBeZonal: boolean,
  namespace: string,
  service: string,
  left: readonly string[],
): NameParts | null {
  const blank = { namespace, service, endpoint: '', port: '', protocol: '' };
  if (left.length === 0) return blank;
  if (left.length === 1) return { ...blank, endpoint: left[0]! };
  const strip = (label: string) => label.replace(/^_/, '');
  if (left.length === 2) return { ...blank, port: strip(left[0]!), protocol: strip(left[1]!) };
  const [zone = '', mode = '', marker] = left;
  const isZonal =
    mayBeZonal && left.length === 3 && marker === '_zone' && (mode === 'pin' || mode === 'prefer');
  return isZonal ? { ...blank, zonal: { mode, zone } } : null;
}

function findPods(cluster: ClusterReader, config: KubernetesConfig, parts: NameParts): Finding {
  if (config.pods === 'disabled') return 'nxdomain';
  const dashed = parts.service;
  if (dashed === '') return EMPTY;
  const isV4 = dashed.split('-').length === 4 && !dashed.includes('--');
  const text = dashed.replaceAll('-', isV4 ? '.' : ':');
  // Leading zeros are no address for Go; a pod's own address is compared as text, so only its usual spelling fits.
  if (ipFamily(text) === null || /(^|\.)0\d+(?=\.|$)/.test(text)) return 'nxdomain';
  if (config.pods === 'verified' && !cluster.hasPod(parts.namespace, text)) return 'nxdomain';
  const key = `${dashed}.${parts.namespace}.pod`;
  return {
    items: [{ host: canonicalIp(text), port: 0, key, origin: { ref: `Namespace//${parts.namespace}` } }],
  };
}

function findServices(cluster: ClusterReader, config: KubernetesConfig, parts: NameParts): Finding {
  if (parts.service === '') return EMPTY;
  const service = cluster.service(parts.namespace, parts.service);
  if (service === undefined) return 'nxdomain';
  if (parts.zonal !== undefined) return findZonal(cluster, config, service, parts.zonal);
  if (service.type === 'ExternalName') return findExternal(service, parts);
  const endpoints = () => (config.noEndpoints ? [] : cluster.endpoints(service.namespace, service.name));
  if (config.ignoreEmptyService && !service.headless && endpoints().length === 0) return 'nxdomain';
  const items =
    service.headless || parts.endpoint !== ''
      ? endpointItems(config, service, parts, endpoints())
      : clusterIpItems(service, parts);
  return items === null ? 'nxdomain' : { items };
}

function findExternal(service: DnsService, parts: NameParts): Finding {
  const isPlain = parts.endpoint === '' && parts.port === '' && parts.protocol === '';
  // An address in externalName is never served: there is no CNAME to an address.
  if (!isPlain || ipFamily(service.externalName) !== null || service.externalName === '') return 'nxdomain';
  return { items: [{ host: service.externalName, port: 0, key: keyOf(service), origin: originOf(service) }] };
}

function clusterIpItems(service: DnsService, parts: NameParts): Found[] | null {
  const ports = service.ports.filter((port) => fits(port, parts));
  if (ports.length === 0) return null;
  const base = { key: keyOf(service), origin: originOf(service) };
  return ports.flatMap((port) => service.clusterIps.map((host) => ({ host, port: port.port, ...base })));
}

function endpointItems(
  config: KubernetesConfig,
  service: DnsService,
  parts: NameParts,
  endpoints: readonly DnsEndpoint[],
): Found[] | null {
  const items = endpoints
    .filter(
      (endpoint) => parts.endpoint === '' || parts.endpoint === endpointLabel(config, endpoint).toLowerCase(),
    )
    .flatMap((endpoint) =>
      endpoint.ports
        .filter((port) => fits(port, parts))
        .map((port) => ({
          host: endpoint.ip,
          port: port.port,
          key: `${endpointLabel(config, endpoint)}.${keyOf(service)}`,
          origin: originOf(service),
        })),
    );
  return items.length > 0 ? items : null;
}

/** Zonal names (CoreDNS 1.14): pin takes one zone's endpoints only, prefer takes all when that zone has none. */
function findZonal(
  cluster: ClusterReader,
  config: KubernetesConfig,
  service: DnsService,
  wish: { readonly mode: string; readonly zone: string },
): Finding {
  if (!service.headless) return 'nxdomain';
  const all = cluster.endpoints(service.namespace, service.name);
  const near = all.filter((endpoint) => endpoint.zone === wish.zone);
  const chosen = wish.mode === 'prefer' && near.length === 0 ? all : near;
  const any = { namespace: '', service: '', endpoint: '', port: '', protocol: '' };
  return { items: endpointItems(config, service, any, chosen) ?? [], exists: true };
}

function fits(port: DnsPort, parts: NameParts): boolean {
  const sameName = parts.port === '' || parts.port === port.name.toLowerCase();
  return sameName && (parts.protocol === '' || parts.protocol === port.protocol.toLowerCase());
}

function keyOf(service: DnsService): string {
  return `${service.name}.${service.namespace}.svc`;
}

function originOf(service: DnsService): Origin {
  return { ref: `Service/${service.namespace}/${service.name}` };
}

/** The label of an endpoint: its hostname, the pod's name where asked for, or its address with dashes. */
function endpointLabel(config: KubernetesConfig, endpoint: DnsEndpoint): string {
  if (endpoint.hostname !== '') return endpoint.hostname;
  if (config.endpointPodNames && endpoint.podName !== '' && endpoint.podName.length < 64)
    return endpoint.podName;
  const dashed = endpoint.ip.replaceAll('.', '-').replaceAll(':', '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}

/** Names for an address: the Service that owns it as ClusterIP, else every Service that has it as ready endpoint. */
export function findReverse(cluster: ClusterReader, config: KubernetesConfig, ip: string): Found[] {
  const visible = (namespace: string) =>
    config.namespaces.length === 0 || isExposed(cluster, config, namespace);
  const owner = cluster.servicesByIp(ip).find((service) => visible(service.namespace));
  if (owner !== undefined)
    return [{ host: keyOf(owner), port: 0, key: keyOf(owner), origin: originOf(owner) }];
  if (config.noEndpoints) return [];
  return cluster
    .endpointsByIp(ip)
    .filter(
      ({ namespace, endpoint }) =>
        visible(namespace) && (!config.ptrHostnameOnly || endpoint.hostname !== ''),
    )
    .map((hit) => {
      const key = `${endpointLabel(config, hit.endpoint)}.${hit.service}.${hit.namespace}.svc`;
      return { host: key, port: 0, key, origin: { ref: `Service/${hit.namespace}/${hit.service}` } };
    });
}

/**
 * Name servers of the zone: the Services that have one of the server's own addresses as endpoint; of a headless one all
 * endpoints. Only where no endpoint is known the server names itself.
 */
export function findNameServers(
  cluster: ClusterReader,
  config: KubernetesConfig,
  localIps: readonly string[],
): Found[] {
  const hits = config.noEndpoints ? [] : localIps.flatMap((ip) => cluster.endpointsByIp(ip));
  if (hits.length === 0)
    return localIps.map((host) => ({ host, port: 0, key: 'ns.dns', origin: { ref: '' } }));
  const names = new Set(hits.map(({ namespace, service }) => `${namespace}/${service}`));
  return [...names].flatMap((name) => {
    const [namespace = '', own = ''] = name.split('/');
    const service = cluster.service(namespace, own);
    if (service === undefined) return [];
    const base = { port: 0, origin: originOf(service) };
    if (!service.headless) return service.clusterIps.map((host) => ({ host, key: keyOf(service), ...base }));
    const endpoints = cluster.endpoints(namespace, own);
    return endpoints.map((endpoint) => {
      return { host: endpoint.ip, key: `${endpointLabel(config, endpoint)}.${keyOf(service)}`, ...base };
    });
  });
}

/** The address in a reverse name such as "1.0.96.10.in-addr.arpa.", or null. */
export function reverseNameToIp(name: string): string | null {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa\.$/i.exec(name);
  if (v4 !== null) {
    const text = [v4[4], v4[3], v4[2], v4[1]].join('.');
    return ipFamily(text) === null ? null : canonicalIp(text);
  }
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/i.exec(name);
  if (v6 === null) return null;
  const nibbles = v6[1]!
    .split('.')
    .filter((nibble) => nibble !== '')
    .reverse();
  const groups: string[] = [];
  for (let i = 0; i < 32; i += 4) groups.push(nibbles.slice(i, i + 4).join(''));
  return canonicalIp(groups.join(':'));
}
