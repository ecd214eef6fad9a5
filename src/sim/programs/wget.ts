/** busybox wget. */
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import { STRERROR, errnoWords } from './http-failure';
import type { HttpCall } from './http-client';
import { callEvent, hostHeader, parseUrl, startCall } from './http-client';
import { header, startLine } from './http-message';
import type { Os, Program } from './program';

interface WgetOptions {
  readonly urls: readonly string[];
  readonly quiet: boolean;
  readonly output: string | null;
  readonly showHeaders: boolean;
  readonly spider: boolean;
  readonly timeoutNs: Ns;
  readonly headers: Readonly<Record<string, string>>;
  readonly post: string | null;
}

interface WgetState {
  readonly options: WgetOptions;
  readonly requestId: number;
  readonly call?: HttpCall;
  readonly redirects: number;
  readonly announced: boolean;
}

const DEFAULT_TIMEOUT_NS = 900 * SECOND;

export const wget: Program = {
  name: 'wget',
  start(os) {
    const options = readArgs(os.process.args.slice(1));
    if ('error' in options) {
      os.print(`${options.error}\n`, 'stderr');
      os.exit(1);
      return;
    }
    os.setState({ options, requestId: 0, redirects: 0, announced: false });
    request(os, options.urls[0]!);
  },
  onEvent(os, event) {
    const { call } = get(os);
    const next = call === undefined ? null : callEvent(os, call, event);
    if (next !== null) progress(os, next);
  },
};

function get(os: Os): WgetState {
  return os.process.state as WgetState;
}

function readArgs(args: readonly string[]): WgetOptions | { error: string } {
  const urls: string[] = [];
  const headers: Record<string, string> = {};
  const values = new Map<string, string>();
  const long: Record<string, string> = {
    'output-document': 'O',
    timeout: 'T',
    'post-data': 'post',
    header: 'header',
    'user-agent': 'U',
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const named = /^--([a-z-]+)(?:=([^]*))?$/.exec(arg);
    if (named !== null && !LONG.has(named[1]!))
      return { error: `wget: unrecognized option '--${named[1]}'\n${USAGE}` };
    if (named !== null) {
      const key = long[named[1]!] ?? named[1]!;
      const value = named[2] ?? (long[named[1]!] === undefined ? '' : (args[++i] ?? ''));
      if (key === 'header') {
        const colon = value.indexOf(':');
        headers[value.slice(0, colon)] = value.slice(colon + 1).trim();
      } else values.set(key, value);
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        if (!LETTERS.includes(arg[j]!)) return { error: `wget: invalid option -- '${arg[j]}'\n${USAGE}` };
        if (!'OTPUtYo'.includes(arg[j]!)) values.set(arg[j]!, '');
        else {
          values.set(arg[j]!, arg.slice(j + 1) || (args[++i] ?? ''));
          break;
        }
      }
    } else urls.push(arg);
  }
  if (urls.length === 0) return { error: USAGE };
  if (values.has('U')) headers['User-Agent'] = values.get('U')!;
  return {
    urls,
    quiet: values.has('q') || values.has('quiet'),
    output: values.get('O') ?? null,
    showHeaders: values.has('S') || values.has('server-response'),
    spider: values.has('spider'),
    timeoutNs: (Number(values.get('T')) || 0) * SECOND || DEFAULT_TIMEOUT_NS,
    headers,
    post: values.get('post') ?? null,
  };
}

const LETTERS = 'OTPUtYocqS46';
const LONG = new Set(
  (
    'output-document timeout post-data post-file header user-agent quiet server-response spider continue no-check-certificate ' +
    'directory-prefix output-file tries no-verbose proxy passive-ftp no-cache max-redirect'
  ).split(' '),
);
const USAGE = `BusyBox v1.37.0 multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...`;

function request(os: Os, text: string): void {
  const url = parseUrl(text);
  if (url === null) {
    os.print(`wget: not an http or ftp url: ${text}\n`, 'stderr');
    os.exit(1);
    return;
  }
  const { options } = get(os);
  const method = options.post === null ? (options.spider ? 'HEAD' : 'GET') : 'POST';
  const requestId = os.beginRequest('http', `${method} ${url.scheme}://${hostHeader(url)}${url.path}`);
  const body = options.post ?? '';
  const headers = {
    'User-Agent': 'Wget',
    ...options.headers,
    ...(body === ''
      ? {}
      : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) }),
    Connection: 'close',
  };
  const message = { kind: 'request', method, path: url.path, host: hostHeader(url), headers, body } as const;
  os.setState({ ...get(os), requestId, announced: false });
  progress(os, startCall(os, { url, request: message, requestId, maxTimeNs: options.timeoutNs }));
}

