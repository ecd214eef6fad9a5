/**
 * The sending side of TCP: segments, what waits for an acknowledgement, and the retransmission timer.
 * Documents: RFC 9293, RFC 6298, tcp(7) (tcp_syn_retries, tcp_synack_retries, tcp_retries2).
 * Not simulated: congestion and flow control, selective acknowledgements, fast retransmit, delayed acknowledgements,
 * and options other than the maximum segment size.
 */
import { MS, SECOND, type Ns } from '../clock/clock';
import type { Role } from '../trace/hop';
import type { AppPayload, Packet, TcpFlag } from '../trace/packet';
import { tellTranslation, withDestination } from './bpf/sockets';
import type { Errno } from './machine-api';
import { sysctl, type Netns } from './netns';
import { pathMtu } from './route';
import { formatPeer, payloadLabel } from './socket';
import { seqAdd, seqBefore, stateFacts, type Segment, type TcpSocket, type TcpState } from './tcp-socket';
import { begin, COST, hop, type Kernel } from './walk';

export const INITIAL_RTO_NS = SECOND;
const MIN_RTO_NS = 200 * MS;
const MAX_RTO_NS = 120 * SECOND;

export interface TcpTimerEvent {
  readonly type: 'tcp-retransmit' | 'tcp-connect-timeout' | 'tcp-orphan';
  readonly socket: number;
  readonly [more: string]: string | number;
}

/** The largest segment for a path: its MTU without the IP and TCP headers. */
export function mssFor(kernel: Kernel, netns: string, dst: string): number {
  const own = kernel.netns.get(netns);
  const mtuBytes = (own && pathMtu(own, dst)) ?? 1_500;
  return mtuBytes - (dst.includes(':') ? 60 : 40);
}

/** Puts new sequence space (SYN, FIN, data) under way and waits for its acknowledgement. */
export function enqueue(
  kernel: Kernel,
  socket: TcpSocket,
  atNs: Ns,
  flags: readonly TcpFlag[],
  payload?: AppPayload,
): { socket: TcpSocket; error: Errno | null } {
  const length = payload === undefined ? 1 : Math.max(1, payload.bytes);
  const label = payload === undefined ? controlLabel(flags) : payloadLabel(payload);
  const whole: Segment = { seq: socket.sndNxt, length, flags, payload, label, sentNs: atNs, again: false };
  const pieces = cut(whole, socket.mssBytes);
  const sent = kernel.sockets.replace<TcpSocket>({
    ...socket,
    sndNxt: seqAdd(socket.sndNxt, length),
    unacked: [...socket.unacked, ...pieces],
    timer: socket.timer ?? startTimer(kernel, socket.id, atNs + socket.rtoNs),
  });
  let error: Errno | null = null;
  for (const piece of pieces) error = emit(kernel, sent, atNs, piece) ?? error;
  return { socket: sent, error };
}

/** A bare acknowledgement of all that has come in order. */
export function acknowledge(kernel: Kernel, socket: TcpSocket, atNs: Ns): void {
  emit(kernel, socket, atNs, bare(socket, ['ACK'], 'ACK', atNs));
}

/** An abrupt end: the peer is told with a RST. */
export function sendRst(kernel: Kernel, socket: TcpSocket, atNs: Ns): void {
  emit(kernel, socket, atNs, bare(socket, ['ACK', 'RST'], 'RST', atNs));
}

/** Takes what `ack` covers off the queue and sets timer and round-trip estimate accordingly (RFC 6298 5). */
export function acknowledged(kernel: Kernel, socket: TcpSocket, ack: number, atNs: Ns): TcpSocket {
  if (!seqBefore(socket.sndUna, ack) || seqBefore(socket.sndNxt, ack)) return socket;
  const unacked = socket.unacked.filter((segment) => seqBefore(ack, seqAdd(segment.seq, segment.length)));
  const newest = socket.unacked[socket.unacked.length - unacked.length - 1];
  const timed = newest === undefined || newest.again ? socket : measured(socket, atNs - newest.sentNs);
  const { srttNs, rttvarNs } = timed;
  kernel.clock.cancel(socket.timer);
  const rtoNs = rtoOf(timed);
  const timer = unacked.length === 0 ? null : startTimer(kernel, socket.id, atNs + rtoNs);
  const next = kernel.sockets.replace<TcpSocket>({
    ...socket,
    sndUna: ack,
    unacked,
    srttNs,
    rttvarNs,
    rtoNs,
    retries: 0,
    timer,
  });
  // After a loss, what follows the hole has most likely been lost with it.
  return socket.retries > 0 && unacked.length > 0 ? resendFirst(kernel, next, atNs) : next;
}

/** The timer rang: the first unacknowledged segment once more, with twice the patience; or null when patience is over. */
export function retransmit(kernel: Kernel, socket: TcpSocket): TcpSocket | null {
  const netns = kernel.netns.get(socket.netns);
  if (netns === undefined || socket.unacked.length === 0)
    return kernel.sockets.replace({ ...socket, timer: null });
  const limit = retryLimit(netns, socket);
  if (socket.retries >= limit) return null;
  const atNs = kernel.clock.nowNs;
  const rtoNs = Math.min(socket.rtoNs * 2, MAX_RTO_NS);
  const timer = startTimer(kernel, socket.id, atNs + rtoNs);
  return resendFirst(kernel, { ...socket, rtoNs, retries: socket.retries + 1, timer }, atNs);
}

/** tcp_orphan_retries 0 stands for 8: a connection that nobody holds any more is given up sooner. */
const ORPHAN_RETRIES = 8;

