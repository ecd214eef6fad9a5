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
const MAX_REDIRECTS = 50;

export const curl: Program = {
  name: 'curl',
  start(os) {
    const options = parseCurl(os.process.args.slice(1));
    if ('error' in options) {
      os.print(
        `curl: ${options.error}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
        'stderr',
      );
      os.exit(options.code);
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
    const scheme = /^([a-z+.-]+):\/\//i.exec(text)?.[1];
    const known = scheme === undefined || /^https?$/i.test(scheme);
    fail(
      os,
      known ? 3 : 1,
      known ? 'URL rejected: Malformed input to a URL function' : `Protocol "${scheme}" not supported`,
    );
    return;
  }
  const method = options.method ?? (options.head ? 'HEAD' : options.data === undefined ? 'GET' : 'POST');
  const requestId = os.beginRequest('http', `${method} ${url.scheme}://${hostHeader(url)}${url.path}`);
  const message = messageFor(options, url, method);
  const fixed = options.resolve[`${url.host}:${url.port}`];
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
    if (!call.addresses.includes(url.host)) {
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
  }
  if (before?.phase !== 'waiting' && (call.phase === 'waiting' || call.response !== undefined)) {
    const { request: asked } = call.spec;
    say(`> ${startLine(asked)}\n> Host: ${asked.host}`);
    for (const [name, value] of Object.entries(asked.headers)) say(`> ${name}: ${value}`);
    say('> \n* Request completely sent off');
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
    const again = [6, 7, 28].includes(code) && state.attempt < options.retries;
    if (again) {
      // curl waits 1 s before the first retry and doubles it each time.
      setState(os, { ...state, attempt: state.attempt + 1 });
      os.setTimer('retry', 2 ** state.attempt * SECOND);
      return;
    }
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

function describe(call: HttpCall): string {
  const { status, reason, headers, body } = call.response!;
  const name = headers['X-Pod'] ?? /^Hostname: (\S+)/m.exec(body)?.[1];
  return `${status} ${reason}`.trim() + (name === undefined ? '' : ` from ${name}`);
}

function follow(os: Os, call: HttpCall, location: string): void {
  const state = stateOf(os);
  if (state.redirects >= MAX_REDIRECTS) {
    fail(os, 47, `Maximum (${MAX_REDIRECTS}) redirects followed`);
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
  if (options.fail && answer.status >= 400) {
    writeOut(os, call, 22, '');
    fail(os, 22, `The requested URL returned error: ${answer.status}`);
    return;
  }
  const headLines = [
    startLine(answer),
    ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const head = options.head || options.include ? `${headLines.join('\n')}\n\n` : '';
  const text = head + (options.head ? '' : answer.body);
  if (options.output === undefined || options.output === '-') os.print(text);
  else if (options.output !== '/dev/null') os.writeFile(options.output, text);
  writeOut(os, call, 0, '');
  setState(os, { ...stateOf(os), lastCode: 0 });
  next(os);
}

function fail(os: Os, code: number, text: string): void {
  const state = stateOf(os);
  if (state.options.showError) os.print(`curl: (${code}) ${text}\n`, 'stderr');
  setState(os, { ...state, lastCode: code });
  next(os);
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
    url_effective: stateOf(os).url ?? '',
    exitcode: String(code),
    errormsg: errorText,
  };
  const text = format.replace(/%\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  os.print(text.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\r/g, '\r').replace(/%%/g, '%'));
}
