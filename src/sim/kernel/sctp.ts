/**
 * SCTP as far as it can be seen from outside: the four-way handshake, data, shutdown and abort.
 * Document: RFC 9260 5 and 9.
 * Not simulated: several streams or addresses, retransmission of data, bundling of chunks, the contents of the state cookie (the listener trusts any echoed one).
 */
import { SECOND, type Ns } from '../clock/clock';
import type { AppPayload, Packet, SctpHeader } from '../trace/packet';
import type { Errno, PeerAddress } from './machine-api';
import type { SctpSocket } from './sctp-socket';
import { endsOf, formatPeer, payloadLabel } from './socket';
import { begin, COST, finish, hop, type Kernel, type Walk } from './walk';

/** net.sctp.rto_initial and max_init_retransmits. */
const RTO_NS = 3 * SECOND;
const MAX_RETRIES = 8;

export interface SctpTimerEvent {
  readonly type: 'sctp-retransmit' | 'sctp-connect-timeout';
  readonly socket: number;
  readonly [more: string]: string | number;
}

/** Sends INIT; the association opens with the fourth message. */
export function sctpConnect(
  kernel: Kernel,
  parts: Pick<SctpSocket, 'netns' | 'owner' | 'requestId' | 'local' | 'remote'>,
): SctpSocket {
  const socket: SctpSocket = {
    ...parts,
    kind: 'sctp',
    id: kernel.sockets.nextId(),
    state: 'COOKIE-WAIT',
    active: true,
    pending: null,
    timer: null,
    retries: 0,
    orphan: false,
  };
  kernel.sockets.add(socket);
  return ask(kernel, socket, 'INIT', kernel.clock.nowNs);
}

/** A packet has come in for this host. */
export function sctpInput(kernel: Kernel, walk: Walk, packet: Packet, l4: SctpHeader): void {
  const ends = endsOf(packet);
  const socket = kernel.sockets.connection(walk.netns.id, 'sctp', ends.local, ends.remote);
  const listener = kernel.sockets.bound(walk.netns.id, 'sctp', ends.local.ip, ends.local.port);
  const opens = l4.chunk === 'INIT' || l4.chunk === 'COOKIE-ECHO';
  if (socket?.kind !== 'sctp' && !(opens && listener?.kind === 'listen')) {
    hop(kernel, walk, walk.netns.place, 'local', 'sctp', 'deliver', COST.local, packet, packet);
    const stray = l4.chunk === 'ABORT' || l4.chunk.startsWith('SHUTDOWN');
    finish(kernel, walk, stray ? 'delivered' : 'rejected', stray ? 'kernel' : 'no-listener');
    if (!stray) reply(kernel, walk, ends, 'ABORT');
    return;
  }
  hop(
    kernel,
    walk,
    walk.netns.place,
    'socket',
    formatPeer(ends.local),
    'deliver',
    COST.socket,
    packet,
    packet,
  );
  finish(kernel, walk, 'delivered', 'socket');
  if (socket?.kind === 'sctp') return toSocket(kernel, walk, socket, packet, l4);
  // The listener keeps nothing until the cookie comes back.
  if (l4.chunk === 'INIT') return reply(kernel, walk, ends, 'INIT-ACK');
  const accepted: SctpSocket = {
    kind: 'sctp',
    id: kernel.sockets.nextId(),
    netns: walk.netns.id,
    owner: listener!.owner,
    requestId: walk.tag.requestId,
    ...ends,
    state: 'ESTABLISHED',
    active: false,
    pending: null,
    timer: null,
    retries: 0,
    orphan: false,
  };
  kernel.sockets.add(accepted);
  emit(kernel, accepted, walk.atNs, 'COOKIE-ACK');
  kernel.sockets.tell(accepted, walk.atNs, {
    kind: 'accepted',
    socket: accepted.id,
    listener: listener!.id,
    peer: accepted.remote,
    requestId: accepted.requestId,
  });
}

function toSocket(kernel: Kernel, walk: Walk, socket: SctpSocket, packet: Packet, l4: SctpHeader): void {
  const { atNs } = walk;
  const { id } = socket;
  switch (l4.chunk) {
    case 'INIT-ACK':
      if (socket.state === 'COOKIE-WAIT')
        ask(kernel, answered(kernel, { ...socket, state: 'COOKIE-ECHOED' }), 'COOKIE-ECHO', atNs);
      return;
    case 'COOKIE-ECHO':
      return emit(kernel, socket, atNs, 'COOKIE-ACK');
    case 'COOKIE-ACK':
      if (socket.state !== 'COOKIE-ECHOED') return;
      answered(kernel, { ...socket, state: 'ESTABLISHED' });
      return kernel.sockets.tell(socket, atNs, {
        kind: 'connected',
        socket: id,
        local: socket.local,
      });
    case 'DATA':
      emit(kernel, socket, atNs, 'SACK');
      if (packet.payload?.type === 'app' && !socket.orphan)
        kernel.sockets.tell(socket, atNs, { kind: 'data', socket: id, payload: packet.payload });
      return;
    case 'SHUTDOWN':
      if (!socket.orphan) kernel.sockets.tell(socket, atNs, { kind: 'closed', socket: id });
      kernel.clock.cancel(socket.timer);
      ask(kernel, { ...socket, state: 'SHUTDOWN-ACK-SENT', orphan: true }, 'SHUTDOWN-ACK', atNs);
      return;
    case 'SHUTDOWN-COMPLETE':
      return dropSctp(kernel, socket);
    case 'SHUTDOWN-ACK':
      emit(kernel, socket, atNs, 'SHUTDOWN-COMPLETE');
      return dropSctp(kernel, socket);
    case 'ABORT':
      return sctpError(kernel, walk, socket, socket.state === 'ESTABLISHED' ? 'ECONNRESET' : 'ECONNREFUSED');
  }
}

