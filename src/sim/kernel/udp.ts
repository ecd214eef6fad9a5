/**
 * UDP and ICMP echo sockets: sending, receiving, and hearing of errors.
 * Documents: RFC 768, udp(7), icmp(7).
 * Not simulated: broadcast and multicast, receive buffers that run full.
 */
import type { Ns } from '../clock/clock';
import type { Role } from '../trace/hop';
import type { AppPayload, IcmpHeader, Packet, UdpHeader } from '../trace/packet';
import { readSender, tellTranslation, translateSocket, withDestination } from './bpf/sockets';
import { sendIcmpError } from './icmp-error';
import type { Errno, PeerAddress } from './machine-api';
import { ipLength } from './packet';
import { lookup, lookupLocal, pathMtu, selectSource } from './route';
import { endsOf, formatPeer, payloadLabel, type PingSocket, type UdpSocket } from './socket';
import { begin, COST, finish, hop, type Kernel, type Walk } from './walk';
import type { Netns } from './netns';

/** The largest UDP payload: 65,535 less the IP and UDP headers. */
const MAX_DATAGRAM_BYTES = 65_507;
const MAX_REMEMBERED_ECHOES = 64;

/** A datagram has come in for this host. */
export function udpInput(kernel: Kernel, walk: Walk, packet: Packet, l4: UdpHeader): void {
  const { local, remote } = endsOf(packet);
  const socket = kernel.sockets.bound(walk.netns.id, 'udp', local.ip, l4.dstPort);
  const wanted =
    socket?.kind === 'udp' &&
    (socket.remote === undefined || (socket.remote.ip === remote.ip && socket.remote.port === remote.port));
  if (!wanted || packet.payload?.type !== 'app') {
    hop(kernel, walk, walk.netns.place, 'local', 'udp', 'deliver', COST.local, packet, packet);
    finish(kernel, walk, 'rejected', 'no-listener');
    return sendIcmpError(kernel, walk, packet, 'port-unreachable');
  }
  hop(
    kernel,
    walk,
    walk.netns.place,
    'socket',
    formatPeer(socket.local),
    'deliver',
    COST.socket,
    packet,
    packet,
  );
  const from = readSender(kernel, walk, socket.id, packet, remote);
  finish(kernel, walk, 'delivered', 'socket');
  const { requestId } = walk.tag;
  const { payload } = packet;
  const news = { kind: 'datagram', socket: socket.id, from, to: local, payload, requestId } as const;
  kernel.sockets.tell(socket, walk.atNs, news);
}

/** Sends a datagram; `from` overrides the source address, as a server does that answers from where it was asked. */
export function udpSend(
  kernel: Kernel,
  socket: UdpSocket,
  asked: PeerAddress,
  payload: AppPayload,
  options: { requestId?: number; from?: PeerAddress; ttl?: number } = {},
): Errno | null {
  const netns = kernel.netns.get(socket.netns);
  if (netns === undefined) return 'ENETUNREACH';
  if (payload.bytes > MAX_DATAGRAM_BYTES) return 'EMSGSIZE';
  // A connected socket's peer was translated when it connected.
  const fresh =
    socket.remote === undefined
      ? translateSocket(kernel, 'sendmsg', socket.netns, 'udp', asked, socket.id)
      : null;
  if (typeof fresh === 'string') return fresh;
  const to = fresh?.to ?? asked;
  const translation = fresh ?? socket.translation;
  const bound = isWildcard(socket.local.ip) ? undefined : socket.local.ip;
  const src = options.from?.ip ?? bound ?? sourceFor(netns, to.ip);
  if (src === null) return 'ENETUNREACH';
  const version = to.ip.includes(':') ? 6 : 4;
  const draft: Packet = {
    ip: { version, src, dst: to.ip, ttl: options.ttl ?? 64, protocol: 'udp', df: true },
    l4: { kind: 'udp', srcPort: socket.local.port, dstPort: to.port },
    payload,
  };
  // Path MTU discovery "want": what does not fit goes without DF; in IPv6 that means in fragments of its sender's.
  const fits = ipLength(draft) <= (pathMtu(netns, to.ip) ?? Infinity);
  const packet: Packet = fits ? draft : { ...draft, ip: { ...draft.ip!, df: false } };
  const requestId = options.requestId ?? socket.requestId;
  const walk = begin(
    kernel,
    netns,
    kernel.clock.nowNs,
    requestId,
    roleOf(socket, payload),
    payloadLabel(payload),
  );
  const name = formatPeer({ ip: src, port: socket.local.port });
  const meant = translation === undefined ? packet : withDestination(packet, translation.asked);
  hop(kernel, walk, netns.place, 'socket', name, 'send', COST.socket, meant, meant);
  if (translation !== undefined) tellTranslation(kernel, walk, packet, translation);
  return kernel.road.output(walk, { packet, mark: 0 });
}

