/**
 * TCP: opening connections and receiving on them. The sending side is in tcp-output.ts, the end in tcp-end.ts.
 * Documents: RFC 9293 3.10, tcp(7).
 */
import type { Ns } from '../clock/clock';
import type { Packet, TcpHeader } from '../trace/packet';
import { sendReset } from './hooks';
import type { Errno } from './machine-api';
import { endsOf, formatPeer, type ListenSocket } from './socket';
import { drop, enterTimeWait, fail, finAcknowledged } from './tcp-end';
import { acknowledge, acknowledged, enqueue, INITIAL_RTO_NS, mssFor, sendRst } from './tcp-output';
import { seqAdd, seqBefore, stateFacts, type Segment, type TcpSocket, type TcpState } from './tcp-socket';
import { begin, COST, finish, hop, type Kernel, type Walk } from './walk';

/** What every new connection starts from. */
export function newTcpSocket(
  kernel: Kernel,
  parts: Pick<
    TcpSocket,
    'netns' | 'owner' | 'requestId' | 'local' | 'remote' | 'state' | 'active' | 'listener' | 'translation'
  >,
): TcpSocket {
  const { netns, owner, requestId, local, remote, state, active, listener, translation } = parts;
  const isn = kernel.clock.random.below(`isn/${kernel.name}`, 2 ** 32);
  // All fields in one order, whoever asks: sockets are copied at every segment.
  return {
    kind: 'tcp',
    id: kernel.sockets.nextId(),
    netns,
    owner,
    requestId,
    local,
    remote,
    state,
    active,
    listener,
    sndUna: isn,
    sndNxt: isn,
    rcvNxt: 0,
    mssBytes: mssFor(kernel, netns, remote.ip),
    unacked: [],
    early: [],
    partialBytes: 0,
    timer: null,
    connectTimer: null,
    rtoNs: INITIAL_RTO_NS,
    srttNs: null,
    rttvarNs: 0,
    retries: 0,
    orphan: false,
    translation,
    softError: undefined,
  };
}

/** A segment has come in for this host. */
export function tcpInput(kernel: Kernel, walk: Walk, packet: Packet, l4: TcpHeader): void {
  const netns = walk.netns.id;
  const { local, remote } = endsOf(packet);
  const socket = kernel.sockets.connection(netns, 'tcp', local, remote);
  if (socket?.kind === 'tcp') {
    take(kernel, walk, packet, formatPeer(local), stateFacts(socket.state));
    return toSocket(kernel, walk, socket, packet, l4);
  }
  const syn = l4.flags.includes('SYN') && !l4.flags.includes('ACK') && !l4.flags.includes('RST');
  if (!syn && lateSegment(kernel, walk, packet, l4)) return;
  const listener = syn ? kernel.sockets.bound(netns, 'tcp', local.ip, local.port) : undefined;
  if (listener?.kind === 'listen') {
    const wait = kernel.sockets.timeWait(netns, local, remote, walk.atNs);
    if (wait !== undefined) kernel.sockets.leaveTimeWait(wait);
    take(kernel, walk, packet, formatPeer(listener.local), LISTEN_FACTS);
    return answerSyn(kernel, walk, listener, packet, l4);
  }
  hop(kernel, walk, walk.netns.place, 'local', 'tcp', 'deliver', COST.local, packet, packet);
  if (l4.flags.includes('RST')) return finish(kernel, walk, 'delivered', 'kernel');
  finish(kernel, walk, 'rejected', 'no-listener');
  sendReset(kernel, walk, packet);
}

const LISTEN_FACTS = { state: 'LISTEN' };
const TIME_WAIT_FACTS = { state: 'TIME-WAIT' };

function take(
  kernel: Kernel,
  walk: Walk,
  packet: Packet,
  name: string,
  facts: Readonly<Record<string, string>>,
): void {
  hop(kernel, walk, walk.netns.place, 'socket', name, 'deliver', COST.socket, packet, packet, { facts });
  finish(kernel, walk, 'delivered', 'socket');
}

