/**
 * IPVS mode's rules: a fixed set of chains that look things up in ipsets, so that they hardly ever change
 * (pkg/proxy/ipvs/proxier.go, writeIptablesRules). Rules of empty sets are left out.
 */
import type { Match, Rule, Target } from '../../kernel/iptables/rules';
import type { ChainInput } from '../../kernel/iptables/tables';
import type { Origin } from '../../trace/hop';
import type { ProxyConfig } from './config';
import { forwardRules, markRules, postroutingRules, type Jump } from './iptables-base';
import { comment, fromPods, jump, rule } from './iptables-rule';
import { IPVS_SETS, ipvsSetName } from './ipvs-sets';

const RETURN: Target = { kind: 'RETURN' };
const ACCEPT: Target = { kind: 'ACCEPT' };
const MASQUERADE = jump('KUBE-MARK-MASQ');

interface Writer {
  readonly config: ProxyConfig;
  /** True when the set has entries. */
  holds(set: string): boolean;
}

/** "-m comment --comment … -m set --match-set NAME flags" */
function inSet({ config }: Writer, set: string, flags: string): Match[] {
  const name = ipvsSetName(set, config.family);
  const sides = flags.split(',') as ('src' | 'dst')[];
  return [comment(IPVS_SETS[set]!.comment), { kind: 'set', name, flags: sides }];
}

function when(writer: Writer, set: string, flags: string, target: Target, more: Partial<Rule> = {}): Rule[] {
  return writer.holds(set) ? [rule({ ...more, matches: inSet(writer, set, flags), target })] : [];
}

