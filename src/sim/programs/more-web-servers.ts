/** More web servers by personality: what nginx, Apache, http-echo, busybox and somebody's own backend answer. */
import { SECOND } from '../clock/clock';
import { httpDate } from './calendar';
import type { Personality } from './personality';
import { createServer } from './http-server';
import { annotatedStatus, asProbed, assumedPorts, baseConfig, declaredPorts } from './personality';
import { response, startLine } from './http-message';
import { combinedLog, nginx } from './nginx';
import type { Program } from './program';
import { portsOfArgs, usualPorts } from './usual-ports';
import { HTML, TEXT, flagValue, podName, tcp } from './web-servers';

const apache: Personality = {
  name: 'apache',
  configure: (os) => baseConfig(os, tcp(80), { graceful: true }),
  respond: (os, request) => {
    const headers = { date: httpDate(os.nowNs), Server: 'Apache/2.4.65 (Unix)', ...HTML };
    const status = annotatedStatus(os);
    const file = os.readFile(
      `/usr/local/apache2/htdocs${request.path === '/' ? '/index.html' : request.path}`,
    );
    if (status === 200 && file !== null) return response(200, file, headers);
    const isRoot = request.path === '/' || request.path === '/index.html';
    if (status === 200 && isRoot)
      return response(200, '<html><body><h1>It works!</h1></body></html>\n', headers);
    const code = status === 200 ? 404 : status;
    return response(code, `<h1>${response(code, '').reason}</h1>\n`, headers);
  },
  banner: () => "AH00094: Command line: 'httpd -D FOREGROUND'",
  logLine: combinedLog,
};

// ---- servers made for showing who answers

/** Somebody's own backend: it says which pod it is. Body and header name the pod. */
const own: Personality = {
  name: 'server',
  configure: (os) => {
    const fromArgs = /^(?:\d{2,5})$/.exec(os.process.args[os.process.args.length - 1] ?? '');
    const isHttpModule = os.process.args.includes('http.server');
    const port = Number(os.process.env.PORT ?? (fromArgs !== null ? fromArgs[0] : isHttpModule ? 8000 : 0));
    const fixed = flagValue(os.process.args, 'fixed-port');
    if (fixed !== undefined) return baseConfig(os, tcp(Number(fixed)));
    const known = [...declaredPorts(os), ...assumedPorts(os)];
    if (known.length > 0) return asProbed(os, baseConfig(os, known));
    const usual = [...portsOfArgs(os.process.args), ...usualPorts(os.process.container?.image ?? '')];
    return baseConfig(os, port > 0 ? tcp(port) : tcp(...new Set(usual)));
  },
  respond: (os) => {
    const status = annotatedStatus(os);
    const name = podName(os);
    const text = status === 200 ? `${name}\n` : `${status} from ${name}\n`;
    return response(status, text, { ...TEXT, date: httpDate(os.nowNs), 'X-Pod': name });
  },
  banner: (_os, config) =>
    config.ports.length === 0
      ? 'server: no ports declared, nothing to listen on'
      : `server: listening on ${config.ports.map((port) => `${port.port}/${port.protocol}`).join(', ')}`,
  logLine: (_os, request, answer, connection) =>
    `${connection.peer.ip} "${startLine(request)}" ${answer.status}`,
};

/** Google's hello-app: the image of many first Deployments. */
const helloApp: Personality = {
  name: 'hello-app',
  configure: (os) => baseConfig(os, tcp(Number(os.process.env.PORT ?? 8080) || 8080)),
  respond: (os) => {
    const version = /:(\d+)\.0/.exec(os.process.container?.image ?? '')?.[1] ?? '1';
    const text = `Hello, world!\nVersion: ${version}.0.0\nHostname: ${podName(os)}\n`;
    return response(annotatedStatus(os), text, { ...TEXT, date: httpDate(os.nowNs) });
  },
  banner: () => 'Server listening on port 8080',
};

/** minikube's echo server: who serves, and the request as it came. */
const echoServer: Personality = {
  name: 'echo-server',
  configure: (os) => baseConfig(os, tcp(Number(os.process.env.PORT ?? 8080) || 8080)),
  respond: (os, request) => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    const lines = [startLine(request), '', `Host: ${request.host}`, ...headers, '', request.body];
    const text = `Request served by ${podName(os)}\n\n${lines.join('\n')}`;
    return response(annotatedStatus(os), text, { ...TEXT, date: httpDate(os.nowNs) });
  },
  banner: (_os, config) => `Echo server listening on port ${config.ports[0]?.port ?? 8080}.`,
};

