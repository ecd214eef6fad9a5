/** Short ways to write the rules that kube-proxy writes, as data. */
import { canonicalPrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import type { Match, Rule, Target } from '../../kernel/iptables/rules';
import type { LocalDetector } from './config';
import type { ServicePortInfo } from './service-ports';

export type Draft = Omit<Rule, 'matches'> & { readonly matches?: readonly Match[] };

export function rule(draft: Draft, origin?: Origin): Rule {
  const { matches = [], ...rest } = draft;
  return origin === undefined ? { ...rest, matches } : { ...rest, matches, origin };
}

export function comment(text: string): Match {
  return { kind: 'comment', text };
}

export function jump(chain: string): Target {
  return { kind: 'jump', chain };
}

/** "-m tcp -p tcp -d IP --dport N", each part where it belongs. */
export function toPort(
  protocol: string,
  port: number,
  ip: string | null,
  before: readonly Match[],
  after: readonly Match[] = [],
): Pick<Rule, 'dst' | 'protocol' | 'matches'> {
  const kind = protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp';
  const dst = ip === null ? {} : { dst: { prefix: canonicalPrefix(ip) } };
  const dport = { from: port, to: port };
  return { ...dst, protocol: { name: kind }, matches: [...before, { kind, dport }, ...after] };
}

/** The destination of a service port's cluster IP. */
export function toClusterIp(info: ServicePortInfo, text: string): ReturnType<typeof toPort> {
  return toPort(info.protocol, info.port, info.clusterIp, [comment(text)]);
}

/** Matches traffic that comes from pods; null when the proxy cannot tell. */
export function fromPods(detector: LocalDetector, not: boolean): Pick<Rule, 'src' | 'inDevice'> | null {
  const flag = not ? { not: true } : {};
  if (detector.type === 'none') return null;
  if (detector.type === 'bridgeInterface') return { inDevice: { device: detector.device, ...flag } };
  if (detector.type === 'interfaceNamePrefix')
    return { inDevice: { device: `${detector.prefix}+`, ...flag } };
  return { src: { prefix: canonicalPrefix(detector.cidr), ...flag } };
}
