/** Whether a rule matches a packet: one small function a match (iptables-extensions(8), net/netfilter/xt_*.c). */
import { inPrefix } from '../../../lib/ip';
import type { Packet } from '../../trace/packet';
import type { AddressType, ConnState, DeviceMatch, Match, PortRange, PrefixMatch, Rule } from './rules';

/** The packet and the world as a rule sees them. */
export interface MatchContext {
  readonly family: 4 | 6;
  readonly packet: Packet;
  readonly src: string;
  readonly dst: string;
  readonly mark: number;
  readonly inDevice: string;
  readonly outDevice: string;
  /** Connection state, and SNAT or DNAT when the connection is translated so. */
  readonly states: readonly ConnState[];
  isLocalAddress(ip: string): boolean;
  /** Draws 31 bits. */
  chance(): number;
  inSet(name: string, flags: readonly ('src' | 'dst')[], packet: Packet): boolean;
  recent(match: Extract<Match, { kind: 'recent' }>, source: string): boolean;
  countAccount(name: string): void;
  /** True for a packet of a connection that IPVS took from this virtual server. */
  isBalanced(address: string, protocol: string, port: number): boolean;
}

/** True when the packet fits the rule; matches with an effect of their own have had it by then. */
export function matches(rule: Rule, context: MatchContext): boolean {
  if (rule.protocol && !protocolFits(rule.protocol, context.packet)) return false;
  if (rule.dst && !prefixFits(rule.dst, context.dst)) return false;
  if (rule.src && !prefixFits(rule.src, context.src)) return false;
  if (rule.inDevice && !deviceFits(rule.inDevice, context.inDevice)) return false;
  if (rule.outDevice && !deviceFits(rule.outDevice, context.outDevice)) return false;
  const { matches: further } = rule;
  for (let i = 0; i < further.length; i++) if (!fits(further[i]!, context)) return false;
  return true;
}

function protocolFits(wanted: NonNullable<Rule['protocol']>, packet: Packet): boolean {
  const name = wanted.name === 'icmpv6' ? 'icmp' : wanted.name;
  return (packet.ip?.protocol === name) !== (wanted.not ?? false);
}

function prefixFits(wanted: PrefixMatch, address: string): boolean {
  return inPrefix(address, wanted.prefix) !== (wanted.not ?? false);
}

function deviceFits(wanted: DeviceMatch, device: string): boolean {
  const fits = wanted.device.endsWith('+')
    ? device.startsWith(wanted.device.slice(0, -1))
    : device === wanted.device;
  return fits !== (wanted.not ?? false);
}

function portFits(wanted: PortRange | undefined, port: number): boolean {
  return wanted === undefined || (port >= wanted.from && port <= wanted.to) !== (wanted.not ?? false);
}

function fits(match: Match, context: MatchContext): boolean {
  const not = 'not' in match && match.not === true;
  switch (match.kind) {
    case 'comment':
      return true;
    case 'tcp':
    case 'udp':
    case 'sctp':
      return transportFits(match, context.packet);
    case 'icmp':
      return icmpFits(match, context) !== not;
    case 'multiport':
      return multiportFits(match, context.packet) !== not;
    case 'addrtype':
      return (
        (!match.src || addressTypeFits(match.src, context.src, context)) &&
        (!match.dst || addressTypeFits(match.dst, context.dst, context))
      );
    case 'mark':
      return ((context.mark & match.mask) >>> 0 === match.value >>> 0) !== not;
    case 'conntrack':
      return anyOf(match.states, context.states) !== not;
    case 'statistic':
      return context.chance() < match.chance !== not;
    case 'recent':
      return context.recent(match, context.src) !== not;
    case 'set':
      return context.inSet(match.name, match.flags, context.packet) !== not;
    case 'ipvs':
      return context.isBalanced(match.address, match.protocol, match.port) !== not;
    case 'nfacct':
      context.countAccount(match.name);
      return true;
    case 'physdev':
      // Not simulated: br_netfilter handing bridged frames to iptables; a frame that stays on a bridge is never asked.
      return not;
  }
}

function anyOf(wanted: readonly ConnState[], states: readonly ConnState[]): boolean {
  for (let i = 0; i < wanted.length; i++) if (states.includes(wanted[i]!)) return true;
  return false;
}

function transportFits(match: Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' }>, packet: Packet): boolean {
  const l4 = packet.l4;
  if (l4 === undefined || l4.kind !== match.kind) return false;
  if (!portFits(match.sport, l4.srcPort) || !portFits(match.dport, l4.dstPort)) return false;
  if (match.flags === undefined) return true;
  if (l4.kind !== 'tcp') return false;
  const { mask, set, not } = match.flags;
  return mask.every((flag) => l4.flags.includes(flag) === set.includes(flag)) !== (not ?? false);
}

/** ICMP types by the simulator's names, for each family (RFC 792, RFC 4443). */
const ICMP_TYPES: Readonly<Record<string, readonly [four: number, six: number]>> = {
  'echo-request': [8, 128],
  'echo-reply': [0, 129],
  'port-unreachable': [3, 1],
  'host-unreachable': [3, 1],
  'net-unreachable': [3, 1],
  'admin-prohibited': [3, 1],
  'fragmentation-needed': [3, 2],
  'time-exceeded': [11, 3],
};

function icmpFits(match: Extract<Match, { kind: 'icmp' }>, context: MatchContext): boolean {
  const l4 = context.packet.l4;
  if (l4?.kind !== 'icmp') return false;
  return match.type === 255 || ICMP_TYPES[l4.type]?.[context.family === 4 ? 0 : 1] === match.type;
}

function multiportFits(match: Extract<Match, { kind: 'multiport' }>, packet: Packet): boolean {
  const l4 = packet.l4;
  if (l4 === undefined || l4.kind === 'icmp') return false;
  const has = (port: number) => match.ports.some(({ from, to }) => port >= from && port <= to);
  return (match.side !== 'dports' && has(l4.srcPort)) || (match.side !== 'sports' && has(l4.dstPort));
}

function addressTypeFits(
  wanted: { readonly type: AddressType; readonly not?: boolean },
  address: string,
  context: MatchContext,
): boolean {
  return (addressType(address, context) === wanted.type) !== (wanted.not ?? false);
}

/** What fib_lookup says of an address, as far as the types here go. */
function addressType(address: string, context: MatchContext): AddressType {
  if (context.isLocalAddress(address)) return 'LOCAL';
  if (address === '255.255.255.255') return 'BROADCAST';
  const multicast = context.family === 4 ? inPrefix(address, '224.0.0.0/4') : inPrefix(address, 'ff00::/8');
  if (multicast) return 'MULTICAST';
  return address === '0.0.0.0' || address === '::' ? 'UNSPEC' : 'UNICAST';
}