/** Sends an echo request from a ping socket. */
export function echoSend(
  kernel: Kernel,
  socket: PingSocket,
  to: string,
  seq: number,
  options: { ttl?: number; bytes?: number; df?: boolean } = {},
): Errno | null {
  const netns = kernel.netns.get(socket.netns);
  const src = netns === undefined ? null : sourceFor(netns, to);
  if (netns === undefined || src === null) return 'ENETUNREACH';
  const version = to.includes(':') ? 6 : 4;
  const payload: AppPayload = {
    type: 'app',
    protocol: 'data',
    summary: '',
    bytes: options.bytes ?? 56,
    body: null,
  };
  const draft: Packet = {
    ip: { version, src, dst: to, ttl: options.ttl ?? 64, protocol: 'icmp', df: true },
    l4: { kind: 'icmp', type: 'echo-request', id: socket.id & 0xffff, seq },
    payload,
  };
  const df = options.df ?? ipLength(draft) <= (pathMtu(netns, to) ?? Infinity);
  const packet: Packet = df ? draft : { ...draft, ip: { ...draft.ip!, df } };
  const sent = [...socket.sent.slice(1 - MAX_REMEMBERED_ECHOES), [seq, kernel.clock.nowNs] as const];
  kernel.sockets.replace({ ...socket, sent });
  const walk = begin(kernel, netns, kernel.clock.nowNs, socket.requestId, 'request', 'PING');
  hop(kernel, walk, netns.place, 'socket', 'icmp', 'send', COST.socket, packet, packet);
  return kernel.road.output(walk, { packet, mark: 0 });
}

/** The ping socket that an identifier belongs to, in one netns. */
export function pingSocket(kernel: Kernel, netns: string, id: number | undefined): PingSocket | undefined {
  if (id === undefined) return undefined;
  const direct = kernel.sockets.byId.get(id);
  if (direct?.kind === 'ping' && direct.netns === netns) return direct;
  for (const socket of kernel.sockets.byId.values()) {
    if (socket.kind === 'ping' && socket.netns === netns && (socket.id & 0xffff) === id) return socket;
  }
  return undefined;
}

/** An echo reply for a ping socket. */
export function echoReply(
  kernel: Kernel,
  socket: PingSocket,
  packet: Packet,
  l4: IcmpHeader,
  atNs: Ns,
): void {
  const seq = l4.seq ?? 0;
  const sentNs = socket.sent.find(([known]) => known === seq)?.[1] ?? atNs;
  const { src, ttl } = packet.ip!;
  const news = { kind: 'echo-reply', socket: socket.id, from: src, seq, ttl, rttNs: atNs - sentNs } as const;
  kernel.sockets.tell(socket, atNs, news);
}

/** The source address the routing table gives to packets for `dst`, or null without a route. */
export function sourceFor(netns: Netns, dst: string): string | null {
  if (lookupLocal(netns, dst) !== null) return dst;
  const route = lookup(netns, dst)?.route;
  if (route === undefined) return null;
  return route.src ?? selectSource(netns, route.device, route.via ?? dst);
}

function roleOf(socket: UdpSocket, payload: AppPayload): Role {
  if (payload.protocol === 'dns') return socket.client ? 'dns-query' : 'dns-answer';
  return socket.client ? 'request' : 'reply';
}

function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}
