/** The facts of goldens-iptables.json that are not whole syncs: hashes, probabilities, jumps, single chains, gauges. */
import { printRule } from '../../sim/kernel/iptables/print';
import { parseCommand } from '../../sim/kernel/iptables/parse';
import type { TableName } from '../../sim/kernel/iptables/rules';
import { chainHash, probabilityText } from '../../sim/node/kube-proxy/names';
import { attempt } from './case-check';
import { compareTexts, type CaseResult } from './result';
import { ProxyWorld, type CaseNode } from './kubeproxy-world';

interface HashExample {
  readonly kind: 'svc' | 'sep';
  readonly servicePortName: string;
  readonly protocol: string;
  readonly endpoint: string | null;
  readonly hash: string;
}

export interface GoldenFacts {
  readonly hash?: { readonly examples: readonly HashExample[] };
  readonly probability?: {
    readonly cases: readonly { readonly n: number; readonly text: string }[];
    readonly sequenceExample?: { readonly endpoints: number; readonly perRule: readonly (string | null)[] };
  };
  readonly noLocalEndpointsGauge?: { readonly cases: readonly GaugeCase[] };
  readonly builtinChainJumps?: {
    readonly chains: readonly {
      readonly table: TableName;
      readonly chain: string;
      readonly rules: readonly { readonly line: string }[];
    }[];
  };
  readonly lineFacts?: readonly LineFact[];
}

interface GaugeCase {
  readonly internalTrafficPolicy: string | null;
  readonly externalTrafficPolicy: string | null;
  readonly endpointNodes: readonly string[];
  readonly internal: number;
  readonly external: number;
}

interface LineFact {
  readonly id: string;
  readonly when: string;
  readonly chain: string;
  readonly lines: readonly string[];
}

const NODE: CaseNode = {
  name: 'test-node',
  ipFamily: 'IPv4',
  primaryIP: '192.168.0.2',
  ips: ['192.168.0.2', '192.168.1.2', '192.168.99.11', '2001:db8::1', '2001:db8:1::2'],
  localDetector: { type: 'clusterCIDR', cidr: '10.0.0.0/8' },
  masqueradeAll: false,
  masqueradeBit: 14,
  nodePortAddresses: null,
  localhostNodePorts: true,
  nfacct: true,
  dropInvalid: true,
  randomFully: false,
};

export function runFacts(facts: GoldenFacts): CaseResult[] {
  const sequence = facts.probability?.sequenceExample;
  return [
    ...(facts.hash?.examples ?? []).map((example) => {
      const id = `hash/${example.servicePortName}${example.protocol}${example.endpoint ?? ''}`;
      const hash = () => chainHash(example.servicePortName, example.protocol, example.endpoint ?? '');
      return attempt(id, () => compareTexts(id, example.hash, hash()));
    }),
    ...(facts.probability?.cases ?? []).map(({ n, text }) =>
      compareTexts(`probability/${n}`, text, probabilityText(n)),
    ),
    ...(sequence === undefined
      ? []
      : [attempt('probability/sequence', () => runSequence(sequence.endpoints, sequence.perRule))]),
    ...(facts.noLocalEndpointsGauge?.cases ?? []).map((gauge, i) =>
      attempt(`no-local-endpoints/${i}`, () => runGauge(gauge)),
    ),
    ...(facts.builtinChainJumps?.chains ?? []).map(({ table, chain, rules }) =>
      attempt(`jumps/${table}/${chain}`, () =>
        runJumps(
          table,
          chain,
          rules.map((rule) => rule.line),
        ),
      ),
    ),
    ...(facts.lineFacts ?? []).map((fact) => attempt(fact.id, () => runLineFact(fact))),
  ];
}

function service(spec: object): {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: object;
} {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'svc1', namespace: 'ns1' }, spec };
}

function slice(endpoints: readonly object[]): Parameters<ProxyWorld['start']>[0]['endpointSlices'][number] {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'svc1-1', namespace: 'ns1', labels: { 'kubernetes.io/service-name': 'svc1' } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
  };
}

const PLAIN = { type: 'ClusterIP', clusterIP: '172.30.1.1', ports: [{ port: 80, protocol: 'TCP' }] };

/** The rules that a service port with so many endpoints really gets, not only the formula. */
function runSequence(endpoints: number, perRule: readonly (string | null)[]): CaseResult {
  const world = new ProxyWorld(NODE);
  const addresses = Array.from({ length: endpoints }, (_, i) => ({ addresses: [`10.0.1.${i + 1}`] }));
  world.start({ services: [service(PLAIN)], endpointSlices: [slice(addresses)] });
  const chain = [...world.netfilter.rules.table('nat').values()].find(({ name }) =>
    name.startsWith('KUBE-SVC-'),
  );
  const got = (chain?.rules ?? [])
    .map((rule) => printRule('X', rule))
    .filter((text) => text.includes('-j KUBE-SEP-'))
    .map((text) => / --probability (\S+)/.exec(text)?.[1] ?? null);
  // The kernel keeps 31 bits, so the texts are compared as what they become there.
  const expected = perRule.map((text) => (text === null ? null : asKernel(text)));
  return compareTexts(`probability/sequence/${endpoints}`, JSON.stringify(expected), JSON.stringify(got));
}

