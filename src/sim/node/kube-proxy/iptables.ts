/**
 * iptables mode: from service ports to the chains that one sync writes (pkg/proxy/iptables/proxier.go). A pure function;
 * a partial sync writes the shared chains in full, and of the chains of service ports only those that changed.
 */
import type { Rule } from '../../kernel/iptables/rules';
import type { ChainInput } from '../../kernel/iptables/tables';
import type { ProxyConfig } from './config';
import {
  forwardRules,
  localhostFirewall,
  markRules,
  nodePortTail,
  postroutingRules,
  usesLocalhostFirewall,
} from './iptables-base';
import { portRules, type PortRules, type SharedRules } from './iptables-port';
import { isServiceChainName } from './names';
import type { ServicePortState } from './service-ports';
import type { TopologyNode } from './topology';

/** From this many endpoints on, rules of endpoints carry no comments and stale chains may wait. */
export const LARGE_CLUSTER_ENDPOINTS = 1000;

export interface IptablesInput {
  /** Service ports in text order of their names. */
  readonly ports: readonly ServicePortState[];
  readonly config: ProxyConfig;
  readonly node: TopologyNode;
  /** "namespace/name" of Services whose chains are to be written; null for all of them. */
  readonly changed: ReadonlySet<string> | null;
  /** Chains that the nat table has now; null when stale chains are to be left alone. */
  readonly existingNatChains: Iterable<string> | null;
}

/** One restore of both tables. */
export interface IptablesData {
  readonly filter: readonly ChainInput[];
  readonly nat: readonly ChainInput[];
  readonly deletedNatChains: readonly string[];
  /** Rules of the nat table in this restore, and in the whole table when it is done. */
  readonly natRulesWritten: number;
  readonly natRulesTotal: number;
  /** Service ports that have endpoints, but none on this node (sync_proxy_rules_no_local_endpoints_total). */
  readonly noLocalEndpoints: { readonly internal: number; readonly external: number };
}

export function isLargeCluster(ports: readonly ServicePortState[]): boolean {
  return ports.reduce((sum, port) => sum + port.endpoints.length, 0) > LARGE_CLUSTER_ENDPOINTS;
}

export function generateIptables(input: IptablesInput): IptablesData {
  const { ports, config, changed } = input;
  const terse = isLargeCluster(ports);
  const all = ports.map((port) => memoisedRules(port, input, terse));
  const isWritten = (i: number) => changed === null || changed.has(serviceKey(ports[i]!));
  const own = all.flatMap((rules, i) => (isWritten(i) ? rules.chains : []));
  const gather = (part: keyof SharedRules): Rule[] => all.flatMap((rules) => rules.shared[part]);
  const shared: ChainInput[] = [
    { name: 'KUBE-NODEPORTS', rules: gather('natNodePorts') },
    { name: 'KUBE-SERVICES', rules: [...gather('natServices'), ...nodePortTail(config)] },
    { name: 'KUBE-MARK-MASQ', rules: markRules(config) },
    { name: 'KUBE-POSTROUTING', rules: postroutingRules(config) },
  ];
  return {
    filter: filterChains(config, gather),
    nat: [...shared, ...own],
    deletedNatChains: staleChains(input.existingNatChains, all),
    natRulesWritten: countRules(shared) + countRules(own),
    natRulesTotal: countRules(shared) + all.reduce((sum, rules) => sum + rules.ruleCount, 0),
    noLocalEndpoints: {
      internal: all.filter((rules) => rules.noLocalInternal).length,
      external: all.filter((rules) => rules.noLocalExternal).length,
    },
  };
}

/** "namespace/name" of the Service behind a service port. */
export function serviceKey({ info }: ServicePortState): string {
  return `${info.namespace}/${info.service}`;
}

function filterChains(config: ProxyConfig, gather: (part: keyof SharedRules) => Rule[]): ChainInput[] {
  const firewall = usesLocalhostFirewall(config)
    ? [{ name: 'KUBE-FIREWALL', rules: localhostFirewall() }]
    : [];
  return [
    { name: 'KUBE-NODEPORTS', rules: gather('filterNodePorts') },
    { name: 'KUBE-SERVICES', rules: gather('filterServices') },
    { name: 'KUBE-EXTERNAL-SERVICES', rules: gather('filterExternal') },
    ...firewall,
    { name: 'KUBE-FORWARD', rules: forwardRules(config) },
    { name: 'KUBE-PROXY-FIREWALL', rules: gather('filterFirewall') },
  ];
}

function staleChains(existing: Iterable<string> | null, all: readonly PortRules[]): string[] {
  if (existing === null) return [];
  const keep = new Set(all.flatMap((rules) => rules.chains.map((chain) => chain.name)));
  return [...existing].filter((chain) => isServiceChainName(chain) && !keep.has(chain)).sort();
}

function countRules(chains: readonly ChainInput[]): number {
  return chains.reduce((sum, chain) => sum + chain.rules.length, 0);
}

// All inputs are immutable, so what was generated for a service port holds until one of them is another object.
interface Memo {
  readonly config: ProxyConfig;
  readonly node: TopologyNode;
  readonly terse: boolean;
  readonly rules: PortRules;
}
const memo = new WeakMap<ServicePortState, Memo>();

function memoisedRules(port: ServicePortState, { config, node }: IptablesInput, terse: boolean): PortRules {
  const known = memo.get(port);
  if (known?.config === config && known.node === node && known.terse === terse) return known.rules;
  const rules = portRules(port, config, node, terse);
  memo.set(port, { config, node, terse, rules });
  return rules;
}