const httpEcho: Personality = {
  name: 'http-echo',
  configure: (os) => {
    const listen = flagValue(os.process.args, 'listen') ?? ':5678';
    return baseConfig(os, tcp(Number(listen.split(':').pop()) || 5678));
  },
  respond: (os, request) => {
    const headers = {
      'X-App-Name': 'http-echo',
      'X-App-Version': '1.0.0',
      date: httpDate(os.nowNs),
      ...TEXT,
    };
    if (request.path === '/health') return response(200, '{"status":"ok"}\n', headers);
    const text = flagValue(os.process.args, 'text') ?? os.process.env.ECHO_TEXT ?? 'hello-world';
    const status = Number(flagValue(os.process.args, 'status-code') ?? annotatedStatus(os));
    return response(status, `${text}\n`, headers);
  },
  banner: (_os, config) => `[INFO] server is listening on :${config.ports[0]?.port ?? 5678}`,
};

/** busybox httpd: files of its directory, nothing else. */
const busyboxHttpd: Personality = {
  name: 'busybox-httpd',
  configure: (os) => {
    const { args } = os.process;
    const joined = args.find((arg) => /^-p\d+/.test(arg))?.slice(2);
    return baseConfig(os, tcp(Number((joined ?? flagValue(args, 'p') ?? '80').split(':').pop()) || 80));
  },
  respond: (os, request) => {
    const home = flagValue(os.process.args, 'h') ?? '';
    const path = request.path.endsWith('/') ? `${request.path}index.html` : request.path;
    const text = os.readFile(`${home.replace(/\/$/, '')}${path}`);
    if (text !== null) return response(200, text, HTML);
    return response(
      404,
      '<HTML><BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n',
      HTML,
    );
  },
};

const nginxServer = createServer(nginx);

/** nginx as a command: -s stops or reloads the server that runs already, -t and -v only talk. */
const nginxCommand: Program = {
  ...nginxServer,
  start(os) {
    const { args } = os.process;
    const order = args[args.indexOf('-s') + 1];
    if (args.includes('-s')) {
      if (order === 'stop' || order === 'quit') os.signal(1, 'TERM');
      os.print('signal process started\n', 'stderr');
      os.exit(0);
    } else if (args.includes('-t') || args.includes('-v')) {
      const refusal = nginx.refusal?.(os) ?? null;
      os.print(
        `${refusal ?? 'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok'}\n`,
        'stderr',
      );
      os.exit(refusal === null ? 0 : 1);
    } else nginxServer.start(os);
  },
};

const ownServer = createServer(own);

/** How long a program takes that does its work and ends. */
const WORK_NS = 2 * SECOND;

/** Somebody's program: a server, or where a container is there to end and names no port, some work that succeeds. */
function ownProgram(name: string, isWork: (args: readonly string[]) => boolean): Program {
  return {
    name,
    handlesSignals: true,
    start(os) {
      const isTask = os.process.container?.isTask === true && own.configure(os).ports.length === 0;
      if (isTask || isWork(os.process.args)) os.setTimer('done', WORK_NS);
      else ownServer.start(os);
    },
    onEvent(os, event) {
      if ('config' in (os.process.state as object)) ownServer.onEvent(os, event);
      else if (event.type === 'timer') os.exit(0);
      else if (event.type === 'signal') os.exit(event.signal === 'TERM' ? 143 : 130);
    },
  };
}

/** perl -e, python -c and their like do their sum and end. */
function isOneLiner(args: readonly string[]): boolean {
  return args.slice(1).some((arg) => /^-\w*[ec]$/.test(arg) || arg === '--version');
}

const PLAIN_SERVERS = [apache, helloApp, echoServer, httpEcho, busyboxHttpd].map(createServer);

export const MORE_WEB_SERVERS: readonly Program[] = [
  nginxCommand,
  ownProgram('server', () => false),
  ownProgram('interpreter', isOneLiner),
  ...PLAIN_SERVERS,
];
