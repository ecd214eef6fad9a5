/** How iptables mode spreads connections over endpoints: affinity first, then chance, then DNAT in one chain each. */
import { canonicalPrefix } from '../../../lib/ip';
import { chanceOf } from '../../kernel/iptables/options';
import type { Match, Rule } from '../../kernel/iptables/rules';
import type { ChainInput } from '../../kernel/iptables/tables';
import type { ProxyConfig } from './config';
import type { EndpointInfo } from './endpoints';
import { comment, jump, rule } from './iptables-rule';
import { endpointChain, probabilityText } from './names';
import type { ServicePortInfo } from './service-ports';
import type { EndpointChoice } from './topology';

/** One service port with what was decided about it; all parts that write its rules look at this. */
export interface PortView {
  readonly info: ServicePortInfo;
  readonly choice: EndpointChoice;
  readonly config: ProxyConfig;
  /** Large clusters leave out the comments of endpoint rules. */
  readonly terse: boolean;
  readonly internal: boolean;
  readonly external: boolean;
  readonly usesFirewall: boolean;
}

/** The rules of a KUBE-SVC or KUBE-SVL chain that jump to its endpoints. */
export function toEndpoints(view: PortView, endpoints: readonly EndpointInfo[]): Rule[] {
  const { info, terse } = view;
  const say = (endpoint: EndpointInfo) => (terse ? [] : [comment(`${info.name} -> ${endpoint.text}`)]);
  const send = (endpoint: EndpointInfo, matches: readonly Match[]) =>
    rule(
      { matches: [...say(endpoint), ...matches], target: jump(endpointChain(info, endpoint)) },
      endpoint.origin,
    );
  const sticky =
    info.affinitySeconds === 0 ? [] : endpoints.map((endpoint) => send(endpoint, [seen(view, endpoint)]));
  const balanced = endpoints.map((endpoint, i) => {
    const left = endpoints.length - i;
    // The last one takes what is left, so it needs no dice.
    return send(
      endpoint,
      left === 1 ? [] : [{ kind: 'statistic', chance: chanceOf(Number(probabilityText(left))) }],
    );
  });
  return [...sticky, ...balanced];
}

function seen({ info }: PortView, endpoint: EndpointInfo): Match {
  const name = endpointChain(info, endpoint);
  return { kind: 'recent', op: 'rcheck', name, seconds: info.affinitySeconds, reap: true };
}

/** KUBE-SEP: mark what loops back to its own sender, then DNAT. */
export function endpointChains({ info, choice, terse }: PortView): ChainInput[] {
  const named = terse ? [] : [comment(info.name)];
  const protocol = info.protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp';
  return choice.reachable.map((endpoint) => {
    const name = endpointChain(info, endpoint);
    const remember: Match[] = info.affinitySeconds === 0 ? [] : [{ kind: 'recent', op: 'set', name }];
    const hairpin = {
      src: { prefix: canonicalPrefix(endpoint.ip) },
      matches: named,
      target: jump('KUBE-MARK-MASQ'),
    };
    const translate = {
      protocol: { name: protocol },
      matches: [...named, ...remember, { kind: protocol }],
      target: {
        kind: 'DNAT' as const,
        to: { ip: endpoint.ip, ports: { from: endpoint.port, to: endpoint.port } },
      },
    };
    return { name, rules: [rule(hairpin, endpoint.origin), rule(translate, endpoint.origin)] };
  });
}
