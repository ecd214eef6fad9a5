/**
 * Too many packets to read their letters: at a crowded place each becomes a dot and the place says how many there are; in
 * a crowded picture all do. Nothing is left out, so that one could count the dots.
 */
import type { PacketTrace, Role } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { CanvasLayout } from './layout';
import type { Position } from './motion';
import { placeOfWire, wireBetween } from './rates';
import type { Point } from './road';

/** A packet without its letters. */
export interface DotMark {
  readonly id: number;
  readonly at: Point;
  readonly role: Role;
  readonly wrapped: boolean;
}

/** How many packets are at one place now. */
export interface CountMark {
  /** Name of the wire or id of the station. */
  readonly group: string;
  /** Where one of them is; a wire's count has its place by the drawing. */
  readonly at: Point;
  readonly count: number;
}

/** Packets at one place from which their letters would cover each other, and down to which they stay dots. */
const CROWD = { from: 7, until: 4 };
/** The same for the whole picture, near and from far away. */
const PICTURE = { from: 60, until: 45 };
const FAR = { from: 12, until: 8 };

/** Stands in a set of crowded groups for the picture as a whole. */
export const EVERYWHERE = '*';

const groupsKnown = new WeakMap<Journey, (string | null)[]>();

/** The wire that a packet at this position is on, else the station that it stands at, else null: between two stations. */
export function groupOf(journey: Journey, { step, share }: Position): string | null {
  let known = groupsKnown.get(journey);
  if (known === undefined) groupsKnown.set(journey, (known = []));
  const at = share > 0 || journey.steps[step]!.station === 'wire' ? step * 2 + 1 : step * 2;
  const group = known[at];
  if (group !== undefined) return group;
  return (known[at] = at % 2 === 0 ? (journey.places[step] ?? null) : wireAfter(journey, step));
}

/** The wire behind a step by name; null where it is none that counts. */
function wireAfter(journey: Journey, step: number): string | null {
  const next = journey.places[step + 1];
  if (next !== undefined) return wireBetween(journey.places[step]!, next);
  // The far end is not a step yet.
  const { station, facts } = journey.steps[step]!;
  if (station !== 'wire' || !facts?.['from'] || !facts['to']) return null;
  return `under:${facts['from']}>${facts['to']}`;
}

/** A packet on its way, with where it is drawn. */
export interface Placed {
  readonly trace: PacketTrace;
  readonly journey: Journey;
  readonly position: Position;
  readonly group: string | null;
}

/** What is crowded now, given what was a frame ago, so that a place does not flicker between letters and dots. */
export function crowdOf(
  placed: readonly Placed[],
  before: ReadonlySet<string>,
  far: boolean,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { group } of placed) if (group !== null) counts.set(group, (counts.get(group) ?? 0) + 1);
  const crowded = new Set<string>();
  for (const [group, count] of counts)
    if (count >= (before.has(group) ? CROWD.until : CROWD.from)) crowded.add(group);
  const { from, until } = far ? FAR : PICTURE;
  if (placed.length >= (before.has(EVERYWHERE) ? until : from)) crowded.add(EVERYWHERE);
  return crowded;
}

/** How many packets are at each crowded place. */
export function countsOf(placed: readonly Placed[], crowded: ReadonlySet<string>): CountMark[] {
  const counts = new Map<string, { at: Point; count: number }>();
  for (const { group, position } of placed) {
    if (group === null || !crowded.has(group)) continue;
    const known = counts.get(group);
    if (known === undefined) counts.set(group, { at: position.point, count: 1 });
    else known.count++;
  }
  return [...counts].map(([group, { at, count }]) => ({ group, at, count }));
}

/** How long a number stands before it changes, ms: it is to be read, not to flicker. */
const CALM_MS = 250;

/** Lets each number stand for a moment; `exact` while time stands still and one might count the dots. */
export class CalmCounts {
  private held = new Map<string, { readonly atMs: number; readonly count: number }>();

  calm(counts: readonly CountMark[], atMs: number, exact: boolean): CountMark[] {
    const before = this.held;
    this.held = new Map();
    return counts.map((mark) => {
      const known = before.get(mark.group);
      const stands = !exact && known !== undefined && atMs - known.atMs < CALM_MS;
      const { count } = stands ? known : mark;
      this.held.set(mark.group, stands ? known : { atMs, count });
      return { ...mark, count };
    });
  }
}

/** Where a count stands: on its wire nearer to the sender, or below its station. */
export function placeOfCount({ group, at }: CountMark, layout: CanvasLayout): Point | null {
  if (/^(under|rail[LR]):/.test(group)) return placeOfWire(group, layout);
  return at;
}
