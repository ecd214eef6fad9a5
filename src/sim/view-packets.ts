/**
 * How packets are told to the page. A packet under way changes with each of its hops; telling it whole each time would say
 * the same hops a dozen times, so only what it has grown by is told. The page joins both ends.
 */
import { foldedHops } from './trace/fold';
import type { Hop, PacketTrace } from './trace/hop';
import type { Trace } from './trace/trace';
import type { PacketGrowth, ViewPatch } from './view';

/** Remembers how far each packet under way was told. The memory is the page's state: `clear` it when the page forgets. */
export class PacketsTold {
  /** Packets under way as they were last told: how many steps each of their folded hops stood for. */
  private readonly told = new Map<number, readonly number[]>();

  constructor(private readonly trace: Trace) {}

  /** Forgets what was told: from now on packets are told whole again. */
  clear(): void {
    this.told.clear();
  }

  /** What is to be said of these ids. `withHops` false leaves the hops out, "untold" the packet as a whole. */
  patch(
    ids: readonly number[],
    withHops: (packet: PacketTrace) => boolean | 'untold',
  ): Pick<ViewPatch, 'packets' | 'grown'> {
    const set: [string, PacketTrace][] = [];
    const gone: string[] = [];
    const grown: PacketGrowth[] = [];
    for (const id of ids) {
      const packet = this.trace.packets.get(id);
      if (packet === undefined) {
        this.told.delete(id);
        gone.push(String(id));
        continue;
      }
      const how = withHops(packet);
      // The end of what is known is told in any case.
      if (how === 'untold' && !this.told.has(id)) continue;
      if (!how) {
        this.told.delete(id);
        set.push([String(id), summary(packet)]);
        continue;
      }
      const whole = { ...packet, hops: foldedHops(packet.hops) };
      const growth = this.growthOf(whole);
      if (growth === null) set.push([String(id), whole]);
      else grown.push(growth);
      if (packet.end === null) this.told.set(id, whole.hops.map(stepsOf));
      else this.told.delete(id);
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
    // Steps are only ever added, so the same number of them are the same ones.
    while (keep < hops.length && before[keep] === stepsOf(hops[keep]!)) keep++;
    return keep === 0 ? null : { id, keep, hops: hops.slice(keep), end };
  }
}

function stepsOf({ details }: Hop): number {
  return 1 + (details?.length ?? 0);
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
