/**
 * What makes a server this server and not another: its configuration and its answers. http-server.ts does the rest.
 */
import type { Ns } from '../clock/clock';
import { US } from '../clock/clock';
import type { PeerAddress } from '../kernel/machine-api';
import type { AppPayload } from '../trace/packet';
import type { ListenPort } from './annotations';
import { durationOf, listenPorts } from './annotations';
import type { HttpRequest, HttpResponse } from './http-message';
import type { Os } from './program';

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
  /** The conversation that it belongs to in the trace. */
  readonly requestId: number;
  /** Requests taken and not yet answered. */
  readonly pending: number;
}

/** Where a proxy sends a request on: servers in order, of which the first that can be reached counts. */
export interface ForwardTo {
  readonly kind: 'forward';
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly request: HttpRequest;
}

export interface Personality {
  readonly name: string;
  configure(os: Os): ServerConfig;
  respond(os: Os, request: HttpRequest, connection: Connection): HttpResponse | ForwardTo;
  /** Why it cannot start, or null. */
  refusal?(os: Os): string | null;
  /** Names that must resolve before it listens, and what it says when one does not. */
  upstreams?(os: Os): readonly string[];
  unresolved?(host: string): string;
  /** Headers that a proxy puts in place of the upstream's. */
  ownHeaders?(os: Os): Readonly<Record<string, string>>;
  /** Answer when an upstream fails: 502, or 504 when it was too slow. */
  gatewayError?(os: Os, status: number): HttpResponse;
  /** Lines at start. */
  banner?(os: Os, config: ServerConfig): string;
  /** Access-log line of one answer, without line end. */
  logLine?(os: Os, request: HttpRequest, answer: HttpResponse, connection: Connection): string;
  /**
   * Answer to a payload that is not HTTP, or to a datagram; null closes the connection without a word, undefined does so
   * with the 400 of HTTP. A datagram gets no answer then.
   */
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

/** The same with TLS where the container's probes speak HTTPS, and without where they do not: software of which nothing else is known. */
export function asProbed(os: Os, config: ServerConfig): ServerConfig {
  const { https = [], http = [] } = os.process.container?.probedPorts ?? {};
  const tlsPorts = [...config.tlsPorts, ...https].filter((port) => !http.includes(port));
  return { ...config, tlsPorts };
}

/** Ports that it listens on without listing them, by its probes and Services. */
export function assumedPorts(os: Os): ListenPort[] {
  return (os.process.container?.assumedPorts ?? []).map(({ port, protocol }) => ({
    port,
    protocol: protocol.toLowerCase() as ListenPort['protocol'],
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
