/** ping, as busybox and as iputils print it. */
import { ipFamily } from '../../lib/ip';
import type { Ns } from '../clock/clock';
import { MS, SECOND } from '../clock/clock';
import type { Family } from '../dns/resolver';
import type { SocketEvent } from '../kernel/machine-api';
import { STRERROR } from './http-failure';
import { toolFlavour } from './images';
import type { Os, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';

interface PingOptions {
  readonly host: string;
  readonly family: Family;
  readonly count: number;
  readonly intervalNs: Ns;
  readonly waitNs: Ns;
  readonly deadlineNs: Ns | null;
  readonly bytes: number;
  readonly ttl: number | null;
  readonly df: boolean;
  readonly quiet: boolean;
}

interface PingState {
  readonly options: PingOptions;
  readonly busybox: boolean;
  readonly requestId: number;
  readonly resolving?: Resolving;
  readonly ip?: string;
  readonly socket?: number;
  readonly startNs: Ns;
  /** When it last sent or heard something. */
  readonly lastNs: Ns;
  readonly sent: number;
  readonly errors: number;
  readonly rtts: readonly Ns[];
}

const ICMP_HEADER = 8;
const IP_HEADER = 20;

export const ping: Program = {
  name: 'ping',
  handlesSignals: true,
  start(os) {
    const busybox = toolFlavour(os.process.container) === 'busybox';
    const options = readArgs(os.process.args.slice(1));
    if (options === null) {
      os.print(
        busybox
          ? 'BusyBox: ping: usage: ping [OPTIONS] HOST\n'
          : 'ping: usage error: Destination address required\n',
        'stderr',
      );
      os.exit(busybox ? 1 : 2);
      return;
    }
    if ('wrong' in options) {
      os.print(`ping: invalid ${busybox ? 'number' : 'argument:'} '${options.wrong}'\n`, 'stderr');
      os.exit(1);
      return;
    }
    const requestId = os.beginRequest('ping', `ping ${options.host}`);
    const base = {
      options,
      busybox,
      requestId,
      startNs: os.nowNs,
      lastNs: os.nowNs,
      sent: 0,
      errors: 0,
      rtts: [],
    };
    set(os, { ...base, resolving: beginResolve(os, options.host, requestId, options.family) });
    afterResolve(os);
  },
  onEvent(os, event) {
    const state = get(os);
    if (event.type === 'signal') {
      // TERM and INT both end with the statistics, as a user expects of ping.
      summarize(os);
      return;
    }
    if (state.ip === undefined && state.resolving !== undefined) {
      const resolving = resolveEvent(os, state.resolving, event);
      if (resolving === null) return;
      set(os, { ...state, resolving });
      afterResolve(os);
      return;
    }
    if (event.type === 'timer') onTimer(os, event.name);
    else if (event.type === 'socket') onSocket(os, event.event);
  },
};

function get(os: Os): PingState {
  return os.process.state as PingState;
}

function set(os: Os, state: PingState): void {
  os.setState(state);
}

function readArgs(args: readonly string[]): PingOptions | { readonly wrong: string } | null {
  const values = new Map<string, string>();
  let host: string | null = null;
  for (let i = 0; i < args.length; i++) {
    const match = /^-([a-zA-Z0-9])(.*)$/.exec(args[i]!);
    if (match === null) host = args[i]!;
    else if ('ciWwstMI'.includes(match[1]!)) values.set(match[1]!, match[2] || (args[++i] ?? ''));
    else for (const letter of match[1]! + match[2]!) values.set(letter, '');
  }
  if (host === null) return null;
  const wrong = [...'ciWwst']
    .map((key) => values.get(key))
    .find((text) => text !== undefined && !/^\d*\.?\d+$/.test(text));
  if (wrong !== undefined) return { wrong };
  const number = (key: string, otherwise: number) =>
    values.has(key) ? Number(values.get(key)) || 0 : otherwise;
  return {
    host,
    family: values.has('6') ? 'inet6' : values.has('4') ? 'inet' : 'unspec',
    count: values.has('c') ? number('c', 0) : Infinity,
    intervalNs: Math.max(2 * MS, number('i', 1) * SECOND),
    waitNs: number('W', 10) * SECOND,
    deadlineNs: values.has('w') ? number('w', 0) * SECOND : null,
    bytes: number('s', 56),
    ttl: values.has('t') ? number('t', 64) : null,
    df: values.get('M') === 'do',
    quiet: values.has('q'),
  };
}

function afterResolve(os: Os): void {
  const { resolving, options, busybox, requestId } = get(os);
  const result = resolved(resolving!);
  if (result === undefined) return;
  if ('error' in result) {
    os.endRequest(requestId, false, `cannot resolve ${options.host}`);
    const missing = os.process.libc === 'musl' ? 'Name does not resolve' : 'Name or service not known';
    const iputils = result.error === 'AGAIN' ? 'Temporary failure in name resolution' : missing;
    os.print(
      busybox ? `ping: bad address '${options.host}'\n` : `ping: ${options.host}: ${iputils}\n`,
      'stderr',
    );
    os.exit(busybox ? 1 : 2);
    return;
  }
  // busybox is built to prefer IPv4 (FEATURE_PREFER_IPV4_ADDRESS); iputils takes what getaddrinfo puts first.
  const v4 = busybox ? result.addresses.find((ip) => ipFamily(ip) === 4) : undefined;
  const ip = v4 ?? result.addresses[0]!;
  const socket = os.machine.openPing(os.process.netns, os.owner, requestId);
  if (typeof socket !== 'number') {
    os.print(`ping: ${STRERROR[socket] ?? socket}\n`, 'stderr');
    os.exit(2);
    return;
  }
  set(os, { ...get(os), ip, socket, startNs: os.nowNs });
  const whole = options.bytes + ICMP_HEADER + IP_HEADER;
  os.print(
    busybox
      ? `PING ${options.host} (${ip}): ${options.bytes} data bytes\n`
      : ip.includes(':')
        ? `PING ${options.host}(${ip}) ${options.bytes} data bytes\n`
        : `PING ${options.host} (${ip}) ${options.bytes}(${whole}) bytes of data.\n`,
  );
  if (options.deadlineNs !== null) os.setTimer('deadline', options.deadlineNs);
  sendNext(os);
}

function sendNext(os: Os): void {
  const { socket, ip, sent, options, busybox } = get(os);
  const seq = busybox ? sent : sent + 1;
  set(os, { ...get(os), sent: sent + 1, lastNs: os.nowNs });
  const extra = {
    bytes: options.bytes,
    df: options.df,
    ...(options.ttl === null ? {} : { ttl: options.ttl }),
  };
  const errno = os.machine.sendEcho(socket!, ip!, seq, extra);
  if (errno !== null) {
    set(os, { ...get(os), errors: get(os).errors + 1 });
    const text = STRERROR[errno] ?? errno;
    os.print(busybox ? `ping: sendto: ${text}\n` : `ping: sendmsg: ${text}\n`, 'stderr');
    if (busybox || errno === 'ENETUNREACH') {
      summarize(os, !busybox);
      return;
    }
  }
  if (sent + 1 < options.count) os.setTimer('next', options.intervalNs);
  else os.setTimer('linger', lingerNs(os));
}

/** How long ping waits for the last answers: two round trips when there were any, else its -W. */
function lingerNs(os: Os): Ns {
  const { rtts, options } = get(os);
  return rtts.length > 0 ? Math.max(...rtts) * 2 + MS : options.waitNs;
}

function onTimer(os: Os, name: string): void {
  if (name === 'next') sendNext(os);
  else if (name === 'linger' || name === 'deadline') summarize(os);
}

function onSocket(os: Os, event: SocketEvent): void {
  const state = get(os);
  const { options, busybox } = state;
  if (event.kind === 'echo-reply') {
    set(os, { ...state, rtts: [...state.rtts, event.rttNs], lastNs: os.nowNs });
    const time = roundTrip(event.rttNs, busybox);
    const size = options.bytes + ICMP_HEADER;
    const seq = busybox ? `seq=${event.seq}` : `icmp_seq=${event.seq}`;
    if (!options.quiet)
      os.print(`${size} bytes from ${event.from}: ${seq} ttl=${event.ttl} time=${time} ms\n`);
    if (get(os).rtts.length + state.errors >= options.count) summarize(os);
  } else if (event.kind === 'error') {
    set(os, { ...state, errors: state.errors + 1 });
    const words: Record<string, string> = {
      EHOSTUNREACH: 'Destination Host Unreachable',
      ENETUNREACH: 'Destination Net Unreachable',
      ECONNREFUSED: 'Destination Port Unreachable',
      EMSGSIZE: 'Frag needed and DF set',
      EPERM: 'Packet filtered',
    };
    // busybox says nothing of ICMP errors unless it is told to be verbose.
    // The router that says no is named, not the target.
    const from = event.icmp?.from ?? state.ip;
    const seq = event.icmp?.seq ?? state.sent;
    const type = event.icmp?.type;
    const said =
      type === 'time-exceeded'
        ? 'Time to live exceeded'
        : type === 'admin-prohibited'
          ? 'Packet filtered'
          : (words[event.errno] ?? event.errno);
    if (!busybox) os.print(`From ${from} icmp_seq=${seq} ${said}\n`);
    if (get(os).rtts.length + get(os).errors >= options.count) summarize(os);
  }
}

function roundTrip(ns: Ns, busybox: boolean): string {
  const ms = ns / MS;
  if (busybox) return ms.toFixed(3);
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(3);
}

function summarize(os: Os, silent = false): void {
  const { options, busybox, requestId, sent, rtts, errors, startNs, lastNs } = get(os);
  const got = rtts.length;
  const loss = sent === 0 ? 0 : Math.floor(((sent - got) * 100) / sent);
  const ms = rtts.map((ns) => ns / MS);
  const average = ms.reduce((sum, one) => sum + one, 0) / Math.max(1, got);
  const three = `${Math.min(...ms).toFixed(3)}/${average.toFixed(3)}/${Math.max(...ms).toFixed(3)}`;
  const lines = ['', `--- ${options.host} ping statistics ---`];
  if (busybox) {
    lines.push(`${sent} packets transmitted, ${got} packets received, ${loss}% packet loss`);
    if (got > 0) lines.push(`round-trip min/avg/max = ${three} ms`);
  } else {
    const spread = Math.sqrt(
      Math.max(0, ms.reduce((sum, one) => sum + one * one, 0) / Math.max(1, got) - average ** 2),
    );
    const plus = errors > 0 ? `, +${errors} errors` : '';
    const took = Math.round((lastNs - startNs) / MS);
    lines.push(`${sent} packets transmitted, ${got} received${plus}, ${loss}% packet loss, time ${took}ms`);
    lines.push(got > 0 ? `rtt min/avg/max/mdev = ${three}/${spread.toFixed(3)} ms` : '');
  }
  if (!silent) os.print(`${lines.join('\n')}\n`);
  os.endRequest(requestId, got > 0, `${got} of ${sent} answered`);
  os.exit(silent ? 2 : got > 0 ? 0 : 1);
}
