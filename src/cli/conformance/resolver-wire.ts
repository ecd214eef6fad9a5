/**
 * The facts of resolver.json about what a C library puts on the wire: each sentence is put to the same machine that pods
 * use. A sentence that nothing here understands leaves its row not run.
 */
import type { DnsMessage } from '../../sim/dns/message';
import { replyTo } from '../../sim/dns/message';
import { parseForLibc } from '../../sim/dns/resolv-conf';
import type { Libc } from '../../sim/dns/resolv-conf';
import { onLookupNews, startLookup } from '../../sim/dns/resolver';
import type { LookupState } from '../../sim/dns/resolver';
import type { Sent } from './resolver-run';
import { simulate } from './resolver-run';
import type { CaseResult } from './result';
import { compareTexts } from './result';

/** One row: sentences about a C library with these options of resolv.conf. */
export interface WireCase {
  readonly id: string;
  readonly libc: Libc;
  readonly options: readonly string[];
  readonly facts: readonly string[];
}

/** What the servers do with a query: answer after 5 ms, cut the answer short, or say nothing. */
type Manner = (message: DnsMessage, transport: string) => 'data' | 'truncated' | 'none';

/** All that is sent until the lookup of "web." is over. */
function sendsOf(row: WireCase, servers: number, manner: Manner): readonly Sent[] {
  const lines = Array.from({ length: servers }, (_, i) => `nameserver 192.0.2.${i + 1}`);
  const conf = parseForLibc(row.libc, [...lines, `options ${row.options.join(' ')}`].join('\n'));
  return simulate<LookupState>(
    startLookup(conf, '', 'web.', 'unspec', 4711),
    onLookupNews,
    (state) => state.result !== undefined,
    ({ message, transport }) => {
      const how = manner(message, transport);
      if (how === 'none') return null;
      const { type, name } = message.question;
      const answer = { name, type, ttl: 5, data: type === 'A' ? '192.0.2.80' : '2001:db8::80' };
      const reply = replyTo(message, 'NOERROR', how === 'data' ? { answers: [answer] } : { tc: true });
      return { message: reply, afterMs: 5 };
    },
  ).sends;
}

const all: Manner = () => 'data';

/** "0 A, 0 AAAA one socket": when which type was sent, and over how many sockets. */
function shown(sent: readonly Sent[]): string {
  const sockets = new Set(sent.map(({ socket }) => socket)).size;
  const queries = sent
    .map(({ atMs, message, transport }) => `${atMs} ${message.question.type} ${transport}`)
    .join(', ');
  return `${queries}; sockets ${sockets}`;
}

/** Sentences, what follows from them, and what is seen. */
const FACTS: readonly (readonly [RegExp, string, (row: WireCase) => string])[] = [
  [
    /A and AAAA are sent back to back from one UDP socket|shared source port/,
    '0 A udp, 0 AAAA udp; sockets 1',
    (row) => shown(sendsOf(row, 1, all)),
  ],
  [
    /when only one comes the process falls back to one query at a time/,
    '0 A, 0 AAAA, 5000 A, 5005 AAAA same port, 10000 A, 10005 AAAA new port',
    (row) => {
      const sent = sendsOf(row, 1, (message) => (message.question.type === 'A' ? 'data' : 'none'));
      const port = (i: number) => (sent[i]?.socket === sent[i - 1]?.socket ? ' same port' : ' new port');
      return sent
        .map(({ atMs, message }, i) => `${atMs} ${message.question.type}${i === 3 || i === 5 ? port(i) : ''}`)
        .join(', ');
    },
  ],
  [
    /A is sent, its reply awaited, then AAAA on the same socket/,
    '0 A udp, 5 AAAA udp; sockets 1',
    (row) => shown(sendsOf(row, 1, all)),
  ],
  [
    /as single-request, and the second query uses a new socket/,
    '0 A udp, 5 AAAA udp; sockets 2',
    (row) => shown(sendsOf(row, 1, all)),
  ],
  [
    /A and AAAA go to every nameserver at once from one UDP socket/,
    '0 A0, 0 A1, 0 AAAA0, 0 AAAA1; sockets 1',
    (row) => {
      const sent = sendsOf(row, 2, all);
      const queries = sent.map(({ atMs, message, server }) => `${atMs} ${message.question.type}${server}`);
      return `${queries.join(', ')}; sockets ${new Set(sent.map(({ socket }) => socket)).size}`;
    },
  ],
  [
    /are unknown options and ignored/,
    '',
    ({ libc, facts }) => {
      const named = facts.find((fact) => fact.includes('are unknown options'))!.split(' are unknown')[0]!;
      return parseForLibc(libc, `options ${named.replace(/,| and /g, ' ')}`).flags.join(' ');
    },
  ],
  [
    /truncated reply is repeated over TCP/,
    '0 A udp, 0 AAAA udp, 5 A tcp, 5 AAAA tcp',
    (row) => {
      const sent = sendsOf(row, 1, (_, transport) => (transport === 'udp' ? 'truncated' : 'data'));
      return sent
        .map(({ atMs, message, transport }) => `${atMs} ${message.question.type} ${transport}`)
        .join(', ');
    },
  ],
];

/** Every fact of a row; not run when one of them is not understood. */
export function runWire(row: WireCase): CaseResult {
  const known = row.facts.map((fact) => FACTS.find(([pattern]) => pattern.test(fact)));
  if (known.some((fact) => fact === undefined)) return { id: row.id, status: 'not-run' };
  const wanted = known.map((fact) => fact![1]);
  const got = known.map((fact) => fact![2](row));
  return compareTexts(row.id, wanted.join('\n'), got.join('\n'));
}
