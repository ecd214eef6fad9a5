/**
 * /etc/resolv.conf as the C libraries take it: glibc (resolv/res_init.c) and musl (src/network/resolvconf.c). They
 * disagree in small ways that decide whether a name resolves. The kubelet, which writes the file, reads in its own way.
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

const MAX_NAMESERVERS = 3;
/** Characters of a line beyond which musl passes over it, rather than misread a part of it. */
const MUSL_LINE = 254;
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

/** The servers that a resolv.conf names, all of them, as CoreDNS' forward plugin reads it. */
export function nameserversOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([keyword, ip]) =>
    keyword === 'nameserver' && ip !== undefined && ipFamily(ip.replace(/%.*$/, '')) !== null ? [ip] : [],
  );
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
  for (const line of text.split('\n')) {
    const match = /^(nameserver|search|domain|options)(?:[ \t\r]+(.*))?$/.exec(line);
    if (match === null || (libc === 'musl' && line.length > MUSL_LINE)) continue;
    const words = (match[2] ?? '').split(/\s+/).filter((word) => word !== '');
    // An empty list leaves glibc with what it had; musl has none then.
    if (words.length === 0 && libc === 'glibc') continue;
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
  const seen = new Set<string>();
  for (const word of words) {
    const match = /^(ndots|timeout|attempts):(\d*)/.exec(word);
    const key = match?.[1] as keyof typeof limits | undefined;
    if (key !== undefined) {
      // glibc reads whatever stands there with atoi and lets the last word win; musl takes the first of the line.
      if (libc === 'musl' && (match![2] === '' || seen.has(key))) continue;
      seen.add(key);
      out = { ...out, [key]: Math.min(Number(match![2]), limits[key]) };
    } else if (libc === 'glibc' && GLIBC_FLAGS.has(word)) {
      flags.push(word);
    }
  }
  // musl takes 0 as 1 for both times; glibc keeps at least one second per try, which the sender sees to.
  if (libc === 'musl')
    out = { ...out, timeout: Math.max(1, out.timeout), attempts: Math.max(1, out.attempts) };
  return out;
}

/**
 * Addresses that /etc/hosts gives for a name, in file order. Null when it has none. glibc compares without case, musl
 * with it; a final dot is part of the name for both, so "localhost." is not the entry "localhost".
 */
export function lookupHosts(hosts: string, name: string, libc: Libc = 'glibc'): readonly string[] | null {
  const fold = (text: string) => (libc === 'glibc' ? text.toLowerCase() : text);
  const wanted = fold(name);
  const found: string[] = [];
  for (const line of hosts.split('\n')) {
    const fields = line.replace(/#.*$/, '').trim().split(/\s+/);
    const [ip, ...names] = fields;
    if (ip === undefined || ipFamily(ip) === null) continue;
    if (names.some((entry) => fold(entry) === wanted)) found.push(ip);
  }
  return found.length > 0 ? found : null;
}
