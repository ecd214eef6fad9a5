/**
 * nginx: its welcome page, mounted pages, and what a mounted configuration says about ports, returns and proxying. Names of
 * upstreams are resolved once, at the start, as nginx does; a name that does not resolve keeps it from starting.
 */
import { ipFamily } from '../../lib/ip';
import type { ListenPort } from './annotations';
import { httpDate } from './calendar';
import type { Connection, ForwardTo, Personality } from './personality';
import { annotatedStatus, baseConfig } from './personality';
import type { HttpRequest, HttpResponse } from './http-message';
import { header, response, startLine, usualHeaders } from './http-message';
import { parseImage } from './images';
import type { NginxConf, NginxLocation } from './nginx-conf';
import { chooseLocation, chooseServer, parseNginxConf } from './nginx-conf';
import type { Os } from './program';

const TEXT = { 'Content-Type': 'text/plain' };
const HTML = { 'Content-Type': 'text/html' };
const CONF_DIR = '/etc/nginx/conf.d/';
const PAGES = '/usr/share/nginx/html';

/** The configuration in force: mounted files, or the image's own. Null when it is broken. */
function configurationOf(os: Os): NginxConf | null {
  const files = os.process.container?.files ?? {};
  const main = files['/etc/nginx/nginx.conf'];
  const extra = Object.keys(files).filter((path) => path.startsWith(CONF_DIR) && path.endsWith('.conf'));
  const included = extra.sort().map((path) => files[path]!);
  const port = parseImage(os.process.container?.image ?? '').name.includes('unprivileged') ? 8080 : 80;
  const own = `server { listen ${port}; root ${PAGES}; }`;
  if (main === undefined) return parseNginxConf(included.length > 0 ? included.join('\n') : own);
  const text = main.replace(
    /include\s+\/etc\/nginx\/conf\.d\/\*(?:\.conf)?\s*;/,
    included.length > 0 ? included.join('\n') : own,
  );
  return parseNginxConf(text);
}

function versionOf(os: Os): string {
  const { tag } = parseImage(os.process.container?.image ?? '');
  return `nginx/${/^\d+\.\d+\.\d+/.exec(tag)?.[0] ?? '1.29.3'}`;
}

function baseHeaders(os: Os): Record<string, string> {
  return usualHeaders({ Server: versionOf(os), date: httpDate(os.nowNs) });
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

function errorPage(os: Os, status: number): HttpResponse {
  const title = `${status} ${response(status, '').reason}`;
  const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n<hr><center>${versionOf(os)}</center>\n</body>\n</html>\n`;
  return response(status, body, { ...baseHeaders(os), ...HTML });
}

function respond(os: Os, request: HttpRequest, connection: Connection): HttpResponse | ForwardTo {
  const status = annotatedStatus(os);
  if (status !== 200) return errorPage(os, status);
  const conf = configurationOf(os);
  const server = conf === null ? undefined : chooseServer(conf, connection.port, request.host);
  const location = server === undefined ? undefined : chooseLocation(server, request);
  if (conf === null || location === undefined) return page(os, request, PAGES);
  const fill = (text: string) => withVariables(os, text, request, connection);
  if (location.returns !== undefined) {
    const text = fill(location.returns.text);
    const isRedirect = [301, 302, 303, 307, 308].includes(location.returns.status);
    if (isRedirect) {
      const { body } = errorPage(os, location.returns.status);
      return response(location.returns.status, body, { ...baseHeaders(os), ...HTML, Location: text });
    }
    return response(location.returns.status, text, { ...baseHeaders(os), ...TEXT });
  }
  if (location.proxyPass !== undefined) return forward(conf, location, location.proxyPass, request, fill);
  return page(os, request, location.root ?? PAGES);
}

function page(os: Os, request: HttpRequest, root: string): HttpResponse {
  const path = request.path.replace(/\?.*$/, '');
  const file = os.readFile(`${root}${path.endsWith('/') ? `${path}index.html` : path}`);
  if (file !== null) return response(200, file, { ...baseHeaders(os), ...HTML });
  const isWelcome = root === PAGES && (path === '/' || path === '/index.html');
  return isWelcome ? response(200, WELCOME, { ...baseHeaders(os), ...HTML }) : errorPage(os, 404);
}

/** "http://host:port/uri" apart; with a URI the matched prefix is replaced by it, without one the path stays. */
function splitPass(pass: string): { host: string; port: number; uri: string | null } | null {
  const match = /^http:\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?(\/.*)?$/.exec(pass);
  if (match === null) return null;
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2] ?? 80), uri: match[3] ?? null };
}

function forward(
  conf: NginxConf,
  location: NginxLocation,
  pass: string,
  request: HttpRequest,
  fill: (text: string) => string,
): ForwardTo {
  const target = splitPass(fill(pass)) ?? { host: '', port: 80, uri: null };
  const rest = request.path.slice(location.path.length);
  const isPrefix = location.modifier === '' || location.modifier === '^~';
  const path = target.uri === null || !isPrefix ? request.path : `${target.uri}${rest}`;
  const servers = (conf.upstreams[target.host] ?? [`${target.host}:${target.port}`]).map((one) => {
    const { host, port } = splitPass(`http://${one}`) ?? target;
    return { host, port };
  });
  const set = Object.fromEntries(
    Object.entries(location.proxyHeaders).map(([name, value]) => [name, fill(value)]),
  );
  const host = header(set, 'Host') ?? (target.port === 80 ? target.host : `${target.host}:${target.port}`);
  const kept = Object.entries(request.headers).filter(([name]) => !/^(connection|keep-alive)$/i.test(name));
  const own = Object.entries(set).filter(([name]) => !/^(host|connection|upgrade)$/i.test(name));
  const headers = { ...Object.fromEntries(kept), ...Object.fromEntries(own), Connection: 'close' };
  return { kind: 'forward', servers, request: { ...request, path, host, headers } };
}

