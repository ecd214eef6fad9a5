/**
 * The sockets of one machine and how packets find them: by port for listeners, by both ends for connections.
 * Documents: socket(7), tcp(7), udp(7), ip-sysctl (ip_local_port_range).
 */
import { SECOND, type Clock, type Ns } from '../clock/clock';
import type { AppPayload, Packet } from '../trace/packet';
import type {
  PeerAddress,
  SocketEvent,
  SocketOwner,
  SocketTimerEvent,
  TransportProtocol,
} from './machine-api';
import type { SocketTranslation } from './bpf/maps';
import { TupleIndex } from './tuple-index';
import type { Tuple } from './conntrack-tuple';
import type { SctpSocket } from './sctp-socket';
import type { TcpSocket } from './tcp-socket';

interface SocketBase {
  readonly id: number;
  readonly netns: string;
  readonly owner: SocketOwner;
  readonly requestId: number;
  readonly local: PeerAddress;
}

/** Waits for connections. Address "0.0.0.0" takes all of them, IPv6 too. */
export interface ListenSocket extends SocketBase {
  readonly kind: 'listen';
  readonly protocol: 'tcp' | 'sctp';
}

export interface UdpSocket extends SocketBase {
  readonly kind: 'udp';
  /** Opened to ask (ephemeral port), not bound to serve: it is told of ICMP errors, as with IP_RECVERR. */
  readonly client: boolean;
  /** Set by connect: the only peer. */
  readonly remote?: PeerAddress;
  /** A BPF program gave it another peer than was asked for. */
  readonly translation?: SocketTranslation;
}

export interface PingSocket extends SocketBase {
  readonly kind: 'ping';
  /** When the newest requests left, by sequence number. */
  readonly sent: readonly (readonly [seq: number, atNs: Ns])[];
}

export type Socket = ListenSocket | UdpSocket | PingSocket | TcpSocket | SctpSocket;

/** What is left of a connection that we closed first, for a minute (2 MSL). */
export interface TimeWait {
  readonly netns: string;
  readonly local: PeerAddress;
  readonly remote: PeerAddress;
  readonly untilNs: Ns;
  readonly sndNxt: number;
  readonly rcvNxt: number;
}

const TIME_WAIT_NS = 60 * SECOND;
const FIRST_PORT = 32_768;
const PORT_COUNT = 60_999 - FIRST_PORT + 1;

export class SocketTable {
  readonly byId = new Map<number, Socket>();
  readonly timeWaits = new Map<string, TimeWait>();
  private readonly ports = new Map<string, readonly number[]>();
  /** By netns, then by both ends, ours as the source. */
  private readonly connections = new Map<string, TupleIndex>();
  /** When each socket's owner was last told something; later news must not overtake it. */
  private readonly toldNs = new Map<number, Ns>();
  private lastId = 0;

  constructor(
    private readonly clock: Clock,
    private readonly machine: string,
    private readonly onRemoved: (id: number) => void = () => undefined,
  ) {}

  nextId(): number {
    return ++this.lastId;
  }

  /** The id that the next socket will get. */
  get upcomingId(): number {
    return this.lastId + 1;
  }

  add(socket: Socket): void {
    this.byId.set(socket.id, socket);
    if (isConnection(socket)) {
      const { netns, kind, local, remote } = socket;
      let own = this.connections.get(netns);
      if (own === undefined) this.connections.set(netns, (own = new TupleIndex()));
      own.set(endsTuple(kind, local, remote), socket.id);
      return;
    }
    const key = portKey(socket);
    this.ports.set(key, [...(this.ports.get(key) ?? []), socket.id]);
  }

  /** Puts a changed socket in the place of the old one; its addresses stay the same. */
  replace<S extends Socket>(socket: S): S {
    this.byId.set(socket.id, socket);
    return socket;
  }

  remove(socket: Socket): void {
    this.byId.delete(socket.id);
    this.toldNs.delete(socket.id);
    this.onRemoved(socket.id);
    if (isConnection(socket)) {
      const { netns, kind, local, remote } = socket;
      const own = this.connections.get(netns);
      own?.delete(endsTuple(kind, local, remote), socket.id);
      if (own?.isEmpty) this.connections.delete(netns);
      return;
    }
    const key = portKey(socket);
    const rest = (this.ports.get(key) ?? []).filter((id) => id !== socket.id);
    if (rest.length === 0) this.ports.delete(key);
    else this.ports.set(key, rest);
  }

  /** The listener or UDP socket for a destination; one bound to the very address wins over a wildcard. */
  bound(netns: string, protocol: TransportProtocol, ip: string, port: number): Socket | undefined {
    let wildcard: Socket | undefined;
    for (const id of this.ports.get(`${netns} ${protocol} ${port}`) ?? []) {
      const socket = this.byId.get(id);
      if (socket?.local.ip === ip) return socket;
      if (socket !== undefined && isWildcard(socket.local.ip)) wildcard ??= socket;
    }
    return wildcard;
  }

  /** True when nobody else may bind that address and port. */
  isTaken(netns: string, protocol: TransportProtocol, ip: string, port: number): boolean {
    return (this.ports.get(`${netns} ${protocol} ${port}`) ?? []).some((id) => {
      const other = this.byId.get(id)!.local.ip;
      return other === ip || isWildcard(other) || isWildcard(ip);
    });
  }

