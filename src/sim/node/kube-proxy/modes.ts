/** What a sync does in each mode: plan from service ports, how long it takes, and writing it into the kernel. */
import { MS, type Ns } from '../../clock/clock';
import type { NetfilterState } from '../../kernel/netfilter/state';
import { familyNumber, type ProxyConfig } from './config';
import { cleanStaleUdp } from './conntrack-cleanup';
import { generateIptables, isLargeCluster, serviceKey, type IptablesData } from './iptables';
import { applyIptables, canariesAlive, ensureBase } from './iptables-apply';
import { generateIpvs, type IpvsData } from './ipvs';
import { applyIpvs, ensureIpvsBase, type DeviceApi } from './ipvs-apply';
import { generateNftables, type NftablesData } from './nftables';
import { TABLE_COMMENT, TABLE_NAME } from './nftables-base';
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
  /** nftables: what the last sync noted as unneeded. */
  readonly stale: ReadonlyMap<string, Ns>;
  readonly nowNs: Ns;
}

/** One family's sync, ready to be written. Plain data; one of `iptables`, `nftables` and `ipvs` is there. */
export interface Plan {
  readonly mode: ProxyMode;
  readonly config: ProxyConfig;
  readonly full: boolean;
  readonly rulesWritten: number;
  readonly rulesTotal: number;
  readonly iptables?: IptablesData;
  readonly nftables?: NftablesData;
  readonly ipvs?: IpvsData;
  /** UDP connections may lead nowhere after it. */
  readonly cleansUdp: boolean;
  /** Stale chains were looked for. */
  readonly looked: boolean;
}

/** Starting iptables-save and iptables-restore, and what each rule in the input costs (nf_tables back end). */
const RESTORE_NS: Ns = 20 * MS;
const RULE_NS: Ns = 10_000;
/** A full sync also runs iptables once for every jump and canary. */
const FULL_NS: Ns = 60 * MS;
/** nftables mode starts nft once, for what has changed. */
const NFT_NS: Ns = 12 * MS;

export function plan(mode: ProxyMode, input: PlanInput): Plan {
  const { config, ports, changed } = input;
  const concerned = ports.filter((port) => changed === null || changed.has(serviceKey(port)));
  const cleansUdp = concerned.some((port) => port.info.protocol === 'UDP');
  const made = { iptables: planIptables, nftables: planNftables, ipvs: planIpvs }[mode](input);
  const looked = !isLargeCluster(ports) || input.mayClean;
  return { mode, config, full: changed === null, cleansUdp, looked, ...made };
}

type Made = Pick<Plan, 'rulesWritten' | 'rulesTotal' | 'iptables' | 'nftables' | 'ipvs'>;

function planIptables({ config, node, ports, changed, netfilter, mayClean }: PlanInput): Made {
  const look = !isLargeCluster(ports) || mayClean;
  const existingNatChains = look ? netfilter.rules.table('nat', familyNumber(config.family)).keys() : null;
  const iptables = generateIptables({ ports, config, node, changed, existingNatChains });
  const filterRules = iptables.filter.reduce((sum, chain) => sum + chain.rules.length, 0);
  return {
    rulesWritten: iptables.natRulesWritten + filterRules,
    rulesTotal: iptables.natRulesTotal + filterRules,
    iptables,
  };
}

function planNftables({ config, node, ports, changed, netfilter, stale, nowNs }: PlanInput): Made {
  const current = netfilter.nft.table(nftFamily(config), TABLE_NAME);
  const nftables = generateNftables({ ports, config, node, changed, current, stale, nowNs });
  return { rulesWritten: nftables.rulesWritten, rulesTotal: nftables.rulesTotal, nftables };
}

function planIpvs({ ports, config, node }: PlanInput): Made {
  const ipvs = generateIpvs(ports, config, node);
  const rules = [...ipvs.nat, ...ipvs.filter].reduce((sum, chain) => sum + chain.rules.length, 0);
  return { rulesWritten: rules, rulesTotal: rules, ipvs };
}

function nftFamily(config: ProxyConfig): 'ip' | 'ip6' {
  return config.family === 'IPv4' ? 'ip' : 'ip6';
}

/** How long the sync takes from its snapshot to the rules in the kernel. */
export function planDurationNs(done: Plan): Ns {
  if (done.nftables) return NFT_NS + (done.nftables.operations.length + done.nftables.setup.length) * RULE_NS;
  if (done.ipvs) return RESTORE_NS + (done.ipvs.virtualServers.length + done.rulesWritten) * RULE_NS;
  return RESTORE_NS + done.rulesWritten * RULE_NS + (done.full ? FULL_NS : 0);
}

/** What a plan is written into. */
export interface CommitTarget {
  readonly netfilter: NetfilterState;
  /** IPVS mode only: devices of the machine, and the addresses that the last sync left there. */
  readonly devices?: DeviceApi;
  readonly bound: readonly string[];
}

/** Writes the plan. Returns how many stale connections were deleted. */
export function commit(done: Plan, target: CommitTarget, ports: readonly ServicePortState[]): number {
  const { config, iptables, nftables, ipvs } = done;
  const { netfilter } = target;
  if (iptables) {
    if (done.full) ensureBase(netfilter.rules, config);
    applyIptables(netfilter.rules, iptables, config);
  }
  if (nftables) commitNftables(nftables, config, netfilter);
  if (ipvs) {
    ensureIpvsBase(netfilter, config);
    applyIpvs(ipvs, config, netfilter, target.devices, target.bound);
  }
  return done.cleansUdp ? cleanStaleUdp(netfilter.conntrack, ports) : 0;
}

function commitNftables(data: NftablesData, config: ProxyConfig, { nft }: NetfilterState): void {
  const family = nftFamily(config);
  if (data.cleanup.length > 0) nft.apply(family, TABLE_NAME, data.cleanup);
  const operations = [...data.setup, ...data.operations];
  if (operations.length > 0) nft.apply(family, TABLE_NAME, operations, TABLE_COMMENT);
}

/** False when somebody has flushed the tables. Only iptables mode looks after canaries. */
export function isIntact(mode: ProxyMode, config: ProxyConfig, netfilter: NetfilterState): boolean {
  return mode !== 'iptables' || canariesAlive(netfilter.rules, config);
}
