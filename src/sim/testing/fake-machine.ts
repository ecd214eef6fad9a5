/**
 * A machine without a network stack, for tests of programs: every address is one hop away, connections always work when
 * somebody listens, and nothing is ever lost unless a test says so. The real one is kernel/machine.
 */
import type { Clock, TimerEvent } from '../clock/clock';
import { MS } from '../clock/clock';
import type { Errno, MachineApi, PeerAddress, SocketEvent, SocketOwner } from '../kernel/machine-api';
import type { AppPayload } from '../trace/packet';

interface FakeSocket {
  readonly id: number;
  readonly netns: string;
  readonly owner: SocketOwner;
  readonly protocol: string;
  readonly local: PeerAddress;
  readonly listening: boolean;
  readonly requestId: number;
  peer?: number;
  remote?: PeerAddress;
}

const HALF_TRIP = MS / 2;

/** One machine that holds several netns, each with one address. */
export class FakeMachine {
  readonly name = 'node-1';
  readonly poweredOn = true;
  private readonly sockets = new Map<number, FakeSocket>();
  private readonly ips = new Map<string, string>();
  private lastId = 0;
  private lastPort = 40000;
  /** Addresses that swallow what is sent to them. */
  readonly blackholes = new Set<string>();
  /** Destination rewriting, VIP to address. */
  readonly vips = new Map<string, string>();
  /** Every datagram and segment that was sent, in words. */
  readonly sent: string[] = [];

  constructor(private readonly clock: Clock) {}

  addPod(netns: string, ip: string): void {
    this.ips.set(netns, ip);
  }

  hasNetns(id: string): boolean {
    return this.ips.has(id);
  }

  deleteNetns(id: string): void {
    this.ips.delete(id);
  }

  /** This object in the shape that programs want. */
  get api(): MachineApi {
    return this as unknown as MachineApi;
  }

  listen(
    netns: string,
    protocol: string,
    _address: string,
    port: number,
    owner: SocketOwner,
  ): number | Errno {
    const taken = [...this.sockets.values()].some(
      (s) => s.listening && s.netns === netns && s.protocol === protocol && s.local.port === port,
    );
    if (taken) return 'EADDRINUSE';
    return this.add(netns, protocol, port, owner, true, 0).id;
  }

  connect(
    netns: string,
    protocol: string,
    to: PeerAddress,
    owner: SocketOwner,
    requestId: number,
  ): number | Errno {
    const socket = this.add(netns, protocol, ++this.lastPort, owner, false, requestId);
    socket.remote = to;
    this.sent.push(`SYN ${to.ip}:${to.port}`);
    if (this.blackholes.has(to.ip)) return socket.id;
    const listener = this.listenerAt(to, protocol);
    if (listener === undefined) {
      this.tell(socket, { kind: 'error', socket: socket.id, errno: 'ECONNREFUSED' }, 2 * HALF_TRIP);
      return socket.id;
    }
    const server = this.add(listener.netns, protocol, to.port, listener.owner, false, requestId);
    server.peer = socket.id;
    server.remote = socket.local;
    socket.peer = server.id;
    this.tell(
      server,
      { kind: 'accepted', socket: server.id, listener: listener.id, peer: socket.local, requestId },
      HALF_TRIP,
    );
    this.tell(socket, { kind: 'connected', socket: socket.id, local: socket.local }, 2 * HALF_TRIP);
    return socket.id;
  }

  send(id: number, payload: AppPayload): Errno | null {
    const socket = this.sockets.get(id);
    const peer = this.sockets.get(socket?.peer ?? -1);
    this.sent.push(payload.summary);
    if (peer === undefined) return 'EPIPE';
    this.tell(peer, { kind: 'data', socket: peer.id, payload }, HALF_TRIP);
    return null;
  }

  openUdp(netns: string, owner: SocketOwner, requestId: number): number | Errno {
    return this.add(netns, 'udp', ++this.lastPort, owner, false, requestId).id;
  }

  sendTo(
    id: number,
    to: PeerAddress,
    payload: AppPayload,
    options: { requestId?: number } = {},
  ): Errno | null {
    const socket = this.sockets.get(id)!;
    this.sent.push(payload.summary);
    if (this.blackholes.has(to.ip)) return null;
    const target = this.listenerAt(to, 'udp') ?? this.boundAt(to);
    if (target === undefined) {
      this.tell(socket, { kind: 'error', socket: id, errno: 'ECONNREFUSED' }, 2 * HALF_TRIP);
      return null;
    }
    const from = { ip: this.vipOf(target, socket), port: socket.local.port };
    const requestId = options.requestId ?? socket.requestId;
    this.tell(target, { kind: 'datagram', socket: target.id, from, to, payload, requestId }, HALF_TRIP);
    return null;
  }

  close(id: number): void {
    const socket = this.sockets.get(id);
    const peer = this.sockets.get(socket?.peer ?? -1);
    this.sockets.delete(id);
    if (peer !== undefined) this.tell(peer, { kind: 'closed', socket: peer.id }, HALF_TRIP);
  }

  closeAllOf(owner: SocketOwner): void {
    for (const socket of [...this.sockets.values()]) {
      if (socket.owner.key !== owner.key) continue;
      const peer = this.sockets.get(socket.peer ?? -1);
      this.sockets.delete(socket.id);
      if (peer !== undefined)
        this.tell(peer, { kind: 'error', socket: peer.id, errno: 'ECONNRESET' }, HALF_TRIP);
    }
  }

  openPing(netns: string, owner: SocketOwner, requestId: number): number {
    return this.add(netns, 'icmp', 0, owner, false, requestId).id;
  }

  sendEcho(id: number, to: string, seq: number): Errno | null {
    const socket = this.sockets.get(id)!;
    if (![...this.ips.values()].includes(to)) return null;
    this.tell(
      socket,
      { kind: 'echo-reply', socket: id, from: to, seq, ttl: 63, rttNs: 2 * HALF_TRIP },
      2 * HALF_TRIP,
    );
    return null;
  }

  /** A reply comes from the address that was asked, as conntrack would see to it. */
  private vipOf(target: FakeSocket, from: FakeSocket): string {
    const own = this.ips.get(from.netns) ?? '127.0.0.1';
    const vip = [...this.vips].find(([, ip]) => ip === own);
    return target.listening || vip === undefined ? own : vip[0];
  }

  private listenerAt(to: PeerAddress, protocol: string): FakeSocket | undefined {
    const ip = this.vips.get(to.ip) ?? to.ip;
    return [...this.sockets.values()].find(
      (s) =>
        s.listening && s.protocol === protocol && s.local.port === to.port && this.ips.get(s.netns) === ip,
    );
  }

  private boundAt(to: PeerAddress): FakeSocket | undefined {
    return [...this.sockets.values()].find(
      (s) => s.protocol === 'udp' && s.local.port === to.port && s.local.ip === to.ip,
    );
  }

  private add(
    netns: string,
    protocol: string,
    port: number,
    owner: SocketOwner,
    listening: boolean,
    requestId: number,
  ): FakeSocket {
    const local = { ip: this.ips.get(netns) ?? '127.0.0.1', port };
    const socket = { id: ++this.lastId, netns, owner, protocol, local, listening, requestId };
    this.sockets.set(socket.id, socket);
    return socket;
  }

  private tell(socket: FakeSocket, event: SocketEvent, delayNs: number): void {
    const timer: TimerEvent = { type: 'socket', key: socket.owner.key, event };
    this.clock.schedule(delayNs, socket.owner.to, timer);
  }
}
