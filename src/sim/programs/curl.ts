/** curl 8: one request per URL, printed as the real one prints it, with its exit codes. */
import { SECOND } from '../clock/clock';
import type { CurlOptions } from './curl-args';
import { parseCurl } from './curl-args';
import { errnoWords, curlFailure } from './http-failure';
import type { HttpCall, Url } from './http-client';
import { CURL_CONNECT_LIMIT_NS, callEvent, hostHeader, parseUrl, startCall } from './http-client';
import type { HttpRequest } from './http-message';
import { header, startLine } from './http-message';
import type { Os, Program } from './program';

interface CurlState {
  readonly options: CurlOptions;
  readonly todo: readonly string[];
  readonly requestId: number;
  readonly redirects: number;
  readonly attempt: number;
  readonly lastCode: number;
  readonly url?: string;
  readonly call?: HttpCall;
}

const USER_AGENT = 'curl/8.14.1';
const VERSION = `curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1
Release-Date: 2025-06-04
Protocols: http https
Features: IPv6
`;
const HELP = `Usage: curl [options...] <url>
 -d, --data <data>           HTTP POST data
 -f, --fail                  Fail fast with no output on HTTP errors
 -h, --help <subject>        Get help for commands
 -o, --output <file>         Write to file instead of stdout
 -O, --remote-name           Write output to file named as remote file
 -i, --show-headers          Show response headers in output
 -s, --silent                Silent mode
 -u, --user <user:password>  Server user and password
 -A, --user-agent <name>     Send User-Agent <name> to server
 -v, --verbose               Make the operation more talkative
 -V, --version               Show version number and quit
`;

export const curl: Program = {
  name: 'curl',
  start(os) {
    const options = parseCurl(os.process.args.slice(1));
    if ('error' in options) {
      const hint =
        options.code === 2 ? "curl: try 'curl --help' or 'curl --manual' for more information\n" : '';
      os.print(`curl: ${options.error}\n${hint}`, 'stderr');
      os.exit(options.code);
      return;
    }
    if (options.about !== undefined) {
      os.print(options.about === 'version' ? VERSION : HELP);
      os.exit(0);
      return;
    }
    const base = { options, requestId: 0, redirects: 0, attempt: 0, lastCode: 0 };
    setState(os, { ...base, todo: options.urls });
    next(os);
  },
  onEvent(os, event) {
    const state = stateOf(os);
    if (event.type === 'timer' && event.name === 'retry') {
      request(os, state.url!);
      return;
    }
    if (state.call === undefined) return;
    const call = callEvent(os, state.call, event);
    if (call !== null) progress(os, state.call, call);
  },
};

function stateOf(os: Os): CurlState {
  return os.process.state as CurlState;
}

function setState(os: Os, state: CurlState): void {
  os.setState(state);
}

function next(os: Os): void {
  const state = stateOf(os);
  const [url, ...todo] = state.todo;
  if (url === undefined) {
    os.exit(state.lastCode);
    return;
  }
  setState(os, { ...state, todo, redirects: 0, attempt: 0 });
  request(os, url);
}

function request(os: Os, text: string): void {
  const state = stateOf(os);
  const { options } = state;
  const url = parseUrl(text);
  if (url === null) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
    if (scheme === undefined || /^https?$/i.test(scheme)) fail(os, 3, `URL rejected: ${badUrl(text)}`);
    else fail(os, 1, `Protocol "${scheme}" not supported`);
    return;
  }
  const method = options.method ?? (options.head ? 'HEAD' : options.data === undefined ? 'GET' : 'POST');
  const requestId = os.beginRequest('http', `${method} ${url.scheme}://${hostHeader(url)}${url.path}`);
  const message = messageFor(options, url, method);
  const fixed = options.resolve[`${url.host}:${url.port}`];
  if (fixed !== undefined && options.verbose) {
    os.print(`* Added ${url.host}:${url.port}:${fixed.join(',')} to DNS cache\n`, 'stderr');
    os.print(`* Hostname ${url.host} was found in DNS cache\n`, 'stderr');
  }
  const call = startCall(os, {
    url,
    request: message,
    requestId,
    family: options.family,
    connectTimeoutNs: options.connectTimeoutNs ?? CURL_CONNECT_LIMIT_NS,
    ...(options.maxTimeNs === undefined ? {} : { maxTimeNs: options.maxTimeNs }),
    ...(fixed === undefined ? {} : { addresses: fixed }),
  });
  setState(os, { ...stateOf(os), requestId, url: text });
  progress(os, null, call);
}

