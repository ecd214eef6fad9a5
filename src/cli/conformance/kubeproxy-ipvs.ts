/** Cases of IPVS mode: virtual servers, ipsets and the dummy device's addresses after a sync. */
import { parseCommand } from '../../sim/kernel/iptables/parse';
import { printRule } from '../../sim/kernel/iptables/print';
import type { Rule } from '../../sim/kernel/iptables/rules';
import type { VirtualServer } from '../../sim/kernel/ipvs/ipvs';
import { ipvsSetName, IPVS_SETS } from '../../sim/node/kube-proxy/ipvs-sets';
import type { Family } from '../../sim/node/kube-proxy/config';
import { compareTexts, type CaseResult } from './result';
import { ProxyWorld, type CaseNode, type CaseObjects } from './kubeproxy-world';

export interface IpvsCase extends CaseObjects {
  readonly id: string;
  readonly ipFamily: Family;
  readonly node: {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly nodePortAddresses: readonly string[] | null;
    readonly localDetector: CaseNode['localDetector'] | null;
    readonly masqueradeAll?: boolean;
    readonly masqueradeBit?: number;
    readonly scheduler?: string;
  };
  readonly expect: {
    readonly virtualServers?: readonly ExpectedServer[];
    readonly ipsets?: Readonly<Record<string, readonly string[]>>;
    readonly derivedIpsets?: Readonly<Record<string, readonly string[]>>;
    readonly dummyDevice?: { readonly addresses: readonly string[] };
    readonly iptablesChains?: unknown;
  };
}

interface ExpectedServer {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  readonly scheduler: string;
  readonly realServers: readonly {
    readonly address: string;
    readonly port: number;
    readonly weight: number;
  }[];
}

export interface IpvsFacts {
  readonly ipsets?: readonly {
    readonly name: string;
    readonly type: string;
    readonly comment: string;
    readonly ipv6Name: string;
  }[];
}

export function runIpvsSets(facts: IpvsFacts): CaseResult[] {
  return (facts.ipsets ?? []).map(({ name, type, comment, ipv6Name }) => {
    const known = IPVS_SETS[name];
    const got = { type: known?.type, comment: known?.comment, ipv6Name: ipvsSetName(name, 'IPv6') };
    return compareTexts(`ipset/${name}`, JSON.stringify({ type, comment, ipv6Name }), JSON.stringify(got));
  });
}

export function runIpvsCase(data: IpvsCase): CaseResult {
  const { expect, ipFamily } = data;
  const world = new ProxyWorld(nodeOf(data), 'ipvs');
  const info = world.start(data);
  const expected: string[] = [];
  const got: string[] = [];
  if (expect.virtualServers) {
    expected.push(...expect.virtualServers.map(expectedText).sort());
    got.push(...world.netfilter.ipvs.list().map(serverText).sort());
  }
  if (expect.dummyDevice) {
    expected.push(`dummy: ${[...expect.dummyDevice.addresses].sort().join(' ')}`);
    got.push(`dummy: ${[...info.plans[0]!.ipvs!.addresses].sort().join(' ')}`);
  }
  const sets = { ...expect.derivedIpsets, ...expect.ipsets };
  for (const [name, entries] of Object.entries(sets)) {
    const held = [...(world.netfilter.sets.get(name)?.entries.keys() ?? [])];
    expected.push(`${name}: ${entries.map(withoutFullLength).sort().join(' ')}`);
    got.push(`${name}: ${held.map(withoutFullLength).sort().join(' ')}`);
  }
  const family = ipFamily === 'IPv4' ? 4 : 6;
  const jumps = chainTexts(expect.iptablesChains, family);
  if (jumps === null) return { id: data.id, status: 'not-run' };
  for (const { table: named, chain, rules } of jumps) {
    // Only some chains are in both tables; what a case leaves unsaid is the one that has the chain.
    const table = named ?? (world.netfilter.rules.chain('nat', chain, family) ? 'nat' : 'filter');
    const held = world.netfilter.rules.chain(table, chain, family)?.rules ?? [];
    expected.push(`${table}/${chain}: ${rules.join(' | ')}`);
    got.push(`${table}/${chain}: ${held.map((rule) => ruleText(rule, family)).join(' | ')}`);
  }
  return compareTexts(data.id, expected.join('\n'), got.join('\n'));
}