function asKernel(probability: string): string {
  const command = parseCommand(`-A X -m statistic --mode random --probability ${probability}`);
  const text = command.op === 'append' ? printRule('X', command.rule) : '';
  return / --probability (\S+)/.exec(text)?.[1] ?? '';
}

function runGauge(data: GaugeCase): CaseResult {
  const world = new ProxyWorld(NODE);
  const { internalTrafficPolicy, externalTrafficPolicy, endpointNodes } = data;
  const spec = {
    type: 'NodePort',
    clusterIP: '172.30.1.1',
    ports: [{ port: 80, protocol: 'TCP', nodePort: 123 }],
    internalTrafficPolicy: internalTrafficPolicy ?? 'Cluster',
    externalTrafficPolicy: externalTrafficPolicy ?? 'Cluster',
  };
  const endpoints = endpointNodes.map((nodeName, i) => ({
    addresses: [`10.0.1.${i + 1}`],
    conditions: { ready: true },
    nodeName,
  }));
  const info = world.start({ services: [service(spec)], endpointSlices: [slice(endpoints)] });
  const id = `no-local-endpoints/i=${internalTrafficPolicy}/e=${externalTrafficPolicy}/${endpointNodes.join(',') || 'none'}`;
  const expected = JSON.stringify({ internal: data.internal, external: data.external });
  return compareTexts(id, expected, JSON.stringify(info.plans[0]!.iptables!.noLocalEndpoints));
}

function runJumps(table: TableName, chain: string, lines: readonly string[]): CaseResult {
  const world = new ProxyWorld(NODE);
  world.start({ services: [], endpointSlices: [] });
  return compareTexts(`jumps/${table}/${chain}`, normal(chain, lines), chainText(world, table, chain));
}

function chainText(world: ProxyWorld, table: TableName, chain: string): string {
  const family = world.node.ipFamily === 'IPv4' ? 4 : 6;
  const rules = world.netfilter.rules.chain(table, chain, family)?.rules ?? [];
  return rules.map((rule) => printRule(chain, rule, family)).join('\n');
}

function normal(chain: string, lines: readonly string[], family: 4 | 6 = 4): string {
  return lines
    .map((line) => {
      const command = parseCommand(line);
      return command.op === 'append' ? printRule(chain, command.rule, family) : line;
    })
    .join('\n');
}

function runLineFact(fact: LineFact): CaseResult {
  const node = nodeWhen(fact.when);
  const [table, name] = fact.chain.replace(/ \(.*\)$/, '').split('/') as [TableName, string];
  if (node === null) return { id: fact.id, status: 'not-run' };
  const world = new ProxyWorld(node);
  world.start({ services: [], endpointSlices: [] });
  // One rule an address of the node: they come from a map, in any order.
  const unordered = (text: string) => (name === 'KUBE-SERVICES' ? text.split('\n').sort().join('\n') : text);
  const expected = normal(name, fact.lines, node.ipFamily === 'IPv4' ? 4 : 6);
  return compareTexts(fact.id, unordered(expected), unordered(chainText(world, table, name)));
}

/** What one part of a condition says of the node; the keys are patterns. */
const CONDITIONS: readonly (readonly [RegExp, (found: readonly string[]) => Partial<CaseNode>])[] = [
  [/^iptables supports --random-fully$/, () => ({ randomFully: true })],
  [/^iptables does not support --random-fully$/, () => ({ randomFully: false })],
  [/nf_conntrack_tcp_be_liberal ?= ?(\d)$/, ([, value]) => ({ dropInvalid: value !== '1' })],
  [/^nfacct (?:is )?(not )?usable$/, ([, not]) => ({ nfacct: not === undefined })],
  [/^IPv4$/, () => ({ ipFamily: 'IPv4' })],
  [/^IPv6$/, () => ({ ipFamily: 'IPv6', primaryIP: '2001:db8::1', localDetector: { type: 'none' } })],
  [/^localhost ?node ?ports (?:on|enabled)$/i, () => ({ localhostNodePorts: true })],
  [/^localhost ?node ?ports (?:off|disabled)$/i, () => ({ localhostNodePorts: false })],
  [/^nodePortAddresses (?:unset|not set|empty)$/, () => ({ nodePortAddresses: null })],
  [/^nodePortAddresses (\S+)$/, ([, list]) => ({ nodePortAddresses: (list ?? '').split(',') })],
  [/^masqueradeAll(?: (?:on|set|=? ?true))?$/, () => ({ masqueradeAll: true })],
  [/^masqueradeBit ?=? ?(\d+)$/, ([, bit]) => ({ masqueradeBit: Number(bit) })],
];

/** The node that a fact's condition speaks of; null when it says something that is not known here. */
function nodeWhen(when: string): CaseNode | null {
  let node: CaseNode = NODE;
  for (const part of when.split(/, ?(?!\d|[\da-f]*:)|; | and (?=nfacct|localhost|nodePort|IPv)/)) {
    const known = CONDITIONS.map(([pattern, says]) => [pattern.exec(part.trim()), says] as const);
    const [found, says] = known.find(([match]) => match !== null) ?? [null, null];
    if (found === null || says === null) return null;
    node = { ...node, ...says(found) };
  }
  return node;
}
