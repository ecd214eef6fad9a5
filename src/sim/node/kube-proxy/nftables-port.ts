/**
 * One service port in nftables mode: its chains, its affinity sets, and its elements in the shared sets and maps
 * (pkg/proxy/nftables/proxier.go, one turn of the loop over service ports).
 */
import { inPrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import type { NftChain, NftElement, NftRule, NftSet, Statement, Verdict } from '../../kernel/nft/rules';
import type { ProxyConfig } from './config';
import type { EndpointInfo } from './endpoints';
import { nftName } from './names';
import { jumpTo, markStatement, nftFromPods } from './nftables-base';
import { externallyAccessible, type ServicePortInfo, type ServicePortState } from './service-ports';
import { chooseEndpoints, type EndpointChoice, type TopologyNode } from './topology';

export interface NftEntry {
  readonly set: string;
  readonly key: string;
  readonly element: NftElement;
}

export interface NftPortRules {
  readonly chains: readonly NftChain[];
  readonly sets: readonly Omit<NftSet, 'elements'>[];
  readonly entries: readonly NftEntry[];
  readonly noLocalInternal: boolean;
  readonly noLocalExternal: boolean;
}

interface View {
  readonly info: ServicePortInfo;
  readonly choice: EndpointChoice;
  readonly config: ProxyConfig;
  readonly base: string;
  readonly internal: boolean;
  readonly external: boolean;
  readonly restricted: boolean;
}

export function nftPortRules(state: ServicePortState, config: ProxyConfig, node: TopologyNode): NftPortRules {
  const { info } = state;
  const choice = chooseEndpoints(info, state.endpoints, node);
  const noLocal = (choice.local?.length ?? 0) === 0;
  const internal = choice.anywhere && !(info.internalPolicyLocal && noLocal);
  const external = choice.anywhere && !(info.externalPolicyLocal && noLocal);
  const restricted = info.loadBalancerVips.length > 0 && info.sourceRanges.length > 0;
  const view: View = { info, choice, config, base: nftName(info), internal, external, restricted };
  const timeoutSeconds = info.affinitySeconds;
  return {
    chains: chainsOf(view),
    sets:
      timeoutSeconds === 0
        ? []
        : choice.reachable.map((endpoint) => ({
            name: affinitySet(info, endpoint),
            isMap: false,
            key: ['saddr'],
            timeoutSeconds,
          })),
    entries: entriesOf(view),
    noLocalInternal: choice.anywhere && !internal,
    noLocalExternal: choice.anywhere && !external,
  };
}

function affinitySet(info: ServicePortInfo, endpoint: EndpointInfo): string {
  return `affinity-${nftName(info, endpoint)}`;
}

function endpointChain(info: ServicePortInfo, endpoint: EndpointInfo): string {
  return `endpoint-${nftName(info, endpoint)}`;
}

function goTo(chain: string): Verdict {
  return { kind: 'goto', chain };
}

const MARK = jumpTo('mark-for-masquerade');

function entriesOf(view: View): NftEntry[] {
  const { info, choice, base } = view;
  const { origin } = info;
  const protocol = info.protocol.toLowerCase();
  const entries: NftEntry[] = [];
  const at = (ip: string) => `${ip} . ${protocol} . ${info.port}`;
  const add = (set: string, key: string, verdict?: Verdict, comment?: string) =>
    entries.push({
      set,
      key,
      element: { ...(verdict ? { verdict } : {}), ...(comment ? { comment } : {}), origin },
    });
  const refusal: Verdict = choice.anywhere ? { kind: 'drop' } : goTo('reject-chain');
  add('cluster-ips', info.clusterIp);
  if (view.internal) {
    add('service-ips', at(info.clusterIp), goTo(`${info.internalPolicyLocal ? 'local' : 'service'}-${base}`));
  } else add('no-endpoint-services', at(info.clusterIp), refusal, info.name);
  for (const ip of [...info.externalIps, ...info.loadBalancerVips]) {
    if (choice.anywhere) add('service-ips', at(ip), goTo(`external-${base}`));
    if (!view.external) add('no-endpoint-services', at(ip), refusal, info.name);
  }
  if (view.restricted) {
    for (const ip of info.loadBalancerVips) add('firewall-ips', at(ip), goTo(`firewall-${base}`));
  }
  if (info.nodePort !== 0) {
    const key = `${protocol} . ${info.nodePort}`;
    if (choice.anywhere) add('service-nodeports', key, goTo(`external-${base}`));
    if (!view.external) add('no-endpoint-nodeports', key, refusal, info.name);
  }
  if (view.config.nftLayout === 'C') {
    for (const { ip, port } of choice.reachable.filter(({ local }) => local)) {
      add('hairpin-connections', `${ip} . ${ip} . ${protocol} . ${port}`);
    }
  }
  return entries;
}

function chainsOf(view: View): NftChain[] {
  const { info, choice } = view;
  const chains: NftChain[] = [];
  if (choice.cluster !== null && choice.cluster.length > 0) {
    chains.push(balancing(view, 'service', choice.cluster, !info.internalPolicyLocal));
  }
  if (choice.local !== null && choice.local.length > 0) {
    chains.push(balancing(view, 'local', choice.local, info.internalPolicyLocal));
  }
  if (choice.anywhere && externallyAccessible(info)) chains.push(externalChain(view));
  if (view.restricted) chains.push(firewallChain(view));
  return [...chains, ...endpointsWithChains(view).map((endpoint) => endpointRules(view, endpoint))];
}

function rule(statements: readonly Statement[], origin: Origin, comment?: string): NftRule {
  return comment === undefined ? { statements, origin } : { statements, comment, origin };
}

/** Layout C only needs chains of endpoints to remember who came. */
function endpointsWithChains({ info, choice, config }: View): readonly EndpointInfo[] {
  return config.nftLayout === 'C' && info.affinitySeconds === 0 ? [] : choice.reachable;
}

function isProtocol(info: ServicePortInfo): Statement {
  return { kind: 'match', field: 'l4proto', values: [info.protocol.toLowerCase()] };
}

function balancing(
  { info, config, base, internal }: View,
  kind: 'service' | 'local',
  endpoints: readonly EndpointInfo[],
  forClusterIp: boolean,
): NftChain {
  const rules: NftRule[] = [];
  const toClusterIp: Statement = { kind: 'match', field: 'daddr', values: [info.clusterIp] };
  const others = nftFromPods(config.localDetector, true);
  if (forClusterIp && internal && config.nftLayout !== 'C') {
    if (config.masqueradeAll) rules.push(rule([toClusterIp, MARK], info.origin));
    else if (others) rules.push(rule([toClusterIp, others, MARK], info.origin));
  }
  if (info.affinitySeconds !== 0) {
    for (const endpoint of endpoints) {
      const known: Statement = { kind: 'match', field: 'saddr', set: affinitySet(info, endpoint) };
      const verdict = goTo(endpointChain(info, endpoint));
      rules.push(rule([known, { kind: 'verdict', verdict }], endpoint.origin));
    }
  }
  if (config.nftLayout === 'C' && info.affinitySeconds === 0) {
    const targets = endpoints.map(({ ip, port }) => ({ ip, port }));
    rules.push(rule([isProtocol(info), { kind: 'dnat-map', targets }], info.origin));
    return { name: `${kind}-${base}`, rules };
  }
  const verdicts = endpoints.map((endpoint) => goTo(endpointChain(info, endpoint)));
  rules.push(rule([{ kind: 'numgen', verdicts }], info.origin));
  return { name: `${kind}-${base}`, rules };
}

function externalChain({ info, config, base, external }: View): NftChain {
  const rules: NftRule[] = [];
  const cluster: Statement = { kind: 'verdict', verdict: goTo(`service-${base}`) };
  const policy: Statement = {
    kind: 'verdict',
    verdict: goTo(`${info.externalPolicyLocal ? 'local' : 'service'}-${base}`),
  };
  const inline = config.nftLayout === 'C';
  const mark = inline ? markStatement(config) : MARK;
  if (!info.externalPolicyLocal) rules.push(rule([mark], info.origin, inline ? 'masquerade' : undefined));
  else {
    const pods = nftFromPods(config.localDetector, false);
    const fromHere: Statement = { kind: 'fib', side: 'saddr' };
    if (pods) rules.push(rule([pods, cluster], info.origin, 'short-circuit pod traffic'));
    rules.push(rule([fromHere, mark], info.origin, 'masquerade local traffic'));
    rules.push(rule([fromHere, cluster], info.origin, 'short-circuit local traffic'));
  }
  if (external) rules.push(rule([policy], info.origin));
  return { name: `external-${base}`, rules };
}

/** Drops what comes from outside the source ranges, before it is translated. */
function firewallChain({ info, config, base }: View): NftChain {
  // A node that asks for a VIP it holds itself bears the VIP as its source.
  const nodeAllowed = info.sourceRanges.some((range) => inPrefix(config.nodeIp, range));
  const values = [...info.sourceRanges, ...(nodeAllowed ? info.loadBalancerVips : [])];
  const outside: Statement = { kind: 'match', field: 'saddr', not: true, values, braces: true };
  const drop: Statement = { kind: 'verdict', verdict: { kind: 'drop' } };
  return { name: `firewall-${base}`, rules: [rule([outside, drop], info.origin)] };
}

function endpointRules({ info, config }: View, endpoint: EndpointInfo): NftChain {
  const { origin } = endpoint;
  const hairpin: Statement = { kind: 'match', field: 'saddr', values: [endpoint.ip] };
  const rules: NftRule[] = config.nftLayout === 'C' ? [] : [rule([hairpin, MARK], origin)];
  if (info.affinitySeconds !== 0) {
    rules.push(rule([{ kind: 'update', set: affinitySet(info, endpoint) }], origin));
  }
  rules.push(rule([isProtocol(info), { kind: 'dnat', ip: endpoint.ip, port: endpoint.port }], origin));
  return { name: endpointChain(info, endpoint), rules };
}
