/** HTTP/1.1 messages as data (RFC 9112): what is in the payload of a TCP segment that carries one. */
import type { Plain } from '../../lib/plain';
import type { AppPayload } from '../trace/packet';

export interface HttpRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Host header: name, with the port unless it is the scheme's own. */
  readonly host: string;
  /** Other headers, names as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Reason phrase of a status code, empty for one without a registered phrase. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? '';
}

/** Headers with their names in the usual case: "content-type" as "Content-Type". */
export function usualHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const usual = (name: string) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [usual(name), value]));
}

/** A response with a body; Content-Length is filled in. Header names are put into their usual case. */
export function response(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const length = { 'Content-Length': String(body.length) };
  return {
    kind: 'response',
    status,
    reason: reasonOf(status),
    headers: { ...usualHeaders(headers), ...length },
    body,
  };
}

/** Header value by name, whatever its case. */
export function header(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [key, value] of Object.entries(headers)) if (key.toLowerCase() === wanted) return value;
  return undefined;
}

/** First line of a message. */
export function startLine(message: HttpRequest | HttpResponse): string {
  return message.kind === 'request'
    ? `${message.method} ${message.path} HTTP/1.1`
    : `HTTP/1.1 ${message.status} ${message.reason}`.trimEnd();
}

/** The message as a payload; `tls` wraps it in one record (RFC 8446), of which an onlooker sees the size alone. */
export function httpPayload(message: HttpRequest | HttpResponse, tls = false): AppPayload {
  const lines = [startLine(message)];
  if (message.kind === 'request') lines.push(`Host: ${message.host}`);
  for (const [name, value] of Object.entries(message.headers)) lines.push(`${name}: ${value}`);
  const bytes = lines.join('\r\n').length + 4 + message.body.length;
  const body = message as unknown as Plain;
  if (tls) return { type: 'app', protocol: 'tls', summary: 'Application Data', bytes: bytes + 22, body };
  return { type: 'app', protocol: 'http', summary: startLine(message), bytes, body };
}

/** The HTTP message in a payload, or null when it holds something else. */
export function httpFromPayload(payload: AppPayload): HttpRequest | HttpResponse | null {
  const body = payload.body as { kind?: string } | null;
  if (body === null || typeof body !== 'object') return null;
  if (body.kind !== 'request' && body.kind !== 'response') return null;
  return body as unknown as HttpRequest | HttpResponse;
}
