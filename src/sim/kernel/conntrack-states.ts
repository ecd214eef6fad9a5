/**
 * How a connection's state follows its packets, and how long each state may stay silent: the state machines of
 * nf_conntrack_proto_tcp.c and its siblings as tables, timeouts as in nf_conntrack-sysctl.rst (Linux 6.x).
 * Not simulated: TCP window tracking, so a sequence number alone never makes a packet INVALID.
 */
import type { Ns } from '../clock/clock';
import type { Packet, SctpHeader, TcpHeader } from '../trace/packet';
import type { Tuple } from './conntrack-tuple';

/** One tracked connection. Replaced, never changed. */
export interface Connection {
  readonly id: number;
  readonly original: Tuple;
  /** What the peer's packets look like; differs from the inverted original by the NAT that was done. */
  readonly reply: Tuple;
  readonly state: ConnectionState;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly expiresNs: Ns;
  readonly startNs: Ns;
  /** IPVS chose the destination, and rewrites the packets where it stands. */
  readonly balanced?: boolean;
}

export type TcpState =
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2';

export type SctpState =
  | 'CLOSED'
  | 'COOKIE_WAIT'
  | 'COOKIE_ECHOED'
  | 'ESTABLISHED'
  | 'SHUTDOWN_SENT'
  | 'SHUTDOWN_RECD'
  | 'SHUTDOWN_ACK_SENT';

export type ConnectionState = TcpState | SctpState | 'NONE';

export type Direction = 'original' | 'reply';

type TcpSignal = 'syn' | 'synack' | 'fin' | 'ack' | 'rst' | 'none';

/** "ignore" lets the packet pass and changes nothing; "invalid" makes it INVALID. */
type Transition = TcpState | 'ignore' | 'invalid';

