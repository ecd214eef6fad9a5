/** nftables mode's table without any Service: sets, maps, base chains and their rules (pkg/proxy/nftables, 1.33 to 1.35). */
import { canonicalPrefix } from '../../../lib/ip';
import type { Field, NftChain, NftElement, NftRule, NftSet, Statement } from '../../kernel/nft/rules';
import { isOfFamily, nodePortTargets, type LocalDetector, type ProxyConfig } from './config';

export const TABLE_NAME = 'kube-proxy';
export const TABLE_COMMENT = 'rules for kube-proxy';

type Declared = Omit<NftSet, 'elements'>;

const TO_SERVICE: readonly Field[] = ['daddr', 'l4proto', 'dport'];
const TO_NODE_PORT: readonly Field[] = ['l4proto', 'dport'];

/** Layout C: connections of an endpoint to itself, known by both addresses after the translation. */
const HAIRPINS: Declared = {
  name: 'hairpin-connections',
  isMap: false,
  key: ['saddr', 'daddr', 'l4proto', 'dport'],
  comment: 'service hairpin connections',
};

/** True when node ports answer on every local address, so that no set of addresses is needed. */
function matchesAll(config: ProxyConfig): boolean {
  return nodePortTargets(nftConfig(config)) === 'all';
}

/** Unset node port addresses mean the primary address in this mode. */
function nftConfig(config: ProxyConfig): ProxyConfig {
  if (config.nodePortAddresses !== null) return config;
  const length = config.family === 'IPv4' ? 32 : 128;
  return { ...config, nodePortAddresses: [`${config.nodeIp}/${length}`] };
}

export function baseSets(config: ProxyConfig): Declared[] {
  const map = (name: string, key: readonly Field[], comment: string): Declared => ({
    name,
    isMap: true,
    key,
    comment,
  });
  const set = (name: string, comment: string): Declared => ({ name, isMap: false, key: ['daddr'], comment });
  return [
    set('cluster-ips', 'Active ClusterIPs'),
    ...(matchesAll(config) ? [] : [set('nodeport-ips', 'IPs that accept NodePort traffic')]),
    ...(config.nftLayout === 'C' ? [HAIRPINS] : []),
    map('firewall-ips', TO_SERVICE, 'destinations that are subject to LoadBalancerSourceRanges'),
    map(
      'no-endpoint-nodeports',
      TO_NODE_PORT,
      'vmap to drop or reject packets to service nodeports with no endpoints',
    ),
    map('no-endpoint-services', TO_SERVICE, 'vmap to drop or reject packets to services with no endpoints'),
    map('service-ips', TO_SERVICE, 'ClusterIP, ExternalIP and LoadBalancer IP traffic'),
    map('service-nodeports', TO_NODE_PORT, 'NodePort traffic'),
  ];
}

/** The addresses that accept node ports; loopback never does in this mode. */
export function nodePortElements(config: ProxyConfig): [string, NftElement][] {
  const targets = nodePortTargets(nftConfig(config));
  if (targets === 'all') return [];
  return targets.filter((ip) => ip !== '::1' && !ip.startsWith('127.')).map((ip) => [ip, {}]);
}

export function jumpTo(chain: string): Statement {
  return { kind: 'verdict', verdict: { kind: 'jump', chain } };
}

function lookup(key: readonly Field[], map: string): Statement {
  return { kind: 'vmap', key, map };
}

/** "ip daddr @nodeport-ips", or every local address but loopback. */
function toNodePortAddress(config: ProxyConfig): Statement[] {
  if (!matchesAll(config)) return [{ kind: 'match', field: 'daddr', set: 'nodeport-ips' }];
  return [{ kind: 'fib', side: 'daddr' }, ...notLoopback(config)];
}

function notLoopback(config: ProxyConfig): Statement[] {
  const values = [config.family === 'IPv4' ? '127.0.0.0/8' : '::1'];
  return [{ kind: 'match', field: 'daddr', not: true, values }];
}

/** "mark set mark or 0x4000" */
export function markStatement(config: ProxyConfig): Statement {
  return { kind: 'mark-set', op: 'or', value: (1 << config.masqueradeBit) >>> 0 };
}

function masqueradeRules(config: ProxyConfig): NftRule[] {
  const mark = (1 << config.masqueradeBit) >>> 0;
  const masquerade: Statement = { kind: 'masquerade', fullyRandom: true };
  if (config.nftLayout === 'C') {
    const marked: Statement = { kind: 'mark-is', mask: mark, value: 0, not: true };
    const hairpin: Statement = { kind: 'in-set', key: HAIRPINS.key, set: HAIRPINS.name };
    return [
      { statements: [marked, { kind: 'mark-set', op: 'xor', value: mark }, masquerade] },
      { statements: [{ kind: 'ct-status', status: 'dnat' }, hairpin, masquerade] },
    ];
  }
  return [
    {
      statements: [
        { kind: 'mark-is', mask: mark, value: 0 },
        { kind: 'verdict', verdict: { kind: 'return' } },
      ],
    },
    { statements: [{ kind: 'mark-set', op: 'xor', value: mark }] },
    { statements: [masquerade] },
  ];
}

