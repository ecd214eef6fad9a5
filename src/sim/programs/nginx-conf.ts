/** nginx' configuration, as far as it decides where a request goes: servers, locations, upstreams. */
import type { HttpRequest } from './http-message';

/** One directive, with its block if it has one. */
interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[] | null;
}

export interface NginxLocation {
  /** "=", "^~", "~", "~*" or empty for a plain prefix. */
  readonly modifier: string;
  readonly path: string;
  readonly returns?: { readonly status: number; readonly text: string };
  readonly proxyPass?: string;
  readonly root?: string;
  /** From proxy_set_header, with variables. */
  readonly proxyHeaders: Readonly<Record<string, string>>;
}

export interface NginxServer {
  readonly ports: readonly number[];
  readonly names: readonly string[];
  readonly locations: readonly NginxLocation[];
}

export interface NginxConf {
  readonly servers: readonly NginxServer[];
  /** "host:port" lists by name. */
  readonly upstreams: Readonly<Record<string, readonly string[]>>;
}

/** Parses configuration text. Null when its braces or semicolons do not fit, which keeps nginx from starting. */
export function parseNginxConf(text: string): NginxConf | null {
  const tokens =
    text.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{\w+\}|[^\s{};"'])+/g) ?? [];
  const words = tokens.filter((token) => !token.startsWith('#'));
  const cursor = { at: 0 };
  const top = readBlock(words, cursor, false);
  if (top === null || cursor.at < words.length) return null;
  const http = top.flatMap((one) => (one.name === 'http' ? (one.block ?? []) : [one]));
  const upstreams = http
    .filter((one) => one.name === 'upstream')
    .map(
      (one) => [one.args[0] ?? '', named(one.block, 'server').map((server) => server.args[0] ?? '')] as const,
    );
  const servers = http.filter((one) => one.name === 'server' && one.block !== null).map(toServer);
  return { servers, upstreams: Object.fromEntries(upstreams) };
}

function readBlock(words: readonly string[], cursor: { at: number }, nested: boolean): Directive[] | null {
  const out: Directive[] = [];
  let line: string[] = [];
  while (cursor.at < words.length) {
    const word = words[cursor.at++]!;
    if (word === ';') {
      if (line.length > 0) out.push({ name: line[0]!, args: line.slice(1), block: null });
      line = [];
    } else if (word === '{') {
      const block = readBlock(words, cursor, true);
      if (block === null || line.length === 0) return null;
      out.push({ name: line[0]!, args: line.slice(1), block });
      line = [];
    } else if (word === '}') {
      return nested && line.length === 0 ? out : null;
    } else
      line.push(/^["']/.test(word) ? word.slice(1, -1).replace(/\\n/g, '\n').replace(/\\(.)/g, '$1') : word);
  }
  return nested || line.length > 0 ? null : out;
}

function named(block: readonly Directive[] | null, name: string): readonly Directive[] {
  return (block ?? []).filter((one) => one.name === name);
}

function toServer(directive: Directive): NginxServer {
  const block = directive.block ?? [];
  const ports = named(block, 'listen').map((one) =>
    Number((one.args[0] ?? '').split(':').pop()?.replace(/\]$/, '')),
  );
  const whole = toLocation({ name: 'location', args: ['/'], block });
  const locations = named(block, 'location').map(toLocation);
  // What stands in the server itself holds where no location takes over; a return there comes before all of them.
  const inherits = locations.map((one) =>
    one.root === undefined && whole.root !== undefined ? { ...one, root: whole.root } : one,
  );
  return {
    ports: ports.length > 0 ? [...new Set(ports.filter((port) => port > 0))] : [80],
    names: named(block, 'server_name').flatMap((one) => one.args),
    locations:
      whole.returns !== undefined
        ? [{ ...whole, modifier: '^~', path: '/' }]
        : [...inherits, { ...whole, path: '' }],
  };
}

function toLocation(directive: Directive): NginxLocation {
  const [first = '/', second] = directive.args;
  const block = directive.block ?? [];
  const back = named(block, 'return')[0];
  const pass = named(block, 'proxy_pass')[0]?.args[0];
  const root = named(block, 'root')[0]?.args[0];
  const headers = named(block, 'proxy_set_header').map((one) => [
    one.args[0] ?? '',
    one.args.slice(1).join(' '),
  ]);
  return {
    modifier: second === undefined ? '' : first,
    path: second ?? first,
    proxyHeaders: Object.fromEntries(headers) as Record<string, string>,
    ...(back === undefined ? {} : { returns: returned(back.args) }),
    ...(pass === undefined ? {} : { proxyPass: pass }),
    ...(root === undefined ? {} : { root }),
  };
}

function returned(args: readonly string[]): { status: number; text: string } {
  const status = Number(args[0]);
  // `return URL;` alone is a 302.
  return Number.isNaN(status)
    ? { status: 302, text: args[0] ?? '' }
    : { status, text: args.slice(1).join(' ') };
}

/** The server for a request on a port: by Host, else the first one that listens there. */
export function chooseServer(conf: NginxConf, port: number, host: string): NginxServer | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const listening = conf.servers.filter((server) => server.ports.includes(port));
  const fits = (pattern: string) =>
    pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
  return listening.find((server) => server.names.some(fits)) ?? listening[0];
}

/** The location for a path: exact, else the longest prefix unless a regular expression fits (ngx_http_core_module). */
export function chooseLocation(server: NginxServer, request: HttpRequest): NginxLocation | undefined {
  const path = request.path.replace(/\?.*$/, '');
  const { locations } = server;
  const exact = locations.find((one) => one.modifier === '=' && one.path === path);
  if (exact !== undefined) return exact;
  const prefixes = locations.filter(
    (one) => (one.modifier === '' || one.modifier === '^~') && path.startsWith(one.path),
  );
  const longest = prefixes.reduce<NginxLocation | undefined>(
    (best, one) => (best === undefined || one.path.length > best.path.length ? one : best),
    undefined,
  );
  if (longest?.modifier === '^~') return longest;
  const expression = locations.find((one) => /^~\*?$/.test(one.modifier) && matches(one, path));
  return expression ?? longest;
}

function matches(location: NginxLocation, path: string): boolean {
  try {
    return new RegExp(location.path, location.modifier === '~*' ? 'i' : '').test(path);
  } catch {
    return false;
  }
}