/** A segment of a connection that is over on our side; its FIN is acknowledged once more. */
function lateSegment(kernel: Kernel, walk: Walk, packet: Packet, l4: TcpHeader): boolean {
  const { local, remote } = endsOf(packet);
  const wait = kernel.sockets.timeWait(walk.netns.id, local, remote, walk.atNs);
  if (wait === undefined) return false;
  take(kernel, walk, packet, formatPeer(local), TIME_WAIT_FACTS);
  if (l4.flags.includes('RST')) kernel.sockets.leaveTimeWait(wait);
  else if (l4.flags.includes('FIN')) {
    const answer = begin(kernel, walk.netns, walk.atNs, walk.tag.requestId, 'request', 'ACK');
    kernel.road.output(answer, {
      packet: {
        ip: { ...packet.ip!, src: local.ip, dst: remote.ip, ttl: 64 },
        l4: {
          kind: 'tcp',
          srcPort: local.port,
          dstPort: remote.port,
          seq: wait.sndNxt,
          ack: wait.rcvNxt,
          flags: ['ACK'],
        },
      },
      mark: 0,
    });
  }
  return true;
}

/**
 * A listener gets a SYN.
 * Not simulated: the limit of the accept queue, SYN cookies.
 */
function answerSyn(kernel: Kernel, walk: Walk, listener: ListenSocket, packet: Packet, l4: TcpHeader): void {
  const socket = newTcpSocket(kernel, {
    netns: walk.netns.id,
    owner: listener.owner,
    requestId: walk.tag.requestId,
    ...endsOf(packet),
    state: 'SYN-RECV',
    active: false,
    listener: listener.id,
  });
  const mssBytes = Math.min(socket.mssBytes, l4.mssBytes ?? 536);
  const opened: TcpSocket = { ...socket, rcvNxt: seqAdd(l4.seq, 1), mssBytes };
  kernel.sockets.add(opened);
  enqueue(kernel, opened, walk.atNs, ['SYN', 'ACK']);
}

function toSocket(kernel: Kernel, walk: Walk, socket: TcpSocket, packet: Packet, l4: TcpHeader): void {
  const { atNs } = walk;
  const { flags } = l4;
  if (flags.includes('RST')) return onReset(kernel, socket, l4, atNs);
  if (socket.state === 'SYN-SENT') return onSynSent(kernel, walk, socket, packet, l4);
  const syn = flags.includes('SYN');
  // A repeated SYN or SYN-ACK: our answer to it was lost.
  if (syn && socket.state !== 'SYN-RECV') return acknowledge(kernel, socket, atNs);
  if (syn) return;
  let now = flags.includes('ACK') ? acknowledged(kernel, socket, l4.ack, atNs) : socket;
  if (now.state === 'SYN-RECV') {
    if (now.unacked.length > 0) return;
    now = accept(kernel, now, atNs);
  }
  now = finAcknowledged(kernel, now, atNs);
  if (!kernel.sockets.byId.has(now.id)) return;
  const payload = packet.payload?.type === 'app' ? packet.payload : undefined;
  const fin = flags.includes('FIN');
  if (payload === undefined && !fin) return;
  const length = (payload === undefined ? 0 : Math.max(1, payload.bytes)) + (fin ? 1 : 0);
  receiveInOrder(
    kernel,
    now,
    { seq: l4.seq, length, flags: l4.flags, payload, label: '', sentNs: 0, again: false },
    atNs,
  );
}

function onReset(kernel: Kernel, socket: TcpSocket, l4: TcpHeader, atNs: Ns): void {
  const opening = socket.state === 'SYN-SENT';
  if (opening ? l4.ack !== socket.sndNxt : l4.seq !== socket.rcvNxt) return;
  const errno: Errno = opening ? 'ECONNREFUSED' : socket.state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET';
  fail(kernel, socket, errno, atNs);
}

