/** Stand-ins for a node's machine, runtime and network: just enough of each for the kubelet's tests. Only tests import this. */
import { MS, type Clock } from '../../clock/clock';
import type { Plain } from '../../../lib/plain';
import type { AppPayload } from '../../trace/packet';
import type { Errno, MachineApi, PeerAddress, SocketEvent, SocketOwner } from '../../kernel/machine-api';
import type { PodAttachment, PodNetwork } from '../pod-network';
import type { ContainerRuntime, ContainerSpec } from '../runtime';

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
}

/** A machine of which only `connect`, `send` and `close` work: they ask the fake runtime who listens. */
export function fakeMachine(clock: Clock, runtime: FakeRuntime, name: string): MachineApi {
  let last = 0;
  const owners = new Map<number, { owner: SocketOwner; to: PeerAddress }>();
  const tell = (socket: number, event: SocketEvent): void => {
    const owner = owners.get(socket)?.owner;
    if (owner !== undefined) clock.schedule(MS, owner.to, { type: 'socket', key: owner.key, event });
  };
  const machine = {
    name,
    poweredOn: true,
    connect(_netns: string, _protocol: string, to: PeerAddress, owner: SocketOwner): number | Errno {
      const socket = ++last;
      owners.set(socket, { owner, to });
      const listens = runtime.at(to.ip)?.http !== undefined;
      tell(
        socket,
        listens
          ? { kind: 'connected', socket, local: { ip: '', port: 0 } }
          : { kind: 'error', socket, errno: 'ECONNREFUSED' },
      );
      return socket;
    },
    send(socket: number, _payload: AppPayload): null {
      const status = runtime.at(owners.get(socket)?.to.ip ?? '')?.http ?? 0;
      const body = { kind: 'response', status, reason: '', headers: {}, body: '' };
      const payload: AppPayload = {
        type: 'app',
        protocol: 'http',
        summary: `HTTP/1.1 ${status}`,
        bytes: 100,
        body,
      };
      if (status !== 0) tell(socket, { kind: 'data', socket, payload });
      return null;
    },
    close(socket: number): void {
      owners.delete(socket);
    },
  };
  return machine as unknown as MachineApi;
}
