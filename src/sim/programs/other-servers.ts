/**
 * Servers of other kinds: Kubernetes' agnhost test image, and data stores as far as a connection to them goes.
 */
import type { AppPayload } from '../trace/packet';
import type { ListenPort } from './annotations';
import type { Personality } from './personality';
import { createServer } from './http-server';
import { annotatedStatus, baseConfig } from './personality';
import type { HttpRequest, HttpResponse } from './http-message';
import { header, response } from './http-message';
import type { Os, Program } from './program';
import { textOf, textPayload } from './text-payload';
import { flagValue, podName } from './web-servers';

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** registry.k8s.io/e2e-test-images/agnhost, the subcommands that listen. */
const agnhostServer: Personality = {
  name: 'agnhost-server',
  configure: (os) => baseConfig(os, agnhostPorts(os)),
  respond: (os, request, connection) => {
    if (os.process.args[1] === 'serve-hostname') return response(200, podName(os), TEXT);
    return netexec(os, request, `${connection.peer.ip}:${connection.peer.port}`);
  },
  banner: (os, config) => {
    const ports = config.ports.map((port) => `${port.protocol} port ${port.port}`).join(', ');
    return `Started ${os.process.args[1]} on ${ports}`;
  },
  onOther: (os, payload, connection) => {
    const [word = '', ...rest] = (textOf(payload) ?? '').trim().split(/\s+/);
    if (word === 'hostname') return textPayload(podName(os));
    if (word === 'clientip') return textPayload(`${connection.peer.ip}:${connection.peer.port}`);
    return word === 'echo' ? textPayload(rest.join(' ')) : undefined;
  },
};

function agnhostPorts(os: Os): ListenPort[] {
  const { args } = os.process;
  const number = (flag: string, otherwise: number) => Number(flagValue(args, flag) ?? otherwise);
  if (args[1] === 'serve-hostname') return [{ port: number('port', 9376), protocol: 'tcp' }];
  if (args[1] === 'test-webserver') return [{ port: number('port', 80), protocol: 'tcp' }];
  const udp = number('udp-port', 8081);
  const ports: ListenPort[] = [{ port: number('http-port', 8080), protocol: 'tcp' }];
  return udp > 0 ? [...ports, { port: udp, protocol: 'udp' }] : ports;
}

function netexec(os: Os, request: HttpRequest, client: string): HttpResponse {
  const [path = '/', search = ''] = request.path.split('?');
  const query = new Map(search.split('&').map((pair) => pair.split('=') as [string, string | undefined]));
  const status = annotatedStatus(os);
  switch (path.toLowerCase()) {
    case '/hostname':
      return response(status, podName(os), TEXT);
    case '/clientip':
      return response(status, client, TEXT);
    case '/healthz':
      return response(status, '', TEXT);
    case '/header':
      return response(status, header(request.headers, query.get('key') ?? '') ?? '', TEXT);
    case '/echo':
      return response(Number(query.get('code') ?? 200), query.get('msg') ?? '', TEXT);
    default:
      return path === '/'
        ? response(status, `NOW: ${Math.floor(os.nowNs / 1e9)}`, TEXT)
        : response(404, '404 page not found\n', TEXT);
  }
}

const served = createServer(agnhostServer);
const LISTENING = new Set(['netexec', 'serve-hostname', 'test-webserver']);

/** agnhost as a whole: subcommands that listen are servers, the others wait for ever. */
const agnhost: Program = {
  name: 'agnhost',
  handlesSignals: true,
  start: (os) => {
    if (LISTENING.has(os.process.args[1] ?? '')) served.start(os);
    else os.print('Paused\n');
  },
  onEvent: (os, event) => {
    if (LISTENING.has(os.process.args[1] ?? '')) served.onEvent(os, event);
    else if (event.type === 'signal') os.exit(0);
  },
};

/** The sandbox container's own program: it waits. */
const pause: Program = {
  name: 'pause',
  handlesSignals: true,
  start: () => undefined,
  onEvent: (os, event) => {
    if (event.type === 'signal') os.exit(0);
  },
};

/** A data store: it takes connections on its port, and answers what `reply` knows. */
function dataStore(
  name: string,
  port: number,
  reply: (text: string) => string | null,
  ready: string,
): Personality {
  const answer = (_os: Os, payload: AppPayload) => {
    const text = reply((textOf(payload) ?? '').trim());
    return text === null ? null : textPayload(text);
  };
  return {
    name,
    configure: (os) =>
      baseConfig(os, [{ port: Number(flagValue(os.process.args, 'port') ?? port), protocol: 'tcp' }], {
        tlsPorts: [],
      }),
    // HTTP on such a port is a protocol error; Redis for one closes the connection.
    respond: () => response(400, ''),
    onOther: answer,
    banner: () => ready,
  };
}

function redisReply(text: string): string {
  const word = text.split(/\s+/)[0]?.toUpperCase() ?? '';
  if (word === 'PING') return '+PONG\r\n';
  return `-ERR unknown command '${text.split(/\s+/)[0] ?? ''}'\r\n`;
}

const DATA_STORES = [
  dataStore('redis', 6379, redisReply, 'Ready to accept connections tcp'),
  // Not simulated: the databases' own protocols; they take a connection and close it at the first words.
  dataStore('postgres', 5432, () => null, 'LOG:  database system is ready to accept connections'),
  dataStore('mysql', 3306, () => null, 'mysqld: ready for connections.'),
  dataStore('mongo', 27017, () => null, 'Waiting for connections'),
].map(createServer);

export const OTHER_SERVERS: readonly Program[] = [agnhost, pause, ...DATA_STORES];
