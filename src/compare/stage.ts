/**
 * What a step of a packet means for its journey, whatever mode kube-proxy is in: the words by which panes are kept in
 * step. The order within a packet is its own; only the meaning is shared.
 */
import { innermost } from '../sim/trace/describe';
import type { Hop } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { CompareMode } from '../worker/compare-protocol';

/**
 * leave: a program sends it, and it leaves the pod. decide: its destination is chosen, changed back, or refused. route: the
 * machine looks where it goes. judge: filters and source rewriting. cross: the way between machines. arrive: from the last
 * machine's door to the program.
 */
export type Stage = 'leave' | 'decide' | 'route' | 'judge' | 'cross' | 'arrive';

export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  leave: 'Leaves',
  decide: 'Decided',
  route: 'Routed',
  judge: 'Judged',
  cross: 'Crosses',
  arrive: 'Arrives',
};

/** The same in a word that fits below a station. */
export const ROAD_WORDS: Readonly<Record<Stage, string>> = {
  leave: 'sent',
  decide: 'decides',
  route: 'route',
  judge: 'filter',
  cross: 'wire',
  arrive: 'there',
};

/** By what each mode decides. */
export const DECIDED_BY: Readonly<Record<CompareMode, string>> = {
  iptables: 'rules',
  nftables: 'map',
  ipvs: 'table',
  ebpf: 'socket',
};

/** The stage of each hop of one packet, folded hops in order. */
export function stagesOf(hops: readonly Hop[]): Stage[] {
  let crossed = false;
  let looked = false;
  return hops.map((hop, i) => {
    const netns = hops[i - 1]?.place.netns ?? 'host';
    const fromPod = netns !== 'host' && netns !== '';
    const stage = stageOf(hop, { crossed, looked, fromPod, last: i === hops.length - 1 });
    crossed ||= hop.station === 'wire';
    looked ||= hop.station === 'route' || stage === 'decide';
    return stage;
  });
}

interface Soon {
  /** It has crossed a wire already. */
  readonly crossed: boolean;
  /** Some machine has already routed it or decided about it. */
  readonly looked: boolean;
  /** The step before was in a pod's netns. */
  readonly fromPod: boolean;
  readonly last: boolean;
}

function stageOf(hop: Hop, soon: Soon): Stage {
  if (decides(hop)) return 'decide';
  switch (hop.station) {
    case 'socket':
    case 'local':
      return hop.action === 'send' ? 'leave' : 'arrive';
    case 'device':
      return soon.fromPod ? 'leave' : 'cross';
    case 'tunnel':
    case 'wire':
      return 'cross';
    case 'route':
    case 'neighbour':
      return 'route';
    case 'bridge':
      return soon.last || soon.looked || soon.crossed ? 'arrive' : 'leave';
    case 'hook':
    case 'chain':
    case 'conntrack':
      return 'judge';
  }
}

const DECIDERS: ReadonlySet<Hop['station']> = new Set(['chain', 'conntrack', 'socket', 'device']);

/** A new destination, an old source put back, a connect answered by a map, or a refusal. */
export function decides(hop: Hop): boolean {
  if (!DECIDERS.has(hop.station)) return false;
  const { action } = hop;
  if (action === 'translate' || action === 'untranslate' || action === 'dnat') return true;
  if (action === 'drop' || action === 'reject')
    return hop.station === 'chain' || hop.station === 'conntrack' || hop.facts?.['bpf'] !== undefined;
  return target(innermost(hop.before)) !== target(innermost(hop.after));
}

function target({ ip, l4 }: Packet): string {
  return `${ip?.dst} ${l4 === undefined || l4.kind === 'icmp' ? '' : l4.dstPort}`;
}

/** The hop that says most among those of one row: what decides or changes something, then the wire, then the last. */
export function telling<H extends { readonly hop: Hop }>(hops: readonly H[]): H | null {
  const by = (fits: (hop: Hop) => boolean): H | undefined => hops.find(({ hop }) => fits(hop));
  return (
    by((hop) => hop.action === 'drop' || hop.action === 'reject') ??
    by(decides) ??
    by((hop) => hop.station === 'wire' || hop.action === 'masquerade' || hop.action === 'snat') ??
    by((hop) => hop.station === 'socket' || hop.station === 'route') ??
    hops.at(-1) ??
    null
  );
}
