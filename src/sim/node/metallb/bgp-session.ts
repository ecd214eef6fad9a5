/**
 * A speaker's BGP session with the router: it connects, says who it is, keeps the session alive, and announces host routes
 * with the node as next hop. Documents: RFC 4271; MetalLB internal/bgp/native.
 *
 * Not simulated: BFD, communities, path attributes but the next hop, and routes learned from the router.
 */
import { SECOND, type Clock, type Ns } from '../../clock/clock';
import type { MachineApi, SocketEvent } from '../../kernel/machine-api';
import {
  BGP_PORT,
  bgpFromPayload,
  bgpPayload,
  HOLD_SECONDS,
  KEEPALIVE_SECONDS,
  type BgpMessage,
} from './bgp-message';

const ASN = 64_500;
const RETRY: Ns = 5 * SECOND;

export interface SessionKeyframe {
  readonly state: 'stopped' | 'idle' | 'connecting' | 'opening' | 'established';
  readonly socket: number | null;
  readonly heardNs: Ns;
  /** Grows with each connection; timers of older ones are ignored. */
  readonly round: number;
  readonly wanted: readonly string[];
  readonly told: readonly string[];
}

export interface SessionDeps {
  readonly clock: Clock;
  readonly machine: MachineApi;
  /** The node's addresses; the first is its router id. */
  readonly nodeIps: readonly string[];
  readonly routerIp: string;
  /** Timer address of the speaker; its socket events have the key "bgp". */
  readonly address: string;
}

const STOPPED: SessionKeyframe = {
  state: 'stopped',
  socket: null,
  heardNs: 0,
  round: 0,
  wanted: [],
  told: [],
};

export class BgpSession {
  private now: SessionKeyframe = STOPPED;

  constructor(private readonly deps: SessionDeps) {}

  get state(): SessionKeyframe['state'] {
    return this.now.state;
  }

  /** True when the router has been told everything. */
  get inStep(): boolean {
    const { state, wanted, told } = this.now;
    return state === 'stopped' || wanted.join() === told.join();
  }

  start(): void {
    if (this.now.state !== 'stopped') return;
    this.now = { ...this.now, state: 'idle' };
    this.connect();
  }

  /** Ends; `silently` when the machine is gone. Otherwise the connection is closed and the router forgets the routes. */
  stop(silently: boolean): void {
    const { socket, round } = this.now;
    if (socket !== null && !silently) this.deps.machine.close(socket);
    this.now = { ...STOPPED, round: round + 1 };
  }

  /** Prefixes to announce from now on. */
  announce(prefixes: readonly string[]): void {
    this.now = { ...this.now, wanted: [...prefixes].sort() };
    if (this.now.state === 'established') this.update();
  }

  onTimer(event: { readonly type: string; readonly [key: string]: unknown }): void {
    if (event.round !== this.now.round || this.now.state === 'stopped') return;
    if (event.type === 'bgp-connect') this.connect();
    else if (event.type === 'bgp-keepalive') this.keepAlive();
  }

  onSocket(event: SocketEvent): void {
    const { state, socket } = this.now;
    if (state === 'stopped' || !('socket' in event) || event.socket !== socket) return;
    if (event.kind === 'connected') {
      const [id = ''] = this.deps.nodeIps;
      this.now = { ...this.now, state: 'opening', heardNs: this.deps.clock.nowNs };
      this.send({ type: 'OPEN', asn: ASN, holdSeconds: HOLD_SECONDS, id });
    } else if (event.kind === 'data') this.received(bgpFromPayload(event.payload));
    else if (event.kind === 'closed' || event.kind === 'error') this.lost();
  }

  keyframe(): SessionKeyframe {
    return this.now;
  }

  restore(from: SessionKeyframe): void {
    this.now = from;
  }

  private connect(): void {
    if (this.now.state !== 'idle') return;
    const { machine, routerIp, address } = this.deps;
    const to = { ip: routerIp, port: BGP_PORT };
    const socket = machine.connect('host', 'tcp', to, { to: address, key: 'bgp' }, 0, {
      timeoutNs: 10 * SECOND,
    });
    if (typeof socket === 'number') this.now = { ...this.now, state: 'connecting', socket };
    else this.retry();
  }

  private received(message: BgpMessage | null): void {
    this.now = { ...this.now, heardNs: this.deps.clock.nowNs };
    if (message?.type === 'OPEN') this.send({ type: 'KEEPALIVE' });
    if (message?.type !== 'KEEPALIVE' || this.now.state !== 'opening') return;
    this.now = { ...this.now, state: 'established' };
    this.timer('bgp-keepalive', KEEPALIVE_SECONDS * SECOND);
    this.update();
  }

  private update(): void {
    const { wanted, told } = this.now;
    const announced = wanted.filter((prefix) => !told.includes(prefix));
    const withdrawn = told.filter((prefix) => !wanted.includes(prefix));
    if (announced.length + withdrawn.length === 0) return;
    this.now = { ...this.now, told: wanted };
    this.send({ type: 'UPDATE', nextHops: this.deps.nodeIps, announced, withdrawn });
  }

  private keepAlive(): void {
    if (this.now.state !== 'established') return;
    if (this.deps.clock.nowNs - this.now.heardNs > HOLD_SECONDS * SECOND) {
      if (this.now.socket !== null) this.deps.machine.close(this.now.socket);
      return this.lost();
    }
    this.timer('bgp-keepalive', KEEPALIVE_SECONDS * SECOND);
    this.send({ type: 'KEEPALIVE' });
  }

  private lost(): void {
    const { socket } = this.now;
    if (socket !== null) this.deps.machine.close(socket);
    this.retry();
  }

  private retry(): void {
    this.now = { ...this.now, state: 'idle', socket: null, told: [], round: this.now.round + 1 };
    this.timer('bgp-connect', RETRY);
  }

  private timer(type: string, delayNs: Ns): void {
    this.deps.clock.schedule(delayNs, this.deps.address, { type, round: this.now.round });
  }

  private send(message: BgpMessage): void {
    if (this.now.socket !== null) this.deps.machine.send(this.now.socket, bgpPayload(message));
  }
}
