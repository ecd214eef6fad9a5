/** The destination board: two lines that turn where an address is rewritten, the old one struck through. */
import { destinationOf, innermost, sourceOf } from '../sim/trace/describe';
import type { Hop, PacketTrace, Role } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { Point } from './road';

export interface Board {
  readonly verb: 'to' | 'from';
  readonly before: string;
  readonly after: string;
  /** "12 rules", "no rules": what the kernel looked at to decide. */
  readonly cost: string;
  /** Number of the hop that rewrote, from 1. */
  readonly number: number;
  readonly role: Role;
  /** The station that it hangs from. */
  readonly at: Point;
  /** True when it was a program at a pod's socket that rewrote. */
  readonly atSocket: boolean;
  /** Changes when another board turns up, which is when it turns. */
  readonly key: string;
}

/** How many rules a hop looked at. A translation at the socket looks at maps alone. */
function costOf({ station, rulesPassed }: Hop): string {
  if (station === 'socket') return 'no rules';
  if (station === 'conntrack' || rulesPassed === undefined) return '';
  if (rulesPassed === 0) return 'no rules';
  return rulesPassed === 1 ? '1 rule' : `${rulesPassed} rules`;
}

/** The last rewriting on the machine where the packet is; null when it left that machine or nothing was rewritten. */
export function boardOf(trace: PacketTrace, journey: Journey, hop: number): Board | null {
  const here = trace.hops[hop]?.place;
  for (let i = hop; i >= 0; i--) {
    const step = trace.hops[i]!;
    const atSocket = step.station === 'socket';
    if (step.place.machine !== here?.machine || step.place.netns !== here.netns) return null;
    if (step.place.netns !== 'host' && !atSocket) return null;
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
      cost: costOf(step),
      number: i + 1,
      role: trace.role,
      at,
      atSocket,
      key: `${trace.id}/${i}`,
    };
  }
  return null;
}
