/** What a sync does in each mode: plan from service ports, how long it takes, and writing it into the kernel. */
import { MS, type Ns } from '../../clock/clock';
import type { NetfilterState } from '../../kernel/netfilter/state';
import { familyNumber, type ProxyConfig } from './config';
import { cleanStaleUdp } from './conntrack-cleanup';
import { generateIptables, isLargeCluster, type IptablesData } from './iptables';
import { applyIptables, canariesAlive, ensureBase } from './iptables-apply';
import type { ServicePortState } from './service-ports';
import type { TopologyNode } from './topology';

export type ProxyMode = 'iptables' | 'nftables' | 'ipvs';

export interface PlanInput {
  readonly config: ProxyConfig;
  readonly node: TopologyNode;
  readonly ports: readonly ServicePortState[];
  /** "namespace/name" of the Services that changed; null for a full sync. */
  readonly changed: ReadonlySet<string> | null;
  readonly netfilter: NetfilterState;
  /** Stale chains may be looked for even in a large cluster. */
  readonly mayClean: boolean;
}

/** One family's sync, ready to be written. Plain data. */
export interface Plan {
  readonly mode: ProxyMode;
  readonly config: ProxyConfig;
  readonly full: boolean;
  readonly rulesWritten: number;
  readonly rulesTotal: number;
  readonly iptables: IptablesData;
  /** UDP connections may lead nowhere after it. */
  readonly cleansUdp: boolean;
}

/** Starting iptables-save and iptables-restore, and what each rule in the input costs (nf_tables back end). */
const RESTORE_NS: Ns = 20 * MS;
const RULE_NS: Ns = 10_000;
/** A full sync also runs iptables once for every jump and canary. */
const FULL_NS: Ns = 60 * MS;

export function plan(mode: ProxyMode, input: PlanInput): Plan {
  const { config, node, ports, changed } = input;
  const family = familyNumber(config.family);
  const look = !isLargeCluster(ports) || input.mayClean;
  const existingNatChains = look ? input.netfilter.rules.table('nat', family).keys() : null;
  const iptables = generateIptables({ ports, config, node, changed, existingNatChains });
  const concerned = ports.filter(
    (port) => changed === null || changed.has(`${port.info.namespace}/${port.info.service}`),
  );
  return {
    mode,
    config,
    full: changed === null,
    rulesWritten: iptables.natRulesWritten + countFilter(iptables),
    rulesTotal: iptables.natRulesTotal + countFilter(iptables),
    iptables,
    cleansUdp: concerned.some((port) => port.info.protocol === 'UDP'),
  };
}

function countFilter(data: IptablesData): number {
  return data.filter.reduce((sum, chain) => sum + chain.rules.length, 0);
}

/** How long the sync takes from its snapshot to the rules in the kernel. */
export function planDurationNs(done: Plan): Ns {
  return RESTORE_NS + done.rulesWritten * RULE_NS + (done.full ? FULL_NS : 0);
}

/** Writes the plan. Returns how many stale connections were deleted. */
export function commit(done: Plan, netfilter: NetfilterState, ports: readonly ServicePortState[]): number {
  if (done.full) ensureBase(netfilter.rules, done.config);
  applyIptables(netfilter.rules, done.iptables, done.config);
  return done.cleansUdp ? cleanStaleUdp(netfilter.conntrack, ports) : 0;
}

/** False when somebody has flushed the tables. */
export function isIntact(_mode: ProxyMode, config: ProxyConfig, netfilter: NetfilterState): boolean {
  return canariesAlive(netfilter.rules, config);
}
