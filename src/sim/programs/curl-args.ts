/** curl's command line, as far as it is understood here (curl 8). */
import { encodeBase64 } from '../../lib/bytes';
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { Family } from '../dns/resolver';
import { globUrls } from './curl-glob';

export interface CurlOptions {
  readonly urls: readonly string[];
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly silent: boolean;
  readonly showError: boolean;
  readonly verbose: boolean;
  readonly head: boolean;
  readonly include: boolean;
  readonly fail: boolean;
  /** --fail-with-body: the answer is printed all the same. */
  readonly failBody: boolean;
  readonly follow: boolean;
  readonly maxRedirects: number;
  readonly output?: string;
  /** -O: the file is named like the last part of the path. */
  readonly remoteName: boolean;
  /** -D: where the headers go as well. */
  readonly dumpHeader?: string;
  readonly writeOut?: string;
  readonly maxTimeNs?: Ns;
  readonly connectTimeoutNs?: Ns;
  readonly family: Family;
  readonly retries: number;
  readonly retryDelayNs?: Ns;
  readonly retryRefused: boolean;
  readonly retryAll: boolean;
  /** From --resolve: "host:port" to addresses. */
  readonly resolve: Readonly<Record<string, readonly string[]>>;
  /** Words that ask for no request: --version, --help. */
  readonly about?: 'version' | 'help';
}

/** Short options that take a value, and what their long form is called. */
const SHORT_VALUE: Readonly<Record<string, string>> = {
  o: 'output',
  w: 'write-out',
  m: 'max-time',
  H: 'header',
  X: 'request',
  d: 'data',
  A: 'user-agent',
  u: 'user',
  e: 'referer',
  b: 'cookie',
  c: 'cookie-jar',
  D: 'dump-header',
  E: 'cert',
  r: 'range',
  x: 'proxy',
};
const SHORT_FLAG: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  I: 'head',
  i: 'include',
  f: 'fail',
  L: 'location',
  k: 'insecure',
  '4': 'ipv4',
  '6': 'ipv6',
  N: 'no-buffer',
  g: 'globoff',
  G: 'get',
  O: 'remote-name',
  j: 'junk-session-cookies',
  n: 'netrc',
  q: 'disable',
  Z: 'parallel',
  V: 'version',
  h: 'help',
  '#': 'progress-bar',
  '0': 'http1.0',
  '1': 'tlsv1',
};
/**
 * Not simulated: of curl's options, proxies, cookie jars, certificates, limits of speed and another local end; the words are
 * taken and nothing follows.
 */
const LONG_VALUE = new Set([
  ...Object.values(SHORT_VALUE),
  ...'connect-timeout resolve retry retry-delay retry-max-time url data-raw data-binary data-ascii data-urlencode json'.split(
    ' ',
  ),
  ...'max-redirs cacert capath key ciphers interface local-port connect-to noproxy keepalive-time limit-rate stderr'.split(
    ' ',
  ),
  ...'trace trace-ascii dns-servers unix-socket speed-limit speed-time proto happy-eyeballs-timeout-ms'.split(
    ' ',
  ),
]);
const LONG_FLAG = new Set([
  ...Object.values(SHORT_FLAG),
  ...'no-progress-meter http1.1 http2 http2-prior-knowledge http3 fail-with-body fail-early retry-connrefused'.split(
    ' ',
  ),
  ...'retry-all-errors compressed tcp-nodelay no-keepalive location-trusted path-as-is no-alpn tlsv1.2 tlsv1.3'.split(
    ' ',
  ),
  ...'tcp-fastopen basic digest trace-time styled-output no-styled-output disable-eprt ssl-no-revoke'.split(
    ' ',
  ),
]);
/** Options whose value is a number. */
const NUMBERS = new Set([
  'max-time',
  'connect-timeout',
  'retry',
  'retry-delay',
  'max-redirs',
  'keepalive-time',
]);

type Pair = readonly [string, string];

/** Options of a command line without its first word, or curl's complaint about it. */
export function parseCurl(
  args: readonly string[],
): CurlOptions | { readonly error: string; readonly code: number } {
  const pairs: Pair[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const value = (): string | undefined => args[++i];
    const problem = arg.startsWith('--')
      ? longOption(arg, value, pairs)
      : arg.startsWith('-') && arg.length > 1
        ? shortOptions(arg, value, pairs)
        : void pairs.push(['url', arg]);
    if (typeof problem === 'string') return { error: problem, code: 2 };
  }
  const about = pairs.find(([name]) => name === 'version' || name === 'help')?.[0];
  const urls = pairs.filter(([name]) => name === 'url').map(([, text]) => text);
  if (urls.length === 0 && about === undefined) return { error: '(2) no URL specified', code: 2 };
  const isPlain = pairs.some(([name]) => name === 'globoff');
  const all: string[] = [];
  for (const url of urls) {
    const made = isPlain ? [url] : globUrls(url);
    if (typeof made === 'string') return { error: made, code: 3 };
    all.push(...made);
  }
  const options = collect(pairs, all);
  return about === undefined ? options : { ...options, about: about as 'version' | 'help' };
}

const UNKNOWN = (option: string) => `option ${option}: is unknown`;
const MISSING = (option: string) => `option ${option}: requires parameter`;

