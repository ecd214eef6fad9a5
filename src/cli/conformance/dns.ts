/** Conformance of the name server: dns.json of the folder dns-l7 (CoreDNS' kubernetes, cache and loadbalance plugins). */
import { readCluster } from '../../sim/dns/cluster-reader';
import type { StoreLike } from '../../sim/dns/cluster-reader';
import type { DnsMessage, ResourceRecord } from '../../sim/dns/message';
import { queryMessage } from '../../sim/dns/message';
import type { UpstreamAsk } from '../../sim/dns/plugin';
import { arrange } from '../../sim/dns/plugins/loadbalance';
import type { CacheState, ServeInput, ServerConfig } from '../../sim/dns/server';
import { configureServer, serveQuery } from '../../sim/dns/server';
import { canonicalJson } from '../../lib/plain';
import { SECOND } from '../../sim/clock/clock';
import { RandomStreams } from '../../sim/clock/random';
import { planSlices } from '../../sim/controllers/endpointslice/plan';
import type { Node } from '../../sim/api/kinds/cluster';
import type { Pod } from '../../sim/api/kinds/pod';
import type { Service } from '../../sim/api/kinds/service';
import type { CaseResult, Format } from './result';
import { compareTexts, eachCase } from './result';

interface Kubernetes {
  readonly zones: readonly string[];
  readonly ttl: number;
  readonly pods: string;
  readonly fallthrough?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly ignoreEmptyService?: boolean;
  readonly endpointPodNames?: boolean;
  readonly zonal?: boolean;
  readonly synced?: boolean;
  readonly localIPs?: readonly string[];
}
interface Answer {
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  readonly truncated?: boolean;
  readonly aa?: boolean;
  readonly answers?: readonly ResourceRecord[];
  readonly authority?: readonly ResourceRecord[];
  readonly extra?: readonly ResourceRecord[];
  readonly order?: string;
}
interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
interface DnsCase {
  readonly id: string;
  readonly server: Kubernetes & { readonly upstreamAnswers?: readonly Answer[] };
  readonly objects: readonly KubeObject[];
  readonly queries: readonly Answer[];
}
interface Scenario {
  readonly id: string;
  readonly server: {
    readonly kubernetes: Kubernetes;
    readonly loadbalance?: boolean;
    readonly cache?: {
      maxTTL: number | null;
      disableSuccess?: readonly string[];
      disableDenial?: readonly string[];
    };
    readonly upstreamAnswers?: readonly Answer[];
  };
  readonly objects?: readonly KubeObject[];
  readonly upstreamAnswers?: readonly Answer[];
  readonly steps: readonly {
    readonly at: number;
    readonly apply?: readonly KubeObject[];
    readonly delete?: { readonly kind: string; readonly namespace?: string; readonly name: string };
    readonly query?: Answer;
    readonly upstreamAnswers?: readonly Answer[];
    readonly from?: string;
  }[];
}

/** A store of plain objects, as far as the name server reads one. */
class Objects implements StoreLike {
  private readonly all = new Map<string, KubeObject>();
  apply(objects: readonly KubeObject[]): void {
    for (const object of objects)
      this.all.set(this.key(object.kind, object.metadata.namespace, object.metadata.name), object);
  }
  remove(kind: string, namespace: string | undefined, name: string): void {
    this.all.delete(this.key(kind, namespace, name));
  }
  get(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.all.get(this.key(kind, namespace, name));
  }
  list(kind: string, namespace?: string): KubeObject[] {
    const isWanted = (o: KubeObject) =>
      o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace);
    return [...this.all.values()].filter(isWanted);
  }
  private key(kind: string, namespace: string | undefined, name: string): string {
    return `${kind}/${namespace ?? ''}/${name}`;
  }
}

function corefileOf(server: Kubernetes, outer: readonly string[]): string {
  const lines = [`ttl ${server.ttl}`, `pods ${server.pods}`];
  if ((server.fallthrough ?? []).length > 0) lines.push(`fallthrough ${server.fallthrough!.join(' ')}`);
  if ((server.namespaces ?? []).length > 0) lines.push(`namespaces ${server.namespaces!.join(' ')}`);
  if (server.ignoreEmptyService) lines.push('ignore empty_service');
  if (server.endpointPodNames) lines.push('endpoint_pod_names');
  if (server.zonal) lines.push('zonal');
  const block = `kubernetes ${server.zones.join(' ')} {\n${lines.join('\n')}\n}`;
  return `.:53 {\n${[...outer, block, 'forward . 192.0.2.53'].join('\n')}\n}\n`;
}

