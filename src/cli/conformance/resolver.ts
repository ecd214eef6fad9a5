/** Conformance of the pod's side of DNS: resolver.json of the folder dns-l7 (resolv.conf, getaddrinfo of glibc and musl). */
import type { DnsMessage, ResourceRecord } from '../../sim/dns/message';
import { replyTo } from '../../sim/dns/message';
import { parseForLibc } from '../../sim/dns/resolv-conf';
import type { Libc } from '../../sim/dns/resolv-conf';
import type { Family, LookupState } from '../../sim/dns/resolver';
import { onLookupNews, startLookup } from '../../sim/dns/resolver';
import type { SendState } from '../../sim/dns/resolver-send';
import { onSendNews, startSend } from '../../sim/dns/resolver-send';
import { ApiError } from '../../sim/api/errors';
import type { PodSpec } from '../../sim/api/kinds/pod';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';
import { Clock } from '../../sim/clock/clock';
import { parseHostResolvConf, podResolvConf } from '../../sim/node/kubelet/resolv-conf';
import type { DnsSettings } from '../../sim/node/kubelet/resolv-conf';
import type { CaseResult, Format } from './result';
import { simulate } from './resolver-run';
import { compareTexts, eachCase } from './result';
import type { WireCase } from './resolver-wire';
import { runWire } from './resolver-wire';

interface ParseCase {
  readonly id: string;
  readonly reader: 'kubelet' | 'kubelet-new' | Libc;
  readonly text: string;
  readonly expect: {
    readonly error?: boolean;
    readonly nameservers?: readonly string[];
    readonly search?: readonly string[];
    readonly options?: readonly string[];
    readonly ndots?: number;
    readonly timeout?: number;
    readonly attempts?: number;
  };
}
type Said = 'data' | 'nodata' | 'nxdomain' | 'servfail' | 'refused' | 'timeout' | 'cname-only';
interface LookupCase {
  readonly id: string;
  readonly libc: Libc;
  readonly resolvConf: {
    readonly nameserver: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  readonly name: string;
  readonly family: Family;
  /** Lines of /etc/hosts. */
  readonly hosts?: string | readonly string[];
  readonly answers: Readonly<Record<string, Readonly<Record<string, Said>>>>;
  readonly queries: readonly string[];
  readonly expect: {
    readonly found?: string;
    readonly error?: string;
    readonly errorAnyOf?: readonly string[];
  };
}
interface ServersCase {
  readonly id: string;
  readonly libc: Libc;
  readonly options: readonly string[];
  readonly servers: readonly { readonly reply: Said | 'none'; readonly afterMs?: number }[];
  readonly expect: {
    readonly result: string;
    readonly atMs: number;
    readonly sends: readonly { readonly atMs: number; readonly server: number }[];
  };
}

interface KubeletCase {
  readonly id: string;
  readonly kubelet: DnsSettings & { readonly resolvConf: string | null };
  readonly pod: { readonly namespace: string; readonly dnsPolicy?: string | null } & object;
  readonly expect: ParseCase['expect'] & { readonly events?: readonly string[] };
}
interface ValidationCase {
  readonly id: string;
  readonly podSpec: object;
  readonly valid: boolean;
}

function runKubelet({ id, kubelet, pod, expect }: KubeletCase): CaseResult {
  const { namespace, dnsPolicy, ...rest } = pod;
  const spec = { ...rest, ...(dnsPolicy == null ? {} : { dnsPolicy }), containers: [] } as unknown as PodSpec;
  const got = podResolvConf(kubelet, spec, namespace, kubelet.resolvConf);
  // A reason may come twice, for servers and for searches.
  const events = (list: readonly string[] | undefined) => `; events ${[...new Set(list)].sort().join(' ')}`;
  return compareTexts(id, printConf(expect) + events(expect.events), printConf(got) + events(got.events));
}

/** The pod's DNS fields before the API server. */
function runValidation({ id, podSpec, valid }: ValidationCase): CaseResult {
  const server = new ApiServer(new Store({ clock: new Clock(1) }));
  server.store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'c', image: 'x' }], ...podSpec };
  let got = 'valid';
  try {
    server.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    got = 'invalid';
  }
  return compareTexts(id, valid ? 'valid' : 'invalid', got);
}

function runParse({ id, reader, text, expect }: ParseCase): CaseResult {
  const wanted = expect.error ? 'error' : printConf(expect);
  if (reader === 'glibc' || reader === 'musl')
    return compareTexts(id, wanted, printConf(parseForLibc(reader, text)));
  const conf = parseHostResolvConf(text, reader === 'kubelet');
  return compareTexts(id, wanted, conf === null ? 'error' : printConf(conf));
}

function printConf(conf: ParseCase['expect']): string {
  const { nameservers = [], search = [], options, ndots, timeout, attempts } = conf;
  const lists = `nameservers ${nameservers.join(' ')}; search ${search.join(' ')}`;
  const sorted = options === undefined ? '' : `; options ${[...options].sort().join(' ')}`;
  return lists + (ndots === undefined ? sorted : `; ndots ${ndots} timeout ${timeout} attempts ${attempts}`);
}