/** kube-proxy writes one address as a prefix where it was one in the Service; ipset lists it without its length. */
function withoutFullLength(entry: string): string {
  return entry.replace(entry.includes(':') && !entry.includes('.') ? /\/128$/ : /\/32$/, '');
}

function nodeOf({ node, ipFamily }: IpvsCase): CaseNode {
  const own = node.addresses.find((ip) => ip.includes(':') === (ipFamily === 'IPv6'));
  return {
    name: node.name,
    ipFamily,
    primaryIP: own ?? (ipFamily === 'IPv4' ? '100.101.102.103' : '2001:db8::1:1'),
    ips: node.addresses,
    localDetector: node.localDetector ?? { type: 'none' },
    masqueradeAll: node.masqueradeAll ?? false,
    masqueradeBit: node.masqueradeBit ?? 14,
    nodePortAddresses: node.nodePortAddresses,
    ...(node.scheduler ? { scheduler: node.scheduler } : {}),
  };
}

function expectedText({ address, port, protocol, scheduler, realServers }: ExpectedServer): string {
  const reals = realServers.map((real) => `${real.address}:${real.port}*${real.weight}`).sort();
  return `${protocol} ${address}:${port} ${scheduler} -> ${reals.join(' ')}`;
}

function serverText(server: VirtualServer): string {
  return expectedText({ ...server, protocol: server.protocol.toUpperCase() });
}

interface ChainText {
  readonly table: 'nat' | 'filter' | undefined;
  readonly chain: string;
  readonly rules: readonly string[];
}

/** One asserted rule; `extra` is iptables' own notation. */
interface AssertedRule {
  readonly table?: 'nat' | 'filter';
  readonly jump: string;
  readonly matchSet?: string | null;
  readonly matchType?: string;
  readonly source?: string;
  readonly protocol?: string | null;
  readonly extra?: string;
}

/** The asserted rules, by chain ("KUBE-SERVICES", "nat/KUBE-SERVICES"); null when they are in a form not known here. */
function chainTexts(chains: unknown, family: 4 | 6): ChainText[] | null {
  if (chains === undefined || chains === null) return [];
  if (typeof chains !== 'object') return null;
  const texts: ChainText[] = [];
  for (const [key, rules] of Object.entries(chains as Record<string, unknown>)) {
    if (!Array.isArray(rules)) return null;
    const asserted = rules as readonly (AssertedRule | string)[];
    const [chain = key, inTable] = key.split('/').reverse();
    const tables = asserted.map((rule) => (typeof rule === 'string' ? undefined : rule.table));
    const table = (inTable as 'nat' | undefined) ?? tables[0];
    texts.push({ table, chain, rules: asserted.map((rule) => assertedText(rule, family)) });
  }
  return texts;
}

function assertedText(rule: AssertedRule | string, family: 4 | 6): string {
  const words = typeof rule === 'string' ? rule.replace(/^-A \S+ /, '') : wordsOf(rule);
  const command = parseCommand(`-A X ${words}`);
  return command.op === 'append' ? ruleText(command.rule, family) : '';
}

function wordsOf(rule: AssertedRule): string {
  const extra = rule.extra ?? '';
  // "--or-mark 0x4000" belongs to the target, everything that begins with -m or ! to the matches.
  const ofTarget = /^--/.test(extra);
  const words = [
    rule.source ? `-s ${rule.source}` : '',
    rule.protocol ? `-p ${rule.protocol}` : '',
    rule.matchSet ? `-m set --match-set ${rule.matchSet} ${rule.matchType ?? 'dst,dst'}` : '',
    ofTarget ? '' : extra,
    `-j ${rule.jump}`,
    ofTarget ? extra : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** Upstream's cases leave the comments out. */
function ruleText(rule: Rule, family: 4 | 6): string {
  const matches = rule.matches.filter((match) => match.kind !== 'comment');
  return printRule('X', { ...rule, matches }, family);
}