/** A value where one is wanted; a number where it must be one. */
function take(name: string, shown: string, text: string | undefined, pairs: Pair[]): string | undefined {
  if (text === undefined) return MISSING(shown);
  if (NUMBERS.has(name) && !/^\d*\.?\d+$|^\d+\.$/.test(text))
    return `option ${shown}: expected a proper numerical parameter`;
  pairs.push([name, text]);
  return undefined;
}

function longOption(arg: string, value: () => string | undefined, pairs: Pair[]): string | undefined {
  const name = arg.slice(2);
  if (LONG_FLAG.has(name)) {
    pairs.push([name, '']);
    return undefined;
  }
  return LONG_VALUE.has(name) ? take(name, arg, value(), pairs) : UNKNOWN(arg);
}

function shortOptions(arg: string, value: () => string | undefined, pairs: Pair[]): string | undefined {
  for (let j = 1; j < arg.length; j++) {
    const letter = arg[j]!;
    const flag = SHORT_FLAG[letter];
    const name = SHORT_VALUE[letter];
    if (flag !== undefined) pairs.push([flag, '']);
    else if (name === undefined) return UNKNOWN(`-${letter}`);
    else return take(name, `-${letter}`, j + 1 < arg.length ? arg.slice(j + 1) : value(), pairs);
  }
  return undefined;
}

const optional = <K extends string, V>(key: K, v: V | undefined) =>
  (v === undefined ? {} : { [key]: v }) as { readonly [P in K]?: V };

function collect(pairs: readonly Pair[], urls: readonly string[]): CurlOptions {
  const has = (name: string) => pairs.some(([key]) => key === name);
  const all = (name: string) => pairs.filter(([key]) => key === name).map(([, text]) => text);
  const last = (name: string) => all(name).pop();
  const seconds = (name: string) => {
    const text = last(name);
    return text === undefined || !(Number(text) > 0) ? undefined : Number(text) * SECOND;
  };
  const data = bodyOf(pairs);
  const isGet = has('get');
  return {
    urls:
      isGet && data !== undefined ? urls.map((url) => url + (url.includes('?') ? '&' : '?') + data) : urls,
    headers: headersOf(pairs),
    silent: has('silent'),
    showError: has('show-error') || !has('silent'),
    verbose: has('verbose'),
    head: has('head'),
    include: has('include'),
    fail: has('fail') || has('fail-with-body'),
    failBody: has('fail-with-body'),
    follow: has('location') || has('location-trusted'),
    maxRedirects: Number(last('max-redirs') ?? 50),
    remoteName: has('remote-name'),
    family: has('ipv4') ? 'inet' : has('ipv6') ? 'inet6' : 'unspec',
    retries: Number(last('retry') ?? 0) || 0,
    retryRefused: has('retry-connrefused'),
    retryAll: has('retry-all-errors'),
    resolve: resolveOf(all('resolve')),
    ...optional('retryDelayNs', seconds('retry-delay')),
    ...optional('method', last('request')),
    ...optional('data', isGet ? undefined : data),
    ...optional('output', last('output')),
    ...optional('dumpHeader', last('dump-header')),
    ...optional('writeOut', last('write-out')),
    ...optional('maxTimeNs', seconds('max-time')),
    ...optional('connectTimeoutNs', seconds('connect-timeout')),
  };
}

/** Not simulated: curl's data from files (-d @FILE). */
function bodyOf(pairs: readonly Pair[]): string | undefined {
  const parts = pairs.flatMap(([key, text]) => {
    if (key === 'data-urlencode') {
      const at = text.indexOf('=');
      return [text.slice(0, at + 1).replace(/^=/, '') + encodeURIComponent(text.slice(at + 1))];
    }
    return key === 'json' || /^data(-raw|-binary|-ascii)?$/.test(key) ? [text] : [];
  });
  return parts.length > 0 ? parts.join(pairs.some(([key]) => key === 'json') ? '' : '&') : undefined;
}

function headersOf(pairs: readonly Pair[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const named: Readonly<Record<string, string>> = {
    'user-agent': 'User-Agent',
    referer: 'Referer',
    cookie: 'Cookie',
  };
  for (const [key, text] of pairs) {
    const name = named[key];
    if (name !== undefined) headers[name] = text;
    if (key === 'user')
      headers.Authorization = `Basic ${encodeBase64(text.includes(':') ? text : `${text}:`)}`;
    if (key === 'range') headers.Range = `bytes=${text}`;
    if (key === 'compressed') headers['Accept-Encoding'] = 'deflate, gzip, br, zstd';
    if (key === 'json')
      Object.assign(headers, { 'Content-Type': 'application/json', Accept: 'application/json' });
    if (key !== 'header') continue;
    // "Name:" takes a header away, "Name;" gives it an empty value.
    const colon = text.indexOf(':');
    if (colon > 0) headers[text.slice(0, colon).trim()] = text.slice(colon + 1).trim();
    else if (/^[\w-]+;$/.test(text)) headers[text.slice(0, -1)] = '';
  }
  return headers;
}

function resolveOf(entries: readonly string[]): Record<string, readonly string[]> {
  const resolve: Record<string, readonly string[]> = {};
  for (const entry of entries) {
    const match = /^\+?([^:]+):(\d+):(.+)$/.exec(entry);
    if (match !== null)
      resolve[`${match[1]}:${match[2]}`] = match[3]!.split(',').map((ip) => ip.replace(/^\[|\]$/g, ''));
  }
  return resolve;
}
