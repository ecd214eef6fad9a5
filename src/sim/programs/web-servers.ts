/** Web servers by personality: what nginx, Apache, whoami, http-echo and somebody's own backend answer. */
import type { ListenPort } from './annotations';
import { MS } from '../clock/clock';
import { httpDate } from './calendar';
import type { Connection, Personality } from './http-server';
import { annotatedStatus, baseConfig, createServer, declaredPorts } from './http-server';
import type { HttpRequest, HttpResponse } from './http-message';
import { response, startLine } from './http-message';
import { parseImage } from './images';
import type { Os } from './program';

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
const HTML = { 'Content-Type': 'text/html' };

export function podName(os: Os): string {
  return os.process.container?.podName ?? os.process.machine;
}

function tcp(...ports: number[]): ListenPort[] {
  return ports.map((port) => ({ port, protocol: 'tcp' }));
}

/** Value of a flag in any of Go's spellings: -text=x, --text x; the last one counts. */
export function flagValue(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  args.forEach((arg, index) => {
    const match = new RegExp(`^--?${name}(?:=(.*))?$`, 's').exec(arg);
    if (match !== null) value = match[1] ?? args[index + 1];
  });
  return value;
}

// ---- nginx

interface NginxSite {
  readonly ports: readonly number[];
  /** From `return CODE "text";` at the site's root. */
  readonly fixed?: { readonly status: number; readonly text: string };
}

/** What of a mounted default.conf counts here: the ports it listens on, and a plain return. */
function nginxSite(os: Os): NginxSite {
  const conf = os.readFile('/etc/nginx/conf.d/default.conf') ?? os.readFile('/etc/nginx/nginx.conf');
  const fallback = parseImage(os.process.container?.image ?? '').name.includes('unprivileged') ? 8080 : 80;
  if (conf === null) return { ports: [fallback] };
  const ports = [...conf.matchAll(/^\s*listen\s+(?:[\d.]+:|\[::\]:)?(\d+)/gm)].map((match) =>
    Number(match[1]),
  );
  const back = /^\s*return\s+(\d{3})(?:\s+(?:'([^']*)'|"([^"]*)"|(\S+)))?\s*;/m.exec(conf);
  const unique = [...new Set(ports)];
  const site = { ports: unique.length > 0 ? unique : [fallback] };
  if (back === null) return site;
  const text = (back[2] ?? back[3] ?? back[4] ?? '')
    .replace(/\\n/g, '\n')
    .replaceAll('$hostname', podName(os));
  return { ...site, fixed: { status: Number(back[1]), text } };
}

function nginxHeaders(os: Os): Record<string, string> {
  const tag = parseImage(os.process.container?.image ?? '').tag;
  const version = /^\d+\.\d+\.\d+/.exec(tag)?.[0] ?? '1.29.3';
  return { Server: `nginx/${version}`, date: httpDate(os.nowNs) };
}

const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>The web server is installed and working; it has no pages of its own yet.</p>
</body>
</html>
`;

function nginxAnswer(os: Os, request: HttpRequest): HttpResponse {
  const headers = nginxHeaders(os);
  const status = annotatedStatus(os);
  const site = nginxSite(os);
  if (site.fixed !== undefined) return response(site.fixed.status, site.fixed.text, { ...headers, ...TEXT });
  const path = request.path.replace(/\?.*$/, '');
  const file = os.readFile(`/usr/share/nginx/html${path.endsWith('/') ? `${path}index.html` : path}`);
  if (status !== 200) return nginxError(status, headers);
  if (file !== null) return response(200, file, { ...headers, ...HTML });
  if (path === '/' || path === '/index.html') return response(200, WELCOME, { ...headers, ...HTML });
  return nginxError(404, headers);
}

function nginxError(status: number, headers: Record<string, string>): HttpResponse {
  const { reason } = response(status, '');
  const title = `${status} ${reason}`;
  const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n<hr><center>${headers.Server}</center>\n</body>\n</html>\n`;
  return response(status, body, { ...headers, ...HTML });
}

/** Combined log format of nginx and Apache. */
function combinedLog(os: Os, request: HttpRequest, answer: HttpResponse, connection: Connection): string {
  const [, day, month, , time] = httpDate(os.nowNs).split(' ');
  const agent = request.headers['User-Agent'] ?? '-';
  const stamp = `${day}/${month}/2026:${time} +0000`;
  return `${connection.peer.ip} - - [${stamp}] "${startLine(request)}" ${answer.status} ${answer.body.length} "-" "${agent}" "-"`;
}

const nginx: Personality = {
  name: 'nginx',
  // The image stops it with QUIT, on which nginx answers what it has taken and then ends.
  configure: (os) => baseConfig(os, tcp(...nginxSite(os).ports), { graceful: true }),
  respond: nginxAnswer,
  banner: () => '/docker-entrypoint.sh: Configuration complete; ready for start up',
  logLine: combinedLog,
};

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
    const declared = declaredPorts(os);
    return baseConfig(os, declared.length > 0 ? declared : port > 0 ? tcp(port) : [], { graceful: false });
  },
  respond: (os, request) => {
    const status = annotatedStatus(os);
    const name = podName(os);
    const text = status === 200 ? `${name}\n` : `${status} from ${name}\n`;
    void request;
    return response(status, text, { ...TEXT, date: httpDate(os.nowNs), 'X-Pod': name });
  },
  banner: (_os, config) =>
    config.ports.length === 0
      ? 'server: no ports declared, nothing to listen on'
      : `server: listening on ${config.ports.map((port) => `${port.port}/${port.protocol}`).join(', ')}`,
  logLine: (_os, request, answer, connection) =>
    `${connection.peer.ip} "${startLine(request)}" ${answer.status}`,
};

const whoami: Personality = {
  name: 'whoami',
  configure: (os) => {
    const text = flagValue(os.process.args, 'port') ?? os.process.env.WHOAMI_PORT_NUMBER;
    return baseConfig(os, tcp(Number(text ?? 80) || 80));
  },
  respond: (os, request, connection) => {
    if (request.path.startsWith('/health')) return response(annotatedStatus(os), '', TEXT);
    const ips = ['127.0.0.1', '::1', ...(os.process.container?.podIPs ?? [])];
    const name = flagValue(os.process.args, 'name') ?? os.process.env.WHOAMI_NAME;
    const { ip, port } = connection.peer;
    const lines = [
      ...(name === undefined ? [] : [`Name: ${name}`]),
      `Hostname: ${os.process.container?.hostname ?? podName(os)}`,
      ...ips.map((own) => `IP: ${own}`),
      `RemoteAddr: ${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
      startLine(request),
      `Host: ${request.host}`,
      ...Object.entries(request.headers).map(([key, value]) => `${key}: ${value}`),
    ];
    return response(annotatedStatus(os), `${lines.join('\n')}\n\n`, { date: httpDate(os.nowNs), ...TEXT });
  },
  banner: (_os, config) => `Starting up on port ${config.ports[0]?.port ?? 80}`,
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

/** What answers beyond the cluster. */
const outsideHttp: Personality = {
  name: 'outside-http',
  configure: (os) => baseConfig(os, tcp(80, 443), { latencyNs: 2 * MS }),
  respond: (os, request) => {
    const body = `<!doctype html>\n<title>${request.host}</title>\n<h1>${request.host}</h1>\n<p>A page outside of the cluster.</p>\n`;
    return response(200, body, { Server: 'outside', date: httpDate(os.nowNs), ...HTML });
  },
};

export const WEB_SERVERS = [nginx, apache, own, whoami, httpEcho, busyboxHttpd, outsideHttp].map(
  createServer,
);
