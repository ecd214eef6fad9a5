/** Stand-ins for a node's machine, runtime and network: just enough of each for the kubelet's tests. Only tests import this. */
import { MS, type Clock } from '../clock/clock';
import type { Plain } from '../../lib/plain';
import type { AppPayload } from '../trace/packet';
import type { Errno, MachineApi, PeerAddress, SocketEvent, SocketOwner } from '../kernel/machine-api';
import type { PodAttachment, PodNetwork } from '../node/pod-network';
import type { ContainerRuntime, ContainerSpec } from '../node/runtime';

/** What a fake process does. */
export interface Behaviour {
  /** Ends by itself after this long, with this code. */
  readonly exitAfterMs?: number;
  readonly exitCode?: number;
  /** How long SIGTERM takes; absent means that it is ignored. */
  readonly termMs?: number;
  /** Answer to HTTP probes; 0 is silence, absent refuses the connection. */
  readonly http?: number;
  readonly exec?: number;
}

export class FakeRuntime implements ContainerRuntime {
  readonly started: ContainerSpec[] = [];
  readonly log: string[] = [];
  private readonly running = new Map<string, ContainerSpec>();
  private last = 0;

  constructor(
    private readonly clock: Clock,
    public behave: (spec: ContainerSpec) => Behaviour = () => ({ termMs: 10, http: 200 }),
  ) {}

  start(spec: ContainerSpec): { handle: string } | { error: string } {
    const handle = `h${++this.last}`;
    this.started.push(spec);
    this.running.set(handle, spec);
    const { exitAfterMs, exitCode = 0 } = this.behave(spec);
    if (exitAfterMs !== undefined) this.exit(handle, exitAfterMs, exitCode);
    return { handle };
  }

  signal(handle: string, signal: 'TERM' | 'KILL'): void {
    const spec = this.running.get(handle);
    if (spec === undefined) return;
    this.log.push(`${this.clock.nowNs / MS} ${signal} ${spec.container}`);
    const { termMs } = this.behave(spec);
    if (signal === 'KILL') this.exit(handle, 0, 137);
    else if (termMs !== undefined) this.exit(handle, termMs, 0);
  }

  private exit(handle: string, afterMs: number, exitCode: number): void {
    const { replyTo = '' } = this.running.get(handle) ?? {};
    this.clock.schedule(afterMs * MS, replyTo, { type: 'container-exited', handle, exitCode, reason: '' });
  }

  exec(handle: string, command: readonly string[], replyTo: string, token: Plain): void {
    const spec = this.running.get(handle);
    this.log.push(`${this.clock.nowNs / MS} exec ${command.join(' ')}`);
    const exitCode = spec === undefined ? 1 : (this.behave(spec).exec ?? 0);
    this.clock.schedule(5 * MS, replyTo, { type: 'exec-done', token, exitCode });
  }

  isRunning(handle: string): boolean {
    return this.running.has(handle);
  }

  keyframe(): object {
    return { last: this.last, running: new Map(this.running) };
  }

  restore(from: object): void {
    const { last, running } = from as { last: number; running: ReadonlyMap<string, ContainerSpec> };
    this.last = last;
    this.running.clear();
    for (const [handle, spec] of running) this.running.set(handle, spec);
  }

  /** What listens at an address. */
  at(ip: string): Behaviour | undefined {
    const spec = [...this.running.values()].reverse().find((row) => row.podIPs.includes(ip));
    return spec && this.behave(spec);
  }
}

export class FakeNetwork implements PodNetwork {
  readonly attached = new Map<string, PodAttachment>();
  private last = 1;
  fail: string | null = null;

  constructor(private readonly prefix: string) {}

  attach(_ref: string, uid: string, hostNetwork: boolean): PodAttachment | { readonly error: string } {
    if (this.fail !== null) return { error: this.fail };
    const made = hostNetwork
      ? { netns: 'host', ips: ['192.168.0.11'] }
      : { netns: `ns-${uid.slice(0, 8)}`, ips: [`${this.prefix}.${++this.last}`] };
    this.attached.set(uid, made);
    return made;
  }

  detach(uid: string): void {
    this.attached.delete(uid);
  }

  keyframe(): object {
    return { last: this.last, attached: new Map(this.attached) };
  }

  restore(from: object): void {
    const { last, attached } = from as { last: number; attached: ReadonlyMap<string, PodAttachment> };
    this.last = last;
    this.attached.clear();
    for (const [uid, made] of attached) this.attached.set(uid, made);
  }
}

interface FakeSocket {
  readonly owner: SocketOwner;
  readonly to: PeerAddress;
}

/** A machine of which only `connect`, `send` and `close` work: they ask the fake runtime who listens. */
export class FakeMachine {
  readonly poweredOn = true;
  private last = 0;
  private readonly sockets = new Map<number, FakeSocket>();

  constructor(
    private readonly clock: Clock,
    private readonly runtime: FakeRuntime,
    readonly name: string,
  ) {}

  private tell(socket: number, event: SocketEvent): void {
    const owner = this.sockets.get(socket)?.owner;
    if (owner !== undefined) this.clock.schedule(MS, owner.to, { type: 'socket', key: owner.key, event });
  }

  connect(_netns: string, _protocol: string, to: PeerAddress, owner: SocketOwner): number | Errno {
    const socket = ++this.last;
    this.sockets.set(socket, { owner, to });
    if (this.runtime.at(to.ip)?.http === undefined)
      this.tell(socket, { kind: 'error', socket, errno: 'ECONNREFUSED' });
    else this.tell(socket, { kind: 'connected', socket, local: { ip: '', port: 0 } });
    return socket;
  }

  send(socket: number, _payload: AppPayload): null {
    const status = this.runtime.at(this.sockets.get(socket)?.to.ip ?? '')?.http ?? 0;
    const body = { kind: 'response', status, reason: '', headers: {}, body: '' };
    const payload: AppPayload = {
      type: 'app',
      protocol: 'http',
      summary: `HTTP/1.1 ${status}`,
      bytes: 100,
      body,
    };
    if (status !== 0) this.tell(socket, { kind: 'data', socket, payload });
    return null;
  }

  close(socket: number): void {
    this.sockets.delete(socket);
  }

  keyframe(): object {
    return { last: this.last, sockets: new Map(this.sockets) };
  }

  restore(from: object): void {
    const { last, sockets } = from as { last: number; sockets: ReadonlyMap<number, FakeSocket> };
    this.last = last;
    this.sockets.clear();
    for (const [id, socket] of sockets) this.sockets.set(id, socket);
  }

  /** The rest of the interface is not there, and the kubelet does not ask for it. */
  asMachine(): MachineApi {
    return this as unknown as MachineApi;
  }
}
