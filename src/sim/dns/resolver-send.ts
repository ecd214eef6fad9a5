/**
 * How a C library puts one name to its name servers: which server when, how long it waits, what it believes. glibc is
 * resolv/res_send.c, musl is src/network/res_msend.c. A pure state machine: state and news in, state and wishes out.
 */
import type { DnsMessage } from './message';
import { queryMessage } from './message';
import type { LibcConf } from './resolv-conf';

export type AddressType = 'A' | 'AAAA';

/** What the asker must do. `socket` numbers its UDP sockets: another number means another source port. */
export type SendAction =
  | {
      readonly do: 'send';
      readonly server: number;
      readonly transport: 'udp' | 'tcp';
      readonly socket: number;
      readonly message: DnsMessage;
    }
  | { readonly do: 'timer'; readonly token: number; readonly delayMs: number };

export type SendNews =
  | { readonly type: 'reply'; readonly server: number; readonly message: DnsMessage }
  /** ICMP says that nobody listens there. */
  | { readonly type: 'refused'; readonly server: number }
  | { readonly type: 'timer'; readonly token: number };

/** How it ended: what came for each type (null: nothing usable), and why nothing came. */
export interface SendOutcome {
  readonly replies: Readonly<Partial<Record<AddressType, DnsMessage>>>;
  /** Set when no usable reply came at all. */
  readonly failure?: 'timeout' | 'servfail' | 'refused' | 'unreachable';
}

export interface SendState {
  readonly conf: LibcConf;
  readonly name: string;
  readonly types: readonly AddressType[];
  /** Message id of the first type; the second has the next one. */
  readonly baseId: number;
  readonly server: number;
  readonly round: number;
  readonly mode: 'parallel' | 'single' | 'reopen';
  readonly socket: number;
  readonly token: number;
  readonly elapsedMs: number;
  readonly servfailBudget: number;
  readonly replies: Readonly<Partial<Record<AddressType, DnsMessage>>>;
  /** Types that this server refused to answer (SERVFAIL, NOTIMP, REFUSED). */
  readonly errors: readonly AddressType[];
  readonly lastError: SendOutcome['failure'];
  /** Some server has said something, if only an error. */
  readonly heard: boolean;
  readonly outcome?: SendOutcome;
}

type Step = { readonly state: SendState; readonly actions: readonly SendAction[] };

/** Starts asking. `firstServer` is 0 unless option rotate moves it; `mode` is what an earlier name of the process led to. */
export function startSend(
  conf: LibcConf,
  name: string,
  types: readonly AddressType[],
  baseId: number,
  token: number,
  firstServer = 0,
  mode: SendState['mode'] = 'parallel',
): Step {
  const single = conf.flags.includes('single-request');
  const reopen = conf.flags.includes('single-request-reopen');
  const state: SendState = {
    conf,
    name,
    types,
    baseId,
    server: firstServer,
    round: 0,
    mode: reopen ? 'reopen' : single && mode === 'parallel' ? 'single' : mode,
    socket: token,
    token,
    elapsedMs: 0,
    servfailBudget: 0,
    replies: {},
    errors: [],
    lastError: undefined,
    heard: false,
  };
  if (conf.libc === 'musl') return askMusl(state);
  // No attempt allowed: it gives up as if nobody listened, without a packet.
  return conf.attempts === 0 ? finish(state, { replies: {}, failure: 'unreachable' }) : askGlibc(state);
}

/** Takes one piece of news. The outcome is set in the state when it is over; news after that are ignored. */
export function onSendNews(state: SendState, news: SendNews): Step {
  if (state.outcome !== undefined) return { state, actions: [] };
  return state.conf.libc === 'glibc' ? glibcNews(state, news) : muslNews(state, news);
}

function send(state: SendState, type: AddressType, server: number, tcp = false): SendAction {
  const edns = state.conf.flags.includes('edns0') ? 1200 : undefined;
  const id = (state.baseId + state.types.indexOf(type)) & 0xffff;
  const transport = tcp || state.conf.flags.includes('use-vc') ? 'tcp' : 'udp';
  const message = queryMessage(id, state.name, type, edns);
  return { do: 'send', server, transport, socket: state.socket, message };
}

function finish(state: SendState, outcome: SendOutcome): Step {
  return { state: { ...state, outcome }, actions: [] };
}

function typeOf(state: SendState, message: DnsMessage): AddressType | undefined {
  const offset = (message.id - state.baseId) & 0xffff;
  return state.types[offset];
}

// ---- glibc: one server after the other

/** Seconds that glibc waits for server `index` of `count`: the timeout shifted left by the index, over the count. */
function glibcWaitMs(conf: LibcConf, index: number): number {
  const shifted = conf.timeout << index;
  const seconds = index > 0 ? Math.floor(shifted / conf.nameservers.length) : shifted;
  return Math.max(1, seconds) * 1000;
}

function askGlibc(state: SendState): Step {
  const now: SendState = { ...state, replies: {}, errors: [], token: state.token + 1 };
  const first = state.mode === 'parallel' ? state.types : state.types.slice(0, 1);
  const delayMs = glibcWaitMs(state.conf, state.server);
  return {
    state: now,
    actions: [
      ...first.map((type) => send(now, type, now.server)),
      { do: 'timer', token: now.token, delayMs },
    ],
  };
}