function progress(os: Os, call: HttpCall): void {
  const state = get(os);
  os.setState({ ...state, call });
  const { url } = call.spec;
  if (!state.announced && call.resolvedNs !== undefined) {
    os.setState({ ...get(os), announced: true });
    if (!state.options.quiet)
      os.print(`Connecting to ${url.host} (${call.addresses[0]}:${url.port})\n`, 'stderr');
  }
  if (call.phase !== 'done') return;
  if (call.failure !== undefined) fail(os, failureText(os, call));
  else answered(os, call);
}

function failureText(os: Os, call: HttpCall): string {
  const { stage, reason } = call.failure!;
  if (stage === 'resolve')
    return reason === 'timeout' ? 'download timed out' : `bad address '${call.spec.url.host}'`;
  if (reason === 'timeout') return 'download timed out';
  if (stage === 'connect') {
    const words = os.process.libc === 'musl' ? muslWords(call) : errnoWords(call);
    return `can't connect to remote host (${call.addresses[0] ?? ''}): ${words}`;
  }
  if (reason === 'ECONNRESET') return 'error getting response: Connection reset by peer';
  return 'error getting response';
}

/** musl words some errors differently from glibc. */
function muslWords(call: HttpCall): string {
  const errno = call.tried[call.tried.length - 1]?.errno ?? '';
  const own: Record<string, string> = {
    EHOSTUNREACH: 'Host is unreachable',
    ENETUNREACH: 'Network unreachable',
    ETIMEDOUT: 'Operation timed out',
  };
  return own[errno] ?? STRERROR[errno] ?? errno;
}

function fail(os: Os, text: string): void {
  os.endRequest(get(os).requestId, false, `wget: ${text}`);
  os.print(`wget: ${text}\n`, 'stderr');
  os.exit(1);
}

function answered(os: Os, call: HttpCall): void {
  const { options, redirects, requestId } = get(os);
  const answer = call.response!;
  if (options.showHeaders) {
    const lines = [
      startLine(answer),
      ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
    ];
    os.print(lines.map((line) => `  ${line}\n`).join(''), 'stderr');
  }
  const location = header(answer.headers, 'Location');
  if (answer.status >= 300 && answer.status < 400 && location !== undefined && redirects < 5) {
    os.endRequest(requestId, true, `${answer.status} to ${location}`);
    os.setState({ ...get(os), redirects: redirects + 1 });
    const { url } = call.spec;
    request(os, /^https?:/.test(location) ? location : `${url.scheme}://${hostHeader(url)}${location}`);
    return;
  }
  if (answer.status >= 400) {
    fail(os, `server returned error: ${startLine(answer)}`);
    return;
  }
  const name = answer.headers['X-Pod'] ?? /^Hostname: (\S+)/m.exec(answer.body)?.[1];
  os.endRequest(
    requestId,
    true,
    `${answer.status} ${answer.reason}${name === undefined ? '' : ` from ${name}`}`,
  );
  save(os, call, answer.body);
  os.exit(0);
}

function save(os: Os, call: HttpCall, body: string): void {
  const { options } = get(os);
  if (options.spider) {
    if (!options.quiet) os.print('remote file exists\n', 'stderr');
    return;
  }
  const file = options.output ?? (call.spec.url.path.replace(/\?.*$/, '').split('/').pop() || 'index.html');
  if (file === '-') {
    if (!options.quiet) os.print('writing to stdout\n', 'stderr');
    os.print(body);
    if (!options.quiet) os.print(`${meter('-', body.length)}\nwritten to stdout\n`, 'stderr');
    return;
  }
  const path = file.startsWith('/') ? file : `/${file}`;
  // A file of that name is overwritten only when it was asked for by -O.
  if (options.output === null && os.readFile(path) !== null) {
    os.print(`wget: can't open '${file}': File exists\n`, 'stderr');
    return os.exit(1);
  }
  if (file !== '/dev/null') os.writeFile(path, body);
  if (!options.quiet)
    os.print(`saving to '${file}'\n${meter(file, body.length)}\n'${file}' saved\n`, 'stderr');
}

/** The progress meter when it is done. */
function meter(file: string, bytes: number): string {
  return `${file.padEnd(20).slice(0, 20)} 100% |${'*'.repeat(32)}|${String(bytes).padStart(6)}  0:00:00 ETA`;
}
