/** Writing iptables mode's data into a netns: what the proxy's calls of iptables and iptables-restore do. */
import type { RuleTables } from '../../kernel/iptables/tables';
import type { TableName } from '../../kernel/iptables/rules';
import { familyNumber, type ProxyConfig } from './config';
import type { IptablesData } from './iptables';
import { baseJumps } from './iptables-base';

/** Its absence tells that somebody has flushed the tables. */
const CANARY = 'KUBE-PROXY-CANARY';
const CANARY_TABLES: readonly TableName[] = ['mangle', 'nat', 'filter'];

/** What only a full sync does: chains for the jumps, the jumps in front of all others, and the canaries. */
export function ensureBase(rules: RuleTables, config: ProxyConfig): void {
  const family = familyNumber(config.family);
  for (const { table, from, rule } of baseJumps(config)) {
    if (rule.target?.kind === 'jump') rules.ensureChain(table, rule.target.chain, family);
    rules.ensureRule(table, from, rule, 'front', family);
  }
  for (const table of CANARY_TABLES) rules.ensureChain(table, CANARY, family);
}

/** iptables-restore --noflush of both tables. */
export function applyIptables(rules: RuleTables, data: IptablesData, config: ProxyConfig): void {
  const family = familyNumber(config.family);
  rules.restore('filter', data.filter, { family, noflush: true });
  rules.restore('nat', data.nat, { family, noflush: true, deleteChains: data.deletedNatChains });
}

/** False when a canary is missing from a table. */
export function canariesAlive(rules: RuleTables, config: ProxyConfig): boolean {
  const family = familyNumber(config.family);
  return CANARY_TABLES.every((table) => rules.chain(table, CANARY, family) !== undefined);
}
