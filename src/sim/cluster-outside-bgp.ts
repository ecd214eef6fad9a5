/**
 * The router's side of BGP (bird, FRR): takes sessions from the nodes' speakers and keeps a route for each announced prefix,
 * with one next hop for each node that announces it. A peer that closes is forgotten at once, one that falls silent after
 * the hold time (RFC 4271, section 6.5).
 */
import { addressBytes } from '../lib/ip';
import { canonicalJson } from '../lib/plain';
import { SECOND, type Clock, type TimerEvent, type TimerHandler } from './clock/clock';
import type { Machine } from './kernel/machine';
import type { Route, SocketEvent } from './kernel/machine-api';
import { NIC } from './node/host';
import {
  BGP_PORT,
  bgpFromPayload,
  bgpPayload,
  HOLD_SECONDS,
  KEEPALIVE_SECONDS,
  type BgpMessage,
} from './node/metallb/bgp-message';

/** Timer address of the router's routing daemon. */
export const BGP_ADDRESS = 'outside/bgp';
const ASN = 64_501;

interface Peer {
  readonly ip: string;
  /** Timers of the time until it counts as dead, and until it is told that all is well. */
  readonly hold: number;
  readonly keepalive: number;
  readonly prefixes: ReadonlySet<string>;
  readonly nextHops: readonly string[];
}

export interface BgpKeyframe {
  readonly listener: number | null;
  readonly peers: ReadonlyMap<number, Peer>;
  readonly routes: ReadonlyMap<string, string>;
}

export class BgpRouter implements TimerHandler {
  private listener: number | null = null;
  /** By socket. */
  private peers: ReadonlyMap<number, Peer> = new Map();
  private routes: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly clock: Clock,
    private readonly router: Machine,
    private readonly routerId: string,
  ) {}

  /** Addresses of the peers, with what each announces. */
  get sessions(): readonly { readonly ip: string; readonly prefixes: readonly string[] }[] {
    return [...this.peers.values()].map(({ ip, prefixes }) => ({ ip, prefixes: [...prefixes] }));
  }

  /** Runs the daemon, or ends it with all its sessions. */
  run(on: boolean): void {
    if (on === (this.listener !== null)) return;
    if (!on) {
      if (this.listener !== null) this.router.close(this.listener);
      this.listener = null;
      for (const socket of [...this.peers.keys()]) this.drop(socket);
      return;
    }
    const owner = { to: BGP_ADDRESS, key: 'bgp' };
    const socket = this.router.listen('host', 'tcp', '0.0.0.0', BGP_PORT, owner);
    if (typeof socket === 'number') this.listener = socket;
  }

  handle(event: TimerEvent): void {
    const socket = Number(event.socket);
    if (event.type === 'socket') this.onSocket(event.event as SocketEvent);
    else if (!this.peers.has(socket)) return;
    else if (event.type === 'bgp-hold') this.drop(socket);
    else if (event.type === 'bgp-keepalive') {
      this.send(socket, { type: 'KEEPALIVE' });
      this.change(socket, { keepalive: this.timer('bgp-keepalive', KEEPALIVE_SECONDS, socket) });
    }
  }

  keyframe(): BgpKeyframe {
    const { listener, peers, routes } = this;
    return { listener, peers, routes };
  }

  restore(from: BgpKeyframe): void {
    this.listener = from.listener;
    this.peers = from.peers;
    this.routes = from.routes;
  }

  private onSocket(event: SocketEvent): void {
    if (event.kind === 'accepted') {
      const { socket, peer } = event;
      const hold = this.timer('bgp-hold', HOLD_SECONDS, socket);
      const keepalive = this.timer('bgp-keepalive', KEEPALIVE_SECONDS, socket);
      const fresh: Peer = { ip: peer.ip, hold, keepalive, prefixes: new Set(), nextHops: [peer.ip] };
      // A node that was switched off and on comes with a new connection; the old one will never say anything again.
      const old = [...this.peers].filter(([, known]) => known.ip === peer.ip);
      this.peers = new Map(this.peers).set(socket, fresh);
      for (const [known] of old) this.drop(known);
    } else if (event.kind === 'data') this.received(event.socket, bgpFromPayload(event.payload));
    else if (event.kind === 'closed' || event.kind === 'error') this.drop(event.socket);
  }

  private received(socket: number, message: BgpMessage | null): void {
    const peer = this.peers.get(socket);
    if (peer === undefined || message === null) return;
    this.clock.cancel(peer.hold);
    this.change(socket, { hold: this.timer('bgp-hold', HOLD_SECONDS, socket) });
    if (message.type === 'OPEN') {
      this.send(socket, { type: 'OPEN', asn: ASN, holdSeconds: HOLD_SECONDS, id: this.routerId });
      this.send(socket, { type: 'KEEPALIVE' });
    } else if (message.type === 'UPDATE') {
      const prefixes = new Set([...peer.prefixes, ...message.announced]);
      for (const prefix of message.withdrawn) prefixes.delete(prefix);
      this.change(socket, { prefixes, nextHops: message.nextHops });
      this.program();
    }
  }

  private drop(socket: number): void {
    const peer = this.peers.get(socket);
    if (peer === undefined) return;
    this.clock.cancel(peer.hold);
    this.clock.cancel(peer.keepalive);
    this.router.close(socket);
    const peers = new Map(this.peers);
    peers.delete(socket);
    this.peers = peers;
    this.program();
  }

  private change(socket: number, more: Partial<Peer>): void {
    const peer = this.peers.get(socket);
    if (peer !== undefined) this.peers = new Map(this.peers).set(socket, { ...peer, ...more });
  }

  private program(): void {
    const wanted = this.wanted();
    for (const prefix of this.routes.keys()) if (!wanted.has(prefix)) this.router.deleteRoute('host', prefix);
    for (const [prefix, route] of wanted)
      if (this.routes.get(prefix) !== canonicalJson(route)) this.router.addRoute('host', route);
    this.routes = new Map([...wanted].map(([prefix, route]) => [prefix, canonicalJson(route)]));
  }

  private wanted(): Map<string, Route> {
    const routes = new Map<string, Route>();
    const order = (ip: string): number => (addressBytes(ip) ?? []).reduce((sum, byte) => sum * 256 + byte, 0);
    const peers = [...this.peers.values()].sort((a, b) => order(a.ip) - order(b.ip));
    for (const prefix of [...new Set(peers.flatMap(({ prefixes }) => [...prefixes]))].sort()) {
      const ways = peers.filter(({ prefixes }) => prefixes.has(prefix));
      const sameFamily = (ip: string): boolean => ip.includes(':') === prefix.includes(':');
      const nexthops = ways
        .flatMap(({ nextHops }) => nextHops.find(sameFamily) ?? [])
        .map((via) => ({ via, device: NIC, weight: 1 }));
      if (nexthops.length === 0) continue;
      routes.set(prefix, { prefix, device: NIC, proto: 'bird', nexthops });
    }
    return routes;
  }

  private timer(type: string, seconds: number, socket: number): number {
    return this.clock.schedule(seconds * SECOND, BGP_ADDRESS, { type, socket });
  }

  private send(socket: number, message: BgpMessage): void {
    this.router.send(socket, bgpPayload(message));
  }
}