function upstreamFrom(answers: readonly Answer[]): (ask: UpstreamAsk) => DnsMessage | 'timeout' {
  return (ask) => {
    const query = queryMessage(1, ask.name, ask.type);
    const found = answers.find((a) => a.name.toLowerCase() === ask.name.toLowerCase() && a.type === ask.type);
    const {
      rcode = 'NXDOMAIN',
      truncated = false,
      answers: records = [],
      authority = [],
      extra = [],
    } = found ?? {};
    const sections = { answers: records, authority, extra };
    return {
      ...query,
      response: true,
      ra: true,
      rcode: rcode as DnsMessage['rcode'],
      tc: truncated,
      ...sections,
    };
  };
}

function printRecord(record: ResourceRecord): string {
  const data = record.data;
  const isFields = typeof data === 'object' && !Array.isArray(data);
  const shown = isFields
    ? Object.entries(data)
        .filter(([key]) => key !== 'serial')
        .sort(([a], [b]) => (a < b ? -1 : 1))
    : data;
  return `${record.name} ${record.ttl} ${record.type} ${JSON.stringify(shown)}`;
}

function printAnswer(
  answer: Pick<Answer, 'rcode' | 'answers' | 'authority' | 'extra'>,
  aa: boolean,
  tc: boolean,
): string {
  const section = (name: string, records: readonly ResourceRecord[] | undefined) =>
    (records ?? []).map((record) => `  ${name} ${printRecord(record)}`).sort();
  const flags = `${answer.rcode}${aa ? ' aa' : ''}${tc ? ' tc' : ''}`;
  const rows = [
    ...section('answer', answer.answers),
    ...section('authority', answer.authority),
    ...section('extra', answer.extra),
  ];
  return [flags, ...rows].join('\n');
}

function compareQuery(
  id: string,
  expected: Answer,
  got: DnsMessage,
  from?: [string | undefined, string],
): CaseResult {
  const prefix = (text: string | undefined) => (from?.[0] === undefined ? '' : `from ${text}\n`);
  const isRefused = expected.rcode === 'REFUSED' || expected.rcode === 'SERVFAIL';
  const aa = expected.aa ?? (isRefused ? got.aa : true);
  const left = prefix(from?.[0]) + printAnswer(expected, aa, expected.truncated ?? false);
  const right =
    prefix(from?.[1]) +
    printAnswer(got, got.aa, got.tc) +
    (cnameFirst(got) ? '' : '\n  a CNAME follows its target');
  return compareTexts(id, left, right);
}

function cnameFirst(message: DnsMessage): boolean {
  const seen = new Set<string>();
  return message.answers.every((record) => {
    seen.add(record.name.toLowerCase());
    return record.type !== 'CNAME' || !seen.has(String(record.data).toLowerCase());
  });
}

function inputFor(
  store: StoreLike,
  server: Kubernetes,
  upstream: ServeInput['upstream'],
  nowNs: number,
): ServeInput {
  const random = new RandomStreams(1);
  return {
    nowNs,
    cluster: readCluster(store),
    synced: server.synced ?? true,
    localIps: server.localIPs ?? ['127.0.0.1'],
    seed: 0,
    random: () => random.next('conformance'),
    upstream,
    readFile: () => null,
    port: 53,
  };
}

function runCase(dnsCase: DnsCase): CaseResult[] {
  const store = new Objects();
  store.apply(dnsCase.objects);
  const config = configureServer(corefileOf(dnsCase.server, []));
  const upstream = upstreamFrom(dnsCase.server.upstreamAnswers ?? []);
  return dnsCase.queries.map((query) => {
    const input = inputFor(store, dnsCase.server, upstream, 0);
    const { reply } = serveQuery(config, new Map(), queryMessage(7, query.name, query.type), input);
    return compareQuery(`${dnsCase.id}: ${query.name} ${query.type}`, query, reply!);
  });
}

function scenarioConfig({ server }: Scenario): ServerConfig {
  const outer: string[] = server.loadbalance ? ['loadbalance'] : [];
  if (server.cache !== undefined) {
    const { maxTTL, disableSuccess = [], disableDenial = [] } = server.cache;
    const lines = [
      ...(disableSuccess.length > 0 ? [`disable success ${disableSuccess.join(' ')}`] : []),
      ...(disableDenial.length > 0 ? [`disable denial ${disableDenial.join(' ')}`] : []),
    ];
    outer.push(`cache ${maxTTL ?? ''} {\n${lines.join('\n')}\n}`);
  }
  return configureServer(corefileOf(server.kubernetes, outer));
}

