/**
 * /etc/resolv.conf as its three readers take it: the kubelet (pkg/kubelet/network/dns), glibc (resolv/res_init.c) and
 * musl (src/network/resolvconf.c). They disagree in small ways that decide whether a name resolves.
 */
import { ipFamily } from '../../lib/ip';

export type Libc = 'glibc' | 'musl';

/** What a C library keeps of the file. Times in seconds. `flags` are the options without value that it understands. */
export interface LibcConf {
  readonly libc: Libc;
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeout: number;
  readonly attempts: number;
  readonly flags: readonly string[];
}

/** What the kubelet keeps: options stay strings. */
export interface KubeletConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

const MAX_NAMESERVERS = 3;
const GLIBC_FLAGS = new Set([
  'rotate',
  'edns0',
  'single-request',
  'single-request-reopen',
  'no-tld-query',
  'use-vc',
  'no-reload',
  'trust-ad',
  'no-aaaa',
]);

/**
 * The kubelet's reading. The last search line wins, a later option replaces an earlier one of its name, nameserver lines
 * add up; the keyword may be indented.
 * A search domain loses its final dot; `keepRoot` is the older reading, which turns "." into an empty string.
 * Null when a nameserver line has no address, which the kubelet reports as an error.
 */
export function parseForKubelet(text: string, keepRoot = false): KubeletConf | null {
  const nameservers: string[] = [];
  let search: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const fields = line
      .trim()
      .split(/\s+/)
      .filter((field) => field !== '');
    const [keyword, ...rest] = fields;
    if (keyword === undefined || keyword.startsWith('#')) continue;
    if (keyword === 'nameserver') {
      if (rest[0] === undefined) return null;
      nameservers.push(rest[0]);
    } else if (keyword === 'search') {
      const domains = rest.map((domain) => domain.replace(/\.$/, ''));
      search = keepRoot ? domains : domains.filter((domain) => domain !== '');
    } else if (keyword === 'options') {
      options = mergeOptions(options, rest);
    }
  }
  return { nameservers, search, options };
}

function mergeOptions(old: readonly string[], more: readonly string[]): string[] {
  const nameOf = (option: string) => option.split(':')[0]!;
  const byName = new Map([...old, ...more].map((option) => [nameOf(option), option]));
  return [...byName.values()];
}

/**
 * A C library's reading. The keyword must start the line; `domain` and `search` overwrite each other; without any
 * nameserver the local host is asked. Both libraries ask at most three servers.
 */
export function parseForLibc(libc: Libc, text: string): LibcConf {
  const nameservers: string[] = [];
  let search: string[] = [];
  let conf = { ndots: 1, timeout: 5, attempts: 2 };
  const flags: string[] = [];
  for (const raw of text.split('\n')) {
    const line = libc === 'glibc' && /^[;#]/.test(raw) ? '' : raw;
    const match = /^(nameserver|search|domain|options)[ \t]+(.*)$/.exec(line);
    if (match === null) continue;
    const words = match[2]!
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (match[1] === 'nameserver') {
      if (words[0] !== undefined && ipFamily(words[0].replace(/%.*$/, '')) !== null) {
        if (nameservers.length < MAX_NAMESERVERS) nameservers.push(words[0]);
      }
    } else if (match[1] === 'search') {
      search = words;
    } else if (match[1] === 'domain') {
      // musl takes whatever stands on the line, glibc one domain.
      search = libc === 'musl' ? words : words.slice(0, 1);
    } else {
      conf = applyOptions(libc, words, conf, flags);
    }
  }
  if (nameservers.length === 0) nameservers.push('127.0.0.1');
  return { libc, nameservers, search, ...conf, flags };
}

function applyOptions(
  libc: Libc,
  words: readonly string[],
  conf: { ndots: number; timeout: number; attempts: number },
  flags: string[],
): { ndots: number; timeout: number; attempts: number } {
  const limits =
    libc === 'glibc' ? { ndots: 15, timeout: 30, attempts: 5 } : { ndots: 15, timeout: 60, attempts: 10 };
  let out = conf;
  for (const word of words) {
    const match = /^(ndots|timeout|attempts):(\d+)/.exec(word);
    if (match !== null) {
      const key = match[1] as 'ndots' | 'timeout' | 'attempts';
      out = { ...out, [key]: Math.min(Number(match[2]), limits[key]) };
    } else if (libc === 'glibc' && GLIBC_FLAGS.has(word)) {
      flags.push(word);
    }
  }
  // musl takes 0 as 1 for both times; glibc keeps at least one second per try, which the sender sees to.
  if (libc === 'musl')
    out = { ...out, timeout: Math.max(1, out.timeout), attempts: Math.max(1, out.attempts) };
  return out;
}

/** Addresses that /etc/hosts gives for a name, in file order; names compare without case. Null when it has none. */
export function lookupHosts(hosts: string, name: string): readonly string[] | null {
  const wanted = name.replace(/\.$/, '').toLowerCase();
  const found: string[] = [];
  for (const line of hosts.split('\n')) {
    const fields = line.replace(/#.*$/, '').trim().split(/\s+/);
    const [ip, ...names] = fields;
    if (ip === undefined || ipFamily(ip) === null) continue;
    if (names.some((entry) => entry.toLowerCase() === wanted)) found.push(ip);
  }
  return found.length > 0 ? found : null;
}