function nextServer(state: SendState, error: SendOutcome['failure']): Step {
  const count = state.conf.nameservers.length;
  const asked = state.round + 1;
  const failed = { ...state, lastError: error };
  if (asked >= count * state.conf.attempts) {
    const failure = error === 'unreachable' && state.heard ? 'timeout' : error;
    return finish(failed, { replies: {}, failure: failure ?? 'timeout' });
  }
  return askGlibc({ ...failed, round: asked, server: (state.server + 1) % count, socket: state.token + 1 });
}

function glibcNews(state: SendState, news: SendNews): Step {
  if (news.type === 'timer') return news.token === state.token ? glibcTimeout(state) : { state, actions: [] };
  if (news.server !== state.server) return { state, actions: [] };
  if (news.type === 'refused') return nextServer(state, 'unreachable');
  const type = typeOf(state, news.message);
  if (type === undefined || state.replies[type] !== undefined) return { state, actions: [] };
  const heard = { ...state, heard: true };
  if (['SERVFAIL', 'NOTIMP', 'REFUSED'].includes(news.message.rcode)) {
    return glibcError(heard, type, news.message.rcode === 'SERVFAIL' ? 'servfail' : 'refused');
  }
  // A truncated answer is asked for again over TCP, at the same server (RFC 1035 section 4.2.1).
  if (news.message.tc) return { state: heard, actions: [send(heard, type, state.server, true)] };
  return glibcProgress({ ...heard, replies: { ...state.replies, [type]: news.message } });
}

/** An error for one type: with the other type's answer in hand that is enough, otherwise the other one is awaited. */
function glibcError(state: SendState, type: AddressType, error: 'servfail' | 'refused'): Step {
  const errors = [...state.errors.filter((known) => known !== type), type];
  const failed = { ...state, errors, lastError: error };
  if (state.types.length === 1 || errors.length === state.types.length) return nextServer(failed, error);
  return glibcProgress(failed);
}

function glibcProgress(state: SendState): Step {
  const isOpen = (type: AddressType) => state.replies[type] === undefined && !state.errors.includes(type);
  const open = state.types.filter(isOpen);
  if (open.length === 0) return finish(state, { replies: state.replies });
  if (state.mode === 'parallel') return { state, actions: [] };
  const next =
    state.mode === 'reopen' ? { ...state, socket: state.socket + 1, token: state.token + 1 } : state;
  const actions: SendAction[] = [send(next, open[0]!, next.server)];
  if (state.mode === 'reopen') {
    actions.push({ do: 'timer', token: next.token, delayMs: glibcWaitMs(state.conf, next.server) });
  }
  return { state: next, actions };
}

/**
 * Half an answer makes glibc suspect a server that cannot cope with two questions from one port: it asks again one by
 * one, then with a new port for the second, and is content with half after that.
 */
function glibcTimeout(state: SendState): Step {
  const some = Object.keys(state.replies).length > 0 || state.errors.length > 0;
  if (!some || state.types.length === 1) return nextServer(state, 'timeout');
  const socket = state.token + 1;
  if (state.mode === 'parallel') return askGlibc({ ...state, mode: 'single', socket });
  if (state.mode === 'single') return askGlibc({ ...state, mode: 'reopen', socket });
  return finish(state, { replies: state.replies });
}

// ---- musl: all servers at once, the first NOERROR or NXDOMAIN is believed

function muslIntervalMs(conf: LibcConf): number {
  return Math.floor((conf.timeout * 1000) / conf.attempts);
}

function askMusl(state: SendState): Step {
  const open = state.types.filter((type) => state.replies[type] === undefined);
  const now = { ...state, token: state.token + 1, servfailBudget: 2 * state.types.length };
  const interval = muslIntervalMs(state.conf);
  const delayMs = Math.min(interval, state.conf.timeout * 1000 - state.elapsedMs);
  const servers = state.conf.nameservers.map((_, index) => index);
  const sends = open.flatMap((type) => servers.map((server) => send(now, type, server)));
  return {
    state: { ...now, elapsedMs: state.elapsedMs + delayMs },
    actions: [...sends, { do: 'timer', token: now.token, delayMs }],
  };
}

function muslNews(state: SendState, news: SendNews): Step {
  if (news.type === 'refused') return { state, actions: [] };
  if (news.type === 'timer') {
    if (news.token !== state.token) return { state, actions: [] };
    if (state.elapsedMs < state.conf.timeout * 1000) return askMusl(state);
    const some = Object.keys(state.replies).length > 0;
    // A SERVFAIL counts for nothing here, so that in the end it is as if nobody had answered.
    return finish(state, some ? { replies: state.replies } : { replies: {}, failure: 'timeout' });
  }
  const type = typeOf(state, news.message);
  if (type === undefined || state.replies[type] !== undefined) return { state, actions: [] };
  if (news.message.rcode === 'SERVFAIL') {
    if (state.servfailBudget === 0) return { state, actions: [] };
    const spent = { ...state, servfailBudget: state.servfailBudget - 1 };
    return { state: spent, actions: [send(spent, type, news.server)] };
  }
  if (news.message.rcode !== 'NOERROR' && news.message.rcode !== 'NXDOMAIN') return { state, actions: [] };
  // Since musl 1.2.4 a truncated reply is asked for again over TCP.
  if (news.message.tc) return { state, actions: [send(state, type, news.server, true)] };
  const replies = { ...state.replies, [type]: news.message };
  const next = { ...state, replies };
  return next.types.every((wanted) => replies[wanted] !== undefined)
    ? finish(next, { replies })
    : { state: next, actions: [] };
}
