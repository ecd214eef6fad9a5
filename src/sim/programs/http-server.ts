/**
 * What all servers have in common: listening, connections, thinking time, the answer, and the end after SIGTERM. A
 * personality (nginx, whoami, somebody's own backend …) gives the configuration and the answers.
 */
import type { Ns } from '../clock/clock';
import { US } from '../clock/clock';
import type { PeerAddress, SocketEvent } from '../kernel/machine-api';
import type { AppPayload } from '../trace/packet';
import type { ListenPort } from './annotations';
import { durationOf, listenPorts } from './annotations';
import type { HttpRequest, HttpResponse } from './http-message';
import { header, httpFromPayload, httpPayload, response, tlsPayload, tlsStep } from './http-message';
import type { Os, ProcessEvent, Program } from './program';

/** Fixed for the life of a server. */
export interface ServerConfig {
  readonly ports: readonly ListenPort[];
  /** TCP ports that speak TLS. */
  readonly tlsPorts: readonly number[];
  /** Thinking time per request. */
  readonly latencyNs: Ns;
  readonly startDelayNs: Ns;
  readonly termDelayNs: Ns;
  /** Answer what is in flight before exiting on SIGTERM. */
  readonly graceful: boolean;
  /** A server that runs without ports serves nobody; this one says so and ends instead. */
  readonly exitOnBusyPort?: boolean;
}

/** One connection as the server knows it. */
export interface Connection {
  readonly peer: PeerAddress;
  readonly port: number;
  readonly tls: boolean;
  /** Requests taken and not yet answered. */
  readonly pending: number;
}

interface ServerState {
  readonly config: ServerConfig;
  readonly listeners: Readonly<Record<number, ListenPort>>;
  readonly connections: Readonly<Record<number, Connection>>;
  readonly stopping: boolean;
  readonly served: number;
}

export interface Personality {
  readonly name: string;
  configure(os: Os): ServerConfig;
  respond(os: Os, request: HttpRequest, connection: Connection): HttpResponse;
  /** Lines at start. */
  banner?(os: Os, config: ServerConfig): string;
  /** Access-log line of one answer, without line end. */
  logLine?(os: Os, request: HttpRequest, answer: HttpResponse, connection: Connection): string;
  /** Answer to a payload that is not HTTP, or to a datagram; null closes the connection, undefined ignores it. */
  onOther?(os: Os, payload: AppPayload, connection: Connection): AppPayload | null | undefined;
}

/** Ports that a container declares in its spec. */
export function declaredPorts(os: Os): ListenPort[] {
  const ports = os.process.container?.ports ?? [];
  return ports.map((entry) => ({
    port: entry.containerPort,
    protocol: entry.protocol.toLowerCase() as ListenPort['protocol'],
  }));
}

/** The usual configuration: given ports unless an annotation names others, delays from the annotations. */
export function baseConfig(
  os: Os,
  ports: readonly ListenPort[],
  more: Partial<ServerConfig> = {},
): ServerConfig {
  const container = os.process.container;
  const annotations = container?.annotations ?? {};
  const listen = listenPorts(annotations) ?? ports;
  const named = (container?.ports ?? []).filter((entry) => entry.name === 'https' || entry.name === 'tls');
  return {
    ports: listen,
    tlsPorts: [443, 6443, 8443, ...named.map((entry) => entry.containerPort)],
    latencyNs: durationOf(annotations, 'latency', 500 * US),
    startDelayNs: durationOf(annotations, 'start-delay', 0),
    termDelayNs: durationOf(annotations, 'term-delay', 0),
    graceful: false,
    ...more,
  };
}

/** Status that annotation hopyard.dev/status asks for, else 200. */
export function annotatedStatus(os: Os): number {
  const text = os.process.container?.annotations['hopyard.dev/status'] ?? '200';
  return /^[1-5]\d\d$/.test(text) ? Number(text) : 200;
}

/** Makes the program of a personality. */
export function createServer(personality: Personality): Program {
  return {
    name: personality.name,
    handlesSignals: true,
    start(os) {
      const config = personality.configure(os);
      setState(os, { config, listeners: {}, connections: {}, stopping: false, served: 0 });
      if (config.startDelayNs > 0) os.setTimer('listen', config.startDelayNs);
      else listen(os, personality);
    },
    onEvent(os, event) {
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
    const connection = { peer: event.peer, port, tls, pending: 0 };
    setState(os, { ...state, connections: { ...state.connections, [event.socket]: connection } });
  } else if (event.kind === 'data') {
    onData(os, personality, event.socket, event.payload);
  } else if (event.kind === 'closed') {
    os.machine.close(event.socket);
    dropConnection(os, event.socket);
  } else if (event.kind === 'error') {
    dropConnection(os, event.socket);
  } else if (event.kind === 'datagram') {
    const connection = { peer: event.from, port: event.to.port, tls: false, pending: 0 };
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
  if (answer != null) os.machine.send(socket, answer);
  else if (answer === undefined) refuse(os, socket, connection);
}

/** Something that is not HTTP, or plain HTTP on a TLS port and the other way round: 400 and good-bye. */
function refuse(os: Os, socket: number, connection: Connection): void {
  const text = connection.tls ? 'The plain HTTP request was sent to HTTPS port' : 'Bad Request';
  os.machine.send(socket, httpPayload(response(400, `${text}\n`, { Connection: 'close' })));
  os.machine.close(socket);
  dropConnection(os, socket);
}

function onTimer(os: Os, personality: Personality, event: ProcessEvent & { type: 'timer' }): void {
  if (event.name === 'listen') listen(os, personality);
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
