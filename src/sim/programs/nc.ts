/** nc: busybox' and OpenBSD's words. Tests whether a port is open (-z), carries standard input, or listens (-l). */
import type { Ns } from '../clock/clock';
import { MS, SECOND } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import type { AppPayload } from '../trace/packet';
import type { Family } from '../dns/resolver';
import { STRERROR } from './http-failure';
import { httpFromPayload, httpPayload, startLine } from './http-message';
import { toolFlavour } from './images';
import type { Os, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';
import { textOf, textPayload } from './text-payload';

interface NcOptions {
  readonly listen: boolean;
  readonly keep: boolean;
  readonly udp: boolean;
  readonly zero: boolean;
  readonly verbose: boolean;
  readonly family: Family;
  readonly waitNs: Ns | null;
  readonly host: string;
  readonly ports: readonly number[];
}

interface NcState {
  readonly options: NcOptions;
  readonly busybox: boolean;
  readonly requestId: number;
  readonly resolving?: Resolving;
  readonly ip: string;
  readonly at: number;
  readonly socket?: number;
  readonly failed: boolean;
  /** Some port was open. */
  readonly opened?: boolean;
  /** The connection stands; -w is now a limit on silence. */
  readonly open?: boolean;
  readonly limit?: number;
}

/** How long a UDP check waits for an ICMP error before it calls the port open. */
const UDP_PATIENCE: Ns = SECOND;

export const nc: Program = {
  name: 'nc',
  start(os) {
    const options = readArgs(os.process.args.slice(1));
    const busybox = toolFlavour(os.process.container) === 'busybox';
    if (options === null) {
      os.print(
        busybox
          ? 'BusyBox: nc: usage: nc [OPTIONS] HOST PORT\n'
          : 'usage: nc [-klnuvz] [-w timeout] [destination] [port]\n',
        'stderr',
      );
      os.exit(1);
      return;
    }
    if (options.listen) {
      os.setState({ options, busybox, requestId: 0, ip: '', at: 0, failed: false });
      listen(os);
      return;
    }
    const kind = options.udp ? 'udp' : 'tcp';
    const requestId = os.beginRequest(
      kind,
      `nc ${options.host} ${os.process.args[os.process.args.length - 1]}`,
    );
    const base = { options, busybox, requestId, ip: '', at: 0, failed: false };
    os.setState({ ...base, resolving: beginResolve(os, options.host, requestId, options.family) });
    afterResolve(os);
  },
  onEvent(os, event) {
    const state = get(os);
    if (state.ip === '' && state.resolving !== undefined) {
      const resolving = resolveEvent(os, state.resolving, event);
      if (resolving === null) return;
      os.setState({ ...state, resolving });
      afterResolve(os);
    } else if (event.type === 'timer') onTimer(os, event.name);
    else if (event.type === 'socket') onSocket(os, event.event);
  },
};

function get(os: Os): NcState {
  return os.process.state as NcState;
}

function readArgs(args: readonly string[]): NcOptions | null {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-[a-zA-Z0-9]/.test(arg)) words.push(arg);
    else {
      for (let j = 1; j < arg.length; j++) {
        if (!'pwsie'.includes(arg[j]!)) values.set(arg[j]!, '');
        else {
          values.set(arg[j]!, arg.slice(j + 1) || (args[++i] ?? ''));
          break;
        }
      }
    }
  }
  const listen = values.has('l');
  const [host = '', range = ''] = listen ? ['', values.get('p') ?? words[words.length - 1] ?? ''] : words;
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  if (match === null || (!listen && host === '')) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? first);
  const ports = Array.from({ length: Math.max(0, Math.min(1024, last - first + 1)) }, (_, i) => first + i);
  const wait = Number(values.get('w'));
  return {
    listen,
    keep: values.has('k'),
    udp: values.has('u'),
    zero: values.has('z'),
    verbose: values.has('v'),
    family: values.has('6') ? 'inet6' : values.has('4') ? 'inet' : 'unspec',
    waitNs: wait > 0 ? wait * SECOND : null,
    host,
    ports,
  };
}

function afterResolve(os: Os): void {
  const { resolving, options, busybox } = get(os);
  const result = resolved(resolving!);
  if (result === undefined) return;
  if ('error' in result) {
    const words = os.process.libc === 'musl' ? 'Name does not resolve' : 'Name or service not known';
    const text = busybox
      ? `nc: bad address '${options.host}'`
      : `nc: getaddrinfo for host "${options.host}" port ${options.ports[0]}: ${words}`;
    os.print(`${text}\n`, 'stderr');
    finish(os, false, `cannot resolve ${options.host}`);
    return;
  }
  os.setState({ ...get(os), ip: result.addresses[0]! });
  tryPort(os);
}

function finish(os: Os, ok: boolean, text: string): void {
  const { requestId } = get(os);
  if (requestId > 0) os.endRequest(requestId, ok, text);
  os.exit(ok ? 0 : 1);
}

function tryPort(os: Os): void {
  const { options, at, ip, requestId, failed, opened, limit } = get(os);
  if (limit !== undefined) os.cancelTimer(limit);
  const port = options.ports[at];
  if (port === undefined) {
    // One port that answers is success enough.
    const ok = opened || !failed;
    finish(os, ok, failed ? 'a port is closed' : 'open');
    return;
  }
  const timer = options.waitNs === null ? {} : { limit: os.setTimer('limit', options.waitNs) };
  os.setState({ ...get(os), ...timer });
  const { netns } = os.process;
  const socket = os.machine.connect(netns, options.udp ? 'udp' : 'tcp', { ip, port }, os.owner, requestId);
  if (typeof socket !== 'number') {
    closedPort(os, STRERROR[socket] ?? socket);
    return;
  }
  os.setState({ ...get(os), socket });
}

