/**
 * ICMP messages that come in: echo is answered here, errors go to the socket whose packet they quote.
 * Documents: RFC 792, RFC 4443, icmp(7).
 */
import type { IcmpHeader, Packet } from '../trace/packet';
import type { Errno, IcmpReport, PeerAddress } from './machine-api';
import { sctpError } from './sctp';
import { tcpError } from './tcp-end';
import { echoReply, pingSocket } from './udp';
import { begin, COST, finish, hop, type Kernel, type Walk } from './walk';

export function icmpInput(kernel: Kernel, walk: Walk, packet: Packet, l4: IcmpHeader): void {
  hop(kernel, walk, walk.netns.place, 'local', 'icmp', 'deliver', COST.local, packet, packet);
  if (l4.type === 'echo-request') {
    finish(kernel, walk, 'delivered', 'echo');
    return answerEcho(kernel, walk, packet, l4);
  }
  if (l4.type === 'echo-reply') {
    const socket = pingSocket(kernel, walk.netns.id, l4.id);
    finish(kernel, walk, 'delivered', socket === undefined ? 'kernel' : 'socket');
    if (socket !== undefined) echoReply(kernel, socket, packet, l4, walk.atNs);
    return;
  }
  finish(kernel, walk, 'delivered', dispatchError(kernel, walk, packet, l4) ? 'socket' : 'kernel');
}

function answerEcho(kernel: Kernel, walk: Walk, packet: Packet, l4: IcmpHeader): void {
  const ip = packet.ip!;
  const answer = begin(kernel, walk.netns, walk.atNs, walk.tag.requestId, 'reply', 'PONG');
  const reply: Packet = {
    ip: { ...ip, src: ip.dst, dst: ip.src, ttl: 64 },
    l4: { ...l4, type: 'echo-reply' },
    payload: packet.payload,
  };
  kernel.road.output(answer, { packet: reply, mark: 0 });
}

const ERRNO: Partial<Record<IcmpHeader['type'], Errno>> = {
  'port-unreachable': 'ECONNREFUSED',
  'host-unreachable': 'EHOSTUNREACH',
  'net-unreachable': 'ENETUNREACH',
  'admin-prohibited': 'EHOSTUNREACH',
  'time-exceeded': 'EHOSTUNREACH',
  'fragmentation-needed': 'EMSGSIZE',
};

/** Finds the socket whose packet the error quotes; true when one was told. */
function dispatchError(kernel: Kernel, walk: Walk, packet: Packet, l4: IcmpHeader): boolean {
  const { ip, l4: inner } = l4.quoted ?? {};
  const errno = ERRNO[l4.type];
  if (ip === undefined || inner === undefined || errno === undefined) return false;
  // Not simulated: net.ipv4.route.mtu_expires; what was learned of a path holds until the power goes.
  if (l4.type === 'fragmentation-needed' && l4.mtuBytes !== undefined)
    walk.netns.pathMtu.set(ip.dst, l4.mtuBytes);
  const netns = walk.netns.id;
  const icmp: IcmpReport = { from: packet.ip!.src, type: l4.type, mtuBytes: l4.mtuBytes };
  if (inner.kind === 'icmp') {
    const socket = pingSocket(kernel, netns, inner.id);
    if (socket === undefined) return false;
    kernel.sockets.tell(socket, walk.atNs, {
      kind: 'error',
      socket: socket.id,
      errno,
      icmp: { ...icmp, seq: inner.seq },
    });
    return true;
  }
  const local: PeerAddress = { ip: ip.src, port: inner.srcPort };
  const remote: PeerAddress = { ip: ip.dst, port: inner.dstPort };
  if (inner.kind === 'udp') {
    const socket = kernel.sockets.bound(netns, 'udp', local.ip, local.port);
    if (socket?.kind !== 'udp' || !socket.client || errno === 'EMSGSIZE') return false;
    kernel.sockets.tell(socket, walk.atNs, { kind: 'error', socket: socket.id, errno, icmp });
    return true;
  }
  const socket = kernel.sockets.connection(netns, inner.kind, local, remote);
  if (socket === undefined) return false;
  if (socket.kind === 'tcp') tcpError(kernel, walk, socket, l4);
  else if (errno !== 'EMSGSIZE') sctpError(kernel, walk, socket, errno);
  return true;
}
