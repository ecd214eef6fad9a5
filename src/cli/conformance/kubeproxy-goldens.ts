/** Golden cases of iptables mode: what a sync writes, compared as data in iptables-save's normal form. */
import type { RestoreTable } from '../../sim/kernel/iptables/parse';
import { parseRestore } from '../../sim/kernel/iptables/parse';
import { printRule } from '../../sim/kernel/iptables/print';
import type { ChainInput } from '../../sim/kernel/iptables/tables';
import type { IptablesData } from '../../sim/node/kube-proxy/iptables';
import { isServiceChainName } from '../../sim/node/kube-proxy/names';
import type { SyncInfo } from '../../sim/node/kube-proxy/proxier';
import { compareTexts, inImpliedWorld, type CaseResult } from './result';
import { ProxyWorld, type CaseNode, type CaseObjects } from './kubeproxy-world';

export interface GoldenCase extends CaseObjects {
  readonly id: string;
  readonly node: CaseNode;
  readonly sync?: 'full' | 'partial' | null;
  readonly deletedChains?: readonly string[] | null;
  readonly natRulesWritten?: number | null;
  readonly natRulesTotalAfter?: number | null;
  readonly natRulesTotalDelta?: number | null;
  readonly expected: readonly string[];
}

/** Runs a golden case; a partial sync begins where the case before it in the same series ended. */
export function runGolden(data: GoldenCase, all: readonly GoldenCase[]): CaseResult {
  const world = new ProxyWorld(data.node);
  const family = data.node.ipFamily === 'IPv6' ? 6 : 4;
  const earlier = data.sync === 'partial' ? predecessor(data, all) : null;
  let totalBefore: number | null = null;
  let info: SyncInfo;
  if (data.sync === 'partial') {
    const first = world.start(earlier ?? withoutWritten(data));
    totalBefore = earlier === null ? null : first.plans[0]!.iptables!.natRulesTotal;
    for (const chain of data.deletedChains ?? []) world.netfilter.rules.ensureChain('nat', chain, family);
    info = world.change(data);
  } else {
    for (const chain of data.deletedChains ?? []) world.netfilter.rules.ensureChain('nat', chain, family);
    info = world.start(data);
  }
  const written = info.plans[0]!.iptables!;
  const expected = [normalForm(parseRestore(data.expected), family), accounts(data, totalBefore !== null)];
  const delta = written.natRulesTotal - (totalBefore ?? 0);
  const got = [
    normalForm(asRestore(written), family),
    gotAccounts(data, info, written, totalBefore !== null, delta),
  ];
  const result = compareTexts(data.id, expected.join('\n'), got.join('\n'));
  return data.sync === 'partial' && earlier === null ? inImpliedWorld(result) : result;
}

/** The case of the same series with the number before. */
function predecessor(data: GoldenCase, all: readonly GoldenCase[]): GoldenCase | null {
  const found = /^(.*\/)(\d+)-/.exec(data.id);
  if (found === null) return null;
  const wanted = `${found[1]}${String(Number(found[2]) - 1).padStart(found[2]!.length, '0')}-`;
  return all.find((other) => other.id.startsWith(wanted)) ?? null;
}

/** When the case before is not in the file: the same objects without those whose own chains this sync writes. */
function withoutWritten(data: GoldenCase): CaseObjects {
  const written = data.expected.join('\n');
  const isNew = (name: string, namespace: string) =>
    new RegExp(`-A KUBE-S[VE][CLP]-\\S+ .*${namespace}/${name}[: "]`).test(written);
  const keep = (namespace = '', name: string) => !isNew(name, namespace);
  return {
    services: data.services.filter(({ metadata }) => keep(metadata.namespace, metadata.name)),
    endpointSlices: data.endpointSlices.filter(({ metadata }) =>
      keep(metadata.namespace, metadata.labels?.['kubernetes.io/service-name'] ?? ''),
    ),
  };
}

function accounts(data: GoldenCase, knowsDelta: boolean): string {
  const { sync, natRulesWritten, natRulesTotalAfter, natRulesTotalDelta } = data;
  return JSON.stringify({
    sync: sync ?? undefined,
    natRulesWritten: natRulesWritten ?? undefined,
    natRulesTotalAfter: natRulesTotalAfter ?? undefined,
    ...(knowsDelta ? { natRulesTotalDelta: natRulesTotalDelta ?? undefined } : {}),
    deletedChains: [...(data.deletedChains ?? [])].sort(),
  });
}

function gotAccounts(
  data: GoldenCase,
  info: SyncInfo,
  written: IptablesData,
  knowsDelta: boolean,
  delta: number,
): string {
  const when = <T>(asked: unknown, value: T) => (asked === undefined || asked === null ? undefined : value);
  return JSON.stringify({
    sync: when(data.sync, info.full ? 'full' : 'partial'),
    natRulesWritten: when(data.natRulesWritten, written.natRulesWritten),
    natRulesTotalAfter: when(data.natRulesTotalAfter, written.natRulesTotal),
    ...(knowsDelta ? { natRulesTotalDelta: when(data.natRulesTotalDelta, delta) } : {}),
    deletedChains: written.deletedNatChains,
  });
}

function asRestore(data: IptablesData): RestoreTable[] {
  const table = (
    name: 'filter' | 'nat',
    chains: readonly ChainInput[],
    gone: readonly string[],
  ): RestoreTable => ({
    table: name,
    commands: [
      ...[...chains.map((chain) => chain.name), ...gone].map((chain) => ({ op: 'chain' as const, chain })),
      ...chains.flatMap(({ name: chain, rules }) =>
        rules.map((rule) => ({ op: 'append' as const, chain, rule })),
      ),
      ...gone.map((chain) => ({ op: 'delete-chain' as const, chain })),
    ],
  });
  return [table('filter', data.filter, []), table('nat', data.nat, data.deletedNatChains)];
}

/** Chains by name, rules of a chain in order; where services share a chain their order means nothing. */
function normalForm(tables: readonly RestoreTable[], family: 4 | 6): string {
  const lines: string[] = [];
  for (const { table, commands } of tables) {
    lines.push(`*${table}`);
    const names = [...new Set(commands.map((command) => command.chain))].sort();
    for (const name of names) {
      const own = commands.filter((command) => command.chain === name);
      const rules = own.flatMap((command) =>
        command.op === 'append' ? withoutDefault(printRule(name, command.rule, family)) : [],
      );
      if (own.some((command) => command.op === 'chain')) lines.push(`:${name}`);
      lines.push(...(isOrdered(name) ? rules : sortedButTail(rules)));
      if (own.some((command) => command.op === 'delete-chain')) lines.push(`-X ${name}`);
    }
  }
  return lines.join('\n');
}

/** What REJECT answers with unless told otherwise depends on the family, which the input does not say. */
function withoutDefault(rule: string): string {
  return rule.replace(/ --reject-with icmp6?-port-unreachable$/, '');
}

function isOrdered(chain: string): boolean {
  return isServiceChainName(chain) || ['KUBE-FORWARD', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'].includes(chain);
}

/** The jump to the node ports has to stay last. */
function sortedButTail(rules: readonly string[]): string[] {
  const isTail = (rule: string) => rule.includes('this must be the last rule');
  return rules.some((rule, i) => isTail(rule) && rules.slice(i).some((other) => !isTail(other)))
    ? [...rules]
    : [...rules.filter((rule) => !isTail(rule)).sort(), ...rules.filter(isTail)];
}
