/** Hop numbers on the stations of the open packet's way. The same numbers stand in the ruler, the inspector and the text. */
import type { PacketTrace, Role } from '../sim/trace/hop';
import type { Journey } from './geometry';
import { pointAlong } from './motion';
import type { Point } from './road';

export interface NumberMark {
  /** Hop number, from 1. */
  readonly number: number;
  readonly at: Point;
  readonly state: 'past' | 'at' | 'ahead';
  /** The station under the number keeps its shape. */
  readonly shape: 'bead' | 'circle' | 'square' | 'diamond';
  readonly role: Role;
}

function shapeOf(place: string): NumberMark['shape'] {
  if (/^(prerouting|forward|postrouting|input|output):/.test(place)) return 'circle';
  if (place.startsWith('routes:')) return 'square';
  return place.startsWith('services:') ? 'diamond' : 'bead';
}

/** One number a place: the latest that lies behind, or the first that lies ahead. */
export function numbersOf(
  trace: PacketTrace,
  journey: Journey,
  hop: number,
  stopped: boolean,
): readonly NumberMark[] {
  const byPlace = new Map<string, NumberMark>();
  const here = journey.places[hop];
  journey.places.forEach((place, i) => {
    const onWire = trace.hops[i]!.station === 'wire';
    // The outer packet's own lap is folded into one wire; its hops are numbered in the lists.
    if (place.startsWith('lap:') && i !== hop) return;
    const key = onWire ? `wire ${i}` : place;
    const state = i === hop || (!onWire && place === here && i < hop) ? 'at' : i < hop ? 'past' : 'ahead';
    const known = byPlace.get(key);
    if (known !== undefined && (state === 'ahead' || (known.state === 'at' && i !== hop))) return;
    const way = journey.ways[i];
    const at = onWire && way !== undefined && way.length > 1 ? pointAlong(way, 0.5) : journey.points[i]!;
    const number = state === 'at' ? hop + 1 : i + 1;
    byPlace.set(key, { number, at, state, shape: onWire ? 'bead' : shapeOf(place), role: trace.role });
  });
  const marks = [...byPlace.values()];
  // The stop mark stands where the last number would.
  return stopped && hop === trace.hops.length - 1 ? marks.filter((mark) => mark.state !== 'at') : marks;
}
