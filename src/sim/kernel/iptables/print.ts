/**
 * Rules as `iptables-save` prints them (iptables 1.8.9 on nf_tables): addresses, devices and protocol first, then the
 * matches in their order, comments always quoted. What is printed here loads on a real Linux and reads back the same.
 */
import type { Chain, Match, NatTo, PortRange, Rule, Table, TableName, Target } from './rules';

/** Built-in chains of each table, in the order in which they are listed. */
export const BUILTIN_CHAINS: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** The order in which iptables-nft-save lists tables. */
export const TABLE_ORDER: readonly TableName[] = ['mangle', 'raw', 'filter', 'nat'];

// Rules are immutable, so the text that one has in a family never changes: a pure memo, not state.
const bodies = { 4: new WeakMap<Rule, string>(), 6: new WeakMap<Rule, string>() };

/** "-A CHAIN …" as iptables-save (ip6tables-save for family 6) prints it. */
export function printRule(chain: string, rule: Rule, family: 4 | 6 = 4): string {
  const known = bodies[family];
  let body = known.get(rule);
  if (body === undefined) {
    body = printBody(rule, family);
    known.set(rule, body);
  }
  return body === '' ? `-A ${chain}` : `-A ${chain} ${body}`;
}

function printBody(rule: Rule, family: 4 | 6): string {
  const parts: string[] = [];
  const add = (not: boolean | undefined, text: string) => parts.push(not ? `! ${text}` : text);
  if (rule.src) add(rule.src.not, `-s ${rule.src.prefix}`);
  if (rule.dst) add(rule.dst.not, `-d ${rule.dst.prefix}`);
  if (rule.inDevice) add(rule.inDevice.not, `-i ${rule.inDevice.device}`);
  if (rule.outDevice) add(rule.outDevice.not, `-o ${rule.outDevice.device}`);
  if (rule.protocol) add(rule.protocol.not, `-p ${protocolText(rule.protocol.name)}`);
  for (const match of rule.matches) parts.push(`-m ${printMatch(match, family)}`);
  if (rule.target) parts.push(printTarget(rule.target));
  return parts.join(' ');
}

function protocolText(name: string): string {
  return name === 'icmpv6' ? 'ipv6-icmp' : name === 'ipip' ? 'ipencap' : name;
}

function bang(not: boolean | undefined): string {
  return not ? ' !' : '';
}

function portOption(option: string, range: PortRange | undefined): string {
  if (range === undefined) return '';
  return `${bang(range.not)} --${option} ${rangeText(range, ':')}`;
}

function rangeText(range: { readonly from: number; readonly to: number }, separator: string): string {
  return range.from === range.to ? String(range.from) : `${range.from}${separator}${range.to}`;
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

function markText(value: number, mask: number): string {
  return mask >>> 0 === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

function printMatch(match: Match, family: 4 | 6): string {
  const not = 'not' in match ? bang(match.not) : '';
  switch (match.kind) {
    case 'comment':
      return `comment --comment ${quoted(match.text)}`;
    case 'tcp':
    case 'udp':
    case 'sctp':
      return (
        match.kind + portOption('sport', match.sport) + portOption('dport', match.dport) + flagsText(match)
      );
    case 'icmp':
      return `${family === 6 ? 'icmp6' : 'icmp'}${not} --icmp${family === 6 ? 'v6' : ''}-type ${icmpType(match)}`;
    case 'multiport':
      return `multiport${not} --${match.side} ${match.ports.map((port) => rangeText(port, ':')).join(',')}`;
    case 'addrtype': {
      const src = match.src ? `${bang(match.src.not)} --src-type ${match.src.type}` : '';
      return `addrtype${src}${match.dst ? `${bang(match.dst.not)} --dst-type ${match.dst.type}` : ''}`;
    }
    case 'mark':
      return `mark${not} --mark ${markText(match.value, match.mask)}`;
    case 'conntrack':
      return `conntrack${not} --ctstate ${match.states.join(',')}`;
    case 'statistic':
      return `statistic --mode random${not} --probability ${(match.chance / 0x80000000).toFixed(11)}`;
    case 'recent':
      return `recent${not} ${recentText(match, family)}`;
    case 'set':
      return `set${not} --match-set ${match.name} ${match.flags.join(',')}`;
    case 'ipvs':
      return `ipvs --vproto ${PROTOCOL_NUMBERS[match.protocol]} --vaddr ${hostPrefix(match.address)} --vport ${match.port}`;
    case 'nfacct':
      return `nfacct --nfacct-name  ${match.name}`;
    case 'physdev':
      return `physdev${not} --physdev-${match.flag}`;
  }
}

/** libxt_ipvs prints the protocol's number and the address with its length. */
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;

function hostPrefix(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

/** xtables quotes a text unless it is made of letters, digits, underscore and minus alone. */
function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, '\\$&')}"`;
}