function openPort(os: Os): void {
  os.setState({ ...get(os), opened: true });
  const { options, busybox, at, ip } = get(os);
  const port = options.ports[at]!;
  if (!options.verbose) return;
  const named = options.host === ip ? ip : `${options.host} (${ip})`;
  const service: Record<number, string> = {
    80: 'http',
    443: 'https',
    53: 'domain',
    22: 'ssh',
    6379: 'redis',
    5432: 'postgresql',
    3306: 'mysql',
  };
  const kind = `${options.udp ? 'udp' : 'tcp'}/${service[port] ?? '*'}`;
  os.print(
    busybox
      ? `${options.host} (${ip}:${port}) open\n`
      : `Connection to ${named} ${port} port [${kind}] succeeded!\n`,
    'stderr',
  );
}

function closedPort(os: Os, why: string): void {
  const { options, busybox, at, ip } = get(os);
  const port = options.ports[at]!;
  const named = options.host === ip ? ip : `${options.host} (${ip})`;
  const text = busybox
    ? `nc: ${options.host} (${ip}:${port}): ${why}`
    : `nc: connect to ${named} port ${port} (${options.udp ? 'udp' : 'tcp'}) ${why.startsWith('timed out') ? why : `failed: ${why}`}`;
  // That a datagram was refused is no news to the full nc; it just ends.
  const silent = !busybox && options.udp && options.zero;
  if ((options.verbose && !silent) || busybox) os.print(`${text}\n`, 'stderr');
  if (options.ports.length === 1) {
    finish(os, false, why);
    return;
  }
  os.setState({ ...get(os), failed: true, at: at + 1 });
  tryPort(os);
}

function onTimer(os: Os, name: string): void {
  const { socket, options } = get(os);
  if (name === 'udp-open') {
    openPort(os);
    os.machine.close(socket!);
    os.setState({ ...get(os), at: get(os).at + 1 });
    tryPort(os);
  } else if (name === 'limit' && get(os).open) {
    finish(os, true, 'nothing more came');
  } else if (name === 'limit') {
    if (socket !== undefined) os.machine.close(socket);
    if (options.zero || get(os).busybox)
      closedPort(os, get(os).busybox ? slow(os) : 'timed out: Operation now in progress');
    else finish(os, false, 'timed out');
  } else if (name === 'idle') finish(os, true, 'done');
}

/** ETIMEDOUT in the C library's words. */
function slow(os: Os): string {
  return os.process.libc === 'musl' ? 'Operation timed out' : 'Connection timed out';
}

function onSocket(os: Os, event: SocketEvent): void {
  const { options, socket } = get(os);
  if (event.kind === 'accepted') return;
  if (event.kind === 'connected') connected(os);
  else if (event.kind === 'data' || event.kind === 'datagram') {
    os.print(textFrom(event.payload));
  } else if (event.kind === 'closed') {
    os.machine.close(event.socket);
    if (options.listen) {
      if (!options.keep) os.exit(0);
    } else finish(os, true, 'closed by the other end');
  } else if (event.kind === 'error' && event.socket === socket)
    closedPort(os, STRERROR[event.errno] ?? event.errno);
}

function connected(os: Os): void {
  const { options, socket } = get(os);
  if (options.udp && options.zero) {
    const { limit } = get(os);
    if (limit !== undefined) os.cancelTimer(limit);
    os.machine.send(socket!, textPayload('X'));
    os.setTimer('udp-open', UDP_PATIENCE);
    return;
  }
  openPort(os);
  if (options.zero) {
    os.machine.close(socket!);
    os.setState({ ...get(os), at: get(os).at + 1 });
    tryPort(os);
    return;
  }
  os.setState({ ...get(os), open: true });
  const text = os.process.stdin ?? '';
  if (text !== '') os.machine.send(socket!, payloadOf(text));
  // UDP has no end; what comes back comes soon.
  if (options.udp) os.setTimer('idle', options.waitNs ?? UDP_PATIENCE);
  else if (text === '') {
    os.machine.close(socket!);
    os.setTimer('idle', MS);
  }
}

/** Text that is an HTTP request goes out as one, so that a web server understands it. */
function payloadOf(text: string): AppPayload {
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?\n([^]*)$/.exec(text);
  if (match === null) return textPayload(text);
  const rows = match[3]!.split(/\r?\n/).filter((row) => row.includes(':'));
  const headers = Object.fromEntries(
    rows.map((row) => [row.slice(0, row.indexOf(':')), row.slice(row.indexOf(':') + 1).trim()]),
  );
  const { Host: host = '', ...others } = headers as Record<string, string>;
  const closing: Record<string, string> = /HTTP\/1\.0/.test(text) ? { Connection: 'close' } : {};
  return httpPayload({
    kind: 'request',
    method: match[1]!,
    path: match[2]!,
    host,
    headers: { ...others, ...closing },
    body: '',
  });
}

function textFrom(payload: AppPayload): string {
  const message = httpFromPayload(payload);
  if (message === null) return textOf(payload) ?? '';
  const lines = Object.entries(message.headers).map(([name, value]) => `${name}: ${value}`);
  return `${[startLine(message), ...lines].join('\r\n')}\r\n\r\n${message.body}`;
}

function listen(os: Os): void {
  const { options } = get(os);
  const port = options.ports[0]!;
  const result = os.machine.listen(os.process.netns, options.udp ? 'udp' : 'tcp', '0.0.0.0', port, os.owner);
  if (typeof result === 'number') {
    if (options.verbose) os.print(`Listening on 0.0.0.0 ${port}\n`, 'stderr');
    return;
  }
  os.print(`nc: bind: ${STRERROR[result] ?? result}\n`, 'stderr');
  os.exit(1);
}