function answerFor(query: DnsMessage, said: Said): DnsMessage | null {
  const { name, type } = query.question;
  const data: ResourceRecord = { name, type, ttl: 5, data: type === 'A' ? '192.0.2.80' : '2001:db8::80' };
  const alias: ResourceRecord = { name, type: 'CNAME', ttl: 5, data: 'elsewhere.example.' };
  switch (said) {
    case 'timeout':
      return null;
    case 'data':
      return replyTo(query, 'NOERROR', { answers: [data] });
    case 'cname-only':
      return replyTo(query, 'NOERROR', { answers: [alias] });
    case 'nodata':
      return replyTo(query, 'NOERROR');
    case 'nxdomain':
      return replyTo(query, 'NXDOMAIN');
    case 'refused':
      return replyTo(query, 'REFUSED');
    default:
      return replyTo(query, 'SERVFAIL');
  }
}

function runLookup(row: LookupCase): CaseResult {
  const { nameserver, search, options } = row.resolvConf;
  const lines = [...nameserver.map((ip) => `nameserver ${ip}`), `search ${search.join(' ')}`];
  const text = [...lines, `options ${options.join(' ')}`].join('\n');
  const conf = parseForLibc(row.libc, search.length === 0 ? text.replace(/search.*\n/, '') : text);
  const hosts = [row.hosts ?? '127.0.0.1 localhost'].flat().join('\n');
  const run = simulate<LookupState>(
    startLookup(conf, hosts, row.name, row.family, 4711),
    onLookupNews,
    (state) => state.result !== undefined,
    ({ message }) => {
      const { name, type } = message.question;
      const reply = answerFor(message, row.answers[name]?.[type] ?? 'nxdomain');
      return reply === null ? null : { message: reply, afterMs: 1 };
    },
  );
  const result = run.state.result;
  const got =
    result === undefined ? 'none' : 'error' in result ? `error ${result.error}` : `found ${result.found}`;
  const { found, error, errorAnyOf } = row.expect;
  const fits = errorAnyOf?.find((code) => got === `error ${code}`);
  const wanted =
    found !== undefined ? `found ${found}` : `error ${fits ?? error ?? errorAnyOf?.join(' or ')}`;
  const asked = run.sends
    .map((sent) => sent.message.question.name)
    .filter((name, i, all) => all.indexOf(name) === i);
  return compareTexts(row.id, `${row.queries.join(' ')} -> ${wanted}`, `${asked.join(' ')} -> ${got}`);
}

function runServers(row: ServersCase): CaseResult {
  const lines = row.servers.map((_, index) => `nameserver 192.0.2.${index + 1}`);
  const conf = parseForLibc(row.libc, [...lines, `options ${row.options.join(' ')}`].join('\n'));
  const run = simulate<SendState>(
    startSend(conf, 'web.example.', ['A'], 1, 0),
    onSendNews,
    (state) => state.outcome !== undefined,
    ({ server, message }) => {
      const { reply, afterMs = 0 } = row.servers[server]!;
      const answer = reply === 'none' ? null : answerFor(message, reply);
      return answer === null ? null : { message: answer, afterMs };
    },
  );
  const outcome = run.state.outcome;
  const reply = outcome?.replies.A;
  const result =
    reply === undefined
      ? (outcome?.failure ?? 'none')
      : reply.rcode === 'NXDOMAIN'
        ? 'nxdomain'
        : reply.answers.length > 0
          ? 'data'
          : 'nodata';
  const print = (sends: readonly { readonly atMs: number; readonly server: number }[]) =>
    sends.map((s) => `${s.atMs}:${s.server}`).join(' ');
  const { expect } = row;
  return compareTexts(
    row.id,
    `${expect.result} at ${expect.atMs}, sends ${print(expect.sends)}`,
    `${result} at ${run.atMs}, sends ${print(run.sends)}`,
  );
}

function run(data: unknown, only = ''): CaseResult[] {
  const file = data as {
    readonly parse?: readonly ParseCase[];
    readonly lookups?: readonly LookupCase[];
    readonly servers?: readonly ServersCase[];
    readonly kubelet?: readonly KubeletCase[];
    readonly podValidation?: readonly ValidationCase[];
    readonly wire?: readonly WireCase[];
  };
  const named = (section: string, results: readonly CaseResult[]) =>
    results.map((result) => ({ ...result, id: `${section}: ${result.id}` }));
  return [
    ...named('parse', eachCase(file.parse, runParse)),
    ...named('kubelet', eachCase(file.kubelet, runKubelet)),
    ...named('podValidation', eachCase(file.podValidation, runValidation)),
    ...named('lookups', eachCase(file.lookups, runLookup)),
    ...named('servers', eachCase(file.servers, runServers)),
    ...named('wire', eachCase(file.wire, runWire)),
  ].filter((result) => result.id.includes(only));
}

export const formats: Readonly<Record<string, Format>> = { 'resolver.json': run };
