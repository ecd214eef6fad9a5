/**
 * CoreDNS as a program: listens on UDP and TCP 53 (or what the Corefile says), runs the plugin chain, asks upstreams, and
 * serves /health, /ready and /metrics. On SIGTERM it goes on answering for the health plugin's lameduck time.
 */
import type { Ns } from '../clock/clock';
import { MS, SECOND, US } from '../clock/clock';
import type { PeerAddress, SocketEvent } from '../kernel/machine-api';
import type { StoreLike } from '../dns/cluster-reader';
import { readCluster } from '../dns/cluster-reader';
import { CorefileError } from '../dns/corefile';
import type { DnsMessage } from '../dns/message';
import { queryMessage } from '../dns/message';
import { dnsFromPayload, dnsPayload } from '../dns/payload';
import { truncate } from '../dns/wire-size';
import type { UpstreamAsk } from '../dns/plugin';
import type { CacheState, ServerConfig } from '../dns/server';
import { configureServer, serveQuery } from '../dns/server';
import { parseDuration } from './annotations';
import { logLine, pluginSettings, portOf, splitPort } from './coredns-settings';
import { httpFromPayload, httpPayload, response } from './http-message';
import type { Os, Program } from './program';
import { flagValue } from './web-servers';

interface Client {
  readonly socket: number;
  readonly transport: 'udp' | 'tcp';
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  readonly requestId: number;
}

/** A query that waits for an upstream. */
interface Pending {
  readonly client: Client;
  readonly query: DnsMessage;
  readonly seed: number;
  readonly startNs: Ns;
  readonly known: Readonly<Record<string, DnsMessage | 'timeout'>>;
  readonly waiting: string;
  readonly timer: number;
}

interface CorednsState {
  readonly corefile: string;
  readonly config: ServerConfig;
  readonly cache: CacheState;
  /** Listening sockets and connections by number: the port they serve. */
  readonly ports: Readonly<Record<number, number>>;
  readonly peers: Readonly<Record<number, { readonly peer: PeerAddress; readonly requestId: number }>>;
  /** By the socket on which the upstream's answer will come. */
  readonly pending: Readonly<Record<number, Pending>>;
  readonly stopping: boolean;
}

const LATENCY_NS = 300 * US;
/** Until the first lists of the API have come; CoreDNS does not serve before that. */
const SYNC_NS = 200 * MS;
const UPSTREAM_LIMIT_NS = 2 * SECOND;
const RELOAD_NS = 30 * SECOND;
const VERSION = '1.13.1';
/** Zone of the default Corefile when none is mounted: CoreDNS starts with the whoami plugin then. */
const NO_COREFILE = '.:53 {\n}\n';

/** The program; it reads the API through `store`. */
export function createCoredns(store: StoreLike): Program {
  return {
    name: 'coredns',
    handlesSignals: true,
    start: (os) => start(os, store),
    onEvent: (os, event) => {
      if (event.type === 'socket') onSocket(os, event.event);
      else if (event.type === 'signal') onSignal(os);
      else if (event.type === 'timer') onTimer(os, store, event.name, event.data);
    },
  };
}

function stateOf(os: Os): CorednsState {
  return os.process.state as CorednsState;
}

function change(os: Os, more: Partial<CorednsState>): void {
  os.setState({ ...stateOf(os), ...more });
}

function start(os: Os, store: StoreLike): void {
  const path = flagValue(os.process.args, 'conf') ?? '/etc/coredns/Corefile';
  const corefile = os.readFile(path) ?? liveCorefile(os, store) ?? NO_COREFILE;
  try {
    const config = configureServer(corefile, os.process.env);
    const blank = { ports: {}, peers: {}, pending: {}, stopping: false };
    os.setState({ corefile, config, cache: new Map(), ...blank });
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    os.print(`${error.message}\n`, 'stderr');
    os.exit(1);
    return;
  }
  os.setTimer('listen', SYNC_NS);
  if (pluginSettings(stateOf(os).config, 'reload') !== null) os.setTimer('reload', RELOAD_NS);
}

/** The ConfigMap that the Corefile is mounted from, as it is now; what is mounted follows it. */
function liveCorefile(os: Os, store: StoreLike): string | null {
  const namespace = os.process.container?.namespace ?? 'kube-system';
  const map = store.get('ConfigMap', namespace, 'coredns') as
    { data?: Readonly<Record<string, string>> } | undefined;
  return map?.data?.Corefile ?? null;
}

