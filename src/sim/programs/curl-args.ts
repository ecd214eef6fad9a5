/** curl's command line, as far as it is understood here (curl 8). */
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { Family } from '../dns/resolver';

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
  readonly follow: boolean;
  readonly output?: string;
  readonly writeOut?: string;
  readonly maxTimeNs?: Ns;
  readonly connectTimeoutNs?: Ns;
  readonly family: Family;
  readonly retries: number;
  /** From --resolve: "host:port" to addresses. */
  readonly resolve: Readonly<Record<string, readonly string[]>>;
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
};
const LONG_VALUE = new Set([
  ...Object.values(SHORT_VALUE),
  'connect-timeout',
  'resolve',
  'retry',
  'url',
  'data-raw',
]);
const LONG_FLAG = new Set([...Object.values(SHORT_FLAG), 'no-progress-meter', 'http1.1', 'fail-with-body']);

/** Options of a command line without its first word, or curl's complaint about it. */
export function parseCurl(
  args: readonly string[],
): CurlOptions | { readonly error: string; readonly code: number } {
  const pairs: [string, string][] = [];
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
  const options = collect(pairs);
  return options.urls.length === 0 ? { error: '(2) no URL specified', code: 2 } : options;
}

const UNKNOWN = (option: string) => `option ${option}: is unknown`;
const MISSING = (option: string) => `option ${option}: requires parameter`;

function longOption(
  arg: string,
  value: () => string | undefined,
  pairs: [string, string][],
): string | undefined {
  const name = arg.slice(2);
  if (LONG_FLAG.has(name)) {
    pairs.push([name, '']);
    return undefined;
  }
  if (!LONG_VALUE.has(name)) return UNKNOWN(arg);
  const text = value();
  if (text === undefined) return MISSING(arg);
  pairs.push([name === 'data-raw' ? 'data' : name, text]);
  return undefined;
}

function shortOptions(
  arg: string,
  value: () => string | undefined,
  pairs: [string, string][],
): string | undefined {
  for (let j = 1; j < arg.length; j++) {
    const letter = arg[j]!;
    const flag = SHORT_FLAG[letter];
    const name = SHORT_VALUE[letter];
    if (flag !== undefined) pairs.push([flag, '']);
    else if (name === undefined) return UNKNOWN(`-${letter}`);
    else {
      const text = j + 1 < arg.length ? arg.slice(j + 1) : value();
      if (text === undefined) return MISSING(`-${letter}`);
      pairs.push([name, text]);
      return undefined;
    }
  }
  return undefined;
}

function collect(pairs: readonly (readonly [string, string])[]): CurlOptions {
  const has = (name: string) => pairs.some(([key]) => key === name);
  const all = (name: string) => pairs.filter(([key]) => key === name).map(([, text]) => text);
  const last = (name: string) => all(name).pop();
  const seconds = (name: string) => {
    const text = last(name);
    return text === undefined || !(Number(text) > 0) ? undefined : Number(text) * SECOND;
  };
  const headers: Record<string, string> = {};
  for (const line of all('header')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  const agent = last('user-agent');
  if (agent !== undefined) headers['User-Agent'] = agent;
  const resolve: Record<string, readonly string[]> = {};
  for (const entry of all('resolve')) {
    const match = /^\+?([^:]+):(\d+):(.+)$/.exec(entry);
    if (match !== null) {
      resolve[`${match[1]}:${match[2]}`] = match[3]!.split(',').map((ip) => ip.replace(/^\[|\]$/g, ''));
    }
  }
  const data = all('data');
  const optional = <K extends string, V>(key: K, v: V | undefined) =>
    (v === undefined ? {} : { [key]: v }) as { readonly [P in K]?: V };
  return {
    urls: all('url'),
    headers,
    silent: has('silent') || has('no-progress-meter'),
    showError: has('show-error') || !has('silent'),
    verbose: has('verbose'),
    head: has('head'),
    include: has('include'),
    fail: has('fail') || has('fail-with-body'),
    follow: has('location'),
    family: has('ipv4') ? 'inet' : has('ipv6') ? 'inet6' : 'unspec',
    retries: Number(last('retry') ?? 0) || 0,
    resolve,
    ...optional('method', last('request')),
    ...optional('data', data.length > 0 ? data.join('&') : undefined),
    ...optional('output', last('output')),
    ...optional('writeOut', last('write-out')),
    ...optional('maxTimeNs', seconds('max-time')),
    ...optional('connectTimeoutNs', seconds('connect-timeout')),
  };
}
