/** host (BIND 9.18): a name's addresses and mail servers, or an address' name, a sentence for each record. */
import { ipFamily } from '../../lib/ip';
import { SECOND } from '../clock/clock';
import type { DnsMessage, ResourceRecord } from '../dns/message';
import { absolute, printRdata } from '../dns/message';
import { parseForLibc } from '../dns/resolv-conf';
import type { Asking } from './ask';
import { askEvent, beginAsk } from './ask';
import { searchNames } from './nslookup';
import type { Os, Program } from './program';
import { reverseName } from './reverse-name';

interface HostState {
  readonly asked: string;
  readonly types: readonly string[];
  /** A type was asked for, so that its absence is worth a sentence. */
  readonly chosen: boolean;
  readonly servers: readonly string[];
  readonly given: string | null;
  readonly waitNs: number;
  readonly candidates: readonly string[];
  readonly requestId: number;
  readonly asking?: Asking;
  readonly said: readonly string[];
}

const USAGE =
  'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n' +
  '            [-R number] [-m flag] [-p port] hostname [server]\n';

/** Exits with 1 for a name that is not found, with 0 otherwise. */
export const host: Program = {
  name: 'host',
  start(os) {
    const { words, type, waitS } = readArgs(os.process.args.slice(1));
    const [name, server] = words;
    if (name === undefined) {
      os.print(USAGE);
      os.exit(1);
      return;
    }
    // Not simulated: a server that host is given by its name.
    if (server !== undefined && ipFamily(server) === null) {
      os.print(`host: couldn't get address for '${server}': not found\n`, 'stderr');
      os.exit(1);
      return;
    }
    const conf = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
    const reverse = type === null ? reverseName(name) : null;
    const asked = reverse === null ? name : `${reverse}.`;
    const state: HostState = {
      asked,
      types: type !== null ? [type] : reverse !== null ? ['PTR'] : ['A', 'AAAA', 'MX'],
      chosen: type !== null,
      servers: server === undefined ? conf.nameservers : [server],
      given: server ?? null,
      waitNs: waitS * SECOND,
      candidates: searchNames(asked, conf.search, conf.ndots, reverse !== null),
      requestId: os.beginRequest('dns', `host ${name}`),
      said: [],
    };
    os.setState(state);
    askNext(os);
  },
  onEvent(os, event) {
    const { asking } = get(os);
    const next = asking === undefined ? null : askEvent(os, asking, event);
    if (next === null) return;
    os.setState({ ...get(os), asking: next });
    if (next.result !== undefined) answered(os, next);
  },
};

function get(os: Os): HostState {
  return os.process.state as HostState;
}

function readArgs(args: readonly string[]): { words: string[]; type: string | null; waitS: number } {
  const words: string[] = [];
  let type: string | null = null;
  let waitS = 5;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-t') type = (args[++i] ?? 'A').toUpperCase();
    else if (arg === '-a') type = 'ANY';
    else if (arg === '-W') waitS = Number(args[++i]) || 5;
    else if (/^-[cNRmp]$/.test(arg)) i++;
    else if (!arg.startsWith('-')) words.push(arg);
  }
  return { words, type, waitS };
}

function askNext(os: Os): void {
  const { candidates, types, servers, requestId, waitNs } = get(os);
  const [name, ...rest] = candidates;
  const base = { server: servers[0]!, port: 53, name: name!, type: types[0]!, requestId, overTcp: false };
  const asking = beginAsk(os, { ...base, tries: 2, timeoutNs: waitNs });
  os.setState({ ...get(os), candidates: rest, asking });
}

function answered(os: Os, asking: Asking): void {
  const state = get(os);
  const result = asking.result!;
  if (typeof result !== 'object') {
    unheard(os, asking, result);
    return;
  }
  if (result.rcode === 'NXDOMAIN' && state.candidates.length > 0 && state.said.length === 0) {
    askNext(os);
    return;
  }
  header(os);
  const name = asking.question.name.replace(/\.$/, '');
  if (result.rcode !== 'NOERROR') {
    const shown = state.asked.endsWith('.') ? state.asked : state.asked.replace(/\.$/, '');
    os.print(`Host ${shown} not found: ${CODES[result.rcode] ?? 2}(${result.rcode})\n`);
    finish(os, false, result.rcode);
    return;
  }
  const lines = result.answers.map(sentence);
  if (lines.length === 0 && state.chosen) lines.push(`${name} has no ${state.types[0]} record`);
  // An alias is told once, by the first type.
  const fresh = lines.filter((line) => !get(os).said.includes(line));
  os.print(fresh.map((line) => `${line}\n`).join(''));
  const [, ...types] = state.types;
  os.setState({
    ...get(os),
    types,
    said: [...get(os).said, ...fresh, ''],
    candidates: [target(result, name)],
  });
  if (types.length > 0) askNext(os);
  else finish(os, true, fresh.join(', ') || 'found');
}

const CODES: Readonly<Record<string, number>> = {
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};

/** Where the aliases of an answer lead: the other types are asked for there. */
function target(message: DnsMessage, name: string): string {
  const aliases = message.answers.filter(({ type }) => type === 'CNAME');
  let last = absolute(name);
  for (const alias of aliases) if (alias.name.toLowerCase() === last.toLowerCase()) last = String(alias.data);
  return last;
}

function unheard(os: Os, asking: Asking, result: 'timeout' | 'refused'): void {
  const why = result === 'refused' ? 'connection refused' : 'timed out';
  const line = `;; communications error to ${asking.question.server}#53: ${why}\n`;
  os.print(line.repeat(asking.tried));
  const { servers, candidates } = get(os);
  if (servers.length > 1) {
    os.setState({ ...get(os), servers: servers.slice(1), candidates: [asking.question.name, ...candidates] });
    askNext(os);
    return;
  }
  os.print(';; no servers could be reached\n');
  finish(os, false, 'no servers could be reached');
}

function header(os: Os): void {
  const { given, said } = get(os);
  if (given === null || said.length > 0) return;
  os.print(`Using domain server:\nName: ${given}\nAddress: ${given}#53\nAliases: \n\n`);
}

function sentence(record: ResourceRecord): string {
  const name = record.name.replace(/\.$/, '');
  const data = printRdata(record);
  const words: Readonly<Record<string, string>> = {
    A: 'has address',
    AAAA: 'has IPv6 address',
    CNAME: 'is an alias for',
    PTR: 'domain name pointer',
    NS: 'name server',
    MX: 'mail is handled by',
    TXT: 'descriptive text',
  };
  return `${name} ${words[record.type] ?? `has ${record.type} record`} ${data}`;
}

function finish(os: Os, ok: boolean, text: string): void {
  os.endRequest(get(os).requestId, ok, text);
  os.exit(ok ? 0 : 1);
}