function runScenario(scenario: Scenario): CaseResult[] {
  const store = new Objects();
  store.apply(scenario.objects ?? []);
  const config = scenarioConfig(scenario);
  let answers = scenario.upstreamAnswers ?? scenario.server.upstreamAnswers ?? [];
  let cache: CacheState = new Map();
  const results: CaseResult[] = [];
  scenario.steps.forEach((step, index) => {
    if (step.apply !== undefined) store.apply(step.apply);
    if (step.delete !== undefined) store.remove(step.delete.kind, step.delete.namespace, step.delete.name);
    if (step.upstreamAnswers !== undefined) answers = step.upstreamAnswers;
    if (step.query === undefined) return;
    const input = inputFor(store, scenario.server.kubernetes, upstreamFrom(answers), step.at * SECOND);
    const result = serveQuery(config, cache, queryMessage(7, step.query.name, step.query.type), input);
    cache = result.cache;
    const maker = result.served.kind === 'pending' ? 'pending' : result.served.from;
    const from = maker === 'kubernetes' ? 'backend' : maker === 'forward' ? 'upstream' : maker;
    const id = `${scenario.id}: step ${index + 1} ${step.query.name} ${step.query.type}`;
    results.push(compareQuery(id, step.query, result.reply!, [step.from, from]));
  });
  return results;
}

interface LoadBalance {
  readonly id: string;
  readonly rows: readonly {
    readonly input: readonly string[];
    readonly allowed: readonly (readonly string[])[];
  }[];
}

/** Every allowed order must turn up in enough tries, and no other. */
function runLoadBalance(section: LoadBalance): CaseResult[] {
  const random = new RandomStreams(1);
  return section.rows.map((row) => {
    const records = row.input.map((text) => ({ type: text.split(' ')[0]!, text }));
    const seen = new Set<string>();
    for (let i = 0; i < 400 + 40 * row.allowed.length; i++) {
      seen.add(
        arrange(records, () => random.next('order'))
          .map((record) => record.text)
          .join(', '),
      );
    }
    const allowed = row.allowed.map((order) => order.join(', ')).sort();
    return compareTexts(
      `${section.id}: ${row.input.join(', ')}`,
      allowed.join(' | '),
      [...seen].sort().join(' | '),
    );
  });
}

interface DerivationRow {
  readonly id: string;
  readonly addressType: 'IPv4' | 'IPv6';
  readonly service: Service;
  readonly pod: Pod;
  readonly expect: {
    readonly included: boolean;
    readonly endpoint?: object;
    readonly ports?: readonly object[];
  };
}

/** Pod and Service to the endpoint that the EndpointSlice controller writes. */
function runDerivation(row: DerivationRow): CaseResult {
  const families = row.service.spec?.ipFamilies ?? [row.addressType];
  const service = { ...row.service, spec: { ...row.service.spec, ipFamilies: families } } as Service;
  // The rows leave out where the pod runs, which the controller must know.
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} } as Node;
  const pod = { ...row.pod, spec: { nodeName: 'node-1', ...row.pod.spec } };
  const plan = planSlices({ service, pods: [pod], nodeOf: () => node, slices: [], maxEndpoints: 100 });
  const slice = plan.create.find(
    (one) => one.addressType === row.addressType && (one.endpoints ?? []).length > 0,
  );
  const { addresses, conditions, hostname } = slice?.endpoints?.[0] ?? {};
  const endpoint = { addresses, conditions, ...(hostname === undefined ? {} : { hostname }) };
  const got =
    slice === undefined ? { included: false } : { included: true, endpoint, ports: slice.ports ?? [] };
  return compareTexts(`endpointDerivation: ${row.id}`, canonicalJson(row.expect), canonicalJson(got));
}

function run(data: unknown, only = ''): CaseResult[] {
  const file = data as {
    readonly cases?: readonly DnsCase[];
    readonly scenarios?: readonly Scenario[];
    readonly loadbalance?: LoadBalance;
    readonly endpointDerivation?: { readonly rows: readonly DerivationRow[] };
  };
  const results = [
    ...eachCase(file.cases, runCase),
    ...eachCase(file.scenarios, runScenario),
    ...(file.loadbalance === undefined ? [] : runLoadBalance(file.loadbalance)),
    ...eachCase(file.endpointDerivation?.rows, runDerivation),
  ];
  return results.filter((result) => result.id.includes(only));
}

export const formats: Readonly<Record<string, Format>> = { 'dns.json': run };
