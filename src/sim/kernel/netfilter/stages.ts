/**
 * The order in which a packet meets things at each hook (netfilter hook priorities, include/uapi/linux/netfilter_ipv4.h).
 *
 *   prerouting   raw → track → mangle → nat (destination)
 *   input        mangle → filter → IPVS → nat (source) → confirm
 *   forward      mangle → filter
 *   output       raw → track → mangle → nat (destination) → IPVS → filter
 *   postrouting  mangle → nat (source) → confirm
 */
import type { HookedChain } from '../nft/tables';
import type { HookName } from './netfilter';

export type Stage = 'raw' | 'track' | 'mangle' | 'nat-dst' | 'filter' | 'ipvs' | 'nat-src' | 'confirm';

export const STAGES: Readonly<Record<HookName, readonly Stage[]>> = {
  prerouting: ['raw', 'track', 'mangle', 'nat-dst'],
  input: ['mangle', 'filter', 'ipvs', 'nat-src', 'confirm'],
  forward: ['mangle', 'filter'],
  output: ['raw', 'track', 'mangle', 'nat-dst', 'ipvs', 'filter'],
  postrouting: ['mangle', 'nat-src', 'confirm'],
};

/** Where each stage stands among the base chains of nf_tables. */
const PRIORITIES: Readonly<Record<Stage, number>> = {
  raw: -300,
  track: -200,
  mangle: -150,
  'nat-dst': -100,
  filter: 0,
  // Just before source NAT on the way in; on the way out it follows destination NAT, which the list above says.
  ipvs: 98,
  'nat-src': 100,
  confirm: Infinity,
};

/** The stages of a hook with these chains of nf_tables among them, by priority. */
export function amongStages(
  hook: HookName,
  chains: readonly HookedChain[],
): readonly (Stage | HookedChain)[] {
  const ordered: (Stage | HookedChain)[] = [...STAGES[hook], ...chains];
  const priority = (stage: Stage | HookedChain) => {
    if (typeof stage !== 'string') return stage.chain.base!.priority;
    return stage === 'ipvs' && hook === 'output' ? PRIORITIES['nat-dst'] + 1 : PRIORITIES[stage];
  };
  return ordered.sort((a, b) => priority(a) - priority(b));
}
