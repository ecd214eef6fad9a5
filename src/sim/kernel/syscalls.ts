/**
 * System calls on sockets, as functions over a machine's state. Documents: bind(2), connect(2), send(2), close(2).
 */
import { canonicalIp } from '../../lib/ip';
import { translateSocket } from './bpf/sockets';
import type { Ns } from '../clock/clock';
import type { AppPayload } from '../trace/packet';
import type { Errno, PeerAddress, SocketOwner, TransportProtocol } from './machine-api';
import { netnsOf } from './netlink';
import { lookup, lookupLocal } from './route';
import { sctpClose, sctpConnect, sctpSend, type SctpTimerEvent } from './sctp';
import type { Socket, UdpSocket } from './socket';
import { newTcpSocket } from './tcp';
import { closeTcp, drop } from './tcp-end';
import { enqueue, sendRst, type TcpTimerEvent } from './tcp-output';
import type { TcpSocket } from './tcp-socket';
import { sourceFor, udpSend } from './udp';
import type { Kernel } from './walk';

const ANY = '0.0.0.0';

export function listen(
  kernel: Kernel,
  netns: string,
  protocol: TransportProtocol,
  address: string,
  port: number,
  owner: SocketOwner,
): number | Errno {
  const own = netnsOf(kernel, netns);
  const ip = address === '' || address === '::' ? ANY : canonicalIp(address);
  if (ip !== ANY && lookupLocal(own, ip) === null) return 'EINVAL';
  if (kernel.sockets.isTaken(netns, protocol, ip, port)) return 'EADDRINUSE';
  const parts = { id: kernel.sockets.nextId(), netns, owner, requestId: 0, local: { ip, port } };
  if (protocol === 'udp') kernel.sockets.add({ ...parts, kind: 'udp', client: false });
  else kernel.sockets.add({ ...parts, kind: 'listen', protocol });
  return parts.id;
}

export function connect(
  kernel: Kernel,
  netns: string,
  protocol: TransportProtocol,
  peer: PeerAddress,
  owner: SocketOwner,
  requestId: number,
  options: { source?: string; timeoutNs?: Ns } = {},
): number | Errno {
  const own = netnsOf(kernel, netns);
  const asked = { ip: canonicalIp(peer.ip), port: peer.port };
  const translation = translateSocket(kernel, 'connect', netns, protocol, asked, kernel.sockets.upcomingId);
  if (typeof translation === 'string') return translation;
  const remote = translation?.to ?? asked;
  const refusal = refusalTo(kernel, netns, remote.ip);
  const source = options.source === undefined ? sourceFor(own, remote.ip) : canonicalIp(options.source);
  if (refusal !== null) return refusal;
  if (source === null) return 'ENETUNREACH';
  if (lookupLocal(own, source) === null) return 'EINVAL';
  const port = kernel.sockets.ephemeralPort(netns, protocol, source, remote);
  if (port === null) return 'EADDRINUSE';
  const parts = {
    ...{ netns, owner, requestId, local: { ip: source, port }, remote },
    ...(translation && { translation }),
  };
  if (protocol === 'udp') return connectUdp(kernel, parts);
  if (protocol === 'sctp') {
    const { id } = sctpConnect(kernel, parts);
    const event: SctpTimerEvent = { type: 'sctp-connect-timeout', socket: id };
    if (options.timeoutNs !== undefined) kernel.clock.schedule(options.timeoutNs, kernel.address, event);
    return id;
  }
  const socket = newTcpSocket(kernel, { ...parts, state: 'SYN-SENT', active: true });
  const event: TcpTimerEvent = { type: 'tcp-connect-timeout', socket: socket.id };
  const connectTimer =
    options.timeoutNs === undefined ? null : kernel.clock.schedule(options.timeoutNs, kernel.address, event);
  kernel.sockets.add(socket);
  // A packet that a rule drops here is a lost SYN: the caller hears nothing and the timer tries again.
  enqueue(kernel, { ...socket, connectTimer }, kernel.clock.nowNs, ['SYN']);
  return socket.id;
}

