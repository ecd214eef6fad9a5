/**
 * What is pure about the rules view: which tools a mode has, which lines are searched for, belong to a Service, or were met
 * by a packet (iptables-save(8), nft(8), ipvsadm(8) and cilium-dbg each in their own notation).
 */
import type { Ns } from '../sim/clock/clock';
import type { Hop, PacketTrace, RuleStep } from '../sim/trace/hop';
import { destinationOf, innermost } from '../sim/trace/describe';
import type { ClusterFacts, MachineTool } from '../sim/view';
import type { ProbeRow } from '../worker/protocol';

type Choice = readonly [MachineTool, string];

const SAVE: Choice = ['iptables-save', 'iptables-save'];
const SAVE6: Choice = ['ip6tables-save', 'ip6tables-save'];
const NAT: Choice = ['iptables-nat', 'iptables -t nat -L -n -v'];
const NFT: Choice = ['nft', 'nft list ruleset'];
const IPVS: Choice = ['ipvsadm', 'ipvsadm -Ln'];
const SETS: Choice = ['ipset', 'ipset list'];
const BPF: Choice = ['cilium-lb', 'cilium-dbg bpf lb list'];

const OTHERS: readonly Choice[] = [
  ['ip-route', 'ip route'],
  ['ip-addr', 'ip addr'],
  ['neighbours', 'ip neigh'],
  ['bridge-fdb', 'bridge fdb'],
  ['ss', 'ss -tuna'],
];

const BY_MODE: Readonly<Record<ClusterFacts['proxyMode'], readonly Choice[]>> = {
  iptables: [SAVE, NAT, SAVE6],
  ipvs: [IPVS, SETS, SAVE, NAT, SAVE6],
  nftables: [NFT, SAVE, SAVE6],
  // Other agents write rules, too, when nobody does for Services.
  ebpf: [BPF, SAVE, SAVE6],
};

/** The tools that show something in this mode, the one that matters first. */
export function toolsOf(mode: ClusterFacts['proxyMode']): readonly Choice[] {
  return [...BY_MODE[mode], ...OTHERS];
}

/** Lines that hold every word that was typed. */
export function findLines(rows: readonly ProbeRow[], typed: string): readonly ProbeRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = `${row.text} ${row.ref ?? ''} ${row.service ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** True when the line is there for the object, or for a slice of it. */
export function isOf(row: ProbeRow, ref: string): boolean {
  return row.ref === ref || row.service === ref;
}

/** The packet's hops in the host's network on that node that have begun by now. */
export function hopsOn(trace: PacketTrace, node: string, nowNs: Ns): readonly Hop[] {
  return trace.hops.filter(({ place, atNs }) => place.machine === node && atNs <= nowNs);
}

/** True for a hop at which a table of Services' was asked. */
export function asksRules(hop: Hop): boolean {
  if ((hop.rules?.length ?? 0) > 0) return true;
  return hop.station === 'chain' || hop.action === 'translate' || hop.action === 'dnat';
}

/** The lines that these hops met, as places in `rows`. */
export function metLines(rows: readonly ProbeRow[], hops: readonly Hop[]): ReadonlySet<ProbeRow> {
  const met = new Set<ProbeRow>();
  const steps = new Map<string, RuleStep>();
  const notes = new Set<string>();
  for (const step of hops.flatMap((hop) => hop.rules ?? [])) {
    const [, note] = step.rule.split('  # ');
    if (note !== undefined) notes.add(note);
    steps.set(`${step.table}/${step.chain}/${step.number}`, step);
  }
  const seen = new Map<string, number>();
  for (const row of rows) {
    if (row.chain !== undefined) {
      const chain = `${row.table}/${row.chain}`;
      const number = (seen.get(chain) ?? 0) + 1;
      seen.set(chain, number);
      const step = steps.get(`${chain}/${number}`);
      if (step !== undefined && isRule(row, step)) met.add(row);
    } else if (notes.size > 0 && notes.has(elementOf(row.text))) met.add(row);
  }
  for (const hop of hops) for (const row of translated(rows, hop)) met.add(row);
  return met;
}

/** Rules move when others are written, so the text has to be the same; `-L` spells it in its own way. */
function isRule(row: ProbeRow, step: RuleStep): boolean {
  const [rule = ''] = step.rule.split('  # ');
  const isSaved = row.text.startsWith('-A ') || row.text.startsWith('\t');
  return !isSaved || row.text.trim() === rule;
}

/** An element of a set or map without nft's brackets and commas. */
function elementOf(line: string): string {
  return line
    .trim()
    .replace(/^elements = \{ /, '')
    .replace(/(,| \})$/, '');
}

/** IPVS and BPF have no rules: the entry that was asked for, and the one below it that was taken. */
function translated(rows: readonly ProbeRow[], hop: Hop): ProbeRow[] {
  if ((hop.rules?.length ?? 0) > 0 || hop.action === 'untranslate') return [];
  const before = innermost(hop.before);
  const asked = destinationOf(before);
  const taken = destinationOf(innermost(hop.after));
  if (asked === taken) return [];
  const protocol = (before.ip?.protocol ?? '').toUpperCase();
  const isHead = (row: ProbeRow): boolean => {
    const [first = '', second = ''] = row.text.split(/\s+/);
    if (/^(TCP|UDP|SCTP)$/.test(first)) return second === asked && first === protocol;
    return first.startsWith(`${asked}/${protocol}`);
  };
  const head = rows.findIndex(isHead);
  if (head < 0) return [];
  for (let i = head + 1; i < rows.length; i++) {
    const row = rows[i]!;
    const isSlot = row.text.startsWith('  ->') || isHead(row);
    if (!isSlot) break;
    const words = row.text.trim().split(/\s+/);
    if (words.some((word) => word === taken || word.startsWith(`${taken}/`))) return [rows[head]!, row];
  }
  return [rows[head]!];
}
