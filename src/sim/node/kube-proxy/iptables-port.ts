/**
 * The rules of one service port in iptables mode: what goes into the shared chains, and its own KUBE-SVC, KUBE-SVL,
 * KUBE-EXT, KUBE-FW and KUBE-SEP chains (pkg/proxy/iptables/proxier.go, one turn of the loop over service ports).
 */
import { canonicalPrefix, inPrefix } from '../../../lib/ip';
import type { Match, Rule } from '../../kernel/iptables/rules';
import type { ChainInput } from '../../kernel/iptables/tables';
import type { ProxyConfig } from './config';
import { endpointChains, toEndpoints, type PortView } from './iptables-endpoints';
import { comment, fromPods, jump, rule, toClusterIp, toPort } from './iptables-rule';
import { serviceChain } from './names';
import { externallyAccessible, type ServicePortInfo, type ServicePortState } from './service-ports';
import { chooseEndpoints, type EndpointChoice, type TopologyNode } from './topology';

/** Rules that a service port adds to chains that all share. */
export interface SharedRules {
  readonly filterServices: readonly Rule[];
  readonly filterExternal: readonly Rule[];
  readonly filterFirewall: readonly Rule[];
  readonly filterNodePorts: readonly Rule[];
  readonly natServices: readonly Rule[];
  readonly natNodePorts: readonly Rule[];
}

export interface PortRules {
  readonly shared: SharedRules;
  /** Its own chains in the nat table. */
  readonly chains: readonly ChainInput[];
  /** Rules in its own chains. */
  readonly ruleCount: number;
  /** The port has endpoints somewhere, but none here for internal or external Local traffic. */
  readonly noLocalInternal: boolean;
  readonly noLocalExternal: boolean;
}

export function portRules(
  state: ServicePortState,
  config: ProxyConfig,
  node: TopologyNode,
  terse: boolean,
): PortRules {
  const { info } = state;
  const choice = chooseEndpoints(info, state.endpoints, node);
  const noLocal = (choice.local?.length ?? 0) === 0;
  const internal = choice.anywhere && !(info.internalPolicyLocal && noLocal);
  const external = choice.anywhere && !(info.externalPolicyLocal && noLocal);
  const usesFirewall = choice.anywhere && info.loadBalancerVips.length > 0 && info.sourceRanges.length > 0;
  const view: PortView = { info, choice, config, terse, internal, external, usesFirewall };
  const chains = ownChains(view);
  return {
    shared: sharedRules(view),
    chains,
    ruleCount: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
    noLocalInternal: choice.anywhere && !internal,
    noLocalExternal: choice.anywhere && !external,
  };
}

function sharedRules(view: PortView): SharedRules {
  return {
    filterServices: view.internal ? [] : [refuse(view, view.info.clusterIp)],
    filterExternal: view.external ? [] : refuseExternal(view),
    filterFirewall: view.usesFirewall ? firewalled(view) : [],
    filterNodePorts: healthCheck(view.info),
    natServices: captured(view),
    natNodePorts: capturedNodePort(view),
  };
}

/** Nothing anywhere: REJECT. Something elsewhere, but the policy is Local: DROP. */
function refusal(view: PortView): { text: string; target: Rule['target'] } {
  const { name } = view.info;
  if (view.choice.anywhere) return { text: `${name} has no local endpoints`, target: { kind: 'DROP' } };
  const reject = view.config.family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
  return { text: `${name} has no endpoints`, target: { kind: 'REJECT', with: reject } };
}

function refuse({ info, ...view }: PortView, ip: string): Rule {
  const { text, target } = refusal({ info, ...view });
  return rule({ ...toPort(info.protocol, info.port, ip, [comment(text)]), target }, info.origin);
}

function refuseExternal(view: PortView): Rule[] {
  const { info } = view;
  const rules = [...info.externalIps, ...info.loadBalancerVips].map((ip) => refuse(view, ip));
  if (info.nodePort === 0) return rules;
  const { text, target } = refusal(view);
  const before: Match[] = [comment(text), { kind: 'addrtype', dst: { type: 'LOCAL' } }];
  return [...rules, rule({ ...toPort(info.protocol, info.nodePort, null, before), target }, info.origin)];
}

/** What no source range let through to DNAT still bears the load balancer's address here. */
function firewalled({ info }: PortView): Rule[] {
  const text = `${info.name} traffic not accepted by ${serviceChain('FW', info)}`;
  return info.loadBalancerVips.map((ip) =>
    rule({ ...toPort(info.protocol, info.port, ip, [comment(text)]), target: { kind: 'DROP' } }, info.origin),
  );
}

function healthCheck(info: ServicePortInfo): Rule[] {
  if (info.healthCheckNodePort === 0) return [];
  const match = toPort('TCP', info.healthCheckNodePort, null, [
    comment(`${info.name} health check node port`),
  ]);
  return [rule({ ...match, target: { kind: 'ACCEPT' } }, info.origin)];
}

