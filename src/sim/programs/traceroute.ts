/**
 * traceroute, as busybox and the Linux one print it: UDP datagrams whose time to live grows, answered by the routers on the
 * way with ICMP errors, and at last by the target, where nobody listens (RFC 792).
 * Not simulated: traceroute by ICMP or TCP (-I, -T), several probes at a time, and another source (-s, -i); the words are
 * taken and UDP datagrams sent one by one.
 */
import { ipFamily } from '../../lib/ip';
import type { Ns } from '../clock/clock';
import { MS, SECOND } from '../clock/clock';
import type { Asking } from './ask';
import { askEvent } from './ask';
import { beginAskName, namesIn } from './ask-name';
import { STRERROR } from './http-failure';
import { toolFlavour } from './images';
import type { Os, ProcessEvent, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';

interface Options {
  readonly host: string;
  readonly numeric: boolean;
  readonly maxHops: number;
  readonly first: number;
  /** Destination port of the first datagram; each further one goes to the next. */
  readonly port: number;
  readonly queries: number;
  readonly waitNs: Ns;
  readonly bytes: number;
  readonly family: 'inet' | 'inet6' | 'unspec';
}

interface TraceState {
  readonly options: Options;
  readonly busybox: boolean;
  readonly requestId: number;
  readonly resolving?: Resolving;
  readonly ip: string;
  readonly socket: number;
  readonly ttl: number;
  readonly probe: number;
  readonly sentNs: Ns;
  readonly timer: number;
  /** Who answered the last probe of this hop. */
  readonly from: string;
  readonly reached: boolean;
  /** The name of an answerer is being looked up; what is to be printed after it. */
  readonly asking?: Asking;
  readonly tail: string;
  /** Names by address; empty where there is none. */
  readonly names: Readonly<Record<string, string>>;
}

const FIRST_PORT = 33434;
const HEADERS = 28;

/** Exits with 0 also where the target was not reached, as both tools do. */
export const traceroute: Program = {
  name: 'traceroute',
  start(os) {
    const busybox = toolFlavour(os.process.container) === 'busybox';
    const options = readArgs(os.process.args.slice(1), busybox);
    if (options === null) {
      os.print(busybox ? BUSYBOX_USAGE : 'Specify "host" missing argument.\n', 'stderr');
      os.exit(busybox ? 1 : 2);
      return;
    }
    const requestId = os.beginRequest('udp', `traceroute ${options.host}`);
    const blank = {
      ip: '',
      socket: -1,
      ttl: options.first,
      probe: 0,
      sentNs: 0,
      timer: 0,
      from: '',
      tail: '',
    };
    const resolving = beginResolve(os, options.host, requestId, options.family);
    os.setState({ options, busybox, requestId, resolving, reached: false, names: {}, ...blank });
    afterResolve(os);
  },
  onEvent(os, event) {
    const state = get(os);
    if (state.ip === '' && state.resolving !== undefined) {
      const resolving = resolveEvent(os, state.resolving, event);
      if (resolving === null) return;
      os.setState({ ...state, resolving });
      afterResolve(os);
    } else if (state.asking !== undefined) named(os, state.asking, event);
    else probeEvent(os, event);
  },
};

const BUSYBOX_USAGE =
  'BusyBox v1.37.0 multi-call binary.\n\nUsage: traceroute [-46Flnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]\n' +
  '\t[-t TOS] [-w WAIT_SEC] [-s SRC_IP] [-i IFACE]\n\t[-z PAUSE_MSEC] HOST [BYTES]\n';

function get(os: Os): TraceState {
  return os.process.state as TraceState;
}

function readArgs(args: readonly string[], busybox: boolean): Options | null {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const match = /^-([a-zA-Z46])(.*)$/.exec(args[i]!);
    if (match === null) words.push(args[i]!);
    else if ('fmqptwsizNg'.includes(match[1]!)) values.set(match[1]!, match[2] || (args[++i] ?? ''));
    else for (const letter of match[1]! + match[2]!) values.set(letter, '');
  }
  const [host, bytes] = words;
  if (host === undefined) return null;
  const number = (key: string, otherwise: number) => Number(values.get(key)) || otherwise;
  return {
    host,
    numeric: values.has('n'),
    maxHops: number('m', 30),
    first: number('f', 1),
    port: number('p', FIRST_PORT),
    queries: number('q', 3),
    waitNs: number('w', 5) * SECOND,
    bytes: Number(bytes) || (busybox ? 46 : 60),
    family: values.has('6') ? 'inet6' : values.has('4') || busybox ? 'inet' : 'unspec',
  };
}