const STATES: readonly TcpState[] = [
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

const SHORT: Readonly<Record<string, Transition>> = {
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  ES: 'ESTABLISHED',
  FW: 'FIN_WAIT',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  S2: 'SYN_SENT2',
  '=': 'ignore',
  '-': 'invalid',
};

// Columns are the states above, in that order; what is written is the state that follows.
const TCP: Readonly<Record<Direction, Readonly<Record<TcpSignal, string>>>> = {
  original: {
    syn: '   SS = = = = = SS SS S2',
    synack: '- SR - - - - - - SR',
    fin: '   - FW FW LA LA LA TW CL -',
    ack: '   - ES ES CW CW TW TW CL -',
    rst: '   CL CL CL CL CL CL CL CL CL',
    none: '  - - - - - - - - -',
  },
  reply: {
    syn: '   S2 - - - - - SS - S2',
    synack: 'SR = = = = = = = SR',
    fin: '   - FW FW LA LA LA TW CL -',
    ack: '   = SR ES CW CW TW TW CL =',
    rst: '   CL CL CL CL CL CL CL CL CL',
    none: '  - - - - - - - - -',
  },
};

type Row = Readonly<Record<TcpState, Transition>>;

function parsed(rows: Readonly<Record<TcpSignal, string>>): Readonly<Record<TcpSignal, Row>> {
  const row = (text: string): Row => {
    const cells = text.trim().split(/\s+/);
    const entries = STATES.map((state, i): [TcpState, Transition] => [state, SHORT[cells[i]!]!]);
    return Object.fromEntries(entries) as Row;
  };
  const { syn, synack, fin, ack, rst, none } = rows;
  return {
    syn: row(syn),
    synack: row(synack),
    fin: row(fin),
    ack: row(ack),
    rst: row(rst),
    none: row(none),
  };
}

const TRANSITIONS = { original: parsed(TCP.original), reply: parsed(TCP.reply) };

function signalOf(tcp: TcpHeader): TcpSignal {
  const { flags } = tcp;
  if (flags.includes('RST')) return 'rst';
  if (flags.includes('SYN')) return flags.includes('ACK') ? 'synack' : 'syn';
  if (flags.includes('FIN')) return 'fin';
  return flags.includes('ACK') ? 'ack' : 'none';
}

/** The state that a first packet opens, or null when it cannot open a connection. `loose` is nf_conntrack_tcp_loose. */
export function openingState(packet: Packet, loose: boolean): ConnectionState | null {
  const l4 = packet.l4;
  if (l4?.kind === 'tcp') {
    const signal = signalOf(l4);
    if (signal === 'syn') return 'SYN_SENT';
    // Picking up a connection in the middle: only a plain ACK may, and only when the kernel is loose about it.
    return signal === 'ack' && loose ? 'ESTABLISHED' : null;
  }
  if (l4?.kind === 'sctp') return openingSctp(l4);
  if (l4?.kind === 'icmp') return l4.type === 'echo-request' ? 'NONE' : null;
  return 'NONE';
}

function openingSctp(l4: SctpHeader): SctpState | null {
  if (l4.chunk === 'INIT') return 'COOKIE_WAIT';
  if (l4.chunk === 'DATA' || l4.chunk === 'SACK') return 'ESTABLISHED';
  return null;
}

/** The state after one more packet; "ignore" and "invalid" as above. */
export function nextState(
  from: ConnectionState,
  packet: Packet,
  direction: Direction,
): ConnectionState | 'ignore' | 'invalid' {
  const l4 = packet.l4;
  if (l4?.kind === 'tcp') return TRANSITIONS[direction][signalOf(l4)][from as TcpState] ?? 'invalid';
  if (l4?.kind === 'sctp') return nextSctp(from as SctpState, l4, direction);
  return from;
}

function nextSctp(from: SctpState, l4: SctpHeader, direction: Direction): SctpState | 'invalid' {
  const original = direction === 'original';
  switch (l4.chunk) {
    case 'INIT':
      return original || from === 'COOKIE_WAIT' ? 'COOKIE_WAIT' : from;
    case 'INIT-ACK':
      return original ? 'invalid' : from === 'COOKIE_WAIT' ? 'COOKIE_WAIT' : from;
    case 'COOKIE-ECHO':
      return original ? 'COOKIE_ECHOED' : from;
    case 'COOKIE-ACK':
      return original ? from : 'ESTABLISHED';
    case 'ABORT':
      return 'CLOSED';
    case 'SHUTDOWN':
      return original ? 'SHUTDOWN_SENT' : 'SHUTDOWN_RECD';
    case 'SHUTDOWN-ACK':
      return 'SHUTDOWN_ACK_SENT';
    case 'SHUTDOWN-COMPLETE':
      return 'CLOSED';
    default:
      return from;
  }
}

/** Seconds of silence that each state survives, with the sysctl that may change it. */
type Timeout = readonly [seconds: number, sysctl: string];

const TIMEOUTS: Readonly<Record<string, Readonly<Record<string, Timeout>>>> = {
  tcp: {
    SYN_SENT: [120, 'net.netfilter.nf_conntrack_tcp_timeout_syn_sent'],
    SYN_SENT2: [120, 'net.netfilter.nf_conntrack_tcp_timeout_syn_sent'],
    SYN_RECV: [60, 'net.netfilter.nf_conntrack_tcp_timeout_syn_recv'],
    ESTABLISHED: [432_000, 'net.netfilter.nf_conntrack_tcp_timeout_established'],
    FIN_WAIT: [120, 'net.netfilter.nf_conntrack_tcp_timeout_fin_wait'],
    CLOSE_WAIT: [60, 'net.netfilter.nf_conntrack_tcp_timeout_close_wait'],
    LAST_ACK: [30, 'net.netfilter.nf_conntrack_tcp_timeout_last_ack'],
    TIME_WAIT: [120, 'net.netfilter.nf_conntrack_tcp_timeout_time_wait'],
    CLOSE: [10, 'net.netfilter.nf_conntrack_tcp_timeout_close'],
  },
  sctp: {
    CLOSED: [10, 'net.netfilter.nf_conntrack_sctp_timeout_closed'],
    COOKIE_WAIT: [3, 'net.netfilter.nf_conntrack_sctp_timeout_cookie_wait'],
    COOKIE_ECHOED: [3, 'net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed'],
    ESTABLISHED: [210, 'net.netfilter.nf_conntrack_sctp_timeout_established'],
    SHUTDOWN_SENT: [3, 'net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent'],
    SHUTDOWN_RECD: [3, 'net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd'],
    SHUTDOWN_ACK_SENT: [3, 'net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent'],
  },
  udp: {
    NONE: [30, 'net.netfilter.nf_conntrack_udp_timeout'],
    stream: [120, 'net.netfilter.nf_conntrack_udp_timeout_stream'],
  },
  icmp: { NONE: [30, 'net.netfilter.nf_conntrack_icmp_timeout'] },
  ipip: { NONE: [600, 'net.netfilter.nf_conntrack_generic_timeout'] },
};

const GENERIC: Timeout = [600, 'net.netfilter.nf_conntrack_generic_timeout'];

/** Timeout in seconds. `stream` is UDP's longer time once both sides have spoken for a while. */
export function timeoutSeconds(
  protocol: string,
  state: ConnectionState,
  stream: boolean,
  sysctl: (name: string) => number,
): number {
  const [seconds, name] = TIMEOUTS[protocol]?.[protocol === 'udp' && stream ? 'stream' : state] ?? GENERIC;
  // A sysctl that nobody has set reads as 0 or NaN here; no timeout of 0 makes sense, so the default stands.
  return sysctl(name) || seconds;
}
