/**
 * How packets are told to the page. A packet under way changes with each of its hops; telling it whole each time would say
 * the same hops a dozen times, so only what it has grown by is told. The page joins both ends.
 */
import { foldedHops } from './trace/fold';
import type { Hop, PacketTrace } from './trace/hop';
import type { Trace } from './trace/trace';
import type { PacketGrowth, ViewPatch } from './view';

export class PacketsTold {
  /** Hops of packets under way as they were last told, folded. */
  private readonly told = new Map<number, readonly Hop[]>();

  constructor(private readonly trace: Trace) {}

  /** Forgets what was told: from now on packets are told whole again. */
  clear(): void {
    this.told.clear();
  }

  /** What is to be said of these ids. `withHops` false leaves the hops of ended, unharmed packets out. */
  patch(
    ids: readonly number[],
    withHops: (packet: PacketTrace) => boolean,
  ): Pick<ViewPatch, 'packets' | 'grown'> {
    const set: [string, PacketTrace][] = [];
    const gone: string[] = [];
    const grown: PacketGrowth[] = [];
    for (const id of ids) {
      const packet = this.trace.packets.get(id);
      if (packet === undefined) {
        this.told.delete(id);
        gone.push(String(id));
      } else if (!withHops(packet)) {
        this.told.delete(id);
        set.push([String(id), summary(packet)]);
      } else {
        const whole = { ...packet, hops: foldedHops(packet.hops) };
        const growth = this.growthOf(whole);
        if (growth === null) set.push([String(id), whole]);
        else grown.push(growth);
        if (packet.end === null) this.told.set(id, whole.hops);
        else this.told.delete(id);
      }
    }
    return {
      ...(set.length + gone.length > 0 ? { packets: { set, gone } } : {}),
      ...(grown.length > 0 ? { grown } : {}),
    };
  }

  /** Null when the page does not know the packet, or nothing of it would stay. */
  private growthOf({ id, hops, end }: PacketTrace): PacketGrowth | null {
    const before = this.told.get(id);
    if (before === undefined) return null;
    let keep = 0;
    while (keep < before.length && keep < hops.length && isSame(before[keep]!, hops[keep]!)) keep++;
    return keep === 0 ? null : { id, keep, hops: hops.slice(keep), end };
  }
}

/** Folding makes new records of hops with details; the hops themselves are only ever added. */
function isSame(one: Hop, other: Hop): boolean {
  if (one === other) return true;
  const [a, b] = [one.details, other.details];
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return (
    one.before === other.before &&
    one.atNs === other.atNs &&
    one.name === other.name &&
    a.every((hop, i) => hop === b[i])
  );
}

/** A packet without its hops, but with the places that rates are counted by. */
function summary(packet: PacketTrace): PacketTrace {
  const [first, last] = [packet.hops[0], packet.hops.at(-1)];
  if (first === undefined || last === undefined) return packet;
  const crossed = packet.hops
    .filter((hop) => hop.station === 'wire')
    .map((hop) => [hop.facts?.['from'] ?? '', hop.facts?.['to'] ?? ''] as const);
  return { ...packet, hops: [], leftOut: { from: first.place, to: last.place, crossed } };
}
