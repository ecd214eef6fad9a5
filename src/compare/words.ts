/** The modes by name, and what each is made of, in few words. */
import type { NameOf } from '../sim/trace/explain';
import type { CompareMode, ModeRun } from '../worker/compare-protocol';

export const MODE_NAMES: Readonly<Record<CompareMode, string>> = {
  iptables: 'iptables',
  nftables: 'nftables',
  ipvs: 'IPVS',
  ebpf: 'eBPF',
};

export const MODE_LEADS: Readonly<Record<CompareMode, string>> = {
  iptables: 'chains of rules, read from the top',
  nftables: 'one look-up in a verdict map',
  ipvs: 'a table of virtual servers, and sets',
  ebpf: 'no rules: maps, asked by the socket',
};

export const ALL_MODES: readonly CompareMode[] = ['iptables', 'nftables', 'ipvs', 'ebpf'];

/** Who has an address in a run. */
export function nameIn(run: ModeRun): NameOf {
  const names = new Map(run.names.map(([ip, name]) => [ip, name]));
  return (ip) => names.get(ip) ?? null;
}