/** Not simulated: simultaneous open (both sides send SYN). */
function onSynSent(kernel: Kernel, walk: Walk, socket: TcpSocket, packet: Packet, l4: TcpHeader): void {
  if (!l4.flags.includes('SYN') || !l4.flags.includes('ACK') || l4.ack !== socket.sndNxt)
    return sendReset(kernel, walk, packet);
  const { atNs } = walk;
  kernel.clock.cancel(socket.connectTimer);
  const mssBytes = Math.min(socket.mssBytes, l4.mssBytes ?? 536);
  const acked = acknowledged(kernel, socket, l4.ack, atNs);
  const open = kernel.sockets.replace<TcpSocket>({
    ...acked,
    state: 'ESTAB',
    connectTimer: null,
    rcvNxt: seqAdd(l4.seq, 1),
    mssBytes,
  });
  acknowledge(kernel, open, atNs);
  kernel.sockets.tell(open, atNs, { kind: 'connected', socket: open.id, local: open.local });
}

/** The handshake is complete on the listening side. */
function accept(kernel: Kernel, socket: TcpSocket, atNs: Ns): TcpSocket {
  const open = kernel.sockets.replace<TcpSocket>({ ...socket, state: 'ESTAB', listener: undefined });
  kernel.sockets.tell(open, atNs, {
    kind: 'accepted',
    socket: open.id,
    listener: socket.listener!,
    peer: open.remote,
    requestId: open.requestId,
  });
  return open;
}

/** Data and FIN in sequence; what comes too early is kept, what comes twice is only acknowledged. */
function receiveInOrder(kernel: Kernel, socket: TcpSocket, segment: Segment, atNs: Ns): void {
  if (socket.orphan && segment.payload !== undefined && !seqBefore(segment.seq, socket.rcvNxt)) {
    // Nobody is left to read it (RFC 1122 4.2.2.13).
    sendRst(kernel, socket, atNs);
    return drop(kernel, socket);
  }
  if (segment.seq !== socket.rcvNxt) {
    const early =
      seqBefore(socket.rcvNxt, segment.seq) && !socket.early.some(({ seq }) => seq === segment.seq);
    const kept = early ? kernel.sockets.replace({ ...socket, early: [...socket.early, segment] }) : socket;
    return acknowledge(kernel, kept, atNs);
  }
  let now = socket;
  let next: Segment | undefined = segment;
  let fin = false;
  while (next !== undefined) {
    now = { ...now, rcvNxt: seqAdd(next.seq, next.length) };
    if (next.payload !== undefined) now = readData(kernel, now, next, atNs);
    fin ||= next.flags.includes('FIN');
    next = now.early.find(({ seq }) => seq === now.rcvNxt);
  }
  if (now.early.length > 0)
    now = { ...now, early: now.early.filter(({ seq }) => seqBefore(now.rcvNxt, seq)) };
  kernel.sockets.replace(now);
  if (fin) now = onFin(kernel, now, atNs);
  acknowledge(kernel, now, atNs);
  if (fin && now.state === 'FIN-WAIT-2') enterTimeWait(kernel, now, atNs);
}

/** A message is handed up when its last byte, marked by PSH, is there. */
function readData(kernel: Kernel, socket: TcpSocket, segment: Segment, atNs: Ns): TcpSocket {
  const payload = segment.payload!;
  const bytes = socket.partialBytes + payload.bytes;
  if (!segment.flags.includes('PSH')) return { ...socket, partialBytes: bytes };
  const whole = bytes === payload.bytes ? payload : { ...payload, bytes };
  kernel.sockets.tell(socket, atNs, { kind: 'data', socket: socket.id, payload: whole });
  return { ...socket, partialBytes: 0 };
}

const AFTER_FIN: Partial<Record<TcpState, TcpState>> = { ESTAB: 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING' };

function onFin(kernel: Kernel, socket: TcpSocket, atNs: Ns): TcpSocket {
  const state = AFTER_FIN[socket.state];
  if (state === undefined) return socket;
  if (!socket.orphan) kernel.sockets.tell(socket, atNs, { kind: 'closed', socket: socket.id });
  return kernel.sockets.replace<TcpSocket>({ ...socket, state });
}
