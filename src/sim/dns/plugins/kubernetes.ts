/**
 * CoreDNS' kubernetes plugin: answers for the cluster's zone from the API, one rule per record type. Follows
 * plugin/kubernetes/handler.go and plugin/backend_lookup.go (CoreDNS 1.14), quirks included, because programs meet them.
 */
import { ipFamily } from '../../../lib/ip';
import type { Directive } from '../corefile';
import { CorefileError, normalizeZone } from '../corefile';
import type { Finding, Found, KubernetesConfig } from '../kubernetes-records';
import { findNameServers, findRecords, findReverse, reverseNameToIp } from '../kubernetes-records';
import type { DnsMessage, Rcode, ResourceRecord } from '../message';
import { absolute, replyTo } from '../message';
import type { Next, Plugin, ServeContext, Served } from '../plugin';
import { matchZone } from '../plugin';

const DNS_VERSION_TTL = 28800;
const SOA_TTL_LIMIT = 300;
/** CNAMEs that are followed inside the zone before the chain is cut. */
const CNAME_LIMIT = 7;

/** Records of a lookup, or that the name does not exist, or that an upstream must be asked first. */
type Looked =
  | {
      readonly records: readonly ResourceRecord[];
      readonly extra: readonly ResourceRecord[];
      readonly tc: boolean;
    }
  | 'nxdomain'
  | (Served & { readonly kind: 'pending' });

interface Scene {
  readonly context: ServeContext;
  readonly config: KubernetesConfig;
  /** As asked, with its case. */
  readonly qname: string;
  readonly type: string;
  /** The part of the question's name that is the zone, with its case. */
  readonly zone: string;
}

export const kubernetes: Plugin = {
  name: 'kubernetes',
  setup,
  serve(context, plainConfig, query, next) {
    const config = plainConfig as KubernetesConfig;
    const { name: qname, type } = query.question;
    const matched = matchZone(config.zones, qname);
    if (matched === null) return next(query);
    if (type === 'AXFR' || type === 'IXFR') {
      return { kind: 'rcode', rcode: 'REFUSED', from: 'kubernetes', why: 'zone transfer is not enabled' };
    }
    const zone = matched === '.' ? '.' : qname.slice(qname.length - matched.length);
    const scene: Scene = { context, config, qname, type, zone };
    return finish(scene, query, next, lookupType(scene));
  },
};

function finish(scene: Scene, query: DnsMessage, next: Next, looked: Looked): Served {
  const { config, context, qname } = scene;
  if (looked === 'nxdomain') {
    const through = config.fallthrough;
    if (through !== null && matchZone(through.length === 0 ? ['.'] : through, qname) !== null)
      return next(query);
    return negative(scene, query, context.synced ? 'NXDOMAIN' : 'SERVFAIL');
  }
  if ('kind' in looked) return looked;
  if (looked.records.length === 0) return negative(scene, query, 'NOERROR');
  const sections = { answers: looked.records, extra: looked.extra };
  return {
    kind: 'reply',
    from: 'kubernetes',
    message: replyTo(query, 'NOERROR', { aa: true, tc: looked.tc, ...sections }),
  };
}

function negative(scene: Scene, query: DnsMessage, rcode: Rcode): Served {
  const message = replyTo(query, rcode, { aa: true, authority: [soa(scene)] });
  return { kind: 'reply', from: 'kubernetes', message };
}

function lookupType(scene: Scene): Looked {
  const isApex = scene.qname.length === scene.zone.length;
  switch (scene.type) {
    case 'A':
    case 'AAAA':
      return addresses(scene, scene.qname, []);
    case 'TXT':
      return texts(scene);
    case 'CNAME':
      return cnames(scene);
    case 'PTR':
      return pointers(scene);
    case 'SRV':
      return services(scene);
    case 'MX':
      return nothingBut(findings(scene, scene.qname));
    case 'SOA':
      return { records: isApex ? [soa(scene)] : [], extra: [], tc: false };
    case 'NS':
      return isApex ? nameServers(scene) : nothingBut(findings(scene, scene.qname));
    default:
      return nothingBut(findings(scene, scene.qname));
  }
}

const NOTHING: Looked = { records: [], extra: [], tc: false };

/** For types without records: whether the name exists is all that counts. */
function nothingBut(finding: Finding): Looked {
  return finding === 'nxdomain' ? 'nxdomain' : NOTHING;
}

