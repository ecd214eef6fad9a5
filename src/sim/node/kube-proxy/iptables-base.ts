/** The rules of iptables mode that do not depend on any Service: jumps, marks, masquerade, forwarding. */
import type { Match, Rule, TableName } from '../../kernel/iptables/rules';
import { canonicalPrefix } from '../../../lib/ip';
import { nodePortTargets, type ProxyConfig } from './config';
import { comment, jump, rule } from './iptables-rule';

/** A jump from a built-in chain. */
export interface Jump {
  readonly table: TableName;
  readonly from: string;
  readonly rule: Rule;
}

const NEW_ONLY: Match = { kind: 'conntrack', states: ['NEW'] };

function jumpRule(to: string, text: string | null, isNew: boolean): Rule {
  const matches = [...(isNew ? [NEW_ONLY] : []), ...(text === null ? [] : [comment(text)])];
  return rule({ matches, target: jump(to) });
}

const PORTALS = 'kubernetes service portals';
const EXTERNAL = 'kubernetes externally-visible service portals';
const FIREWALL = 'kubernetes load balancer firewall';

/** Jumps in the order in which they are ensured; each is put in front of the others, so the last comes first. */
export function baseJumps(config: ProxyConfig): Jump[] {
  const filter = (from: string, to: string, text: string | null, isNew: boolean): Jump => ({
    table: 'filter',
    from,
    rule: jumpRule(to, text, isNew),
  });
  const nat = (from: string, to: string, text: string): Jump => ({
    table: 'nat',
    from,
    rule: jumpRule(to, text, false),
  });
  const localhost = usesLocalhostFirewall(config)
    ? ['INPUT', 'OUTPUT'].map((from) => filter(from, 'KUBE-FIREWALL', null, false))
    : [];
  return [
    filter('INPUT', 'KUBE-EXTERNAL-SERVICES', EXTERNAL, true),
    filter('FORWARD', 'KUBE-EXTERNAL-SERVICES', EXTERNAL, true),
    filter('INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports', false),
    filter('FORWARD', 'KUBE-SERVICES', PORTALS, true),
    filter('OUTPUT', 'KUBE-SERVICES', PORTALS, true),
    filter('FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules', false),
    filter('INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
    filter('OUTPUT', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
    filter('FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
    nat('OUTPUT', 'KUBE-SERVICES', PORTALS),
    nat('PREROUTING', 'KUBE-SERVICES', PORTALS),
    nat('POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
    ...localhost,
  ];
}

/** route_localnet opens 127.0.0.0/8 to neighbours on the link; this chain closes it again (CVE-2020-8558). */
export function usesLocalhostFirewall(config: ProxyConfig): boolean {
  return config.family === 'IPv4' && config.localhostNodePorts;
}

export function localhostFirewall(): Rule[] {
  const loopback = { prefix: '127.0.0.0/8' };
  const matches: Match[] = [
    comment('block incoming localnet connections'),
    { kind: 'conntrack', states: ['RELATED', 'ESTABLISHED', 'DNAT'], not: true },
  ];
  return [rule({ dst: loopback, src: { ...loopback, not: true }, matches, target: { kind: 'DROP' } })];
}

function markOf(config: ProxyConfig): number {
  return (1 << config.masqueradeBit) >>> 0;
}

/** KUBE-MARK-MASQ */
export function markRules(config: ProxyConfig): Rule[] {
  const mark = markOf(config);
  return [rule({ target: { kind: 'MARK', value: mark, mask: mark } })];
}

/** KUBE-POSTROUTING: the mark is cleared so that a packet that comes round again is judged anew. */
export function postroutingRules(config: ProxyConfig): Rule[] {
  const mark = markOf(config);
  const text = comment('kubernetes service traffic requiring SNAT');
  return [
    rule({ matches: [{ kind: 'mark', value: mark, mask: mark, not: true }], target: { kind: 'RETURN' } }),
    rule({ target: { kind: 'MARK', value: mark, mask: 0 } }),
    rule({
      matches: [text],
      target: config.randomFully ? { kind: 'MASQUERADE', randomFully: true } : { kind: 'MASQUERADE' },
    }),
  ];
}

/** KUBE-FORWARD */
export function forwardRules(config: ProxyConfig): Rule[] {
  const mark = markOf(config);
  const invalid: Match[] = [{ kind: 'conntrack', states: ['INVALID'] }];
  const counter: Match[] = config.nfacct ? [{ kind: 'nfacct', name: 'ct_state_invalid_dropped_pkts' }] : [];
  const drop = rule({ matches: [...invalid, ...counter], target: { kind: 'DROP' } });
  return [
    ...(config.dropInvalid ? [drop] : []),
    rule({
      matches: [comment('kubernetes forwarding rules'), { kind: 'mark', value: mark, mask: mark }],
      target: { kind: 'ACCEPT' },
    }),
    rule({
      matches: [
        comment('kubernetes forwarding conntrack rule'),
        { kind: 'conntrack', states: ['RELATED', 'ESTABLISHED'] },
      ],
      target: { kind: 'ACCEPT' },
    }),
  ];
}

/** The last rules of KUBE-SERVICES: on to the node ports when the destination is this node. */
export function nodePortTail(config: ProxyConfig): Rule[] {
  const text = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  const target = jump('KUBE-NODEPORTS');
  const targets = nodePortTargets(config);
  if (targets === 'all') {
    const local: Match = { kind: 'addrtype', dst: { type: 'LOCAL' } };
    const except = loopbackToLeaveOut(config);
    const dst = except === null ? {} : { dst: { prefix: except, not: true } };
    return [rule({ ...dst, matches: [text, local], target })];
  }
  const open = targets.filter(
    (ip) => !isLoopback(ip) || (config.family === 'IPv4' && config.localhostNodePorts),
  );
  return open.map((ip) => rule({ dst: { prefix: canonicalPrefix(ip) }, matches: [text], target }));
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

function loopbackToLeaveOut(config: ProxyConfig): string | null {
  if (config.family === 'IPv6') return '::1/128';
  return config.localhostNodePorts ? null : '127.0.0.0/8';
}
