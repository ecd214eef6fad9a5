/**
 * Programs at the socket address hooks of the root cgroup: connect(2), sendmsg(2) and recvmsg(2) of every socket on the
 * machine. A socket that asks for a frontend is given the address of a backend before any packet exists, so no packet ever
 * carries the frontend's address; for datagrams the sender's address is put back when they are read.
 * Document: include/uapi/linux/bpf.h, struct bpf_sock_addr.
 * Not simulated: closing connected UDP sockets whose backend is gone; getpeername, which nobody here asks; SCTP sockets pass untranslated, as these hooks let them.
 */
import type { Packet } from '../../trace/packet';
import type { PeerAddress, TransportProtocol } from '../machine-api';
import { formatPeer } from '../socket';
import { hop, type Kernel, type Walk } from '../walk';
import { chooseBackend, findFrontend } from './choose';
import type { Bpf, SocketTranslation } from './maps';

/** Looking up a hash map and writing another: well below a microsecond. */
const PROGRAM_NS = 150;

type Hook = 'connect' | 'sendmsg' | 'recvmsg';

function pointOf(hook: Hook, ip: string): string {
  return `cgroup/${hook}${ip.includes(':') ? 6 : 4}`;
}

/**
 * What the hook makes of a destination: null when it is left as it is, an errno when the frontend has no backend.
 * `socket` is the socket's number (its cookie): datagrams of one socket keep to one slot.
 */
export function translateSocket(
  kernel: Kernel,
  hook: 'connect' | 'sendmsg',
  netns: string,
  protocol: TransportProtocol,
  asked: PeerAddress,
  socket: number,
): SocketTranslation | 'EHOSTUNREACH' | null {
  const { bpf, clock } = kernel;
  if (bpf.idle || protocol === 'sctp') return null;
  const at = pointOf(hook, asked.ip);
  const program = bpf.tables.programs.get(at);
  if (program === undefined) return null;
  const question = {
    address: asked.ip,
    port: asked.port,
    protocol,
    inside: true,
    inHost: netns === 'host',
  } as const;
  const frontend = findFrontend(bpf, question);
  if (frontend === undefined) return null;
  if (frontend.ownAddressOnly && bpf.tables.addresses.get(asked.ip) !== 'host') return null;
  const draw = (bound: number) =>
    protocol === 'udp' ? socket % bound : clock.random.below(`bpf/${kernel.name}`, bound);
  const backend = chooseBackend(bpf, frontend, `netns ${netns}`, clock.nowNs, draw);
  if (backend === null) return 'EHOSTUNREACH';
  const to = { ip: backend.address, port: backend.port };
  bpf.reverse.set(socket, new Map(bpf.reverse.get(socket)).set(formatPeer(to), asked));
  const facts = {
    bpf: program.hook,
    program: program.name,
    frontend: formatPeer(asked),
    backend: formatPeer(to),
    backends: String(frontend.slots.length),
  };
  return { asked, to, facts, origin: backend.origin ?? frontend.origin };
}

/** Records the translation with a packet that has just been sent: as the program meant it, and as it goes out. */
export function tellTranslation(
  kernel: Kernel,
  walk: Walk,
  packet: Packet,
  { asked, facts, origin }: SocketTranslation,
): void {
  const before = withDestination(packet, asked);
  const name = facts['bpf']!;
  const { place } = walk.netns;
  hop(kernel, walk, place, 'socket', name, 'translate', PROGRAM_NS, before, packet, { facts, origin });
}

/** The packet as its sender thinks of it. */
export function withDestination(packet: Packet, to: PeerAddress): Packet {
  const { ip, l4 } = packet;
  if (ip === undefined || l4 === undefined || l4.kind === 'icmp') return packet;
  return { ...packet, ip: { ...ip, dst: to.ip }, l4: { ...l4, dstPort: to.port } };
}

/** Whom the reader of a datagram sees as its sender: the frontend that its socket had asked. */
export function readSender(
  kernel: Kernel,
  walk: Walk,
  socket: number,
  packet: Packet,
  from: PeerAddress,
): PeerAddress {
  const { bpf } = kernel;
  if (bpf.idle) return from;
  const at = pointOf('recvmsg', from.ip);
  const program = bpf.tables.programs.get(at);
  const asked = program && bpf.reverse.get(socket)?.get(formatPeer(from));
  if (program === undefined || asked === undefined) return from;
  const { ip, l4 } = packet;
  const after = { ...packet, ip: { ...ip!, src: asked.ip }, l4: { ...l4!, srcPort: asked.port } } as Packet;
  const facts = {
    bpf: program.hook,
    program: program.name,
    frontend: formatPeer(asked),
    backend: formatPeer(from),
  };
  const { place } = walk.netns;
  hop(kernel, walk, place, 'socket', at, 'untranslate', PROGRAM_NS, packet, after, { facts });
  return asked;
}

/** A socket is gone, and with it what it had asked for. */
export function forgetSocket(bpf: Bpf, socket: number): void {
  bpf.reverse.delete(socket);
}