function findings(scene: Scene, qname: string): Finding {
  const { context, config, zone } = scene;
  const name = qname.toLowerCase();
  if (name === `ns.dns.${zone.toLowerCase()}`) {
    return { items: findNameServers(context.cluster, config, context.localIps) };
  }
  return findRecords(context.cluster, config, name, zone.toLowerCase());
}

function under(scene: Scene, key: string): string {
  return `${key}.${scene.zone === '.' ? '' : scene.zone}`;
}

function record(
  scene: Scene,
  name: string,
  type: string,
  data: ResourceRecord['data'],
  from: Found,
): ResourceRecord {
  return {
    name,
    type,
    ttl: scene.config.ttl,
    data,
    ...(from.origin.ref === '' ? {} : { origin: from.origin }),
  };
}

function soa(scene: Scene): ResourceRecord {
  const zone = scene.zone;
  const data = {
    mname: under(scene, 'ns.dns'),
    rname: under(scene, 'hostmaster'),
    // Unix time of the last change in life; ours counts from the start of 2026.
    serial: 1767225600 + Math.floor(scene.context.nowNs / 1e9),
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: scene.config.ttl,
  };
  return { name: zone, type: 'SOA', ttl: Math.min(SOA_TTL_LIMIT, scene.config.ttl), data };
}

/** A and AAAA; an ExternalName becomes a CNAME together with what its target resolves to. */
function addresses(scene: Scene, qname: string, before: readonly ResourceRecord[]): Looked {
  const finding = findings(scene, qname);
  if (finding === 'nxdomain') return 'nxdomain';
  const family = scene.type === 'A' ? 4 : 6;
  const out: ResourceRecord[] = [];
  let tc = false;
  const seen = new Set<string>();
  for (const item of finding.items) {
    if (ipFamily(item.host) === null) {
      const followed = follow(scene, qname, item, before);
      if (followed === 'nxdomain') continue;
      if ('kind' in followed) return followed;
      out.push(...followed.records);
      tc ||= followed.tc;
    } else if (ipFamily(item.host) === family && !seen.has(item.host)) {
      seen.add(item.host);
      out.push(record(scene, qname, scene.type, item.host, item));
    }
  }
  return { records: out, extra: [], tc };
}

function follow(scene: Scene, qname: string, item: Found, before: readonly ResourceRecord[]): Looked {
  const target = absolute(item.host);
  const lower = target.toLowerCase();
  const alias = record(scene, qname, 'CNAME', target, item);
  const isLoop =
    lower === qname.toLowerCase() || before.some((known) => String(known.data).toLowerCase() === lower);
  if (isLoop || before.length > CNAME_LIMIT) return NOTHING;
  if (matchZone([scene.zone.toLowerCase()], target) !== null) {
    const inner = addresses(scene, target, [...before, alias]);
    if (inner === 'nxdomain') return NOTHING;
    if ('kind' in inner) return inner;
    return inner.records.length === 0 ? inner : { ...inner, records: [alias, ...inner.records] };
  }
  const served = scene.context.lookup(target, scene.type);
  if (served.kind === 'pending') return served;
  if (served.kind === 'rcode') return { records: [alias], extra: [], tc: false };
  return { records: [alias, ...served.message.answers], extra: [], tc: served.message.tc };
}

/** TXT: only dns-version has one. A name with records of other types is NODATA, everything else NXDOMAIN. */
function texts(scene: Scene): Looked {
  const { qname, zone, config } = scene;
  if (qname.toLowerCase() === `dns-version.${zone.toLowerCase()}`) {
    const version = { name: qname, type: 'TXT', ttl: DNS_VERSION_TTL, data: ['1.1.0'] };
    return { records: [version], extra: [], tc: false };
  }
  const finding = findRecords(scene.context.cluster, config, qname.toLowerCase(), zone.toLowerCase());
  const exists = finding !== 'nxdomain' && (finding.items.length > 0 || finding.exists === true);
  return exists ? NOTHING : 'nxdomain';
}

function cnames(scene: Scene): Looked {
  const finding = findings(scene, scene.qname);
  if (finding === 'nxdomain') return 'nxdomain';
  const item = finding.items[0];
  if (item === undefined || ipFamily(item.host) !== null) return NOTHING;
  return { records: [record(scene, scene.qname, 'CNAME', absolute(item.host), item)], extra: [], tc: false };
}

