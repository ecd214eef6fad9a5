/**
 * What the kubernetes plugin reads of the API: Namespaces, Services, EndpointSlices and Pods, in the form that CoreDNS'
 * informers keep them (plugin/kubernetes/object). Only a structural view of the store is needed.
 */
import { canonicalIp, ipFamily } from '../../lib/ip';

/** The part of the API store that is read. */
export interface StoreLike {
  get(kind: string, namespace: string, name: string): object | undefined;
  list(kind: string, namespace?: string): readonly object[];
  /** Slices of a Service, when the store has an index for them. */
  slicesOf?(namespace: string, service: string): readonly object[];
}

export interface DnsService {
  readonly name: string;
  readonly namespace: string;
  readonly type: string;
  /** Empty for headless and ExternalName Services. */
  readonly clusterIps: readonly string[];
  readonly headless: boolean;
  readonly externalName: string;
  readonly ports: readonly DnsPort[];
}

/** Port -1 stands for "no ports declared": there are addresses then, but no SRV. */
export interface DnsPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** One address of a slice, with the slice's ports. */
export interface DnsEndpoint {
  readonly ip: string;
  readonly hostname: string;
  readonly podName: string;
  readonly zone: string;
  readonly ports: readonly DnsPort[];
}

export interface ClusterReader {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): DnsService | undefined;
  /** Ready addresses of a Service, over all its slices in name order. */
  endpoints(namespace: string, service: string): readonly DnsEndpoint[];
  /** Services that have this ClusterIP. */
  servicesByIp(ip: string): readonly DnsService[];
  /** Service and endpoint wherever this address is ready. */
  endpointsByIp(
    ip: string,
  ): readonly { readonly namespace: string; readonly service: string; readonly endpoint: DnsEndpoint }[];
  /** A live pod of this namespace whose primary address is spelled like this. */
  hasPod(namespace: string, ip: string): boolean;
}

interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}
interface RawService {
  readonly metadata: Meta;
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalName?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  };
}
interface RawSlice {
  readonly metadata: Meta;
  readonly endpoints?:
    | readonly {
        readonly addresses?: readonly string[];
        readonly conditions?: { readonly ready?: boolean | null };
        readonly hostname?: string;
        readonly zone?: string;
        readonly targetRef?: { readonly name?: string };
      }[]
    | null;
  readonly ports?:
    | readonly { readonly name?: string | null; readonly port?: number | null; readonly protocol?: string }[]
    | null;
}
interface RawPod {
  readonly metadata: Meta;
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
  };
}

const SERVICE_LABEL = 'kubernetes.io/service-name';
const NO_PORT: DnsPort = { name: '', port: -1, protocol: '' };

/** Reads through to the store as it is at each question. */
export function readCluster(store: StoreLike): ClusterReader {
  const slicesOf = (namespace: string, service: string) =>
    (store.slicesOf?.(namespace, service) as readonly RawSlice[] | undefined) ??
    (store.list('EndpointSlice', namespace) as readonly RawSlice[]).filter(
      (slice) => slice.metadata.labels?.[SERVICE_LABEL] === service,
    );
  return {
    hasNamespace: (name) => store.get('Namespace', '', name) !== undefined,
    service: (namespace, name) => {
      const raw = store.get('Service', namespace, name) as RawService | undefined;
      return raw === undefined ? undefined : toService(raw);
    },
    endpoints: (namespace, service) => slicesOf(namespace, service).flatMap(toEndpoints),
    servicesByIp: (ip) =>
      (store.list('Service') as readonly RawService[])
        .filter((raw) => (raw.spec?.clusterIPs ?? [raw.spec?.clusterIP]).some((own) => sameIp(own, ip)))
        .map(toService),
    endpointsByIp: (ip) =>
      (store.list('EndpointSlice') as readonly RawSlice[]).flatMap((slice) => {
        const service = slice.metadata.labels?.[SERVICE_LABEL];
        if (service === undefined) return [];
        const hits = toEndpoints(slice).filter((endpoint) => sameIp(endpoint.ip, ip));
        return hits.map((endpoint) => ({ namespace: slice.metadata.namespace ?? '', service, endpoint }));
      }),
    hasPod: (namespace, ip) =>
      (store.list('Pod', namespace) as readonly RawPod[]).some((pod) => isLive(pod) && primaryIp(pod) === ip),
  };
}

function sameIp(a: string | undefined, b: string): boolean {
  return a !== undefined && ipFamily(a) !== null && canonicalIp(a) === b;
}

function toService(raw: RawService): DnsService {
  const { type = 'ClusterIP', clusterIP, clusterIPs, externalName = '', ports = [] } = raw.spec ?? {};
  const all = clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
  const listed = ports.map((port) => ({
    name: port.name ?? '',
    port: port.port,
    protocol: port.protocol ?? 'TCP',
  }));
  return {
    name: raw.metadata.name,
    namespace: raw.metadata.namespace ?? '',
    type,
    headless: type !== 'ExternalName' && all[0] === 'None',
    clusterIps: all.filter((ip) => ipFamily(ip) !== null),
    externalName,
    ports: listed.length > 0 ? listed : [NO_PORT],
  };
}

function toEndpoints(slice: RawSlice): DnsEndpoint[] {
  const listed = (slice.ports ?? []).map((port) => ({
    name: port.name ?? '',
    port: port.port ?? -1,
    protocol: port.protocol ?? 'TCP',
  }));
  const ports = listed.length > 0 ? listed : [NO_PORT];
  // Ready is true or absent; an endpoint that is on its way out has ready false (KEP-1672).
  const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false);
  return ready.flatMap((endpoint) =>
    (endpoint.addresses ?? []).map((ip) => ({
      ip,
      hostname: endpoint.hostname ?? '',
      podName: endpoint.targetRef?.name ?? '',
      zone: endpoint.zone ?? '',
      ports,
    })),
  );
}

function isLive(pod: RawPod): boolean {
  const phase = pod.status?.phase;
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

function primaryIp(pod: RawPod): string | undefined {
  return pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip;
}
