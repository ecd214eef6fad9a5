/** The world beyond the cluster, as far as it resolves names: a public resolver with a small table. */
import { MS } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import type { DnsMessage, ResourceRecord } from '../dns/message';
import { replyTo } from '../dns/message';
import { dnsFromPayload, dnsPayload } from '../dns/payload';
import { truncate } from '../dns/wire-size';
import type { Os, Program } from './program';

/** Names of the outside world and their records. Addresses are of the documentation ranges (RFC 5737, RFC 3849). */
export const OUTSIDE_NAMES: readonly ResourceRecord[] = [
  { name: 'example.com.', type: 'A', ttl: 300, data: '203.0.113.80' },
  { name: 'www.example.com.', type: 'A', ttl: 300, data: '203.0.113.80' },
  { name: 'example.org.', type: 'A', ttl: 300, data: '203.0.113.81' },
  { name: 'www.example.org.', type: 'A', ttl: 300, data: '203.0.113.81' },
  { name: 'api.example.com.', type: 'A', ttl: 60, data: '203.0.113.82' },
  { name: 'shop.example.com.', type: 'CNAME', ttl: 120, data: 'www.example.com.' },
];

/** The same hosts' IPv6 addresses, which are told where somebody could reach them. */
export const OUTSIDE_V6_NAMES: readonly ResourceRecord[] = OUTSIDE_NAMES.filter(
  ({ type }) => type === 'A',
).map((record) => ({
  ...record,
  type: 'AAAA',
  data: `2001:db8:203:113::${String(record.data).split('.')[3]!}`,
}));

const LATENCY_NS = 5 * MS;
const ROOT_SOA: ResourceRecord = {
  name: '.',
  type: 'SOA',
  ttl: 86400,
  data: {
    mname: 'a.root-servers.net.',
    rname: 'nstld.verisign-grs.com.',
    serial: 2026010100,
    refresh: 1800,
    retry: 900,
    expire: 604800,
    minimum: 86400,
  },
};

/** What the resolver says: CNAMEs are followed within the table; a name with other records only is NODATA. */
export function answerOutside(query: DnsMessage, more: readonly ResourceRecord[] = []): DnsMessage {
  const table = more.length === 0 ? OUTSIDE_NAMES : [...OUTSIDE_NAMES, ...more];
  const answers: ResourceRecord[] = [];
  let name = query.question.name.toLowerCase();
  for (let step = 0; step < 8; step++) {
    const here = table.filter((record) => record.name === name);
    const wanted = here.filter((record) => record.type === query.question.type);
    const alias = here.find((record) => record.type === 'CNAME');
    if (wanted.length > 0) return replyTo(query, 'NOERROR', { ra: true, answers: [...answers, ...wanted] });
    if (alias === undefined) break;
    answers.push(alias);
    name = String(alias.data);
  }
  const exists = table.some((record) => record.name === name);
  return replyTo(query, exists ? 'NOERROR' : 'NXDOMAIN', { ra: true, answers, authority: [ROOT_SOA] });
}

/** The resolver of the outside; `names` are records that come and go, such as those of a cloud's balancers. */
export function createOutsideDns(names: () => readonly ResourceRecord[]): Program {
  return {
    name: 'outside-dns',
    handlesSignals: true,
    start(os) {
      for (const protocol of ['udp', 'tcp'] as const) {
        const socket = os.machine.listen(os.process.netns, protocol, '0.0.0.0', 53, os.owner);
        if (typeof socket !== 'number') os.exit(1);
      }
    },
    onEvent(os, event) {
      if (event.type === 'signal') os.exit(0);
      else if (event.type === 'socket') onSocket(os, event.event);
      else if (event.type === 'timer') {
        const { socket, from, to, requestId, query } = event.data as Waiting;
        const reply = { ...answerOutside(query, names()), compressed: true };
        if (from === undefined) os.machine.send(socket, dnsPayload(reply, true));
        else {
          const fitted = truncate(reply, Math.max(512, query.ednsBytes ?? 512));
          os.machine.sendTo(socket, from, dnsPayload(fitted), { requestId, ...(to && { from: to }) });
        }
      }
    },
  };
}

export const outsideDns: Program = createOutsideDns(() => []);

interface Waiting {
  readonly socket: number;
  readonly from?: { readonly ip: string; readonly port: number };
  readonly to?: { readonly ip: string; readonly port: number };
  readonly requestId: number;
  readonly query: DnsMessage;
}

function onSocket(os: Os, event: SocketEvent): void {
  if (event.kind === 'closed') os.machine.close(event.socket);
  if (event.kind !== 'datagram' && event.kind !== 'data') return;
  const query = dnsFromPayload(event.payload);
  if (query === null || query.response) return;
  const place =
    event.kind === 'datagram'
      ? { from: event.from, to: event.to, requestId: event.requestId }
      : { requestId: 0 };
  os.setTimer('answer', LATENCY_NS, { socket: event.socket, query, ...place });
}
