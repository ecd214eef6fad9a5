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

/** Reads a resolv.conf as the kubelet does: later search and options lines win, trailing dots of searches go. */
export function parseHostResolvConf(text: string): Parts {
  const nameservers: string[] = [];
  let search: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) nameservers.push(rest[0]);
    if (word === 'search') search = rest.map((name) => (name === '.' ? name : name.replace(/\.$/, '')));
    if (word === 'options') options = rest;
  }
  return { nameservers, search: unique(search), options };
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

function hostParts(settings: DnsSettings, host: string | null): Parts {
  if (host !== null) return parseHostResolvConf(host);
  // A kubelet without a resolv.conf points its pods at the node itself.
  const families = (settings.nodeIPs ?? []).map(ipFamily);
  const local =
    families.length === 0 ? ['127.0.0.1'] : families.map((family) => (family === 6 ? '::1' : '127.0.0.1'));
  return { nameservers: unique(local), search: ['.'], options: [] };
}

function baseParts(settings: DnsSettings, spec: PodSpec, namespace: string, host: string | null): Parts {
  const source = sourceOf(spec, settings);
  if (source === 'none') return { nameservers: [], search: [], options: [] };
  if (source !== 'cluster') return hostParts(settings, host);
  const zone = settings.clusterDomain;
  const own = zone === '' ? [] : [`${namespace}.svc.${zone}`, `svc.${zone}`, zone];
  const inherited = host === null ? [] : parseHostResolvConf(host).search;
  return { nameservers: settings.clusterDNS, search: unique([...own, ...inherited]), options: ['ndots:5'] };
}

/** Options by name: those of the pod's dnsConfig replace the base's. */
function mergeOptions(base: readonly string[], spec: PodSpec): string[] {
  const merged = new Map(base.map((option) => [option.split(':')[0]!, option]));
  for (const { name = '', value } of spec.dnsConfig?.options ?? [])
    if (name !== '') merged.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [...merged.values()];
}

/** Cuts the search list to what the limits allow; true when something was left out. */
function limitSearch(
  search: readonly string[],
  limits: { names: number; characters: number },
): [string[], boolean] {
  const kept: string[] = [];
  let cut = false;
  for (const name of search) {
    if (name.length > MAX_SEARCH_NAME) cut = true;
    else kept.push(name);
  }
  while (kept.length > limits.names || kept.join(' ').length > limits.characters) {
    kept.pop();
    cut = true;
  }
  return [kept, cut];
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
  const servers = unique([...base.nameservers, ...(spec.dnsConfig?.nameservers ?? [])]);
  const wanted = unique([...base.search, ...(spec.dnsConfig?.searches ?? [])]);
  const [search, cut] = limitSearch(wanted, LIMITS[settings.searchLimits ?? 'expanded']);
  const nameservers = servers.slice(0, MAX_NAMESERVERS);
  if (cut || servers.length > MAX_NAMESERVERS) {
    events.push('DNSConfigForming');
    messages.push(cut ? excess('search path', search) : excess('nameserver', nameservers));
  }
  const parts = { nameservers, search, options: mergeOptions(base.options, spec) };
  return { ...parts, events, messages, text: print(parts) };
}
