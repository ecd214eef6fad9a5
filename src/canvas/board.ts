/** The destination board: two lines that turn where an address is rewritten, the old one struck through. */
import { destinationOf, innermost, sourceOf } from '../sim/trace/describe';
import type { PacketTrace, Role } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { Point } from './road';

export interface Board {
  readonly verb: 'to' | 'from';
  readonly before: string;
  readonly after: string;
  /** Number of the hop that rewrote, from 1. */
  readonly number: number;
  readonly role: Role;
  /** The station that it hangs from. */
  readonly at: Point;
  /** Changes when another board turns up, which is when it turns. */
  readonly key: string;
}

/** The last rewriting on the machine where the packet is; null when it left that machine or nothing was rewritten. */
export function boardOf(trace: PacketTrace, journey: Journey, hop: number): Board | null {
  const here = trace.hops[hop]?.place.machine;
  for (let i = hop; i >= 0; i--) {
    const step = trace.hops[i]!;
    if (step.place.machine !== here || step.place.netns !== 'host') return null;
    // Past the tunnel or a device the board has done its work.
    if (step.station === 'tunnel' || step.station === 'device') return null;
    const [before, after] = [innermost(step.before), innermost(step.after)];
    const to = destinationOf(before) !== destinationOf(after);
    const from = sourceOf(before) !== sourceOf(after);
    const at = journey.points[journey.stepOfHop[i] ?? -1];
    if ((!to && !from) || before.ip === undefined || at === undefined) continue;
    return {
      verb: to ? 'to' : 'from',
      before: to ? destinationOf(before) : sourceOf(before),
      after: to ? destinationOf(after) : sourceOf(after),
      number: i + 1,
      role: trace.role,
      at,
      key: `${trace.id}/${i}`,
    };
  }
  return null;
}
