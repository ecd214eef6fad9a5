/**
 * Command-line clients of well-known servers, as probes and init containers use them: pg_isready, redis-cli, mysqladmin and
 * their like. They connect to the address they are given, or to their server's usual port on this host, and print and exit
 * as the real ones do (their manuals; pg_isready and grpc_health_probe document their exit codes).
 *
 * Not simulated: the protocols of these servers, Redis' PING apart. A connection that is taken counts as a healthy server,
 * and a query or a command as carried out; local clients use 127.0.0.1 where the real ones open a Unix socket.
 */
import type { Ns } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import { clientOf } from './client-tools-table';
import type { ClientTool, Said } from './client-tools-table';
import type { Target } from './client-target';
import { STRERROR } from './http-failure';
import type { Os, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved, tidy } from './resolve';
import { textOf, textPayload } from './text-payload';

interface ClientState {
  readonly target: Target;
  readonly requestId: number;
  readonly startNs: Ns;
  readonly resolving: Resolving;
  readonly socket?: number;
}

/** One program for all of them: its first argument says which one it is. */
export const client: Program = {
  name: 'client',
  start(os) {
    const tool = clientOf(os.process.args);
    const target = tool.target(os.process.args.slice(1), os.process.env);
    if (typeof target === 'string') return leave(os, 0, { code: 1, err: target });
    const requestId = os.beginRequest('tcp', `${toolName(os)} ${target.host}:${target.port}`);
    os.setTimer('limit', target.limitNs ?? tool.limitNs);
    os.setState({
      target,
      requestId,
      startNs: os.nowNs,
      resolving: beginResolve(os, target.host, requestId),
    });
    afterResolve(os);
  },
  onEvent(os, event) {
    const state = stateOf(os);
    if (event.type === 'timer' && event.name === 'limit') return fail(os, 'ETIMEDOUT');
    if (event.type === 'socket' && state.socket !== undefined) return onSocket(os, event.event);
    const resolving = resolveEvent(os, state.resolving, event);
    if (resolving === null || state.socket !== undefined) return;
    os.setState({ ...state, resolving });
    afterResolve(os);
  },
};

function stateOf(os: Os): ClientState {
  return os.process.state as ClientState;
}

function toolName(os: Os): string {
  return os.process.args[0]?.split('/').pop() ?? '';
}

function toolOf(os: Os): ClientTool {
  return clientOf(os.process.args);
}

function afterResolve(os: Os): void {
  const { resolving, target, requestId } = stateOf(os);
  const result = resolved(resolving);
  if (result === undefined) return;
  if ('error' in result) return fail(os, 'ENOTFOUND');
  const to = { ip: result.addresses[0]!, port: target.port };
  const socket = os.machine.connect(os.process.netns, 'tcp', to, os.owner, requestId);
  if (typeof socket !== 'number') return fail(os, socket, to.ip);
  os.setState({ ...stateOf(os), socket });
}

function onSocket(os: Os, event: SocketEvent): void {
  const { socket, target } = stateOf(os);
  if (event.kind === 'accepted' || event.socket !== socket) return;
  const { says } = toolOf(os);
  if (event.kind === 'error') fail(os, event.errno);
  else if (event.kind === 'connected' && says !== undefined)
    os.machine.send(socket, textPayload(says(target)));
  else if (event.kind === 'connected') succeed(os, null);
  else if (event.kind === 'data') succeed(os, textOf(event.payload));
  else if (event.kind === 'closed') succeed(os, null);
}

function succeed(os: Os, reply: string | null): void {
  const { target, requestId, startNs, socket } = stateOf(os);
  if (socket !== undefined) os.machine.close(socket);
  leave(os, requestId, toolOf(os).up(target, reply, os, os.nowNs - startNs));
}

function fail(os: Os, errno: string, ip?: string): void {
  const { target, requestId, resolving } = stateOf(os);
  tidy(os, resolving);
  const result = resolved(resolving);
  const address = ip ?? (result !== undefined && 'addresses' in result ? result.addresses[0] : undefined);
  const words = errno === 'ENOTFOUND' ? 'Name or service not known' : (STRERROR[errno] ?? errno);
  leave(os, requestId, toolOf(os).down(target, { errno, words, ip: address ?? target.host }));
}

function leave(os: Os, requestId: number, said: Said): void {
  if (said.out !== undefined) os.print(`${said.out}\n`);
  if (said.err !== undefined) os.print(`${said.err}\n`, 'stderr');
  if (requestId > 0) os.endRequest(requestId, said.code === 0, said.code === 0 ? 'connected' : 'no answer');
  os.exit(said.code);
}
