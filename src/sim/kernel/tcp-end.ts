/**
 * How TCP connections end: closed, reset, timed out, or told by ICMP that there is no way.
 * Documents: RFC 9293 3.6, RFC 1122 4.2.3.9 (ICMP errors), tcp(7) (tcp_fin_timeout, tcp_orphan_retries).
 * Not simulated: keepalive.
 */
import { SECOND, type Ns } from '../clock/clock';
import type { IcmpHeader } from '../trace/packet';
import type { Errno } from './machine-api';
import { enqueue, retransmit, shrink, type TcpTimerEvent } from './tcp-output';
import type { TcpSocket } from './tcp-socket';
import type { Kernel, Walk } from './walk';

/** Our FIN is the last thing we send, so it is acknowledged when nothing waits any more. */
export function finAcknowledged(kernel: Kernel, socket: TcpSocket, atNs: Ns): TcpSocket {
  if (socket.unacked.length > 0) return socket;
  if (socket.state === 'FIN-WAIT-1') {
    const timer = kernel.clock.scheduleAt(atNs + ORPHAN_NS, kernel.address, orphanTimer(socket.id));
    return kernel.sockets.replace({ ...socket, state: 'FIN-WAIT-2', timer });
  }
  if (socket.state === 'CLOSING') enterTimeWait(kernel, socket, atNs);
  if (socket.state === 'LAST-ACK') drop(kernel, socket);
  return socket;
}

/** The end that closed first stays reachable for late segments. */
export function enterTimeWait(kernel: Kernel, socket: TcpSocket, atNs: Ns): void {
  const { netns, local, remote, sndNxt, rcvNxt } = socket;
  drop(kernel, socket);
  kernel.sockets.enterTimeWait({ netns, local, remote, sndNxt, rcvNxt }, atNs);
}

/** Orderly close by the process: FIN when there is somebody to send it to. */
export function closeTcp(kernel: Kernel, socket: TcpSocket, atNs: Ns): void {
  const orphan: TcpSocket = { ...socket, orphan: true };
  switch (socket.state) {
    case 'SYN-SENT':
      return drop(kernel, socket);
    case 'ESTAB':
    case 'SYN-RECV':
      enqueue(kernel, { ...orphan, state: 'FIN-WAIT-1' }, atNs, ['ACK', 'FIN']);
      return;
    case 'CLOSE-WAIT':
      enqueue(kernel, { ...orphan, state: 'LAST-ACK' }, atNs, ['ACK', 'FIN']);
      return;
    default:
      kernel.sockets.replace(orphan);
  }
}

/** tcp_fin_timeout: how long a closed connection waits for the peer's FIN. */
const ORPHAN_NS = 60 * SECOND;

function orphanTimer(socket: number): TcpTimerEvent {
  return { type: 'tcp-orphan', socket };
}

/** Takes the connection out of the world without a word. */
export function drop(kernel: Kernel, socket: TcpSocket): void {
  const latest = kernel.sockets.byId.get(socket.id);
  if (latest?.kind === 'tcp') {
    kernel.clock.cancel(latest.timer);
    kernel.clock.cancel(latest.connectTimer);
  }
  kernel.sockets.remove(socket);
}

/** The connection ends with an error, of which its process is told if it has ever heard of the connection. */
export function fail(kernel: Kernel, socket: TcpSocket, errno: Errno, atNs: Ns): void {
  if (!socket.orphan && socket.state !== 'SYN-RECV')
    kernel.sockets.tell(socket, atNs, { kind: 'error', socket: socket.id, errno });
  drop(kernel, socket);
}

/** A timer of a connection rang. */
export function tcpTimer(kernel: Kernel, event: TcpTimerEvent): void {
  const socket = kernel.sockets.byId.get(event.socket);
  if (socket?.kind !== 'tcp') return;
  if (event.type === 'tcp-orphan') {
    if (socket.state === 'FIN-WAIT-2') drop(kernel, socket);
    return;
  }
  if (event.type === 'tcp-connect-timeout') {
    if (socket.state === 'SYN-SENT') fail(kernel, socket, 'ETIMEDOUT', kernel.clock.nowNs);
    return;
  }
  if (retransmit(kernel, socket) === null)
    fail(kernel, socket, socket.softError ?? 'ETIMEDOUT', kernel.clock.nowNs);
}

const ICMP_ERRNO: Partial<Record<IcmpHeader['type'], 'EHOSTUNREACH' | 'ENETUNREACH' | 'ECONNREFUSED'>> = {
  'port-unreachable': 'ECONNREFUSED',
  'host-unreachable': 'EHOSTUNREACH',
  'net-unreachable': 'ENETUNREACH',
  'admin-prohibited': 'EHOSTUNREACH',
  'time-exceeded': 'EHOSTUNREACH',
};

/** An ICMP error names one of our connections: fatal while it opens, a hint afterwards (RFC 1122 4.2.3.9). */
export function tcpError(kernel: Kernel, walk: Walk, socket: TcpSocket, l4: IcmpHeader): void {
  if (l4.type === 'fragmentation-needed') {
    shrink(kernel, socket, walk.atNs);
    return;
  }
  const errno = ICMP_ERRNO[l4.type];
  if (errno === undefined) return;
  if (socket.state === 'SYN-SENT') fail(kernel, socket, errno, walk.atNs);
  else kernel.sockets.replace<TcpSocket>({ ...socket, softError: errno });
}
