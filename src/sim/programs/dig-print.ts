/** How dig prints an answer: as BIND's master-file style lays it out. */
import type { Ns } from '../clock/clock';
import { MS } from '../clock/clock';
import type { DnsMessage, ResourceRecord } from '../dns/message';
import { printRdata } from '../dns/message';
import { messageBytes } from '../dns/wire-size';
import { calendarOf } from './calendar';

/** Version that the output names. */
const DIG_VERSION = '9.18.33';

/** What is printed around an answer. */
export interface DigFrame {
  readonly flags: readonly string[];
  /** The command line without "dig". */
  readonly command: string;
  readonly server: string;
  readonly port: number;
  /** The server as it was given, or its address. */
  readonly asked: string;
  readonly overTcp: boolean;
  readonly tookNs: Ns;
  readonly nowNs: Ns;
}

/** +short: the data alone. */
export function shortText(message: DnsMessage): string {
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

/** What dig was told: a server counts where it is named before the question. */
export function commandLines(command: string): string {
  const found = command.startsWith('@') ? '; (1 server found)\n' : '';
  return `\n; <<>> DiG ${DIG_VERSION} <<>> ${command}\n${found};; global options: +cmd`;
}

/** The whole answer. */
export function fullText(frame: DigFrame, message: DnsMessage): string {
  const { flags, command, server, port, asked, overTcp, tookNs, nowNs } = frame;
  const out: string[] = [];
  if (shows(flags, 'cmd')) {
    out.push(commandLines(command));
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
    const now = calendarOf(nowNs);
    out.push(
      `;; Query time: ${Math.round(tookNs / MS)} msec`,
      `;; SERVER: ${server}#${port}(${asked}) (${overTcp ? 'TCP' : 'UDP'})`,
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