function afterResolve(os: Os): void {
  const { resolving, options, busybox, requestId } = get(os);
  const result = resolved(resolving!);
  if (result === undefined) return;
  if ('error' in result) {
    os.endRequest(requestId, false, `cannot resolve ${options.host}`);
    const text = busybox
      ? `traceroute: bad address '${options.host}'\n`
      : `${options.host}: Name or service not known\nCannot handle "host" cmdline arg \`${options.host}' on position 1 (argc 1)\n`;
    os.print(text, 'stderr');
    os.exit(busybox ? 1 : 2);
    return;
  }
  const ip = result.addresses.find((one) => ipFamily(one) === 4) ?? result.addresses[0]!;
  const socket = os.machine.openUdp(os.process.netns, os.owner, requestId);
  if (typeof socket !== 'number') return fail(os, socket);
  os.setState({ ...get(os), ip, socket });
  os.print(
    `traceroute to ${options.host} (${ip}), ${options.maxHops} hops max, ${options.bytes} byte packets\n`,
  );
  hop(os);
}

function fail(os: Os, errno: string): void {
  const { busybox, requestId } = get(os);
  const text = STRERROR[errno] ?? errno;
  os.print(busybox ? `traceroute: sendto: ${text}\n` : `\nconnect: ${text}\n`, 'stderr');
  os.endRequest(requestId, false, text);
  os.exit(1);
}

function hop(os: Os): void {
  os.print(String(get(os).ttl).padStart(2) + (get(os).busybox ? '' : ' '));
  send(os);
}

function send(os: Os): void {
  const { socket, ip, ttl, probe, options, requestId } = get(os);
  const sent = (ttl - options.first) * options.queries + probe;
  const bytes = Math.max(0, options.bytes - HEADERS);
  const payload = { type: 'app', protocol: 'data', summary: 'traceroute', bytes, body: null } as const;
  const errno = os.machine.sendTo(socket, { ip, port: options.port + sent }, payload, { requestId, ttl });
  if (errno !== null) return fail(os, errno);
  os.setState({ ...get(os), sentNs: os.nowNs, timer: os.setTimer('wait', options.waitNs) });
}

function probeEvent(os: Os, event: ProcessEvent): void {
  const state = get(os);
  if (event.type === 'timer' && event.name === 'wait') {
    os.print(state.busybox ? '  *' : ' *');
    next(os);
    return;
  }
  if (event.type !== 'socket' || event.event.kind !== 'error' || event.event.socket !== state.socket) return;
  const { icmp, errno } = event.event;
  os.cancelTimer(state.timer);
  const from = icmp?.from ?? state.ip;
  const isEnd = icmp?.type !== 'time-exceeded';
  const flags: Readonly<Record<string, string>> = {
    'host-unreachable': ' !H',
    'net-unreachable': ' !N',
    'admin-prohibited': ' !X',
  };
  const flag = (icmp === undefined ? (errno === 'EHOSTUNREACH' ? ' !H' : '') : flags[icmp.type]) ?? '';
  const tail = `  ${((os.nowNs - state.sentNs) / MS).toFixed(3)} ms${flag}`;
  const reached = state.reached || isEnd;
  os.setState({ ...state, reached, tail });
  if (from === state.from) {
    os.print(tail);
    next(os);
  } else tellName(os, from);
}

/** Prints who answered, by name where there is one; a name is looked up once. */
function tellName(os: Os, from: string): void {
  const state = get(os);
  const { options, names, requestId } = state;
  os.setState({ ...state, from });
  if (options.numeric || names[from] !== undefined) {
    const name = names[from];
    const shown = options.numeric ? from : `${name === '' ? from : name} (${from})`;
    os.print(`${state.busybox ? '  ' : ' '}${shown}${state.tail}`);
    next(os);
    return;
  }
  const asking = beginAskName(os, from, requestId, { tries: 2, timeoutNs: 5 * SECOND });
  os.setState({ ...get(os), asking });
}

function named(os: Os, asking: Asking, event: ProcessEvent): void {
  const going = askEvent(os, asking, event);
  if (going === null) return;
  const { result } = going;
  const { asking: _done, ...state } = get(os);
  os.setState(result === undefined ? { ...state, asking: going } : state);
  if (result === undefined) return;
  const [name = ''] = namesIn(result);
  os.setState({ ...get(os), names: { ...state.names, [state.from]: name } });
  tellName(os, state.from);
}

function next(os: Os): void {
  const state = get(os);
  const { options, probe, ttl, reached, requestId } = state;
  if (probe + 1 < options.queries) {
    os.setState({ ...state, probe: probe + 1 });
    send(os);
    return;
  }
  os.print('\n');
  if (reached || ttl >= options.maxHops) {
    os.endRequest(requestId, reached, reached ? `${ttl} hops` : 'not reached');
    os.exit(0);
    return;
  }
  os.setState({ ...state, probe: 0, ttl: ttl + 1, from: '' });
  hop(os);
}