/** From KUBE-SERVICES: each address of the service port to its chain. */
function captured(view: PortView): Rule[] {
  const { info, choice, internal, usesFirewall } = view;
  const rules: Rule[] = [];
  if (internal) {
    const chain = serviceChain(info.internalPolicyLocal ? 'SVL' : 'SVC', info);
    rules.push(rule({ ...toClusterIp(info, `${info.name} cluster IP`), target: jump(chain) }, info.origin));
  }
  if (!choice.anywhere) return rules;
  const send = (ip: string, what: string, chain: string) =>
    rule(
      { ...toPort(info.protocol, info.port, ip, [comment(`${info.name} ${what}`)]), target: jump(chain) },
      info.origin,
    );
  const loadBalancer = serviceChain(usesFirewall ? 'FW' : 'EXT', info);
  rules.push(...info.externalIps.map((ip) => send(ip, 'external IP', serviceChain('EXT', info))));
  rules.push(...info.loadBalancerVips.map((ip) => send(ip, 'loadbalancer IP', loadBalancer)));
  return rules;
}

function capturedNodePort({ info, choice, config }: PortView): Rule[] {
  if (info.nodePort === 0 || !choice.anywhere) return [];
  const target = jump(serviceChain('EXT', info));
  const named = [comment(info.name)];
  const plain = rule({ ...toPort(info.protocol, info.nodePort, null, named), target }, info.origin);
  if (!config.localhostNodePorts || config.family !== 'IPv4' || !config.nfacct) return [plain];
  const counter: Match = { kind: 'nfacct', name: 'localhost_nps_accepted_pkts' };
  const counted = toPort(info.protocol, info.nodePort, '127.0.0.0/8', named, [counter]);
  return [rule({ ...counted, target }, info.origin), plain];
}

function ownChains(view: PortView): ChainInput[] {
  const { info, choice } = view;
  const chains: ChainInput[] = [];
  if (choice.anywhere && externallyAccessible(info)) chains.push(externalChain(view));
  if (view.usesFirewall) chains.push(firewallChain(view));
  if (choice.cluster !== null && choice.cluster.length > 0) {
    chains.push(balancingChain(view, 'SVC', choice.cluster, !info.internalPolicyLocal));
  }
  if (choice.local !== null && choice.local.length > 0) {
    chains.push(balancingChain(view, 'SVL', choice.local, info.internalPolicyLocal));
  }
  return [...chains, ...endpointChains(view)];
}

function balancingChain(
  view: PortView,
  kind: 'SVC' | 'SVL',
  endpoints: EndpointChoice['reachable'],
  forClusterIp: boolean,
): ChainInput {
  const masquerade = forClusterIp && view.internal ? clusterIpMasquerade(view) : [];
  return { name: serviceChain(kind, view.info), rules: [...masquerade, ...toEndpoints(view, endpoints)] };
}

/** Traffic to the cluster IP from outside the pods' network may come back past this node unless it is masqueraded. */
function clusterIpMasquerade({ info, config }: PortView): Rule[] {
  const match = toClusterIp(info, `${info.name} cluster IP`);
  const target = jump('KUBE-MARK-MASQ');
  if (config.masqueradeAll) return [rule({ ...match, target }, info.origin)];
  const others = fromPods(config.localDetector, true);
  return others === null ? [] : [rule({ ...match, ...others, target }, info.origin)];
}

/** KUBE-EXT: where everything that was sent to an external address of the service port passes. */
function externalChain(view: PortView): ChainInput {
  const { info, config } = view;
  const say = (start: string) => comment(`${start} ${info.name} external destinations`);
  const masquerade = jump('KUBE-MARK-MASQ');
  const cluster = jump(serviceChain('SVC', info));
  const rules: Rule[] = [];
  if (!info.externalPolicyLocal) {
    rules.push(rule({ matches: [say('masquerade traffic for')], target: masquerade }, info.origin));
  } else {
    // Traffic from this cluster is short-circuited: it goes where a load balancer would have sent it in the end.
    const pods = fromPods(config.localDetector, false);
    if (pods) {
      const matches = [say('pod traffic for')];
      rules.push(rule({ ...pods, matches, target: cluster }, info.origin));
    }
    const fromHere: Match = { kind: 'addrtype', src: { type: 'LOCAL' } };
    const masked = [say('masquerade LOCAL traffic for'), fromHere];
    rules.push(rule({ matches: masked, target: masquerade }, info.origin));
    rules.push(rule({ matches: [say('route LOCAL traffic for'), fromHere], target: cluster }, info.origin));
  }
  if (view.external) {
    const chain = serviceChain(info.externalPolicyLocal ? 'SVL' : 'SVC', info);
    rules.push(rule({ target: jump(chain) }, info.origin));
  }
  return { name: serviceChain('EXT', info), rules };
}

/** KUBE-FW: lets the source ranges through; whoever falls out at the end is not translated, and so dropped later. */
function firewallChain({ info, config }: PortView): ChainInput {
  const target = jump(serviceChain('EXT', info));
  const matches = [comment(`${info.name} loadbalancer IP`)];
  const allow = (prefix: string) => rule({ src: { prefix }, matches, target }, info.origin);
  const rules = info.sourceRanges.map(allow);
  // A node that asks for a VIP it holds itself bears the VIP as its source.
  const nodeAllowed = info.sourceRanges.some((range) => inPrefix(config.nodeIp, range));
  if (nodeAllowed) rules.push(...info.loadBalancerVips.map((ip) => allow(canonicalPrefix(ip))));
  const rest = `other traffic to ${info.name} will be dropped by KUBE-PROXY-FIREWALL`;
  return {
    name: serviceChain('FW', info),
    rules: [...rules, rule({ matches: [comment(rest)] }, info.origin)],
  };
}