function icmpType(match: Extract<Match, { kind: 'icmp' }>): string {
  return match.code === undefined ? String(match.type) : `${match.type}/${match.code}`;
}

function flagsText(match: Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' }>): string {
  if (match.flags === undefined) return '';
  const list = (names: readonly string[]) => (names.length > 0 ? names.join(',') : 'NONE');
  return `${bang(match.flags.not)} --tcp-flags ${list(match.flags.mask)} ${list(match.flags.set)}`;
}

function recentText(match: Extract<Match, { kind: 'recent' }>, family: 4 | 6): string {
  const mask = family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
  const seconds = match.seconds === undefined ? '' : ` --seconds ${match.seconds}`;
  const hits = match.hitcount === undefined ? '' : ` --hitcount ${match.hitcount}`;
  return `--${match.op}${seconds}${match.reap ? ' --reap' : ''}${hits} --name ${match.name} --mask ${mask} --rsource`;
}

function natText(to: NatTo): string {
  const ports = to.ports ? rangeText(to.ports, '-') : '';
  if (to.ip === undefined) return `:${ports}`;
  if (!ports) return to.ip;
  return to.ip.includes(':') ? `[${to.ip}]:${ports}` : `${to.ip}:${ports}`;
}

function printTarget(target: Target): string {
  switch (target.kind) {
    case 'REJECT':
      return `-j REJECT --reject-with ${target.with}`;
    case 'jump':
      return `-j ${target.chain}`;
    case 'goto':
      return `-g ${target.chain}`;
    case 'MARK':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'DNAT':
    case 'SNAT': {
      const option = target.kind === 'DNAT' ? '--to-destination' : '--to-source';
      return `-j ${target.kind} ${option} ${natText(target.to)}${target.randomFully ? ' --random-fully' : ''}`;
    }
    case 'MASQUERADE':
      return `-j MASQUERADE${target.ports ? ` --to-ports ${rangeText(target.ports, '-')}` : ''}${target.randomFully ? ' --random-fully' : ''}`;
    case 'NOTRACK':
      return '-j CT --notrack';
    default:
      return `-j ${target.kind}`;
  }
}

/** Chains as they are listed: the built-in ones in hook order, then the others by name. */
export function orderedChains(table: TableName, chains: Table): Chain[] {
  const builtin = BUILTIN_CHAINS[table].flatMap((name) => chains.get(name) ?? []);
  const others = [...chains.values()].filter((chain) => chain.policy === undefined);
  return [...builtin, ...others.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

/** One table as iptables-save prints it, from "*nat" to "COMMIT". `counters` gives [packets:bytes] of built-in chains. */
export function printTable(
  table: TableName,
  chains: Table,
  family: 4 | 6 = 4,
  counters: (chain: string) => readonly [number, number] = () => [0, 0],
): string[] {
  const ordered = orderedChains(table, chains);
  const heads = ordered.map((chain) => {
    const [packets, bytes] = chain.policy === undefined ? [0, 0] : counters(chain.name);
    return `:${chain.name} ${chain.policy ?? '-'} [${packets}:${bytes}]`;
  });
  const rules = ordered.flatMap((chain) => chain.rules.map((rule) => printRule(chain.name, rule, family)));
  return [`*${table}`, ...heads, ...rules, 'COMMIT'];
}
