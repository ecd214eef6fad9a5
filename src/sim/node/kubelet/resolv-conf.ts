/**
 * The /etc/resolv.conf of a pod by its dnsPolicy and dnsConfig. Upstream: pkg/kubelet/network/dns/dns.go; the rules are
 * also numbered 36 to 39 in the DNS facts.
 */
import { ipFamily } from '../../../lib/ip';
import type { PodSpec } from '../../api/kinds/pod';

/** The kubelet's settings that matter here. */
export interface DnsSettings {
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly nodeIPs?: readonly string[];
  /** "legacy" (before 1.28): 6 search entries, 256 characters. */
  readonly searchLimits?: 'expanded' | 'legacy';
}

export interface PodDns {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
  /** Reasons of events the kubelet records: DNSConfigForming, MissingClusterDNS. */
  readonly events: readonly string[];
  /** Their texts, in the same order. */
  readonly messages: readonly string[];
  /** The file's text. */
  readonly text: string;
}

const MAX_NAMESERVERS = 3;
const MAX_SEARCH_NAME = 253;
const LIMITS = {
  expanded: { names: 32, characters: 2048 },
  legacy: { names: 6, characters: 256 },
} as const;

interface Parts {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/**
 * Reads a resolv.conf as the kubelet does. The last search line wins, a later option replaces an earlier one of its name,
 * nameserver lines add up; the keyword may be indented. A search domain loses its final dot, a lone "." goes.
 * `before128` is the older reading: "." becomes an empty string and the last options line wins.
 * Null when a nameserver line has no address, which the kubelet reports as an error.
 */
export function parseHostResolvConf(text: string, before128 = false): Parts | null {
  const nameservers: string[] = [];
  let search: string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver') {
      if (rest[0] === undefined) return null;
      nameservers.push(rest[0]);
    }
    if (word === 'search') {
      const wanted = before128 ? rest : rest.filter((name) => name !== '.');
      search = wanted.map((name) => name.replace(/\.$/, ''));
    }
    if (word === 'options') options = before128 ? rest : byName([...options, ...rest]);
  }
  return { nameservers, search, options };
}

/** One option of each name, the last one; each stays where its name first stood. */
function byName(options: readonly string[]): string[] {
  return [...new Map(options.map((option) => [option.split(':')[0]!, option])).values()];
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}

/** Where the DNS of a pod comes from in the end. */
function sourceOf(spec: PodSpec, settings: DnsSettings): 'cluster' | 'host' | 'none' | 'missing' {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'None') return 'none';
  const cluster =
    policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec.hostNetwork !== true);
  if (!cluster) return 'host';
  return settings.clusterDNS.length > 0 ? 'cluster' : 'missing';
}

const EMPTY: Parts = { nameservers: [], search: [], options: [] };

function hostParts(settings: DnsSettings, host: string | null): Parts {
  // Not simulated: a file that the kubelet cannot parse keeps the pod from starting; here it counts as empty.
  if (host !== null) return parseHostResolvConf(host) ?? EMPTY;
  // A kubelet without a resolv.conf points its pods at the node itself.
  const families = (settings.nodeIPs ?? []).map(ipFamily);
  const local =
    families.length === 0 ? ['127.0.0.1'] : families.map((family) => (family === 6 ? '::1' : '127.0.0.1'));
  return { nameservers: unique(local), search: ['.'], options: [] };
}

function baseParts(settings: DnsSettings, spec: PodSpec, namespace: string, host: string | null): Parts {
  const source = sourceOf(spec, settings);
  if (source === 'none') return EMPTY;
  if (source !== 'cluster') return hostParts(settings, host);
  const zone = settings.clusterDomain;
  const inherited = host === null ? [] : (parseHostResolvConf(host)?.search ?? []);
  const search =
    zone === '' ? inherited : unique([`${namespace}.svc.${zone}`, `svc.${zone}`, zone, ...inherited]);
  return { nameservers: settings.clusterDNS, search, options: ['ndots:5'] };
}

/** Options by name: those of the pod's dnsConfig replace the base's. */
function mergeOptions(base: readonly string[], spec: PodSpec): string[] {
  const own = (spec.dnsConfig?.options ?? []).flatMap(({ name = '', value }) =>
    name === '' ? [] : [(value ?? '') === '' ? name : `${name}:${value}`],
  );
  return byName([...base, ...own]);
}

/** Cuts the search list to what the limits allow, in the kubelet's order: number, long names, length of the line. */
function limitSearch(
  search: readonly string[],
  limits: { names: number; characters: number },
): [string[], boolean] {
  const kept = search.slice(0, limits.names).filter((name) => name.length <= MAX_SEARCH_NAME);
  while (kept.join(' ').length > limits.characters) kept.pop();
  return [kept, kept.length < search.length];
}

function print({ nameservers, search, options }: Parts): string {
  const lines = [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const MISSING =
  'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.';

function excess(what: 'search path' | 'nameserver', kept: readonly string[]): string {
  const [title, line] = what === 'nameserver' ? ['Nameserver', 'nameserver'] : ['Search Line', 'search'];
  return `${title} limits were exceeded, some ${what}s have been omitted, the applied ${line} line is: ${kept.join(' ')}`;
}

/** What a pod's resolv.conf holds. `host` is the text of the node's file, null when the kubelet was given none. */
export function podResolvConf(
  settings: DnsSettings,
  spec: PodSpec,
  namespace: string,
  host: string | null,
): PodDns {
  const missing = sourceOf(spec, settings) === 'missing';
  const events: string[] = missing ? ['MissingClusterDNS'] : [];
  const messages: string[] = missing ? [MISSING] : [];
  const base = baseParts(settings, spec, namespace, host);
  // Duplicates go only where a dnsConfig is merged in.
  const own = spec.dnsConfig;
  const servers =
    own === undefined ? base.nameservers : unique([...base.nameservers, ...(own.nameservers ?? [])]);
  const wanted = own === undefined ? base.search : unique([...base.search, ...(own.searches ?? [])]);
  const nameservers = servers.slice(0, MAX_NAMESERVERS);
  const [search, cut] = limitSearch(wanted, LIMITS[settings.searchLimits ?? 'expanded']);
  if (nameservers.length < servers.length) {
    events.push('DNSConfigForming');
    messages.push(excess('nameserver', nameservers));
  }
  if (cut) {
    events.push('DNSConfigForming');
    messages.push(excess('search path', search));
  }
  const parts = { nameservers, search, options: mergeOptions(base.options, spec) };
  return { ...parts, events, messages, text: print(parts) };
}
