/** dig (BIND 9.18): one question, and the whole answer as it is in a zone file. */
import { ipFamily } from '../../lib/ip';
import { SECOND } from '../clock/clock';
import { printRdata } from '../dns/message';
import { parseForLibc } from '../dns/resolv-conf';
import { resolved, beginResolve, resolveEvent } from './resolve';
import type { Resolving } from './resolve';
import type { Asking } from './ask';
import { askEvent, beginAsk } from './ask';
import type { DigFrame } from './dig-print';
import { commandLines, fullText, shortText } from './dig-print';
import { searchNames } from './nslookup';
import type { Os, Program } from './program';
import { reverseName } from './reverse-name';

interface DigOptions {
  readonly name: string;
  readonly type: string;
  readonly server: string | null;
  readonly port: number;
  readonly flags: readonly string[];
  readonly command: string;
}

interface DigState {
  readonly options: DigOptions;
  readonly requestId: number;
  readonly serverIp: string;
  readonly candidates: readonly string[];
  readonly overTcp: boolean;
  readonly resolving?: Resolving;
  readonly asking?: Asking;
}

const TYPES = new Set('A AAAA CNAME NS MX TXT SRV PTR SOA ANY HTTPS CAA DS AXFR'.split(' '));

export const dig: Program = {
  name: 'dig',
  start(os) {
    const wrong = os.process.args.slice(1).find(isWrong);
    if (wrong !== undefined) {
      os.print(`Invalid option: ${wrong}\n${USAGE}`, 'stderr');
      os.exit(1);
      return;
    }
    const options = readArgs(os.process.args.slice(1));
    const conf = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
    const searching = options.flags.includes('search');
    const candidates = searchNames(
      options.name,
      searching ? conf.search : [],
      searching ? conf.ndots : 0,
      false,
    );
    const requestId = os.beginRequest('dns', `dig ${options.name} ${options.type}`);
    const overTcp = options.flags.includes('tcp') || options.flags.includes('vc');
    const base = { options, requestId, candidates, overTcp, serverIp: conf.nameservers[0] ?? '127.0.0.1' };
    if (options.server === null || ipFamily(options.server) !== null) {
      os.setState({ ...base, serverIp: options.server ?? base.serverIp });
      askNext(os);
      return;
    }
    os.setState({ ...base, resolving: beginResolve(os, options.server, requestId, 'inet') });
    serverFound(os);
  },
  onEvent(os, event) {
    const { resolving, asking } = get(os);
    if (resolving !== undefined && resolved(resolving) === undefined) {
      const next = resolveEvent(os, resolving, event);
      if (next === null) return;
      os.setState({ ...get(os), resolving: next });
      serverFound(os);
      return;
    }
    const next = asking === undefined ? null : askEvent(os, asking, event);
    if (next === null) return;
    os.setState({ ...get(os), asking: next });
    if (next.result !== undefined) answered(os, next);
  },
};

function get(os: Os): DigState {
  return os.process.state as DigState;
}

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;
const FLAGS = new Set(
  (
    'aaflag aaonly additional adflag all answer authority badcookie besteffort bufsize cd cdflag class cl cmd comments cookie ' +
    'crypto defname dns64prefix dnssec do domain dscp edns ednsflags ednsnegotiation ednsopt expandaaaa expire fail fuzztime ' +
    'header-only https idnin idnout ignore keepalive keepopen mapped multiline ndots nsid nssearch onesoa opcode padding ' +
    'qid qr question raflag rdflag recurse retry rrcomments search short showallmessages showbadcookie showbadvers showsearch ' +
    'split stats subnet tcflag tcp time timeout tls trace tries ttlid ttlunits unknownformat vc yaml zflag edns'
  ).split(' '),
);

/** Not simulated: of the options that dig has, most change nothing here; what it does not have is refused. */
function isWrong(word: string): boolean {
  const flag = /^\+(?:no)?([^=]*)/.exec(word)?.[1];
  if (flag !== undefined) return !FLAGS.has(flag) && !FLAGS.has(word.slice(1).split('=')[0]!);
  return /^-[^46bcfhikmpqrtuvxy]/.test(word);
}

