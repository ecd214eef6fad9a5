/**
 * The pod's side of DNS: getaddrinfo of glibc (resolv/res_query.c) and of musl (src/network/lookup_name.c). It reads
 * /etc/hosts, walks the search list by ndots and turns replies into addresses or one of getaddrinfo's errors.
 * A pure state machine; programs carry out its actions with sockets and timers.
 */
import { canonicalIp, ipFamily } from '../../lib/ip';
import type { DnsMessage } from './message';
import { absolute } from './message';
import type { LibcConf } from './resolv-conf';
import { lookupHosts } from './resolv-conf';
import type { AddressType, SendAction, SendNews, SendOutcome, SendState } from './resolver-send';
import { onSendNews, startSend } from './resolver-send';

/** EAI_NONAME, EAI_NODATA, EAI_AGAIN and EAI_FAIL of getaddrinfo(3). */
export type LookupError = 'NONAME' | 'NODATA' | 'AGAIN' | 'FAIL';

export type LookupResult =
  | {
      readonly found: string;
      readonly addresses: readonly string[];
      /** Where aliases led to; absent where the name found has the addresses itself. */
      readonly canonical?: string;
    }
  | { readonly error: LookupError };

type FoundResult = Extract<LookupResult, { readonly found: string }>;

export interface LookupState {
  readonly conf: LibcConf;
  /** As asked, without a final dot. */
  readonly name: string;
  readonly trailingDot: boolean;
  readonly family: Family;
  readonly types: readonly AddressType[];
  /** Names still to be put to the servers, absolute, and those already put, in order. */
  readonly todo: readonly Candidate[];
  readonly asked: readonly string[];
  readonly send?: SendState;
  readonly random: number;
  readonly gotNoData: boolean;
  readonly gotServfail: boolean;
  /** What the try as-is before the search list said (glibc remembers it for the end). */
  readonly savedError?: LookupError;
  /** What the last name came to. */
  readonly lastError?: LookupError;
  readonly result?: LookupResult;
}

interface Candidate {
  readonly name: string;
  readonly asIs: boolean;
}

export type Family = 'inet' | 'inet6' | 'unspec';
type Step = { readonly state: LookupState; readonly actions: readonly SendAction[] };

/**
 * Starts getaddrinfo for a name. `random` (0 to 65535) seeds message ids and, with option rotate, the first server.
 * Address literals and names in /etc/hosts are answered without a packet.
 */
export function startLookup(
  conf: LibcConf,
  hosts: string,
  asked: string,
  family: Family,
  random: number,
): Step {
  // With no-aaaa glibc asks for A where only AAAA was wanted, and takes an answer as NODATA (resolv/res-noaaaa.c).
  const onlyA = family === 'inet' || conf.flags.includes('no-aaaa');
  const types: AddressType[] = onlyA ? ['A'] : family === 'inet6' ? ['AAAA'] : ['A', 'AAAA'];
  const trailingDot = asked.endsWith('.');
  const name = trailingDot ? asked.slice(0, -1) : asked;
  const blank: LookupState = {
    conf,
    name,
    trailingDot,
    family,
    types,
    todo: [],
    asked: [],
    random,
    gotNoData: false,
    gotServfail: false,
  };
  const literal = literalIp(asked);
  if (literal !== null) {
    const fits = fitsFamily(literal, family);
    return done(blank, fits ? { found: asked, addresses: [literal] } : { error: wrongFamily(conf) });
  }
  const listed = lookupHosts(hosts, asked, conf.libc) ?? [];
  const local = listed.filter((ip) => fitsFamily(ip, family));
  if (local.length > 0) return done(blank, { found: asked, addresses: local });
  // For musl a listed name is settled, even where the list has no address of the family.
  if (conf.libc === 'musl' && listed.length > 0) return done(blank, { error: wrongFamily(conf) });
  if (name === '' || name.endsWith('.') || name.length > 253) return done(blank, { error: 'NONAME' });
  const names = (conf.libc === 'glibc' ? glibcNames(blank) : muslNames(blank)).filter(isSendable);
  return advance({ ...blank, todo: names });
}