function listen(os: Os): void {
  const { config } = stateOf(os);
  const dnsPorts = [...new Set(config.blocks.map((block) => block.port))];
  const http = [
    portOf(config, 'health', 8080),
    portOf(config, 'ready', 8181),
    portOf(config, 'prometheus', 9153),
  ];
  const wanted = [
    ...dnsPorts.flatMap((port) => [
      { protocol: 'udp' as const, port },
      { protocol: 'tcp' as const, port },
    ]),
    ...http.filter((port) => port !== null).map((port) => ({ protocol: 'tcp' as const, port })),
  ];
  for (const { protocol, port } of wanted) {
    const socket = os.machine.listen(os.process.netns, protocol, '0.0.0.0', port, os.owner);
    if (typeof socket !== 'number') {
      os.print(`listen ${protocol} :${port}: bind: address already in use\n`, 'stderr');
      os.exit(1);
      return;
    }
    change(os, { ports: { ...stateOf(os).ports, [socket]: port } });
  }
  for (const block of config.blocks) os.print(`${block.zones.join(' ')}:${block.port}\n`);
  os.print(`CoreDNS-${VERSION}\nlinux/amd64\n`);
}

function onSocket(os: Os, event: SocketEvent): void {
  const state = stateOf(os);
  if (event.kind === 'datagram') {
    const message = dnsFromPayload(event.payload);
    if (message === null) return;
    if (message.response) answerCame(os, event.socket, message);
    else {
      const { socket, from: peer, to: local, requestId } = event;
      take(os, { socket, transport: 'udp', peer, local, requestId }, message);
    }
  } else if (event.kind === 'accepted') {
    const peer = { peer: event.peer, requestId: event.requestId };
    const port = state.ports[event.listener] ?? 0;
    change(os, {
      ports: { ...state.ports, [event.socket]: port },
      peers: { ...state.peers, [event.socket]: peer },
    });
  } else if (event.kind === 'data') {
    onData(os, event);
  } else if (event.kind === 'closed' || event.kind === 'error') {
    if (event.kind === 'closed') os.machine.close(event.socket);
    const { [event.socket]: _port, ...ports } = state.ports;
    const { [event.socket]: _peer, ...peers } = state.peers;
    if (state.peers[event.socket] !== undefined) change(os, { ports, peers });
  }
}

function onData(os: Os, event: SocketEvent & { kind: 'data' }): void {
  const state = stateOf(os);
  const port = state.ports[event.socket] ?? 0;
  const request = httpFromPayload(event.payload);
  if (request?.kind === 'request') {
    const known = /^\/(health|ready|metrics)$/.test(request.path);
    os.machine.send(
      event.socket,
      httpPayload(known ? response(200, 'OK') : response(404, '404 page not found\n')),
    );
    return;
  }
  const message = dnsFromPayload(event.payload);
  const from = state.peers[event.socket];
  if (message === null || from === undefined || message.response) return;
  const local = { ip: os.process.container?.podIPs[0] ?? '', port };
  take(
    os,
    { socket: event.socket, transport: 'tcp', peer: from.peer, local, requestId: from.requestId },
    message,
  );
}

function take(os: Os, client: Client, query: DnsMessage): void {
  os.setTimer('serve', LATENCY_NS, { client, query });
}

function onTimer(os: Os, store: StoreLike, name: string, data: unknown): void {
  if (name === 'listen') listen(os);
  else if (name === 'exit') os.exit(0);
  else if (name === 'reload') reload(os, store);
  else if (name === 'serve') {
    const { client, query } = data as { client: Client; query: DnsMessage };
    serve(os, store, {
      client,
      query,
      seed: os.random('coredns/forward'),
      startNs: os.nowNs - LATENCY_NS,
      known: {},
    });
  } else if (name === 'again') {
    serve(os, store, data as Omit<Pending, 'waiting' | 'timer'>);
  } else if (name === 'upstream') {
    const { socket } = data as { socket: number };
    const pending = stateOf(os).pending[socket];
    if (pending !== undefined) resume(os, socket, pending, 'timeout');
  }
}

function keyOf(ask: UpstreamAsk): string {
  return `${ask.server} ${ask.name.toLowerCase()} ${ask.type}`;
}

