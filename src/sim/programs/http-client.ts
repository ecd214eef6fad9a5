/**
 * One HTTP request from a process: resolve, connect (each address in turn), ask, take the answer. curl, wget and the
 * caller are built on it. Times are kept so that they can be printed.
 */
import { ipFamily } from '../../lib/ip';
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { Errno, PeerAddress, SocketEvent } from '../kernel/machine-api';
import type { Family, LookupError } from '../dns/resolver';
import type { HttpRequest, HttpResponse } from './http-message';
import { httpFromPayload, httpPayload } from './http-message';
import { tlsPayload, tlsStep } from './tls-message';
import type { Os, ProcessEvent } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved, tidy } from './resolve';

export interface Url {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Path with query, at least "/". */
  readonly path: string;
}

/** What to ask for. */
export interface CallSpec {
  readonly url: Url;
  readonly request: HttpRequest;
  readonly requestId: number;
  readonly family?: Family;
  /** Addresses to use instead of a lookup (curl --resolve). */
  readonly addresses?: readonly string[];
  /** Time to resolve and connect, and time for everything. */
  readonly connectTimeoutNs?: Ns;
  readonly maxTimeNs?: Ns;
}

/** How it failed: where, and with which errno of the last address tried. */
export interface CallFailure {
  readonly stage: 'resolve' | 'connect' | 'tls' | 'exchange';
  readonly reason: LookupError | Errno | 'timeout' | 'closed' | 'not-http';
  /** True when curl's own limit ran out rather than the kernel's. */
  readonly ownLimit?: boolean;
  /** The limit was on connecting rather than on everything. */
  readonly connectLimit?: boolean;
}

export interface HttpCall {
  readonly spec: CallSpec;
  readonly phase: 'resolving' | 'connecting' | 'handshake' | 'waiting' | 'done';
  readonly resolving?: Resolving;
  readonly addresses: readonly string[];
  readonly index: number;
  readonly socket?: number;
  readonly local?: PeerAddress;
  readonly startNs: Ns;
  readonly resolvedNs?: Ns;
  readonly connectedNs?: Ns;
  readonly endNs?: Ns;
  readonly timers: readonly number[];
  /** Errors of addresses already tried, in order. */
  readonly tried: readonly { readonly ip: string; readonly errno: Errno; readonly atNs: Ns }[];
  readonly response?: HttpResponse;
  readonly failure?: CallFailure;
}

const TIMER = 'http-limit';

