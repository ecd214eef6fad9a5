/**
 * The kubelet's own connections: probes and preStop requests as real packets from the node's host netns to the pod
 * (pkg/probe/http, pkg/probe/tcp).
 *
 * Not simulated: certificates (HTTPS probes do not look at them either), redirects, and the health protocol of gRPC (a connection that opens counts).
 */
import type { Clock, Ns } from '../../clock/clock';
import type { Plain } from '../../../lib/plain';
import type { AppPayload } from '../../trace/packet';
import type { Trace } from '../../trace/trace';
import type { Errno, MachineApi, SocketEvent } from '../../kernel/machine-api';

/** What is asked of a pod. `tag` comes back with the outcome. */
export interface Ask {
  readonly kind: 'http' | 'tcp' | 'grpc';
  readonly ip: string;
  readonly port: number;
  readonly path: string;
  readonly scheme: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutNs: Ns;
  /** "readiness probe http-get http://:8080/": what the trace calls it. */
  readonly what: string;
  readonly tag: Plain;
}

export interface Outcome {
  readonly ok: boolean;
  /** The text after "Readiness probe failed: ". */
  readonly message: string;
}

interface Attempt {
  readonly ask: Ask;
  readonly socket: number;
  readonly timer: number;
  readonly requestId: number;
}

export interface NodeClientKeyframe {
  readonly last: number;
  readonly attempts: ReadonlyMap<number, Attempt>;
}

const WORDS: Readonly<Partial<Record<Errno, string>>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
};

export class NodeClient {
  private last = 0;
  private readonly attempts = new Map<number, Attempt>();

  /** `address` is the timer address of the owner, `from` the ref that requests are traced under. */
  constructor(
    private readonly clock: Clock,
    private readonly machine: MachineApi,
    private readonly address: string,
    private readonly from: string,
    private readonly done: (tag: Plain, outcome: Outcome) => void,
    private readonly trace?: Trace,
  ) {}

  /** Opens a connection. The outcome comes later through `done`, within the timeout. */
  start(ask: Ask): void {
    const id = ++this.last;
    const requestId =
      this.trace?.beginRequest({
        from: this.from,
        what: ask.what,
        kind: 'probe',
        startNs: this.clock.nowNs,
      }) ?? 0;
    const timer = this.clock.schedule(ask.timeoutNs, this.address, { type: 'ask-timeout', id });
    const to = { ip: ask.ip, port: ask.port };
    const opened = this.machine.connect('host', 'tcp', to, { to: this.address, key: id }, requestId);
    const socket = typeof opened === 'number' ? opened : -1;
    this.attempts.set(id, { ask, socket, timer, requestId });
    if (typeof opened !== 'number') this.finish(id, { ok: false, message: failure(ask, opened) });
  }

  onSocket(id: number, event: SocketEvent): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) return;
    const { ask, socket } = attempt;
    if (event.kind === 'connected') {
      if (ask.kind !== 'http') return this.finish(id, { ok: true, message: '' });
      this.machine.send(socket, isTls(ask) ? HELLO : requestPayload(ask));
    } else if (event.kind === 'data' && isHandshake(event.payload))
      this.machine.send(socket, requestPayload(ask));
    else if (event.kind === 'data') this.finish(id, judge(ask, event.payload));
    else if (event.kind === 'closed') this.finish(id, { ok: false, message: `Get "${urlOf(ask)}": EOF` });
    else if (event.kind === 'error') this.finish(id, { ok: false, message: failure(ask, event.errno) });
  }

  onTimeout(id: number): void {
    const attempt = this.attempts.get(id);
    if (attempt !== undefined) this.finish(id, { ok: false, message: timeoutText(attempt.ask) });
  }

  /** Forgets everything, as a machine that loses power does. */
  clear(): void {
    for (const attempt of this.attempts.values()) this.clock.cancel(attempt.timer);
    this.attempts.clear();
  }

  keyframe(): NodeClientKeyframe {
    return { last: this.last, attempts: new Map(this.attempts) };
  }

  restore(from: NodeClientKeyframe): void {
    this.last = from.last;
    this.attempts.clear();
    for (const [id, attempt] of from.attempts) this.attempts.set(id, attempt);
  }

  private finish(id: number, outcome: Outcome): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) return;
    this.attempts.delete(id);
    this.clock.cancel(attempt.timer);
    if (attempt.socket >= 0) this.machine.close(attempt.socket);
    this.trace?.endRequest(attempt.requestId, this.clock.nowNs, {
      ok: outcome.ok,
      text: outcome.message || 'success',
    });
    this.done(attempt.ask.tag, outcome);
  }
}