function pointers(scene: Scene): Looked {
  const { context, config, qname } = scene;
  const ip = reverseNameToIp(qname);
  if (ip === null) return nothingBut(findings(scene, qname));
  const found = findReverse(context.cluster, config, ip);
  if (found.length === 0) return 'nxdomain';
  const primary = config.zones.find((zone) => !/(in-addr|ip6)\.arpa\.$/.test(zone)) ?? '.';
  const targets = new Map(found.map((item) => [`${item.key}.${primary}`, item] as const));
  const records = [...targets].map(([target, item]) => record(scene, qname, 'PTR', target, item));
  return { records, extra: [], tc: false };
}

/** SRV: weights share 100 among all matches, and only then are duplicates dropped. */
function services(scene: Scene): Looked {
  const finding = findings(scene, scene.qname);
  if (finding === 'nxdomain') return 'nxdomain';
  const items = finding.items.filter((item) => ipFamily(item.host) !== null);
  const weight = Math.max(1, Math.floor(100 / Math.max(1, items.length)));
  const records = new Map<string, ResourceRecord>();
  const extra = new Map<string, ResourceRecord>();
  for (const item of items) {
    if (item.port === -1) continue;
    const target = under(scene, item.key);
    const data = { priority: 0, weight, port: item.port, target };
    const srv = record(scene, scene.qname, 'SRV', data, item);
    if (!records.has(`${target} ${item.port}`)) records.set(`${target} ${item.port}`, srv);
    extra.set(`${target} ${item.host}`, addressRecord(scene, target, item));
  }
  return { records: [...records.values()], extra: [...extra.values()], tc: false };
}

function addressRecord(scene: Scene, name: string, item: Found): ResourceRecord {
  return record(scene, name, ipFamily(item.host) === 6 ? 'AAAA' : 'A', item.host, item);
}

function nameServers(scene: Scene): Looked {
  const { context, config, qname } = scene;
  const records = new Map<string, ResourceRecord>();
  const extra: ResourceRecord[] = [];
  for (const item of findNameServers(context.cluster, config, context.localIps)) {
    const target = under(scene, item.key);
    extra.push(addressRecord(scene, target, item));
    records.set(target, record(scene, qname, 'NS', target, item));
  }
  return { records: [...records.values()], extra, tc: false };
}

function setup(directive: Directive, zones: readonly string[]): KubernetesConfig {
  const own = directive.args.flatMap(normalizeZone);
  let config: KubernetesConfig = {
    zones: own.length > 0 ? own : zones,
    ttl: 5,
    pods: 'disabled',
    fallthrough: null,
    namespaces: [],
    ignoreEmptyService: false,
    endpointPodNames: false,
    zonal: false,
    ptrHostnameOnly: false,
    noEndpoints: false,
  };
  for (const { name, args } of directive.block) config = { ...config, ...option(name, args) };
  return config;
}

/** Options that say how to reach the API server; there is one way here. */
const ACCESS_OPTIONS = new Set([
  'endpoint',
  'tls',
  'kubeconfig',
  'apiserver_qps',
  'apiserver_burst',
  'transfer',
]);

function option(name: string, args: readonly string[]): Partial<KubernetesConfig> {
  switch (name) {
    case 'pods': {
      const mode = args[0];
      if (mode !== 'disabled' && mode !== 'insecure' && mode !== 'verified') {
        throw new CorefileError(
          `plugin/kubernetes: wrong value for pods: ${mode ?? ''}, must be one of: disabled, verified, insecure`,
        );
      }
      return { pods: mode };
    }
    case 'ttl': {
      const ttl = Number(args[0]);
      if (!Number.isInteger(ttl) || ttl < 0 || ttl > 3600) {
        throw new CorefileError(`plugin/kubernetes: ttl must be in range [0, 3600]: ${args[0] ?? ''}`);
      }
      return { ttl };
    }
    case 'fallthrough':
      return { fallthrough: args.flatMap(normalizeZone) };
    case 'namespaces':
      return { namespaces: args };
    case 'ignore':
      return { ignoreEmptyService: args[0] === 'empty_service' };
    case 'endpoint_pod_names':
      return { endpointPodNames: true };
    case 'noendpoints':
      return { noEndpoints: true };
    case 'zonal':
      return { zonal: true };
    case 'ptr_hostname_only':
      return { ptrHostnameOnly: true };
    default:
      // Not simulated: label selectors (labels, namespace_labels) and multicluster zones.
      if (ACCESS_OPTIONS.has(name) || /labels$|^multicluster$|^startup_timeout$/.test(name)) return {};
      throw new CorefileError(`plugin/kubernetes: unknown property '${name}'`);
  }
}