/** Jumps in the order in which they are ensured, each in front of the others. */
export function ipvsJumps(): Jump[] {
  const to = (table: 'nat' | 'filter', from: string, chain: string, text: string): Jump => ({
    table,
    from,
    rule: rule({ matches: [comment(text)], target: jump(chain) }),
  });
  return [
    to('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
    to('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
    to('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
    to('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    to('filter', 'INPUT', 'KUBE-NODE-PORT', 'kubernetes health check rules'),
    to('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
    to('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
    to('filter', 'INPUT', 'KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
    to('filter', 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'),
  ];
}

export function ipvsNatChains(config: ProxyConfig, holds: (set: string) => boolean): ChainInput[] {
  const writer: Writer = { config, holds };
  const loopBack = when(writer, 'KUBE-LOOP-BACK', 'dst,dst,src', { kind: 'MASQUERADE' });
  return [
    { name: 'KUBE-SERVICES', rules: servicesChain(writer) },
    { name: 'KUBE-POSTROUTING', rules: [...loopBack, ...postroutingRules(config)] },
    { name: 'KUBE-NODE-PORT', rules: nodePortChain(writer) },
    {
      name: 'KUBE-LOAD-BALANCER',
      rules: [...when(writer, 'KUBE-LOAD-BALANCER-LOCAL', 'dst,dst', RETURN), rule({ target: MASQUERADE })],
    },
    { name: 'KUBE-MARK-MASQ', rules: markRules(config) },
  ];
}

function servicesChain(writer: Writer): Rule[] {
  const { config } = writer;
  const loopback = config.family === 'IPv4' ? '127.0.0.0/8' : '::1/128';
  const toLocal: Match = { kind: 'addrtype', dst: { type: 'LOCAL' } };
  return [
    rule({ src: { prefix: loopback }, target: RETURN }),
    ...when(writer, 'KUBE-LOAD-BALANCER', 'dst,dst', jump('KUBE-LOAD-BALANCER')),
    ...clusterIpMasquerade(writer),
    ...when(writer, 'KUBE-EXTERNAL-IP', 'dst,dst', MASQUERADE),
    ...acceptExternal(writer, 'KUBE-EXTERNAL-IP'),
    ...acceptExternal(writer, 'KUBE-EXTERNAL-IP-LOCAL'),
    rule({ matches: [toLocal], target: jump('KUBE-NODE-PORT') }),
    ...when(writer, 'KUBE-CLUSTER-IP', 'dst,dst', ACCEPT),
    ...when(writer, 'KUBE-LOAD-BALANCER', 'dst,dst', ACCEPT),
  ];
}

/** A node's own requests bear the virtual address as their source, which is how they are told without a detector. */
function clusterIpMasquerade(writer: Writer): Rule[] {
  const { config } = writer;
  if (config.masqueradeAll) return when(writer, 'KUBE-CLUSTER-IP', 'dst,dst', MASQUERADE);
  const others = fromPods(config.localDetector, true);
  if (others === null) return when(writer, 'KUBE-CLUSTER-IP', 'src,dst', MASQUERADE);
  return when(writer, 'KUBE-CLUSTER-IP', 'dst,dst', MASQUERADE, others);
}

/** Traffic from other machines, and from here to a local address, goes on to IPVS. */
function acceptExternal(writer: Writer, set: string): Rule[] {
  if (!writer.holds(set)) return [];
  const base = inSet(writer, set, 'dst,dst');
  const offMachine: Match[] = [
    { kind: 'physdev', flag: 'is-in', not: true },
    { kind: 'addrtype', src: { type: 'LOCAL', not: true } },
  ];
  return [
    rule({ matches: [...base, ...offMachine], target: ACCEPT }),
    rule({ matches: [...base, { kind: 'addrtype', dst: { type: 'LOCAL' } }], target: ACCEPT }),
  ];
}

function nodePortChain(writer: Writer): Rule[] {
  return (['tcp', 'udp', 'sctp'] as const).flatMap((protocol) => {
    const suffix = protocol === 'sctp' ? 'SCTP-HASH' : protocol.toUpperCase();
    const flags = protocol === 'sctp' ? 'dst,dst' : 'dst';
    const more = { protocol: { name: protocol } };
    return [
      ...when(writer, `KUBE-NODE-PORT-LOCAL-${suffix}`, flags, RETURN, more),
      ...when(writer, `KUBE-NODE-PORT-${suffix}`, flags, MASQUERADE, more),
    ];
  });
}

/** A load balancer address that the node itself must not reach. */
export interface ClosedAddress {
  readonly address: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly origin: Origin;
}

/** What leaves this node for such an address: the source of a host's own packet to a virtual address is that address. */
function outFilter({ address, protocol, port, origin }: ClosedAddress): Rule {
  const matches: Match[] = [{ kind: 'ipvs', address, protocol, port }];
  return {
    ...rule({
      src: { prefix: `${address}/${address.includes(':') ? 128 : 32}` },
      matches,
      target: { kind: 'DROP' },
    }),
    origin,
  };
}

export function ipvsFilterChains(
  config: ProxyConfig,
  holds: (set: string) => boolean,
  closed: readonly ClosedAddress[] = [],
): ChainInput[] {
  const writer: Writer = { config, holds };
  const always = { config, holds: () => true };
  const reject: Target = {
    kind: 'REJECT',
    with: config.family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable',
  };
  const name = ipvsSetName('KUBE-IPVS-IPS', config.family);
  const isNew: Match[] = [
    { kind: 'conntrack', states: ['NEW'] },
    { kind: 'set', name, flags: ['dst'] },
  ];
  const pass = ['KUBE-LOAD-BALANCER', 'KUBE-CLUSTER-IP', 'KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'];
  return [
    { name: 'KUBE-FORWARD', rules: forwardRules({ ...config, dropInvalid: false }) },
    { name: 'KUBE-NODE-PORT', rules: when(always, 'KUBE-HEALTH-CHECK-NODE-PORT', 'dst', ACCEPT) },
    {
      name: 'KUBE-PROXY-FIREWALL',
      rules: when(writer, 'KUBE-LOAD-BALANCER-FW', 'dst,dst', jump('KUBE-SOURCE-RANGES-FIREWALL')),
    },
    {
      name: 'KUBE-SOURCE-RANGES-FIREWALL',
      rules: [
        ...when(writer, 'KUBE-LOAD-BALANCER-SOURCE-CIDR', 'dst,dst,src', RETURN),
        ...when(writer, 'KUBE-LOAD-BALANCER-SOURCE-IP', 'dst,dst,src', RETURN),
        rule({ target: { kind: 'DROP' } }),
      ],
    },
    {
      name: 'KUBE-IPVS-FILTER',
      rules: [
        ...pass.flatMap((set) => when(always, set, 'dst,dst', RETURN)),
        ...when(always, 'KUBE-HEALTH-CHECK-NODE-PORT', 'dst', RETURN),
        rule({ matches: isNew, target: reject }),
      ],
    },
    { name: 'KUBE-IPVS-OUT-FILTER', rules: closed.map(outFilter) },
  ];
}