/** Parses "http://host:port/path"; the scheme may be left out. Null when it is no http or https URL. */
export function parseUrl(text: string): Url | null {
  const match = /^(?:(https?):\/\/)?(\[[0-9a-fA-F:.]+\]|[^/:?#\s]+)(?::(\d+))?([/?][^#\s]*)?(?:#.*)?$/.exec(
    text,
  );
  if (match === null) return null;
  const scheme = (match[1] ?? 'http') as 'http' | 'https';
  const port = match[3] === undefined ? (scheme === 'https' ? 443 : 80) : Number(match[3]);
  const path = match[4] ?? '/';
  if (port > 65535) return null;
  return {
    scheme,
    host: match[2]!.replace(/^\[|\]$/g, ''),
    port,
    path: path.startsWith('/') ? path : `/${path}`,
  };
}

/** Host header of a URL: the port only when it is not the scheme's own. */
export function hostHeader(url: Url): string {
  const host = ipFamily(url.host) === 6 ? `[${url.host}]` : url.host;
  return url.port === (url.scheme === 'https' ? 443 : 80) ? host : `${host}:${url.port}`;
}

/** Starts a request. */
export function startCall(os: Os, spec: CallSpec): HttpCall {
  const timers: number[] = [];
  const limit = (kind: string, ns: Ns | undefined) => {
    if (ns !== undefined) timers.push(os.setTimer(TIMER, ns, { kind, requestId: spec.requestId }));
  };
  limit('connect', spec.connectTimeoutNs);
  limit('all', spec.maxTimeNs);
  const call: HttpCall = {
    spec,
    phase: 'resolving',
    addresses: [],
    index: 0,
    startNs: os.nowNs,
    timers,
    tried: [],
  };
  if (spec.addresses !== undefined) return connectTo(os, call, spec.addresses);
  return afterResolve(os, {
    ...call,
    resolving: beginResolve(os, spec.url.host, spec.requestId, spec.family),
  });
}

/** Takes an event; null when it does not concern this call. */
export function callEvent(os: Os, call: HttpCall, event: ProcessEvent): HttpCall | null {
  if (call.phase === 'done') return null;
  if (event.type === 'timer' && event.name === TIMER) {
    const { requestId } = event.data as { requestId: number };
    return requestId === call.spec.requestId ? onLimit(os, call, event) : null;
  }
  if (call.phase === 'resolving' && call.resolving !== undefined) {
    const resolving = resolveEvent(os, call.resolving, event);
    return resolving === null ? null : afterResolve(os, { ...call, resolving });
  }
  if (event.type !== 'socket' || event.event.kind === 'accepted') return null;
  return event.event.socket === call.socket ? onSocket(os, call, event.event) : null;
}

/** Ends a call from outside, closing what is open. */
export function abandonCall(os: Os, call: HttpCall): void {
  for (const id of call.timers) os.cancelTimer(id);
  if (call.phase === 'resolving' && call.resolving !== undefined) tidy(os, call.resolving);
  if (call.socket !== undefined) os.machine.close(call.socket);
}

function end(os: Os, call: HttpCall, outcome: Pick<HttpCall, 'response' | 'failure'>): HttpCall {
  abandonCall(os, call);
  return { ...call, ...outcome, phase: 'done', endNs: os.nowNs };
}

function onLimit(os: Os, call: HttpCall, event: ProcessEvent & { type: 'timer' }): HttpCall {
  const connectLimit = (event.data as { kind: string }).kind === 'connect';
  if (connectLimit && (call.phase === 'waiting' || call.phase === 'handshake')) return call;
  const stage = call.phase === 'resolving' ? 'resolve' : call.phase === 'connecting' ? 'connect' : 'exchange';
  return end(os, call, { failure: { stage, reason: 'timeout', ownLimit: true, connectLimit } });
}

function afterResolve(os: Os, call: HttpCall): HttpCall {
  const result = resolved(call.resolving!);
  if (result === undefined) return call;
  if ('error' in result) return end(os, call, { failure: { stage: 'resolve', reason: result.error } });
  return connectTo(os, call, result.addresses);
}

function connectTo(os: Os, call: HttpCall, addresses: readonly string[]): HttpCall {
  return tryAddress(os, { ...call, phase: 'connecting', addresses, resolvedNs: os.nowNs });
}

function tryAddress(os: Os, call: HttpCall): HttpCall {
  const ip = call.addresses[call.index];
  if (ip === undefined) {
    const reason = call.tried[call.tried.length - 1]?.errno ?? 'EHOSTUNREACH';
    const stage = 'connect';
    return end(os, { ...call, socket: undefined }, { failure: { stage, reason } });
  }
  const to = { ip, port: call.spec.url.port };
  const socket = os.machine.connect(os.process.netns, 'tcp', to, os.owner, call.spec.requestId);
  if (typeof socket === 'number') return { ...call, socket };
  return nextAddress(os, call, ip, socket);
}

function nextAddress(os: Os, call: HttpCall, ip: string, errno: Errno): HttpCall {
  const tried = [...call.tried, { ip, errno, atNs: os.nowNs }];
  const { socket: _closed, ...rest } = call;
  return tryAddress(os, { ...rest, tried, index: call.index + 1 });
}

function onSocket(os: Os, call: HttpCall, event: SocketEvent): HttpCall {
  const secure = call.spec.url.scheme === 'https';
  if (event.kind === 'connected') {
    const next = { ...call, connectedNs: os.nowNs, local: event.local };
    if (!secure) return ask(os, next);
    os.machine.send(event.socket, tlsPayload('ClientHello', call.spec.url.host));
    return { ...next, phase: 'handshake' };
  }
  if (event.kind === 'data') {
    if (call.phase === 'handshake') {
      const step = tlsStep(event.payload);
      return step === null ? end(os, call, { failure: { stage: 'tls', reason: 'not-http' } }) : ask(os, call);
    }
    const answer = httpFromPayload(event.payload);
    if (answer?.kind === 'response') return end(os, call, { response: answer });
    return end(os, call, { failure: { stage: 'exchange', reason: 'not-http' } });
  }
  if (event.kind === 'closed') return end(os, call, { failure: { stage: 'exchange', reason: 'closed' } });
  if (event.kind === 'error') {
    const ip = call.addresses[call.index] ?? '';
    if (call.phase === 'connecting') return nextAddress(os, call, ip, event.errno);
    return end(
      os,
      { ...call, socket: undefined },
      {
        failure: { stage: 'exchange', reason: event.errno },
      },
    );
  }
  return call;
}

function ask(os: Os, call: HttpCall): HttpCall {
  if (call.phase === 'handshake') os.machine.send(call.socket!, tlsPayload('Finished'));
  os.machine.send(call.socket!, httpPayload(call.spec.request, call.spec.url.scheme === 'https'));
  return { ...call, phase: 'waiting' };
}

/** The kernel gives up on a SYN after 6 retries, 127 s (tcp_syn_retries); curl has a limit of 300 s beside it. */
export const CURL_CONNECT_LIMIT_NS: Ns = 300 * SECOND;
