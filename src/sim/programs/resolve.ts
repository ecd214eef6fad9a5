/** Carries out the C library's name lookup (dns/resolver) with sockets and timers of a process. */
import { MS } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import { dnsFromPayload, dnsPayload } from '../dns/payload';
import type { DnsMessage } from '../dns/message';
import { parseForLibc } from '../dns/resolv-conf';
import type { Family, LookupResult, LookupState } from '../dns/resolver';
import { onLookupNews, startLookup } from '../dns/resolver';
import type { SendAction, SendNews } from '../dns/resolver-send';
import { orderAddresses } from './address-order';
import type { Os, ProcessEvent } from './program';

/** A lookup under way. Plain data; keep it in the process' state. */
export interface Resolving {
  readonly lookup: LookupState;
  readonly requestId: number;
  /** Tells its timers from those of other lookups of the process. */
  readonly key: number;
  /** UDP sockets by the resolver's number, and TCP connections with what is to be sent when they stand. */
  readonly udp: Readonly<Record<number, number>>;
  readonly tcp: Readonly<Record<number, { readonly server: number; readonly message: DnsMessage }>>;
  readonly timers: readonly number[];
}

/** Timer name; programs that resolve pass events of this name on. */
const TIMER = 'resolve';

/** Begins getaddrinfo. Look at `resolved` afterwards: literals and hosts entries are there at once. */
export function beginResolve(os: Os, name: string, requestId: number, family: Family = 'unspec'): Resolving {
  const conf = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
  const hosts = os.readFile('/etc/hosts') ?? '127.0.0.1 localhost\n';
  const random = Math.floor(os.random(`dns/${os.process.owner}`) * 65536);
  const step = startLookup(conf, hosts, name, family, random);
  return perform(
    os,
    { lookup: sorted(os, step.state), requestId, key: random, udp: {}, tcp: {}, timers: [] },
    step.actions,
  );
}

/** The result once there is one. */
export function resolved(resolving: Resolving): LookupResult | undefined {
  return resolving.lookup.result;
}

/** Takes an event of the process. Null when the event is none of this lookup's business. */
export function resolveEvent(os: Os, resolving: Resolving, event: ProcessEvent): Resolving | null {
  if (event.type === 'timer' && event.name === TIMER) {
    const { token, key } = event.data as { token: number; key: number };
    if (key !== resolving.key) return null;
    return tell(os, resolving, { type: 'timer', token });
  }
  if (event.type !== 'socket') return null;
  return socketEvent(os, resolving, event.event);
}

function socketEvent(os: Os, resolving: Resolving, event: SocketEvent): Resolving | null {
  if (event.kind === 'accepted') return null;
  const waiting = resolving.tcp[event.socket];
  const isUdp = Object.values(resolving.udp).includes(event.socket);
  if (waiting === undefined && !isUdp) return null;
  if (event.kind === 'connected' && waiting !== undefined) {
    os.machine.send(event.socket, dnsPayload(waiting.message, true));
    return resolving;
  }
  if (event.kind === 'data' && waiting !== undefined) {
    os.machine.close(event.socket);
    const message = dnsFromPayload(event.payload);
    return message === null
      ? resolving
      : tell(os, resolving, { type: 'reply', server: waiting.server, message });
  }
  if (event.kind === 'datagram') {
    const message = dnsFromPayload(event.payload);
    const server = resolving.lookup.conf.nameservers.indexOf(event.from.ip);
    // An answer from an address that was not asked is ignored, as both libraries do.
    if (message === null || !message.response || server < 0) return resolving;
    return tell(os, resolving, { type: 'reply', server, message });
  }
  if (event.kind === 'error') {
    const server = waiting?.server ?? resolving.lookup.send?.server ?? 0;
    return event.errno === 'ECONNREFUSED' ? tell(os, resolving, { type: 'refused', server }) : resolving;
  }
  return resolving;
}

function tell(os: Os, resolving: Resolving, news: SendNews): Resolving {
  const step = onLookupNews(resolving.lookup, news);
  return perform(os, { ...resolving, lookup: sorted(os, step.state) }, step.actions);
}

/** A result's addresses in the order in which the program will try them. */
function sorted(os: Os, lookup: LookupState): LookupState {
  const { result } = lookup;
  if (result === undefined || 'error' in result) return lookup;
  const { machine, process } = os;
  const sourceFor = (ip: string) =>
    machine.sourceAddress === undefined ? ownAddress(os, ip) : machine.sourceAddress(process.netns, ip);
  const addresses = orderAddresses(result.addresses, process.libc, sourceFor);
  return { ...lookup, result: { ...result, addresses } };
}

/** Where the machine does not say: the pod's address of the same family. */
function ownAddress(os: Os, destination: string): string | null {
  const v6 = destination.includes(':');
  return (os.process.container?.podIPs ?? []).find((ip) => ip.includes(':') === v6) ?? null;
}

function perform(os: Os, resolving: Resolving, actions: readonly SendAction[]): Resolving {
  let now = resolving;
  for (const action of actions) {
    if (action.do === 'timer') {
      const id = os.setTimer(TIMER, action.delayMs * MS, { token: action.token, key: now.key });
      now = { ...now, timers: [...now.timers, id] };
    } else now = action.transport === 'tcp' ? sendTcp(os, now, action) : sendUdp(os, now, action);
  }
  if (now.lookup.result !== undefined) tidy(os, now);
  return now;
}

function sendUdp(os: Os, resolving: Resolving, action: SendAction & { do: 'send' }): Resolving {
  const ip = resolving.lookup.conf.nameservers[action.server]!;
  let socket = resolving.udp[action.socket];
  let next = resolving;
  if (socket === undefined) {
    const opened = os.machine.openUdp(os.process.netns, os.owner, resolving.requestId);
    if (typeof opened !== 'number') return resolving;
    socket = opened;
    next = { ...resolving, udp: { ...resolving.udp, [action.socket]: opened } };
  }
  // A failure to send is like silence: the library's timer goes on.
  os.machine.sendTo(socket, { ip, port: 53 }, dnsPayload(action.message), { requestId: resolving.requestId });
  return next;
}

function sendTcp(os: Os, resolving: Resolving, action: SendAction & { do: 'send' }): Resolving {
  const ip = resolving.lookup.conf.nameservers[action.server]!;
  const { netns } = os.process;
  const socket = os.machine.connect(netns, 'tcp', { ip, port: 53 }, os.owner, resolving.requestId);
  if (typeof socket !== 'number') return resolving;
  const waiting = { server: action.server, message: action.message };
  return { ...resolving, tcp: { ...resolving.tcp, [socket]: waiting } };
}

/** Closes what a lookup has open; also for one that is given up. */
export function tidy(os: Os, resolving: Resolving): void {
  for (const id of resolving.timers) os.cancelTimer(id);
  for (const socket of Object.values(resolving.udp)) os.machine.close(socket);
}