/** EAI_ADDRFAMILY, for which glibc and musl have different answers. */
function wrongFamily(conf: LibcConf): LookupError {
  return conf.libc === 'musl' ? 'NODATA' : 'NONAME';
}

/** No query can be made of a name with an empty label or one of more than 63 bytes (RFC 1035 section 2.3.4). */
function isSendable({ name }: Candidate): boolean {
  const labels = name.slice(0, -1).split('.');
  return name.length <= 254 && labels.every((label) => label.length >= 1 && label.length <= 63);
}

/** An address as inet_aton(3) takes one, with fewer parts too ("127.1", "0x7f000001"), or an IPv6 address. */
function literalIp(text: string): string | null {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^(0x[\da-f]+|\d+)$/i.test(part)))
    return ipFamily(text) === 6 ? canonicalIp(text) : null;
  const values = parts.map((part) => (/^0[0-7]+$/.test(part) ? parseInt(part, 8) : Number(part)));
  const last = values.pop()!;
  const room = 256 ** (4 - values.length);
  if (values.some((value) => !(value <= 255)) || !(last < room)) return null;
  const number = values.reduce((sum, value, i) => sum + value * 256 ** (3 - i), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Takes one piece of news of the sender. */
export function onLookupNews(state: LookupState, news: SendNews): Step {
  if (state.send === undefined || state.result !== undefined) return { state, actions: [] };
  const step = onSendNews(state.send, news);
  const next = { ...state, send: step.state };
  const outcome = step.state.outcome;
  if (outcome === undefined) return { state: next, actions: step.actions };
  return conclude(next, outcome);
}

function fitsFamily(ip: string, family: Family): boolean {
  return family === 'unspec' || ipFamily(ip) === (family === 'inet' ? 4 : 6);
}

function done(state: LookupState, result: LookupResult): Step {
  return { state: { ...state, todo: [], result }, actions: [] };
}

function dotsIn(name: string): number {
  return name.split('.').length - 1;
}

/** glibc: as-is first when there are dots enough, then the search list whatever happened, as-is last otherwise. */
function glibcNames(state: LookupState): Candidate[] {
  const { conf, name, trailingDot } = state;
  const asIs = { name: absolute(name), asIs: true };
  if (trailingDot) return [asIs];
  const dots = dotsIn(name);
  const searched = conf.search.map((domain) => domain.replace(/^\./, ''));
  const listed = searched.map((domain) => ({
    name: absolute(domain === '' ? name : `${name}.${domain.replace(/\.$/, '')}`),
    asIs: domain === '',
  }));
  if (dots >= conf.ndots) return [asIs, ...listed.filter((candidate) => !candidate.asIs)];
  const rootListed = listed.some((candidate) => candidate.asIs);
  const mayTop = dots > 0 || listed.length === 0 || !conf.flags.includes('no-tld-query');
  return rootListed || !mayTop ? listed : [...listed, asIs];
}

/** musl: the search list only below ndots dots, and as-is at the end. A root domain cannot be appended. */
function muslNames(state: LookupState): Candidate[] {
  const { conf, name, trailingDot } = state;
  const asIs = { name: absolute(name), asIs: true };
  if (trailingDot || dotsIn(name) >= conf.ndots) return [asIs];
  const fit = conf.search.filter((domain) => domain.length < 255 - name.length && !/^\.|\.\.$/.test(domain));
  return [...fit.map((domain) => ({ name: absolute(`${name}.${domain}`), asIs: false })), asIs];
}

function advance(state: LookupState): Step {
  const [next, ...todo] = state.todo;
  if (next === undefined) return done(state, { error: finalError(state) });
  const turn = state.asked.length;
  const baseId = (state.random + turn * 7919) & 0xffff;
  const rotated = state.conf.flags.includes('rotate') ? state.random % state.conf.nameservers.length : 0;
  const token = (state.send?.token ?? 0) + 10;
  const mode = state.send?.mode;
  const step = startSend(state.conf, next.name, state.types, baseId, token, rotated, mode);
  const asked = [...state.asked, next.name];
  const moved = { ...state, todo, asked, send: step.state };
  const { outcome } = step.state;
  return outcome === undefined ? { state: moved, actions: step.actions } : conclude(moved, outcome);
}

/** The error of a whole search: glibc remembers some, otherwise the last name's counts. */
function finalError(state: LookupState): LookupError {
  if (state.savedError !== undefined) return state.savedError;
  if (state.gotNoData) return 'NODATA';
  return state.gotServfail ? 'AGAIN' : (state.lastError ?? 'NONAME');
}

function conclude(state: LookupState, outcome: SendOutcome): Step {
  const name = state.asked[state.asked.length - 1]!;
  const messages = state.types.map((type) => outcome.replies[type]).filter((m) => m !== undefined);
  const found = messages.flatMap((message) => addressesOf(message));
  const addresses = found.filter((ip) => fitsFamily(ip, state.family));
  if (addresses.length > 0 && state.conf.libc === 'glibc')
    return done(state, foundBy(name, addresses, messages));
  return state.conf.libc === 'glibc'
    ? concludeGlibc(state, outcome, messages)
    : concludeMusl(state, outcome, foundBy(name, addresses, messages));
}

/** Addresses in an answer section, whatever CNAMEs lead to them. */
function addressesOf(message: DnsMessage): string[] {
  const records = message.answers.filter((record) => record.type === message.question.type);
  return records.map((record) => String(record.data));
}

function foundBy(name: string, addresses: readonly string[], messages: readonly DnsMessage[]): FoundResult {
  const owner = messages
    .flatMap((message) => message.answers)
    .find((record) => record.type.startsWith('A'))?.name;
  const isAlias = owner !== undefined && owner.toLowerCase() !== name.toLowerCase();
  return { found: name, addresses, ...(isAlias ? { canonical: owner } : {}) };
}

function concludeGlibc(state: LookupState, outcome: SendOutcome, messages: readonly DnsMessage[]): Step {
  // Any answer section ends the search, even one that holds a CNAME alone.
  if (messages.some((message) => message.rcode === 'NOERROR' && message.answers.length > 0)) {
    return done(state, { error: 'NODATA' });
  }
  const first = messages.find((message) => message.rcode !== 'NOERROR') ?? messages[0];
  const wasAsIsFirst = state.asked.length === 1 && dotsIn(state.name) >= state.conf.ndots;
  if (first === undefined && outcome.failure === 'unreachable' && !wasAsIsFirst)
    return done(state, { error: 'AGAIN' });
  const error: LookupError =
    first === undefined
      ? 'AGAIN'
      : first.rcode === 'NXDOMAIN'
        ? 'NONAME'
        : first.rcode === 'NOERROR'
          ? 'NODATA'
          : 'FAIL';
  if (wasAsIsFirst || state.trailingDot) return advance({ ...state, savedError: error });
  const servfail = first === undefined && outcome.failure === 'servfail';
  const noted: LookupState = {
    ...state,
    lastError: error,
    gotNoData: state.gotNoData || error === 'NODATA',
    gotServfail: state.gotServfail || servfail,
  };
  const goesOn = error === 'NONAME' || error === 'NODATA' || servfail;
  // After any other trouble the rest of the list is skipped, yet the name is tried as it is.
  const todo = goesOn ? state.todo : state.todo.filter((candidate) => candidate.asIs);
  return advance({ ...noted, todo });
}

function concludeMusl(state: LookupState, outcome: SendOutcome, found: FoundResult): Step {
  for (const type of state.types) {
    const message = outcome.replies[type];
    if (message === undefined) return done(state, { error: 'AGAIN' });
    if (message.rcode === 'NXDOMAIN') return advance(state);
  }
  return done(state, found.addresses.length > 0 ? found : { error: 'NODATA' });
}
