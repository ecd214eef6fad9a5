/**
 * What annotation hopyard.dev/call starts beside a container's own program: a client that requests one URL over and over,
 * like the frontend of a small shop. Each call is a new lookup and a new connection, as with curl in a loop.
 */
import { MS, SECOND } from '../clock/clock';
import type { Ns } from '../clock/clock';
import { CALL_ANNOTATION, durationOf } from './annotations';
import type { HttpCall } from './http-client';
import { callEvent, hostHeader, parseUrl, startCall } from './http-client';
import { describeFailure } from './http-failure';
import type { Os, Program } from './program';

interface CallerState {
  readonly url: string;
  readonly everyNs: Ns;
  readonly requestId: number;
  readonly call?: HttpCall;
}

const CONNECT_LIMIT_NS = 5 * SECOND;
const ANSWER_LIMIT_NS = 10 * SECOND;

export const caller: Program = {
  name: 'caller',
  start(os) {
    const annotations = os.process.container?.annotations ?? {};
    const url = annotations[CALL_ANNOTATION] ?? os.process.args[1] ?? '';
    const everyNs = Math.max(MS, durationOf(annotations, 'call-every', SECOND));
    setState(os, { url, everyNs, requestId: 0 });
    if (parseUrl(url) === null) {
      os.print(`caller: no URL: "${url}"\n`, 'stderr');
      return;
    }
    // The first call waits for a random part of the interval, so that replicas do not march in step.
    os.setTimer('call', os.random(`caller/${os.process.owner}`) * everyNs);
  },
  onEvent(os, event) {
    const state = stateOf(os);
    if (event.type === 'timer' && event.name === 'call') {
      begin(os);
      return;
    }
    if (state.call === undefined) return;
    const call = callEvent(os, state.call, event);
    if (call === null) return;
    setState(os, { ...stateOf(os), call });
    if (call.phase === 'done') conclude(os, call);
  },
};

function stateOf(os: Os): CallerState {
  return os.process.state as CallerState;
}

function setState(os: Os, state: CallerState): void {
  os.setState(state);
}

function begin(os: Os): void {
  const state = stateOf(os);
  const url = parseUrl(state.url)!;
  const requestId = os.beginRequest('http', `GET ${state.url.replace(/\/?$/, url.path === '/' ? '/' : '')}`);
  const headers = { 'User-Agent': 'hopyard-caller/1.0', Accept: '*/*', Connection: 'close' };
  const request = {
    kind: 'request',
    method: 'GET',
    path: url.path,
    host: hostHeader(url),
    headers,
    body: '',
  } as const;
  const limits = { connectTimeoutNs: CONNECT_LIMIT_NS, maxTimeNs: ANSWER_LIMIT_NS };
  setState(os, { ...state, requestId });
  const call = startCall(os, { url, request, requestId, ...limits });
  setState(os, { ...stateOf(os), call });
  if (call.phase === 'done') conclude(os, call);
}

function conclude(os: Os, call: HttpCall): void {
  const { requestId, everyNs, url } = stateOf(os);
  const ok = call.response !== undefined && call.response.status < 400;
  const text = call.response === undefined ? describeFailure(call) : describeAnswer(call);
  os.endRequest(requestId, ok, text);
  const tookMs = ((os.nowNs - call.startNs) / MS).toFixed(1);
  os.print(`GET ${url} ${text} (${tookMs} ms)\n`);
  const { call: _over, ...rest } = stateOf(os);
  setState(os, rest);
  os.setTimer('call', Math.max(0, everyNs - (os.nowNs - call.startNs)));
}

/** "200 OK from backend-7d4b9c-x2x7z": servers of ours say who they are in their body's first line. */
function describeAnswer(call: HttpCall): string {
  const { status, reason, headers, body } = call.response!;
  const name = headers['X-Pod'] ?? /^Hostname: (\S+)/m.exec(body)?.[1];
  return `${status} ${reason}`.trim() + (name === undefined ? '' : ` from ${name}`);
}
