/**
 * A packet's steps as a person counts them. The kernel records everything (a cross-node SYN meets more than thirty stations);
 * most of them only confirm what the one before said. Folding keeps the steps where something is decided, changed or crossed,
 * and hangs the others below them as details, so that canvas, caption, inspector and ruler share one short numbering.
 */
import type { Hop } from './hop';
import type { Packet } from './packet';

export interface FoldedHop {
  /** 1-based number that everybody shows. */
  readonly number: number;
  readonly main: Hop;
  /** Further steps up to the next main one, in order. */
  readonly details: readonly Hop[];
}

/** Folds the hops of one packet. Every hop is in the result exactly once, in order. */
export function foldHops(hops: readonly Hop[]): FoldedHop[] {
  const folded: { number: number; main: Hop; details: Hop[] }[] = [];
  hops.forEach((hop, i) => {
    const last = folded.at(-1);
    if (last === undefined || isMain(hop, hops, i))
      folded.push({ number: folded.length + 1, main: hop, details: [] });
    else last.details.push(hop);
  });
  return folded;
}

/** The same as a list of hops, each with its details hung below it: what the view sends to the page. */
export function foldedHops(hops: readonly Hop[]): Hop[] {
  return foldHops(hops).map(({ main, details }) => (details.length === 0 ? main : { ...main, details }));
}

/** The folded hop at a moment of virtual time: the last one that has begun. Null before the first. */
export function foldedAt(folded: readonly FoldedHop[], atNs: number): FoldedHop | null {
  return folded.findLast((step) => step.main.atNs <= atNs) ?? null;
}

function isMain(hop: Hop, hops: readonly Hop[], i: number): boolean {
  if (hop.action === 'drop' || hop.action === 'reject' || i === 0) return true;
  switch (hop.station) {
    case 'socket':
    case 'local':
    case 'wire':
    case 'tunnel':
    case 'chain':
      return true;
    case 'conntrack':
      return sourceAndTarget(hop.before) !== sourceAndTarget(hop.after);
    case 'neighbour':
      return hop.action === 'queue';
    case 'bridge':
      return hop.action !== 'deliver';
    case 'device':
      return hop.facts?.['bpf'] !== undefined || isMachineEdge(hop, hops, i);
    case 'route':
      return hop.place.netns === 'host' && !isOuterLap(hops, i) && hop.facts?.['local'] === undefined;
    case 'hook':
      return hop.place.netns === 'host' && isFirstMachine(hop, hops) && isJudging(hop, hops, i);
  }
}

/** Devices by which a packet enters or leaves a machine, and the veth by which it comes from a pod. */
function isMachineEdge(hop: Hop, hops: readonly Hop[], i: number): boolean {
  if (hop.place.netns !== 'host') return false;
  const before = hops[i - 1];
  const after = hops[i + 1];
  return (
    before?.station === 'wire' ||
    after?.station === 'wire' ||
    (before !== undefined && before.place.netns !== 'host')
  );
}

/** Inside the lap that the outer packet of a tunnel takes through its own machine. */
function isOuterLap(hops: readonly Hop[], i: number): boolean {
  const packet = hops[i]!.before;
  return packet.payload?.type === 'vxlan' || packet.payload?.type === 'ipip';
}

/** Hooks of the machine where the packet began; later machines only show what changed something. */
function isFirstMachine(hop: Hop, hops: readonly Hop[]): boolean {
  return hops[0]?.place.machine === hop.place.machine;
}

/** FORWARD and POSTROUTING judge the packet as a whole; PREROUTING, INPUT and OUTPUT that only pass it are details. */
function isJudging(hop: Hop, hops: readonly Hop[], i: number): boolean {
  return (hop.name === 'FORWARD' || hop.name === 'POSTROUTING') && !isOuterLap(hops, i);
}

function sourceAndTarget(packet: Packet): string {
  const ports =
    packet.l4 === undefined || packet.l4.kind === 'icmp' ? '' : `${packet.l4.srcPort} ${packet.l4.dstPort}`;
  return `${packet.ip?.src} ${packet.ip?.dst} ${ports}`;
}
