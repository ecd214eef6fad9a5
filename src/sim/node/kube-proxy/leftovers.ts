/**
 * Taking away what a proxy of another mode has left in a node's kernel, as a proxy does when it starts, before its first
 * sync (cmd/kube-proxy/app/server_linux.go, platformCleanup; CleanupLeftovers of each mode). Connections are left alone.
 *
 * In life a proxy in nftables mode clears rules of the modes that are built on iptables, and the other way round; between
 * iptables and ipvs mode nothing is cleared, and the documentation has people run `kube-proxy --cleanup` in between. Here
 * that is done for them, so that every switch ends in the same rules as a fresh node.
 */
import type { RuleTables } from '../../kernel/iptables/tables';
import type { NetfilterState } from '../../kernel/netfilter/state';
import { TABLE_ORDER } from '../../kernel/iptables/print';
import { DUMMY_DEVICE } from './ipvs';
import { IPVS_SETS, ipvsSetName } from './ipvs-sets';
import type { ProxyMode } from './modes';
import { isServiceChainName } from './names';
import { TABLE_NAME } from './nftables-base';

/** Chains of the modes that are built on iptables, besides those of single service ports. */
const CHAINS = new Set([
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-NODE-PORT',
  'KUBE-LOAD-BALANCER',
  'KUBE-POSTROUTING',
  'KUBE-MARK-MASQ',
  'KUBE-FORWARD',
  'KUBE-FIREWALL',
  'KUBE-PROXY-FIREWALL',
  'KUBE-SOURCE-RANGES-FIREWALL',
  'KUBE-PROXY-CANARY',
  'KUBE-IPVS-FILTER',
  'KUBE-IPVS-OUT-FILTER',
]);

/** The part of a machine that is cleaned. */
export interface CleanedMachine {
  readonly netfilter: NetfilterState;
  hasDevice?(netns: string, device: string): boolean;
  deleteDevice?(netns: string, device: string): void;
}

/** Removes what every mode but `next` has left; "none" removes all of it (kube-proxy --cleanup). */
export function cleanLeftovers(machine: CleanedMachine, next: ProxyMode | 'none'): void {
  const { netfilter } = machine;
  if (next !== 'nftables') for (const family of ['ip', 'ip6'] as const) dropTable(netfilter, family);
  if (next !== 'ipvs') cleanIpvs(machine);
  for (const family of [4, 6] as const) cleanChains(netfilter.rules, family);
}

function dropTable({ nft }: NetfilterState, family: 'ip' | 'ip6'): void {
  if (nft.table(family, TABLE_NAME) !== undefined) nft.deleteTable(family, TABLE_NAME);
}

function cleanIpvs(machine: CleanedMachine): void {
  const { ipvs, sets } = machine.netfilter;
  ipvs.clear();
  for (const name of Object.keys(IPVS_SETS))
    for (const family of ['IPv4', 'IPv6'] as const) sets.destroy(ipvsSetName(name, family));
  if (machine.hasDevice?.('host', DUMMY_DEVICE)) machine.deleteDevice?.('host', DUMMY_DEVICE);
}

/** Jumps out of built-in chains first, then the chains. */
function cleanChains(rules: RuleTables, family: 4 | 6): void {
  for (const table of TABLE_ORDER) {
    const chains = rules.table(table, family);
    const gone = [...chains.keys()].filter((name) => CHAINS.has(name) || isServiceChainName(name));
    if (gone.length === 0) continue;
    for (const chain of chains.values()) {
      if (gone.includes(chain.name)) continue;
      for (const rule of chain.rules)
        if (rule.target?.kind === 'jump' && gone.includes(rule.target.chain))
          rules.deleteRule(table, chain.name, rule, family);
    }
    rules.restore(table, [], { family, noflush: true, deleteChains: gone });
  }
}