  connection(
    netns: string,
    protocol: 'tcp' | 'sctp',
    local: PeerAddress,
    remote: PeerAddress,
  ): TcpSocket | SctpSocket | undefined {
    const id = this.connections.get(netns)?.get(endsTuple(protocol, local, remote));
    return id === undefined ? undefined : (this.byId.get(id) as TcpSocket | SctpSocket | undefined);
  }

  timeWait(netns: string, local: PeerAddress, remote: PeerAddress, nowNs: Ns): TimeWait | undefined {
    const found = this.timeWaits.get(connectionKey(netns, 'tcp', local, remote));
    return found !== undefined && found.untilNs > nowNs ? found : undefined;
  }

  enterTimeWait(wait: Omit<TimeWait, 'untilNs'>, nowNs: Ns): void {
    // Oldest first, so what is over lies in front.
    for (const [key, old] of this.timeWaits) {
      if (old.untilNs > nowNs) break;
      this.timeWaits.delete(key);
    }
    const key = connectionKey(wait.netns, 'tcp', wait.local, wait.remote);
    this.timeWaits.delete(key);
    this.timeWaits.set(key, { ...wait, untilNs: nowNs + TIME_WAIT_NS });
  }

  leaveTimeWait(wait: TimeWait): void {
    this.timeWaits.delete(connectionKey(wait.netns, 'tcp', wait.local, wait.remote));
  }

  /** A free ephemeral port: a seeded start, then upwards. Null when all are in use. */
  ephemeralPort(netns: string, protocol: TransportProtocol, ip: string, remote?: PeerAddress): number | null {
    const start = this.clock.random.below(`ports/${this.machine}/${netns}`, PORT_COUNT);
    for (let i = 0; i < PORT_COUNT; i++) {
      const port = FIRST_PORT + ((start + i) % PORT_COUNT);
      if (this.isTaken(netns, protocol, ip, port)) continue;
      if (remote === undefined) return port;
      const local = { ip, port };
      if (protocol !== 'udp' && this.connection(netns, protocol, local, remote) !== undefined) continue;
      if (!this.timeWaits.has(connectionKey(netns, protocol, local, remote))) return port;
    }
    return null;
  }

  /** Tells a socket's owner; events of one socket arrive in the order they were told. */
  tell(socket: Pick<Socket, 'id' | 'owner'>, atNs: Ns, event: SocketEvent): void {
    const when = Math.max(atNs, this.toldNs.get(socket.id) ?? 0);
    if (this.byId.has(socket.id)) this.toldNs.set(socket.id, when);
    const timer: SocketTimerEvent = { type: 'socket', key: socket.owner.key, event };
    this.clock.scheduleAt(when, socket.owner.to, timer as SocketTimerEvent & { [key: string]: object });
  }

  keyframe() {
    return {
      byId: new Map(this.byId),
      timeWaits: new Map(this.timeWaits),
      ports: new Map(this.ports),
      connections: copyIndexes(this.connections),
      toldNs: new Map(this.toldNs),
      lastId: this.lastId,
    };
  }

  restore(from: ReturnType<SocketTable['keyframe']>): void {
    refill(this.byId, from.byId);
    refill(this.timeWaits, from.timeWaits);
    refill(this.ports, from.ports);
    refill(this.connections, copyIndexes(from.connections));
    refill(this.toldNs, from.toldNs);
    this.lastId = from.lastId;
  }
}

/** What the capsule of a packet with application data says: "GET", "200", "A?". */
export function payloadLabel(payload: AppPayload): string {
  const words = payload.summary.split(' ');
  const word = (/^HTTP\//.test(words[0]!) && words[1]) || words[0]!;
  return word === '' ? 'DATA' : word;
}

/** "10.244.1.5:80", "[fd00::5]:80": one end of a connection as ss prints it. */
export function formatPeer({ ip, port }: PeerAddress): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The two ends of a packet that came in, from this machine's side. */
export function endsOf(packet: Packet): { local: PeerAddress; remote: PeerAddress } {
  const ip = packet.ip!;
  const l4 = packet.l4 as { srcPort: number; dstPort: number };
  return { local: { ip: ip.dst, port: l4.dstPort }, remote: { ip: ip.src, port: l4.srcPort } };
}

function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

function isConnection(socket: Socket): socket is TcpSocket | SctpSocket {
  return socket.kind === 'tcp' || socket.kind === 'sctp';
}

function endsTuple(protocol: 'tcp' | 'sctp', local: PeerAddress, remote: PeerAddress): Tuple {
  return { protocol, src: local.ip, dst: remote.ip, srcPort: local.port, dstPort: remote.port };
}

function copyIndexes(indexes: ReadonlyMap<string, TupleIndex>): Map<string, TupleIndex> {
  return new Map([...indexes].map(([netns, index]) => [netns, index.copy()]));
}

function portKey(socket: ListenSocket | UdpSocket | PingSocket): string {
  return `${socket.netns} ${socket.kind === 'listen' ? socket.protocol : socket.kind} ${socket.local.port}`;
}

function connectionKey(netns: string, protocol: string, local: PeerAddress, remote: PeerAddress): string {
  return `${netns} ${protocol} ${local.ip} ${local.port} ${remote.ip} ${remote.port}`;
}

function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}
