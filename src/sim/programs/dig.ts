/** dig (BIND 9.18): one question, and the whole answer as it is in a zone file. */
import { ipFamily } from '../../lib/ip';
import { MS, SECOND } from '../clock/clock';
import type { DnsMessage, ResourceRecord } from '../dns/message';
import { printRdata } from '../dns/message';
import { parseForLibc } from '../dns/resolv-conf';
import { resolved, beginResolve, resolveEvent } from './resolve';
import type { Resolving } from './resolve';
import { messageBytes } from '../dns/wire-size';
import type { Asking } from './ask';
import { askEvent, beginAsk } from './ask';
import { calendarOf } from './calendar';
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
const VERSION = '9.18.33';

export const dig: Program = {
  name: 'dig',
  start(os) {
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
    os.exit(10);
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
    const times = result === 'refused' ? 1 : asking.tried;
    const error = `;; communications error to ${asking.question.server}#${options.port}: ${why}\n`;
    os.print(error.repeat(times));
    os.print(
      `\n; <<>> DiG ${VERSION} <<>> ${options.command}\n;; global options: +cmd\n;; no servers could be reached\n`,
    );
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
  const missing = result.rcode === 'NXDOMAIN' || (result.rcode === 'NOERROR' && result.answers.length === 0);
  if (missing && candidates.length > 0) {
    askNext(os);
    return;
  }
  os.print(options.flags.includes('short') ? shortText(result) : fullText(os, asking, result));
  const text =
    result.rcode !== 'NOERROR' ? result.rcode : result.answers.map(printRdata).join(', ') || 'NODATA';
  os.endRequest(requestId, result.rcode === 'NOERROR' && result.answers.length > 0, text);
  os.exit(0);
}

function shortText(message: DnsMessage): string {
  return message.answers.map((record) => `${printRdata(record)}\n`).join('');
}

/** Which parts to print: +noall and +nocomments take away, +answer and the like put back. */
function shows(flags: readonly string[], part: string): boolean {
  let shown = true;
  for (const flag of flags) {
    if (flag === 'noall') shown = false;
    if (flag === 'all' || flag === part) shown = true;
    if (flag === `no${part}`) shown = false;
  }
  return shown;
}

function fullText(os: Os, asking: Asking, message: DnsMessage): string {
  const { options, overTcp } = get(os);
  const { flags } = options;
  const out: string[] = [];
  if (shows(flags, 'cmd')) {
    out.push('', `; <<>> DiG ${VERSION} <<>> ${options.command}`, ';; global options: +cmd');
  }
  if (shows(flags, 'comments')) out.push(...headerLines(message), ...optLines(message));
  const comment = (text: string) => (shows(flags, 'comments') ? [text] : []);
  if (shows(flags, 'question')) {
    out.push(...comment(';; QUESTION SECTION:'), questionLine(message), '');
  }
  const section = (title: string, part: string, records: readonly ResourceRecord[]) => {
    if (records.length === 0 || !shows(flags, part)) return;
    out.push(...comment(`;; ${title} SECTION:`), ...records.map(recordLine));
    if (shows(flags, 'comments')) out.push('');
  };
  section('ANSWER', 'answer', message.answers);
  section('AUTHORITY', 'authority', message.authority);
  section('ADDITIONAL', 'additional', message.extra);
  if (shows(flags, 'stats')) {
    const { server, port } = asking.question;
    const now = calendarOf(os.nowNs);
    out.push(
      `;; Query time: ${Math.round(((asking.endNs ?? os.nowNs) - asking.startNs) / MS)} msec`,
      `;; SERVER: ${server}#${port}(${options.server ?? server}) (${overTcp ? 'TCP' : 'UDP'})`,
      `;; WHEN: ${now.a} ${now.b} ${now.d} ${now.H}:${now.M}:${now.S} UTC ${now.Y}`,
      `;; MSG SIZE  rcvd: ${messageBytes(message)}`,
      '',
    );
  }
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

function headerLines(message: DnsMessage): string[] {
  const flags = [
    'qr',
    ...(message.aa ? ['aa'] : []),
    ...(message.tc ? ['tc'] : []),
    ...(message.rd ? ['rd'] : []),
  ];
  if (message.ra) flags.push('ra');
  const extra = message.extra.length + (message.ednsBytes === undefined ? 0 : 1);
  const counts = `QUERY: 1, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authority.length}, ADDITIONAL: ${extra}`;
  const multicast = /\.local\.$/i.test(message.question.name)
    ? [
        ';; WARNING: .local is reserved for Multicast DNS',
        ';; You are currently testing what happens when an mDNS query is leaked to DNS',
      ]
    : [];
  return [
    ';; Got answer:',
    ...multicast,
    `;; ->>HEADER<<- opcode: QUERY, status: ${message.rcode}, id: ${message.id}`,
    `;; flags: ${flags.join(' ')}; ${counts}`,
    ...(message.rd && !message.ra ? [';; WARNING: recursion requested but not available'] : []),
    '',
  ];
}

function optLines(message: DnsMessage): string[] {
  if (message.ednsBytes === undefined) return [];
  return [
    ';; OPT PSEUDOSECTION:',
    `; EDNS: version: 0, flags:; udp: ${message.ednsBytes}`,
    ...(message.cookie === undefined ? [] : [`; COOKIE: ${message.cookie} (echoed)`]),
  ];
}

const COLUMNS = { ttl: 24, class: 32, type: 40, data: 48 } as const;

/** Moves to a column with tabs of 8, and by one space at least, the way BIND lays out zone files. */
function indent(line: string, from: number, to: number): { line: string; at: number } {
  const target = Math.max(to, from + 1);
  const tabs = Math.max(0, Math.floor(target / 8) - Math.floor(from / 8));
  const start = tabs > 0 ? Math.floor(target / 8) * 8 : from;
  return { line: line + '\t'.repeat(tabs) + ' '.repeat(target - start), at: target };
}

function layOut(first: string, fields: readonly (readonly [number, string])[]): string {
  let line = first;
  let at = first.length;
  for (const [column, text] of fields) {
    const moved = indent(line, at, column);
    line = moved.line + text;
    at = moved.at + text.length;
  }
  return line;
}

function questionLine(message: DnsMessage): string {
  const { name, type } = message.question;
  return layOut(`;${name}`, [
    [COLUMNS.class, 'IN'],
    [COLUMNS.type, type],
  ]);
}

function recordLine(record: ResourceRecord): string {
  return layOut(record.name, [
    [COLUMNS.ttl, String(record.ttl)],
    [COLUMNS.class, 'IN'],
    [COLUMNS.type, record.type],
    [COLUMNS.data, printRdata(record)],
  ]);
}