/** What is wrong with a URL that cannot be read. */
function badUrl(text: string): string {
  const rest = text.replace(/^https?:\/\//i, '');
  if (/^([/?#:]|$)/.test(rest)) return 'No host part in the URL';
  if (/^[^/?#]*:(\d{5,}|\d*[^\d/?#])/.test(rest))
    return 'Port number was not a decimal number between 0 and 65535';
  return 'Malformed input to a URL function';
}

function messageFor(options: CurlOptions, url: Url, method: string): HttpRequest {
  const host = header(options.headers, 'Host') ?? hostHeader(url);
  const given = Object.fromEntries(Object.entries(options.headers).filter(([name]) => !/^host$/i.test(name)));
  const has = (name: string) => header(given, name) !== undefined;
  const headers: Record<string, string> = {};
  if (!has('User-Agent')) headers['User-Agent'] = USER_AGENT;
  if (!has('Accept')) headers.Accept = '*/*';
  Object.assign(headers, given);
  if (options.data !== undefined) {
    headers['Content-Length'] = String(options.data.length);
    if (!has('Content-Type')) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  }
  return { kind: 'request', method, path: url.path, host, headers, body: options.data ?? '' };
}

function progress(os: Os, before: HttpCall | null, call: HttpCall): void {
  setState(os, { ...stateOf(os), call });
  if (stateOf(os).options.verbose) narrate(os, before, call);
  if (call.phase === 'done') conclude(os, call);
}

/** What -v tells while it happens. */
function narrate(os: Os, before: HttpCall | null, call: HttpCall): void {
  const { url } = call.spec;
  const say = (line: string) => os.print(`${line}\n`, 'stderr');
  const ipOf = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);
  if (before?.resolvedNs === undefined && call.resolvedNs !== undefined) {
    if (!call.addresses.includes(url.host) && call.spec.addresses === undefined) {
      say(`* Host ${url.host}:${url.port} was resolved.`);
      say(`* IPv6: ${call.addresses.filter((ip) => ip.includes(':')).join(', ') || '(none)'}`);
      say(`* IPv4: ${call.addresses.filter((ip) => !ip.includes(':')).join(', ') || '(none)'}`);
    }
    say(`*   Trying ${ipOf(call.addresses[0] ?? '')}:${url.port}...`);
  }
  for (const tried of call.tried.slice(before?.tried.length ?? 0)) {
    say(
      `* connect to ${tried.ip} port ${url.port} from 0.0.0.0 port 0 failed: ${errnoWords({ ...call, tried: [tried] })}`,
    );
    const following = call.addresses[call.addresses.indexOf(tried.ip) + 1];
    if (following !== undefined) say(`*   Trying ${ipOf(following)}:${url.port}...`);
  }
  if (before?.connectedNs === undefined && call.connectedNs !== undefined) {
    const ip = call.addresses[call.index]!;
    say(`* Connected to ${url.host} (${ip}) port ${url.port}`);
    say('* using HTTP/1.x');
  }
  if (before?.phase !== 'waiting' && (call.phase === 'waiting' || call.response !== undefined)) {
    const { request: asked } = call.spec;
    say(`> ${startLine(asked)}\n> Host: ${asked.host}`);
    for (const [name, value] of Object.entries(asked.headers)) say(`> ${name}: ${value}`);
    const sent = asked.body === '' ? '' : `upload completely sent off: ${asked.body.length} bytes`;
    say(`> \n* ${sent === '' ? 'Request completely sent off' : sent}`);
  }
  if (call.response !== undefined) {
    say(`< ${startLine(call.response)}`);
    for (const [name, value] of Object.entries(call.response.headers)) say(`< ${name}: ${value}`);
    say('< ');
  }
}

function conclude(os: Os, call: HttpCall): void {
  const state = stateOf(os);
  const { options } = state;
  if (call.failure !== undefined) {
    const { code, text } = curlFailure(call);
    if (options.verbose) os.print(`* ${text}\n* closing connection #0\n`, 'stderr');
    os.endRequest(state.requestId, false, `curl: (${code}) ${text}`);
    const trouble = transient(options, code);
    if (trouble !== null && retry(os, trouble, text, code)) return;
    writeOut(os, call, code, text);
    fail(os, code, text);
    return;
  }
  const answer = call.response!;
  os.endRequest(state.requestId, answer.status < 400, describe(call));
  if (options.verbose) os.print(`* Connection #0 to host ${call.spec.url.host} left intact\n`, 'stderr');
  const location = header(answer.headers, 'Location');
  if (options.follow && answer.status >= 300 && answer.status < 400 && location !== undefined) {
    follow(os, call, location);
    return;
  }
  finish(os, call);
}

/** Failures that --retry is for; a refused connection only when it is told so. */
function transient(options: CurlOptions, code: number): string | null {
  if (code === 28) return 'timeout';
  if (code === 6) return 'timeout';
  if (code === 7 && options.retryRefused) return 'connection refused';
  return options.retryAll ? '(retrying all errors)' : null;
}

const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** Sets out for another try after a while: 1 s, and twice as long each time, unless a delay was given. */
function retry(os: Os, trouble: string, text: string, code: number): boolean {
  const { options, attempt } = stateOf(os);
  const left = options.retries - attempt;
  if (left <= 0) return false;
  const delayNs = options.retryDelayNs ?? 2 ** attempt * SECOND;
  const seconds = delayNs / SECOND;
  if (options.showError && code !== 0) os.print(`curl: (${code}) ${text}\n`, 'stderr');
  if (!options.silent) {
    const shown = Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(3);
    const wait = `Will retry in ${shown} second${seconds === 1 ? '' : 's'}.`;
    os.print(
      `Warning: Problem: ${trouble}. ${wait} ${left} retr${left === 1 ? 'y' : 'ies'} left.\n`,
      'stderr',
    );
  }
  setState(os, { ...stateOf(os), attempt: attempt + 1 });
  os.setTimer('retry', delayNs);
  return true;
}

function describe(call: HttpCall): string {
  const { status, reason, headers, body } = call.response!;
  const name = headers['X-Pod'] ?? /^Hostname: (\S+)/m.exec(body)?.[1];
  return `${status} ${reason}`.trim() + (name === undefined ? '' : ` from ${name}`);
}

function follow(os: Os, call: HttpCall, location: string): void {
  const state = stateOf(os);
  if (state.redirects >= state.options.maxRedirects) {
    fail(os, 47, `Maximum (${state.options.maxRedirects}) redirects followed`);
    return;
  }
  const { url } = call.spec;
  const target = /^https?:\/\//.test(location)
    ? location
    : `${url.scheme}://${hostHeader(url)}${location.startsWith('/') ? location : `/${location}`}`;
  setState(os, { ...state, redirects: state.redirects + 1 });
  request(os, target);
}

function finish(os: Os, call: HttpCall): void {
  const state = stateOf(os);
  const { options } = state;
  const answer = call.response!;
  const failed = options.fail && answer.status >= 400;
  if (TRANSIENT_STATUS.has(answer.status) && retry(os, 'HTTP error', '', 0)) return;
  const headLines = [
    startLine(answer),
    ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const headText = `${headLines.join('\n')}\n\n`;
  if (options.dumpHeader === '-') os.print(headText);
  else if (options.dumpHeader !== undefined) os.writeFile(options.dumpHeader, headText);
  const text = (options.head || options.include ? headText : '') + (options.head ? '' : answer.body);
  if (!failed || options.failBody) {
    const file =
      options.output ?? (options.remoteName ? call.spec.url.path.replace(/\?.*/, '').split('/').pop() : '-');
    if (file === '') {
      os.print('curl: Remote file name has no length\n', 'stderr');
      return fail(os, 23, 'Failed writing received data to disk/application');
    }
    if (file === '-') os.print(text);
    else if (file !== '/dev/null') os.writeFile(file!, text);
  }
  writeOut(os, call, failed ? 22 : 0, '');
  if (failed) return fail(os, 22, `The requested URL returned error: ${answer.status}`);
  setState(os, { ...stateOf(os), lastCode: 0 });
  next(os);
}

function fail(os: Os, code: number, text: string): void {
  const state = stateOf(os);
  if (state.options.showError) os.print(`curl: (${code}) ${text}\n`, 'stderr');
  setState(os, { ...state, lastCode: code });
  next(os);
}

function headerBytes(call: HttpCall): number {
  const { headers } = call.response!;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [startLine(call.response!), ...lines, ''].reduce((sum, line) => sum + line.length + 2, 0);
}

/** -w: variables in the form %{name}. */
function writeOut(os: Os, call: HttpCall, code: number, errorText: string): void {
  const format = stateOf(os).options.writeOut;
  if (format === undefined) return;
  const since = (ns: number | undefined) => (ns === undefined ? 0 : (ns - call.startNs) / SECOND).toFixed(6);
  const values: Record<string, string> = {
    http_code: String(call.response?.status ?? 0).padStart(3, '0'),
    response_code: String(call.response?.status ?? 0).padStart(3, '0'),
    time_total: since(call.endNs),
    time_namelookup: since(call.resolvedNs),
    time_connect: since(call.connectedNs),
    time_starttransfer: since(call.response === undefined ? undefined : call.endNs),
    remote_ip: call.connectedNs === undefined ? '' : (call.addresses[call.index] ?? ''),
    remote_port: call.connectedNs === undefined ? '0' : String(call.spec.url.port),
    local_ip: call.local?.ip ?? '',
    local_port: String(call.local?.port ?? 0),
    size_download: String(call.response?.body.length ?? 0),
    num_redirects: String(stateOf(os).redirects),
    num_connects: call.connectedNs === undefined ? '0' : '1',
    num_retries: String(stateOf(os).attempt),
    time_appconnect: since(call.spec.url.scheme === 'https' ? call.connectedNs : undefined),
    time_pretransfer: since(call.connectedNs),
    time_redirect: since(undefined),
    size_upload: String(call.spec.request.body.length),
    size_header: String(call.response === undefined ? 0 : headerBytes(call)),
    speed_download: String(
      Math.round((call.response?.body.length ?? 0) / Math.max(1e-6, Number(since(call.endNs)))),
    ),
    content_type: call.response === undefined ? '' : (header(call.response.headers, 'Content-Type') ?? ''),
    http_version: call.response === undefined ? '0' : '1.1',
    method: call.spec.request.method,
    scheme: call.spec.url.scheme,
    ssl_verify_result: '0',
    url: stateOf(os).url ?? '',
    url_effective: stateOf(os).url ?? '',
    exitcode: String(code),
    errormsg: errorText,
  };
  const text = format.replace(/%\{([\w.]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) os.print(`curl: unknown --write-out variable: '${name}'\n`, 'stderr');
    return value ?? '';
  });
  os.print(text.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\r/g, '\r').replace(/%%/g, '%'));
}