function connectUdp(
  kernel: Kernel,
  parts: Pick<UdpSocket, 'netns' | 'owner' | 'requestId' | 'local' | 'translation'> & { remote: PeerAddress },
): number {
  const socket: UdpSocket = { ...parts, id: kernel.sockets.nextId(), kind: 'udp', client: true };
  kernel.sockets.add(socket);
  const news = { kind: 'connected', socket: socket.id, local: socket.local } as const;
  kernel.sockets.tell(socket, kernel.clock.nowNs, news);
  return socket.id;
}

/** Why a destination cannot even be tried. */
function refusalTo(kernel: Kernel, netns: string, dst: string): Errno | null {
  const own = netnsOf(kernel, netns);
  if (lookupLocal(own, dst) !== null) return null;
  const entry = lookup(own, dst);
  if (entry === null) return 'ENETUNREACH';
  if (entry.route.type === 'blackhole') return 'EINVAL';
  return entry.route.type === 'unreachable' ? 'EHOSTUNREACH' : null;
}

export function send(kernel: Kernel, id: number, payload: AppPayload): Errno | null {
  const socket = kernel.sockets.byId.get(id);
  if (socket?.kind === 'udp') {
    return socket.remote === undefined ? 'EINVAL' : udpSend(kernel, socket, socket.remote, payload);
  }
  if (socket?.kind === 'sctp') return sctpSend(kernel, socket, payload);
  if (socket?.kind !== 'tcp' || socket.orphan) return 'EPIPE';
  if (socket.state !== 'ESTAB' && socket.state !== 'CLOSE-WAIT') return 'EPIPE';
  // What a rule drops on the way out is retransmitted, so TCP reports no such error.
  enqueue(kernel, socket, kernel.clock.nowNs, ['ACK', 'PSH'], payload);
  return null;
}

/** A UDP socket on an ephemeral port of every local address. */
export function openUdp(
  kernel: Kernel,
  netns: string,
  owner: SocketOwner,
  requestId: number,
): number | Errno {
  netnsOf(kernel, netns);
  const port = kernel.sockets.ephemeralPort(netns, 'udp', ANY);
  if (port === null) return 'EADDRINUSE';
  const id = kernel.sockets.nextId();
  kernel.sockets.add({ id, kind: 'udp', netns, owner, requestId, local: { ip: ANY, port }, client: true });
  return id;
}

export function openPing(kernel: Kernel, netns: string, owner: SocketOwner, requestId: number): number {
  netnsOf(kernel, netns);
  const id = kernel.sockets.nextId();
  kernel.sockets.add({ id, kind: 'ping', netns, owner, requestId, local: { ip: ANY, port: id }, sent: [] });
  return id;
}

export function close(kernel: Kernel, id: number): void {
  const socket = kernel.sockets.byId.get(id);
  if (socket === undefined) return;
  if (socket.kind === 'tcp') closeTcp(kernel, socket, kernel.clock.nowNs);
  else if (socket.kind === 'sctp') sctpClose(kernel, socket, false);
  else {
    kernel.sockets.remove(socket);
    if (socket.kind === 'listen') resetUnaccepted(kernel, socket.id);
  }
}

/** What a killed process leaves behind. */
export function closeAllOf(kernel: Kernel, owner: SocketOwner): void {
  const own = (socket: Socket) => socket.owner.to === owner.to && socket.owner.key === owner.key;
  for (const socket of [...kernel.sockets.byId.values()].filter(own)) {
    if (socket.kind === 'tcp' && !socket.orphan) abort(kernel, socket);
    else if (socket.kind === 'sctp') sctpClose(kernel, socket, true);
    else if (socket.kind !== 'tcp') kernel.sockets.remove(socket);
  }
}

function abort(kernel: Kernel, socket: TcpSocket): void {
  if (socket.state !== 'SYN-SENT') sendRst(kernel, socket, kernel.clock.nowNs);
  drop(kernel, socket);
}

/** Connections that the closed listener had not handed over yet. */
function resetUnaccepted(kernel: Kernel, listener: number): void {
  for (const socket of [...kernel.sockets.byId.values()]) {
    if (socket.kind === 'tcp' && socket.listener === listener) abort(kernel, socket);
  }
}