function withVariables(os: Os, text: string, request: HttpRequest, connection: Connection): string {
  const { ip } = connection.peer;
  const before = header(request.headers, 'X-Forwarded-For');
  const values: Record<string, string> = {
    hostname: os.process.container?.hostname ?? os.process.machine,
    host: request.host.replace(/:\d+$/, ''),
    http_host: request.host,
    request_uri: request.path,
    uri: request.path.replace(/\?.*$/, ''),
    remote_addr: ip,
    server_port: String(connection.port),
    server_addr: os.process.container?.podIPs[0] ?? '',
    scheme: connection.tls ? 'https' : 'http',
    request_method: request.method,
    proxy_add_x_forwarded_for: before === undefined ? ip : `${before}, ${ip}`,
  };
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    const known = values[name];
    if (known !== undefined) return known;
    return name.startsWith('http_')
      ? (header(request.headers, name.slice(5).replaceAll('_', '-')) ?? '')
      : whole;
  });
}

/** Names that must resolve before nginx listens: those of proxy_pass and of upstream blocks, but for variables. */
function upstreamHosts(os: Os): readonly string[] {
  const conf = configurationOf(os);
  if (conf === null) return [];
  const passes = conf.servers.flatMap((server) => server.locations.map((one) => one.proxyPass ?? ''));
  const listed = Object.values(conf.upstreams)
    .flat()
    .map((one) => `http://${one}`);
  const hosts = [...passes, ...listed].flatMap((pass) =>
    pass.includes('$') ? [] : (splitPass(pass)?.host ?? []),
  );
  return [...new Set(hosts)].filter((host) => conf.upstreams[host] === undefined && ipFamily(host) === null);
}

/** Combined log format, which Apache has as well. */
export function combinedLog(
  os: Os,
  request: HttpRequest,
  answer: HttpResponse,
  connection: Connection,
): string {
  const [, day, month, , time] = httpDate(os.nowNs).split(' ');
  const agent = request.headers['User-Agent'] ?? '-';
  const stamp = `${day}/${month}/2026:${time} +0000`;
  return `${connection.peer.ip} - - [${stamp}] "${startLine(request)}" ${answer.status} ${answer.body.length} "-" "${agent}" "-"`;
}

export const nginx: Personality = {
  name: 'nginx',
  // The image stops it with QUIT, on which nginx answers what it has taken and then ends.
  configure: (os) => {
    const ports = [...new Set(configurationOf(os)?.servers.flatMap((server) => server.ports) ?? [])];
    return baseConfig(
      os,
      ports.map((port): ListenPort => ({ port, protocol: 'tcp' })),
      { graceful: true },
    );
  },
  refusal: (os) =>
    configurationOf(os) === null ? 'nginx: [emerg] unexpected end of file, expecting ";" or "}"' : null,
  upstreams: upstreamHosts,
  unresolved: (host) => `nginx: [emerg] host not found in upstream "${host}" in ${CONF_DIR}default.conf`,
  respond,
  ownHeaders: baseHeaders,
  gatewayError: errorPage,
  banner: () => '/docker-entrypoint.sh: Configuration complete; ready for start up',
  logLine: combinedLog,
};
