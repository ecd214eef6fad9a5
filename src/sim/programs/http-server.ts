/**
 * What all servers have in common: listening, connections, thinking time, the answer, and the end after SIGTERM. A
 * personality (nginx, whoami, somebody's own backend …) gives the configuration and the answers.
 */
import { SECOND } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import type { AppPayload } from '../trace/packet';
import type { ListenPort } from './annotations';
import type { HttpRequest, HttpResponse } from './http-message';
import type { HttpCall } from './http-client';
import { callEvent, startCall } from './http-client';
import { header, httpFromPayload, httpPayload, response } from './http-message';
import { tlsPayload, tlsStep } from './tls-message';
import type { Os, ProcessEvent, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';

import type { Connection, ForwardTo, Personality, ServerConfig } from './personality';
/** proxy_connect_timeout and proxy_read_timeout of nginx: 60 s each. */
const GATEWAY_LIMIT_NS = 60 * SECOND;

interface ServerState {
  readonly config: ServerConfig;
  readonly listeners: Readonly<Record<number, ListenPort>>;
  readonly connections: Readonly<Record<number, Connection>>;
  readonly stopping: boolean;
  readonly served: number;
  /** Names still to be resolved before it listens, and the one under way. */
  readonly unresolved: readonly string[];
  readonly resolving?: Resolving;
  /** Addresses of upstream names, as they were at the start. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** Requests sent on to an upstream, by the client's connection. */
  readonly forwarded: Readonly<Record<number, { readonly call: HttpCall; readonly request: HttpRequest }>>;
}

/** Makes the program of a personality. */
export function createServer(personality: Personality): Program {
  return {
    name: personality.name,
    handlesSignals: true,
    start(os) {
      const config = personality.configure(os);
      const unresolved = personality.upstreams?.(os) ?? [];
      const blank = {
        listeners: {},
        connections: {},
        stopping: false,
        served: 0,
        addresses: {},
        forwarded: {},
      };
      setState(os, { config, unresolved, ...blank });
      const refusal = personality.refusal?.(os) ?? null;
      if (refusal !== null) {
        os.print(`${refusal}\n`, 'stderr');
        os.exit(1);
      } else if (config.startDelayNs > 0) os.setTimer('listen', config.startDelayNs);
      else resolveNext(os, personality);
    },
    onEvent(os, event) {
      if (onUpstream(os, personality, event)) return;
      if (event.type === 'socket') onSocket(os, personality, event.event);
      else if (event.type === 'signal') onSignal(os, event);
      else if (event.type === 'timer') onTimer(os, personality, event);
    },
  };
}

function stateOf(os: Os): ServerState {
  return os.process.state as ServerState;
}

function setState(os: Os, state: ServerState): void {
  os.setState(state);
}

function listen(os: Os, personality: Personality): void {
  const { config } = stateOf(os);
  const banner = personality.banner?.(os, config);
  if (banner !== undefined) os.print(`${banner}\n`);
  for (const port of config.ports) {
    const result = os.machine.listen(os.process.netns, port.protocol, '0.0.0.0', port.port, os.owner);
    if (typeof result === 'number') {
      const state = stateOf(os);
      setState(os, { ...state, listeners: { ...state.listeners, [result]: port } });
    } else {
      os.print(`bind() to 0.0.0.0:${port.port} failed (98: Address already in use)\n`, 'stderr');
      os.exit(1);
      return;
    }
  }
}

function onSocket(os: Os, personality: Personality, event: SocketEvent): void {
  const state = stateOf(os);
  if (event.kind === 'accepted') {
    const port = state.listeners[event.listener]?.port ?? 0;
    const tls = state.config.tlsPorts.includes(port);
    const connection = { peer: event.peer, port, tls, requestId: event.requestId, pending: 0 };
    setState(os, { ...state, connections: { ...state.connections, [event.socket]: connection } });
  } else if (event.kind === 'data') {
    onData(os, personality, event.socket, event.payload);
  } else if (event.kind === 'closed') {
    os.machine.close(event.socket);
    dropConnection(os, event.socket);
  } else if (event.kind === 'error') {
    dropConnection(os, event.socket);
  } else if (event.kind === 'datagram') {
    const { from: peer, requestId } = event;
    const connection = { peer, port: event.to.port, tls: false, requestId, pending: 0 };
    const answer = (personality.onOther ?? echo)(os, event.payload, connection);
    if (answer == null) return;
    const options = { requestId: event.requestId, from: event.to };
    os.machine.sendTo(event.socket, event.from, answer, options);
  }
}

/** What servers without an idea of a protocol do with data: send it back. */
function echo(_os: Os, payload: AppPayload): AppPayload {
  return payload;
}

function onData(os: Os, personality: Personality, socket: number, payload: AppPayload): void {
  const state = stateOf(os);
  const connection = state.connections[socket];
  if (connection === undefined) return;
  const step = tlsStep(payload);
  if (step !== null && connection.tls) {
    if (step.step === 'ClientHello') os.machine.send(socket, tlsPayload('ServerHello'));
    return;
  }
  const request = httpFromPayload(payload);
  if (request?.kind === 'request' && (payload.protocol === 'tls') === connection.tls) {
    const next = { ...connection, pending: connection.pending + 1 };
    setState(os, { ...state, connections: { ...state.connections, [socket]: next } });
    os.setTimer('answer', state.config.latencyNs, { socket, request });
    return;
  }
  const answer = personality.onOther?.(os, payload, connection);
  if (answer === undefined) return refuse(os, socket, connection);
  if (answer !== null) os.machine.send(socket, answer);
  else hangUp(os, socket);
}

function hangUp(os: Os, socket: number): void {
  os.machine.close(socket);
  dropConnection(os, socket);
}

/** Something that is not HTTP, or plain HTTP on a TLS port and the other way round: 400 and good-bye. */
function refuse(os: Os, socket: number, connection: Connection): void {
  const text = connection.tls ? 'The plain HTTP request was sent to HTTPS port' : 'Bad Request';
  os.machine.send(socket, httpPayload(response(400, `${text}\n`, { Connection: 'close' })));
  hangUp(os, socket);
}

function onTimer(os: Os, personality: Personality, event: ProcessEvent & { type: 'timer' }): void {
  if (event.name === 'listen') resolveNext(os, personality);
  else if (event.name === 'stop') stop(os);
  else if (event.name === 'answer') {
    const { socket, request } = event.data as { socket: number; request: HttpRequest };
    answerRequest(os, personality, socket, request);
  }
}

function answerRequest(os: Os, personality: Personality, socket: number, request: HttpRequest): void {
  const state = stateOf(os);
  const connection = state.connections[socket];
  if (connection === undefined) return;
  const plain = personality.respond(os, request, connection);
  if (plain.kind === 'forward') sendOn(os, personality, socket, request, plain);
  else finishAnswer(os, personality, socket, request, plain);
}

function finishAnswer(
  os: Os,
  personality: Personality,
  socket: number,
  request: HttpRequest,
  plain: HttpResponse,
): void {
  const state = stateOf(os);
  const connection = state.connections[socket];
  if (connection === undefined) return;
  const last = state.stopping || header(request.headers, 'Connection')?.toLowerCase() === 'close';
  const full = last ? { ...plain, headers: { ...plain.headers, Connection: 'close' } } : plain;
  const sent = request.method === 'HEAD' ? { ...full, body: '' } : full;
  os.machine.send(socket, httpPayload(sent, connection.tls));
  const line = personality.logLine?.(os, request, sent, connection);
  if (line !== undefined) os.print(`${line}\n`);
  const next = { ...connection, pending: connection.pending - 1 };
  const connections = { ...state.connections, [socket]: next };
  setState(os, { ...state, connections, served: state.served + 1 });
  if (last) {
    os.machine.close(socket);
    dropConnection(os, socket);
  }
}

/** Resolves upstream names one after the other, then listens. */
function resolveNext(os: Os, personality: Personality): void {
  const [host] = stateOf(os).unresolved;
  if (host === undefined) {
    listen(os, personality);
    return;
  }
  setState(os, { ...stateOf(os), resolving: beginResolve(os, host, 0) });
  resolvedOne(os, personality);
}

function resolvedOne(os: Os, personality: Personality): void {
  const { resolving, unresolved, addresses } = stateOf(os);
  const result = resolving === undefined ? undefined : resolved(resolving);
  if (result === undefined) return;
  const [host = '', ...rest] = unresolved;
  if ('error' in result) {
    os.print(`${personality.unresolved?.(host) ?? `host not found: ${host}`}\n`, 'stderr');
    os.exit(1);
    return;
  }
  const known = { ...addresses, [host]: result.addresses };
  const { resolving: _over, ...state } = stateOf(os);
  setState(os, { ...state, unresolved: rest, addresses: known });
  resolveNext(os, personality);
}

/** Sends a request on to an upstream, in turn when there are several. */
function sendOn(os: Os, personality: Personality, socket: number, request: HttpRequest, to: ForwardTo): void {
  const state = stateOf(os);
  const server = to.servers[state.served % Math.max(1, to.servers.length)];
  if (server === undefined) {
    finishAnswer(os, personality, socket, request, gatewayError(os, personality, 502));
    return;
  }
  const known = state.addresses[server.host];
  const turn = known === undefined ? 0 : state.served % known.length;
  const addresses = known === undefined ? {} : { addresses: [...known.slice(turn), ...known.slice(0, turn)] };
  const url = { scheme: 'http', host: server.host, port: server.port, path: to.request.path } as const;
  const { requestId } = state.connections[socket]!;
  const limits = { connectTimeoutNs: GATEWAY_LIMIT_NS, maxTimeNs: 2 * GATEWAY_LIMIT_NS };
  const call = startCall(os, { url, request: to.request, requestId, ...addresses, ...limits });
  setState(os, { ...stateOf(os), forwarded: { ...stateOf(os).forwarded, [socket]: { call, request } } });
  forwardedOne(os, personality, socket);
}

function forwardedOne(os: Os, personality: Personality, socket: number): void {
  const { [socket]: one, ...forwarded } = stateOf(os).forwarded;
  if (one === undefined || one.call.phase !== 'done') return;
  setState(os, { ...stateOf(os), forwarded });
  const { response: answer, failure } = one.call;
  const status = failure?.reason === 'timeout' || failure?.reason === 'ETIMEDOUT' ? 504 : 502;
  if (answer === undefined) {
    finishAnswer(os, personality, socket, one.request, gatewayError(os, personality, status));
    return;
  }
  const { Connection: _hop, ...headers } = answer.headers;
  const own = personality.ownHeaders?.(os) ?? {};
  finishAnswer(os, personality, socket, one.request, { ...answer, headers: { ...own, ...headers, ...own } });
}

function gatewayError(os: Os, personality: Personality, status: number): HttpResponse {
  return personality.gatewayError?.(os, status) ?? response(status, '');
}

/** Events of lookups and calls to upstreams. True when the event was one of those. */
function onUpstream(os: Os, personality: Personality, event: ProcessEvent): boolean {
  const { resolving, forwarded } = stateOf(os);
  if (resolving !== undefined) {
    const next = resolveEvent(os, resolving, event);
    if (next !== null) {
      setState(os, { ...stateOf(os), resolving: next });
      resolvedOne(os, personality);
      return true;
    }
  }
  for (const [key, one] of Object.entries(forwarded)) {
    const call = callEvent(os, one.call, event);
    if (call === null) continue;
    setState(os, { ...stateOf(os), forwarded: { ...stateOf(os).forwarded, [key]: { ...one, call } } });
    forwardedOne(os, personality, Number(key));
    return true;
  }
  return false;
}

function dropConnection(os: Os, socket: number): void {
  const state = stateOf(os);
  const { [socket]: _gone, ...connections } = state.connections;
  setState(os, { ...state, connections });
  exitWhenIdle(os);
}

function onSignal(os: Os, event: ProcessEvent & { type: 'signal' }): void {
  const delayNs = event.signal === 'TERM' ? stateOf(os).config.termDelayNs : 0;
  if (delayNs > 0) os.setTimer('stop', delayNs);
  else stop(os);
}

function stop(os: Os): void {
  const state = stateOf(os);
  if (state.stopping) return;
  setState(os, { ...state, stopping: true });
  if (!state.config.graceful) {
    os.exit(0);
    return;
  }
  for (const listener of Object.keys(state.listeners)) os.machine.close(Number(listener));
  for (const [socket, connection] of Object.entries(state.connections)) {
    if (connection.pending > 0) continue;
    os.machine.close(Number(socket));
    dropConnection(os, Number(socket));
  }
  exitWhenIdle(os);
}

function exitWhenIdle(os: Os): void {
  const state = stateOf(os);
  if (state.stopping && Object.keys(state.connections).length === 0) os.exit(0);
}