function retryLimit(netns: Netns, { state, orphan }: TcpSocket): number {
  if (!orphan) return sysctl(netns, RETRY_SYSCTL[state] ?? 'net.ipv4.tcp_retries2');
  return sysctl(netns, 'net.ipv4.tcp_orphan_retries') || ORPHAN_RETRIES;
}

const RETRY_SYSCTL: Partial<Record<TcpState, string>> = {
  'SYN-SENT': 'net.ipv4.tcp_syn_retries',
  'SYN-RECV': 'net.ipv4.tcp_synack_retries',
};

/** The path got narrower: cut what is under way to its new size and send it again (RFC 1191). */
export function shrink(kernel: Kernel, socket: TcpSocket, atNs: Ns): TcpSocket {
  const mssBytes = Math.min(socket.mssBytes, mssFor(kernel, socket.netns, socket.remote.ip));
  if (mssBytes === socket.mssBytes) return socket;
  const unacked = socket.unacked.flatMap((segment) => cut(segment, mssBytes)).map(marked);
  const next = kernel.sockets.replace<TcpSocket>({ ...socket, mssBytes, unacked });
  for (const segment of unacked) emit(kernel, next, atNs, segment);
  return next;
}

function resendFirst(kernel: Kernel, socket: TcpSocket, atNs: Ns): TcpSocket {
  const [first, ...rest] = socket.unacked;
  const next = kernel.sockets.replace<TcpSocket>({ ...socket, unacked: [marked(first!), ...rest] });
  emit(kernel, next, atNs, first!);
  return next;
}

function marked(segment: Segment): Segment {
  return segment.again ? segment : { ...segment, again: true };
}

function startTimer(kernel: Kernel, socket: number, atNs: Ns): number {
  const event: TcpTimerEvent = { type: 'tcp-retransmit', socket };
  return kernel.clock.scheduleAt(atNs, kernel.address, event);
}

type RoundTrip = Pick<TcpSocket, 'srttNs' | 'rttvarNs'>;

function measured(before: RoundTrip, rttNs: Ns): RoundTrip {
  if (before.srttNs === null) return { srttNs: rttNs, rttvarNs: rttNs / 2 };
  const rttvarNs = 0.75 * before.rttvarNs + 0.25 * Math.abs(before.srttNs - rttNs);
  return { srttNs: 0.875 * before.srttNs + 0.125 * rttNs, rttvarNs };
}

/** Linux never lets the variance part fall below 200 ms. */
function rtoOf({ srttNs, rttvarNs }: RoundTrip): Ns {
  if (srttNs === null) return INITIAL_RTO_NS;
  return Math.round(Math.min(srttNs + Math.max(MIN_RTO_NS, 4 * rttvarNs), MAX_RTO_NS));
}

/** Cuts data into pieces of at most `mssBytes`; the message's body travels with its last byte, which PSH marks. */
function cut(segment: Segment, mssBytes: number): Segment[] {
  const { payload } = segment;
  if (payload === undefined || segment.length <= mssBytes) return [segment];
  const pieces: Segment[] = [];
  for (let done = 0; done < segment.length; done += mssBytes) {
    const length = Math.min(mssBytes, segment.length - done);
    const last = done + length === segment.length;
    pieces.push({
      ...segment,
      seq: seqAdd(segment.seq, done),
      length,
      flags: last ? segment.flags : ['ACK'],
      payload: { ...payload, bytes: length, body: last ? payload.body : null },
    });
  }
  return pieces;
}

function bare(socket: TcpSocket, flags: readonly TcpFlag[], label: string, sentNs: Ns): Segment {
  return { seq: socket.sndNxt, length: 0, flags, label, sentNs, again: false };
}

function controlLabel(flags: readonly TcpFlag[]): string {
  if (flags.includes('SYN')) return flags.includes('ACK') ? 'SYNACK' : 'SYN';
  return 'FIN';
}

function roleOf(socket: TcpSocket, segment: Segment): Role {
  if (segment.label === 'RST') return 'error';
  if (segment.payload?.protocol === 'dns') return socket.active ? 'dns-query' : 'dns-answer';
  return socket.active ? 'request' : 'reply';
}

function emit(kernel: Kernel, socket: TcpSocket, atNs: Ns, segment: Segment): Errno | null {
  const netns = kernel.netns.get(socket.netns);
  if (netns === undefined) return 'ENETUNREACH';
  const walk = begin(kernel, netns, atNs, socket.requestId, roleOf(socket, segment), segment.label);
  const { local, remote } = socket;
  const { flags, seq, payload } = segment;
  const version = local.ip.includes(':') ? 6 : 4;
  const packet: Packet = {
    ip: { version, src: local.ip, dst: remote.ip, ttl: 64, protocol: 'tcp', df: true },
    l4: {
      kind: 'tcp',
      srcPort: local.port,
      dstPort: remote.port,
      seq,
      ack: flags.includes('ACK') ? socket.rcvNxt : 0,
      flags,
      ...(flags.includes('SYN') ? { mssBytes: mssFor(kernel, socket.netns, remote.ip) } : undefined),
    },
    payload,
  };
  const facts = stateFacts(socket.state);
  const { translation } = socket;
  const opening = translation !== undefined && flags.includes('SYN');
  const meant = opening ? withDestination(packet, translation.asked) : packet;
  hop(kernel, walk, netns.place, 'socket', formatPeer(local), 'send', COST.socket, meant, meant, { facts });
  if (opening) tellTranslation(kernel, walk, packet, translation);
  return kernel.road.output(walk, { packet, mark: 0 });
}
