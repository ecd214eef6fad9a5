/** A failed HTTP request in curl's words: its exit code and its message. */
import { MS } from '../clock/clock';
import type { HttpCall } from './http-client';
import { CURL_CONNECT_LIMIT_NS } from './http-client';

/** The exit code and the text after "curl: ". */
export function curlFailure(call: HttpCall): { code: number; text: string } {
  const { url } = call.spec;
  const failure = call.failure!;
  const ms = Math.max(0, Math.round(((call.endNs ?? call.startNs) - call.startNs) / MS));
  const bytes = 'with 0 bytes received';
  const target = `Failed to connect to ${url.host} port ${url.port} after ${ms} ms`;
  if (failure.reason === 'timeout') {
    // curl looks at the clock when its poll returns, a moment after the limit.
    const spent = `timed out after ${ms + 1} milliseconds`;
    if (failure.stage === 'resolve') return { code: 28, text: `Resolving ${spent}` };
    if (failure.stage === 'exchange') return { code: 28, text: `Operation ${spent} ${bytes}` };
    const byDefault = call.spec.connectTimeoutNs === CURL_CONNECT_LIMIT_NS && failure.connectLimit === true;
    return { code: 28, text: byDefault ? `${target}: Timeout was reached` : `Connection ${spent}` };
  }
  if (failure.stage === 'resolve') return { code: 6, text: `Could not resolve host: ${url.host}` };
  if (failure.stage === 'connect') {
    if (failure.reason === 'ETIMEDOUT') return { code: 28, text: `${target}: Timeout was reached` };
    return { code: 7, text: `${target}: Could not connect to server` };
  }
  if (failure.stage === 'tls' || failure.reason === 'not-http') {
    return failure.stage === 'tls'
      ? { code: 35, text: 'TLS connect error: error:0A00010B:SSL routines::wrong version number' }
      : { code: 1, text: 'Received HTTP/0.9 when not allowed' };
  }
  if (failure.reason === 'closed') return { code: 52, text: 'Empty reply from server' };
  if (failure.reason === 'ETIMEDOUT') return { code: 56, text: 'Recv failure: Connection timed out' };
  return { code: 56, text: 'Recv failure: Connection reset by peer' };
}

/** One line for traces and logs. */
export function describeFailure(call: HttpCall): string {
  const { code, text } = curlFailure(call);
  const why = call.failure?.stage === 'connect' ? errnoWords(call) : '';
  return `curl: (${code}) ${text}${why === '' ? '' : ` (${why})`}`;
}

/** What strerror says of the last address tried. */
export function errnoWords(call: HttpCall): string {
  const errno = call.tried[call.tried.length - 1]?.errno;
  return errno === undefined ? '' : (STRERROR[errno] ?? errno);
}

/** strerror(3), the same in glibc and musl but for details of no weight here. */
export const STRERROR: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  ECONNRESET: 'Connection reset by peer',
  EPERM: 'Operation not permitted',
  EADDRINUSE: 'Address in use',
  EMSGSIZE: 'Message too long',
  EPIPE: 'Broken pipe',
  EINVAL: 'Invalid argument',
};