/** What still goes to a cluster IP here has the wrong port; other addresses of the range belong to nobody. */
function clusterIpsCheck(config: ProxyConfig): NftRule[] {
  const known: NftRule = {
    statements: [{ kind: 'match', field: 'daddr', set: 'cluster-ips' }, { kind: 'reject' }],
    comment: 'Reject traffic to invalid ports of ClusterIPs',
  };
  const own = (config.serviceCidrs ?? []).filter((cidr) => isOfFamily(cidr, config.family));
  const values = own.map(canonicalPrefix);
  if (values.length === 0) return [known];
  const rest: NftRule = {
    statements: [
      { kind: 'match', field: 'daddr', values, braces: true },
      { kind: 'verdict', verdict: { kind: 'drop' } },
    ],
    comment: 'Drop traffic to unallocated ClusterIPs',
  };
  return [known, rest];
}

export function baseChains(config: ProxyConfig): NftChain[] {
  const isNew: Statement = { kind: 'ct-state', states: ['new'] };
  const chain = (name: string, rules: readonly (readonly Statement[])[]): NftChain => ({
    name,
    rules: rules.map((statements) => ({ statements })),
  });
  const base = (
    name: string,
    type: 'filter' | 'nat',
    hook: NonNullable<NftChain['base']>['hook'],
    priority: number,
    jumps: readonly string[],
  ): NftChain => ({
    ...chain(
      name,
      jumps.map((to) => (type === 'filter' ? [isNew, jumpTo(to)] : [jumpTo(to)])),
    ),
    base: { type, hook, priority },
  });
  const marking = config.nftLayout === 'C' ? [] : [chain('mark-for-masquerade', [[markStatement(config)]])];
  return [
    { name: 'cluster-ips-check', rules: clusterIpsCheck(config) },
    base('filter-prerouting-pre-dnat', 'filter', 'prerouting', -110, ['firewall-check']),
    base('filter-output-pre-dnat', 'filter', 'output', -110, ['firewall-check']),
    base('filter-forward', 'filter', 'forward', 0, ['service-endpoints-check', 'cluster-ips-check']),
    base('filter-input', 'filter', 'input', 0, ['nodeport-endpoints-check', 'service-endpoints-check']),
    base('filter-output', 'filter', 'output', 0, ['service-endpoints-check', 'cluster-ips-check']),
    chain('firewall-check', [[lookup(TO_SERVICE, 'firewall-ips')]]),
    ...marking,
    { name: 'masquerading', rules: masqueradeRules(config) },
    base('nat-output', 'nat', 'output', -100, ['services']),
    base('nat-postrouting', 'nat', 'postrouting', 100, ['masquerading']),
    base('nat-prerouting', 'nat', 'prerouting', -100, ['services']),
    chain('nodeport-endpoints-check', [nodePortCheck(config)]),
    {
      ...chain('reject-chain', [[{ kind: 'reject' }]]),
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
    },
    { name: 'services', rules: servicesRules(config) },
    chain('service-endpoints-check', [[lookup(TO_SERVICE, 'no-endpoint-services')]]),
  ];
}

/** In the input hook the destination is local already. */
function nodePortCheck(config: ProxyConfig): Statement[] {
  const where: Statement[] = matchesAll(config) ? notLoopback(config) : toNodePortAddress(config);
  return [...where, lookup(TO_NODE_PORT, 'no-endpoint-nodeports')];
}

function servicesRules(config: ProxyConfig): NftRule[] {
  return [
    ...clusterIpMasquerade(config),
    { statements: [lookup(TO_SERVICE, 'service-ips')] },
    { statements: [...toNodePortAddress(config), lookup(TO_NODE_PORT, 'service-nodeports')] },
  ];
}

/** Layout C has one rule for all cluster IPs; layout B has one in each service's chain. */
function clusterIpMasquerade(config: ProxyConfig): NftRule[] {
  if (config.nftLayout !== 'C') return [];
  const toClusterIp: Statement = { kind: 'match', field: 'daddr', set: 'cluster-ips' };
  const mark = markStatement(config);
  if (config.masqueradeAll) {
    return [{ statements: [toClusterIp, mark], comment: 'masquerade all clusterIP traffic' }];
  }
  const others = nftFromPods(config.localDetector, true);
  const comment = 'masquerade clusterIP traffic from outside cluster';
  return others === null ? [] : [{ statements: [toClusterIp, others, mark], comment }];
}

/** "ip saddr CIDR", "iifname DEVICE", "iifname PREFIX*", or their opposite; null when pods cannot be told apart. */
export function nftFromPods(detector: LocalDetector, not: boolean): Statement | null {
  if (detector.type === 'none') return null;
  const flag = not ? { not } : {};
  if (detector.type === 'bridgeInterface') {
    return { kind: 'match', field: 'iifname', values: [detector.device], ...flag };
  }
  if (detector.type === 'interfaceNamePrefix') {
    return { kind: 'match', field: 'iifname', values: [`${detector.prefix}*`], ...flag };
  }
  return { kind: 'match', field: 'saddr', values: [canonicalPrefix(detector.cidr)], ...flag };
}
