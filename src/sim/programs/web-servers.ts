/** Web servers by personality: whoami, and what answers beyond the cluster. more-web-servers.ts has the others. */
import type { ListenPort } from './annotations';
import { MS } from '../clock/clock';
import { httpDate } from './calendar';
import type { Personality } from './personality';
import { createServer } from './http-server';
import { annotatedStatus, baseConfig } from './personality';
import { response, startLine } from './http-message';
import type { Os, Program } from './program';

export const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
export const HTML = { 'Content-Type': 'text/html' };

export function podName(os: Os): string {
  return os.process.container?.podName ?? os.process.machine;
}

export function tcp(...ports: number[]): ListenPort[] {
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

/** What answers beyond the cluster. */
const outsideHttp: Personality = {
  name: 'outside-http',
  configure: (os) => baseConfig(os, tcp(80, 443), { latencyNs: 2 * MS }),
  respond: (os, request) => {
    const body = `<!doctype html>\n<title>${request.host}</title>\n<h1>${request.host}</h1>\n<p>A page outside of the cluster.</p>\n`;
    return response(200, body, { Server: 'outside', date: httpDate(os.nowNs), ...HTML });
  },
};

export const WEB_SERVERS: readonly Program[] = [whoami, outsideHttp].map(createServer);