function hostPort(ask: Ask): string {
  return ask.ip.includes(':') ? `[${ask.ip}]:${ask.port}` : `${ask.ip}:${ask.port}`;
}

function urlOf(ask: Ask): string {
  return `${ask.scheme.toLowerCase()}://${hostPort(ask)}${ask.path}`;
}

function isTls(ask: Ask): boolean {
  return ask.kind === 'http' && ask.scheme === 'HTTPS';
}

/** The client's first flight of a TLS handshake, as servers here understand it. */
const HELLO: AppPayload = {
  type: 'app',
  protocol: 'tls',
  summary: 'ClientHello',
  bytes: 517,
  body: { kind: 'tls', step: 'ClientHello', serverName: '' },
};

function isHandshake(payload: AppPayload): boolean {
  return (payload.body as { readonly kind?: string } | null)?.kind === 'tls';
}

function requestPayload(ask: Ask): AppPayload {
  const host = ask.headers['Host'] ?? hostPort(ask);
  const headers = {
    Host: host,
    'User-Agent': 'kube-probe/1.35',
    Accept: '*/*',
    Connection: 'close',
    ...ask.headers,
  };
  const body = { kind: 'request', method: 'GET', path: ask.path, host, headers, body: '' };
  return {
    type: 'app',
    protocol: isTls(ask) ? 'tls' : 'http',
    summary: isTls(ask) ? 'Application Data' : `GET ${ask.path} HTTP/1.1`,
    bytes: 120 + ask.path.length + (isTls(ask) ? 22 : 0),
    body,
  };
}

/** 200 to 399 is well. */
function judge(ask: Ask, payload: AppPayload): Outcome {
  if (isTls(ask) && payload.protocol !== 'tls') {
    const message = `Get "${urlOf(ask)}": http: server gave HTTP response to HTTPS client`;
    return { ok: false, message };
  }
  const body = payload.body as { readonly status?: number } | null;
  const status = typeof body === 'object' ? (body?.status ?? 0) : 0;
  if (status >= 200 && status < 400) return { ok: true, message: '' };
  if (status === 0)
    return { ok: false, message: 'net/http: HTTP/1.x transport connection broken: malformed HTTP response' };
  return { ok: false, message: `HTTP probe failed with statuscode: ${status}` };
}

function grpcText(ask: Ask): string {
  const seconds = Math.round(ask.timeoutNs / 1e9);
  return `timeout: failed to connect service "${hostPort(ask)}" within ${seconds}s: context deadline exceeded`;
}

function failure(ask: Ask, errno: Errno): string {
  if (ask.kind === 'grpc') return grpcText(ask);
  const dial = `dial tcp ${hostPort(ask)}: ${WORDS[errno] ?? `connect: ${errno}`}`;
  return ask.kind === 'http' ? `Get "${urlOf(ask)}": ${dial}` : dial;
}

function timeoutText(ask: Ask): string {
  if (ask.kind === 'grpc') return grpcText(ask);
  if (ask.kind === 'tcp') return `dial tcp ${hostPort(ask)}: i/o timeout`;
  return `Get "${urlOf(ask)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
}