/** Sends one message as a DATA chunk. */
export function sctpSend(kernel: Kernel, socket: SctpSocket, payload: AppPayload): Errno | null {
  if (socket.state !== 'ESTABLISHED') return 'EPIPE';
  emit(kernel, socket, kernel.clock.nowNs, 'DATA', payload);
  return null;
}

/** Orderly end, or with `abort` an abrupt one. */
export function sctpClose(kernel: Kernel, socket: SctpSocket, abort: boolean): void {
  if (socket.orphan) return;
  if (abort || socket.state !== 'ESTABLISHED') {
    if (socket.state === 'ESTABLISHED') emit(kernel, socket, kernel.clock.nowNs, 'ABORT');
    return dropSctp(kernel, socket);
  }
  ask(kernel, { ...socket, state: 'SHUTDOWN-SENT', orphan: true }, 'SHUTDOWN', kernel.clock.nowNs);
}

/** The association ends with an error. */
export function sctpError(kernel: Kernel, walk: Pick<Walk, 'atNs'>, socket: SctpSocket, errno: Errno): void {
  if (!socket.orphan) kernel.sockets.tell(socket, walk.atNs, { kind: 'error', socket: socket.id, errno });
  dropSctp(kernel, socket);
}

export function sctpTimer(kernel: Kernel, event: SctpTimerEvent): void {
  const socket = kernel.sockets.byId.get(event.socket);
  if (socket?.kind !== 'sctp') return;
  const opening = socket.state === 'COOKIE-WAIT' || socket.state === 'COOKIE-ECHOED';
  const over = event.type === 'sctp-connect-timeout' ? opening : socket.retries >= MAX_RETRIES;
  if (over) return sctpError(kernel, { atNs: kernel.clock.nowNs }, socket, 'ETIMEDOUT');
  if (event.type === 'sctp-connect-timeout' || socket.pending === null) return;
  ask(kernel, { ...socket, retries: socket.retries + 1 }, socket.pending, kernel.clock.nowNs);
}

export function dropSctp(kernel: Kernel, socket: SctpSocket): void {
  const latest = kernel.sockets.byId.get(socket.id);
  if (latest?.kind === 'sctp') kernel.clock.cancel(latest.timer);
  kernel.sockets.remove(socket);
}

/** Sends a chunk that must be answered, and starts its timer. */
function ask(kernel: Kernel, socket: SctpSocket, chunk: string, atNs: Ns): SctpSocket {
  const event: SctpTimerEvent = { type: 'sctp-retransmit', socket: socket.id };
  const timer = kernel.clock.scheduleAt(atNs + RTO_NS * 2 ** socket.retries, kernel.address, event);
  const next = kernel.sockets.replace<SctpSocket>({ ...socket, pending: chunk, timer });
  emit(kernel, next, atNs, chunk);
  return next;
}

function answered(kernel: Kernel, socket: SctpSocket): SctpSocket {
  kernel.clock.cancel(socket.timer);
  return kernel.sockets.replace<SctpSocket>({ ...socket, pending: null, timer: null, retries: 0 });
}

function emit(kernel: Kernel, socket: SctpSocket, atNs: Ns, chunk: string, payload?: AppPayload): void {
  const netns = kernel.netns.get(socket.netns);
  if (netns === undefined) return;
  const label = payload === undefined ? chunk : payloadLabel(payload);
  const role = chunk === 'ABORT' ? 'error' : socket.active ? 'request' : 'reply';
  const walk = begin(kernel, netns, atNs, socket.requestId, role, label);
  const packet = build(socket.local, socket.remote, chunk, payload);
  hop(kernel, walk, netns.place, 'socket', formatPeer(socket.local), 'send', COST.socket, packet, packet);
  kernel.road.output(walk, { packet, mark: 0 });
}

/** An answer of the host itself, without an association. */
function reply(
  kernel: Kernel,
  walk: Walk,
  ends: { local: PeerAddress; remote: PeerAddress },
  chunk: string,
): void {
  const role = chunk === 'ABORT' ? 'error' : 'reply';
  const answer = begin(kernel, walk.netns, walk.atNs, walk.tag.requestId, role, chunk);
  kernel.road.output(answer, { packet: build(ends.local, ends.remote, chunk), mark: 0 });
}

function build(local: PeerAddress, remote: PeerAddress, chunk: string, payload?: AppPayload): Packet {
  const version = local.ip.includes(':') ? 6 : 4;
  return {
    ip: { version, src: local.ip, dst: remote.ip, ttl: 64, protocol: 'sctp', df: true },
    l4: { kind: 'sctp', srcPort: local.port, dstPort: remote.port, chunk },
    payload,
  };
}