function readArgs(args: readonly string[]): DigOptions {
  const flags: string[] = [];
  let name: string | null = null;
  let type: string | null = null;
  let server: string | null = null;
  let port = 53;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('@')) server = arg.slice(1);
    else if (arg.startsWith('+')) flags.push(arg.slice(1));
    else if (arg === '-t') type = (args[++i] ?? 'A').toUpperCase();
    else if (arg === '-q') name = args[++i] ?? '.';
    else if (arg === '-p') port = Number(args[++i] ?? 53);
    else if (arg === '-x') {
      name = reverseName(args[++i] ?? '') ?? '.';
      type = 'PTR';
    } else if (arg === '-4' || arg === '-6') continue;
    else if (type === null && TYPES.has(arg.toUpperCase())) type = arg.toUpperCase();
    else name ??= arg;
  }
  const shown = name ?? '.';
  return {
    name: shown,
    type: type ?? (name === null ? 'NS' : 'A'),
    server,
    port,
    flags,
    command: args.join(' '),
  };
}

function serverFound(os: Os): void {
  const state = get(os);
  const result = resolved(state.resolving!);
  if (result === undefined) return;
  if ('error' in result) {
    os.print(`dig: couldn't get address for '${state.options.server}': not found\n`, 'stderr');
    os.endRequest(state.requestId, false, 'no address for the server');
    os.exit(1);
    return;
  }
  os.setState({ ...state, serverIp: result.addresses[0]! });
  askNext(os);
}

/** Value of "+time=3" and the like. */
function numberFlag(flags: readonly string[], name: string, otherwise: number): number {
  const text = flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
  return text === undefined ? otherwise : Number(text) || otherwise;
}

function askNext(os: Os): void {
  const { candidates, options, serverIp, requestId, overTcp } = get(os);
  const [name, ...rest] = candidates;
  if (name === undefined) return;
  const half = () => {
    const value = Math.floor(os.random('dig/cookie') * 0x100000000);
    return value.toString(16).padStart(8, '0');
  };
  const cookie = options.flags.includes('nocookie') ? {} : { cookie: half() + half() };
  const ednsBytes = numberFlag(options.flags, 'bufsize', 1232);
  const edns = options.flags.includes('noedns') ? {} : { ednsBytes, ...cookie };
  const question = {
    server: serverIp,
    port: options.port,
    name,
    type: options.type,
    requestId,
    overTcp,
    ...edns,
  };
  const tries = numberFlag(options.flags, 'tries', numberFlag(options.flags, 'retry', 2) + 1);
  const timeoutNs = numberFlag(options.flags, 'time', numberFlag(options.flags, 'timeout', 5)) * SECOND;
  const asking = beginAsk(os, { ...question, tries, timeoutNs });
  os.setState({ ...get(os), candidates: rest, asking });
}

function answered(os: Os, asking: Asking): void {
  const { candidates, options, requestId, overTcp } = get(os);
  const result = asking.result!;
  if (typeof result !== 'object') {
    const why = result === 'refused' ? 'connection refused' : 'timed out';
    const error = `;; communications error to ${asking.question.server}#${options.port}: ${why}\n`;
    os.print(error.repeat(asking.tried));
    os.print(`${commandLines(options.command)}\n;; no servers could be reached\n`);
    os.endRequest(requestId, false, why);
    os.exit(9);
    return;
  }
  if (result.tc && !overTcp && !options.flags.includes('ignore')) {
    os.print(';; Truncated, retrying in TCP mode.\n');
    os.setState({ ...get(os), overTcp: true, candidates: [asking.question.name, ...candidates] });
    askNext(os);
    return;
  }
  if (result.rcode === 'NXDOMAIN' && candidates.length > 0) {
    askNext(os);
    return;
  }
  os.print(options.flags.includes('short') ? shortText(result) : fullText(frameOf(os, asking), result));
  const text =
    result.rcode !== 'NOERROR' ? result.rcode : result.answers.map(printRdata).join(', ') || 'NODATA';
  os.endRequest(requestId, result.rcode === 'NOERROR' && result.answers.length > 0, text);
  os.exit(0);
}

function frameOf(os: Os, asking: Asking): DigFrame {
  const { options, overTcp } = get(os);
  const { server, port } = asking.question;
  const tookNs = (asking.endNs ?? os.nowNs) - asking.startNs;
  const { flags, command } = options;
  return { flags, command, server, port, asked: options.server ?? server, overTcp, tookNs, nowNs: os.nowNs };
}