function serve(os: Os, store: StoreLike, work: Omit<Pending, 'waiting' | 'timer'>): void {
  const { client, query, seed, known } = work;
  const state = stateOf(os);
  const result = serveQuery(state.config, state.cache, query, {
    nowNs: os.nowNs,
    cluster: readCluster(store),
    synced: true,
    localIps: os.process.container?.podIPs ?? [],
    seed,
    random: () => os.random('coredns/loadbalance'),
    upstream: (ask) => known[keyOf(ask)],
    readFile: (path) => os.readFile(path),
    port: client.local.port,
  });
  change(os, { cache: result.cache });
  if (result.served.kind === 'pending') askUpstream(os, work, result.served.ask);
  else reply(os, work, result.reply!);
}

function reply(os: Os, work: Omit<Pending, 'waiting' | 'timer'>, full: DnsMessage): void {
  const { client, query } = work;
  const overTcp = client.transport === 'tcp';
  const message = overTcp ? full : truncate(full, Math.max(512, query.ednsBytes ?? 512));
  const payload = dnsPayload(message, overTcp);
  if (overTcp) os.machine.send(client.socket, payload);
  else
    os.machine.sendTo(client.socket, client.peer, payload, {
      requestId: client.requestId,
      from: client.local,
    });
  if (pluginSettings(stateOf(os).config, 'log') !== null)
    os.print(`${logLine(client.peer, client.transport, query, message, os.nowNs - work.startNs)}\n`);
}

function askUpstream(os: Os, work: Omit<Pending, 'waiting' | 'timer'>, ask: UpstreamAsk): void {
  const { netns } = os.process;
  const opened = os.machine.openUdp(netns, os.owner, work.client.requestId);
  const waiting = keyOf(ask);
  if (typeof opened !== 'number') {
    os.setTimer('again', 0, { ...work, known: { ...work.known, [waiting]: 'timeout' } });
    return;
  }
  const [host = '', port] = splitPort(ask.server.replace(/#\d+$/, ''));
  const id = Math.floor(os.random('coredns/ids') * 65536);
  const message = queryMessage(id, ask.name, ask.type, work.query.ednsBytes);
  os.machine.sendTo(opened, { ip: host, port }, dnsPayload(message), { requestId: work.client.requestId });
  const timer = os.setTimer('upstream', UPSTREAM_LIMIT_NS, { socket: opened });
  change(os, { pending: { ...stateOf(os).pending, [opened]: { ...work, waiting, timer } } });
}

function answerCame(os: Os, socket: number, message: DnsMessage): void {
  const pending = stateOf(os).pending[socket];
  if (pending !== undefined) resume(os, socket, pending, message);
}

function resume(os: Os, socket: number, pending: Pending, answer: DnsMessage | 'timeout'): void {
  os.machine.close(socket);
  os.cancelTimer(pending.timer);
  const { [socket]: _done, ...rest } = stateOf(os).pending;
  change(os, { pending: rest });
  const { waiting, timer: _timer, ...work } = pending;
  os.setTimer('again', 0, { ...work, known: { ...work.known, [waiting]: answer } });
}

/** The reload plugin looks at the file every 30 s; a broken one is logged and the old one kept. */
function reload(os: Os, store: StoreLike): void {
  const state = stateOf(os);
  const corefile = liveCorefile(os, store);
  if (corefile !== null && corefile !== state.corefile) {
    try {
      const config = configureServer(corefile, os.process.env);
      change(os, { corefile, config, cache: new Map() });
      os.print('[INFO] Reloading\n[INFO] Reloading complete\n');
    } catch (error) {
      if (!(error instanceof CorefileError)) throw error;
      change(os, { corefile });
      os.print(
        `[ERROR] Restart failed: ${error.message}\n[ERROR] plugin/reload: Corefile changed but reload failed: ${error.message}\n`,
      );
    }
  }
  os.setTimer('reload', RELOAD_NS);
}

function onSignal(os: Os): void {
  const state = stateOf(os);
  if (state.stopping) return;
  change(os, { stopping: true });
  const lameduck = pluginSettings(state.config, 'health')?.block?.find((entry) => entry.name === 'lameduck');
  const delayNs = lameduck === undefined ? 0 : (parseDuration(lameduck.args[0] ?? '') ?? 0);
  os.print('[INFO] SIGTERM: Shutting down servers then terminating\n');
  if (delayNs > 0) {
    os.print(`[INFO] plugin/health: Going into lameduck mode for ${lameduck!.args[0]}\n`);
    os.setTimer('exit', delayNs);
  } else os.exit(0);
}
