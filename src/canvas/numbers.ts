/** Hop numbers on the stations of the open packet's way. The same numbers stand in the ruler, the inspector and the text. */
import type { PacketTrace, Role } from '../sim/trace/hop';
import type { Journey } from './geometry';
import { pointAlong } from './motion';
import type { Point, ProxyMode } from './road';

export interface NumberMark {
  /** Hop number, from 1. */
  readonly number: number;
  readonly at: Point;
  readonly state: 'past' | 'at' | 'ahead';
  /** The station under the number keeps its shape. */
  readonly shape: 'bead' | 'circle' | 'square' | 'diamond';
  readonly role: Role;
}

/** The sign that is drawn at a place. */
function shapeOf(place: string, mode: ProxyMode): NumberMark['shape'] {
  if (/^(prerouting|forward|postrouting|input|output):/.test(place)) return 'circle';
  if (place.startsWith('routes:')) return 'square';
  if (!place.startsWith('services:')) return 'bead';
  return mode === 'nftables' ? 'square' : 'diamond';
}

/** One number a place: that of the first hop there, or of the one that the packet stands on. */
export function numbersOf(
  trace: PacketTrace,
  journey: Journey,
  hop: number,
  stopped: boolean,
  mode: ProxyMode = 'iptables',
): readonly NumberMark[] {
  const byPlace = new Map<string, NumberMark>();
  const here = journey.stepOfHop[hop] ?? 0;
  trace.hops.forEach((_, i) => {
    const step = journey.stepOfHop[i]!;
    const place = journey.places[step];
    if (place === undefined) return;
    const onWire = journey.steps[step]!.station === 'wire';
    // The outer packet's own lap is folded into one wire; its hops are numbered in the lists.
    if (i !== hop && (place.startsWith('lap:') || journey.own[step] !== true)) return;
    const key = onWire ? `wire ${i}` : place;
    const standsHere =
      i === hop || (!onWire && place === journey.places[here] && sameVisit(journey, step, here));
    const state = standsHere ? 'at' : i < hop ? 'past' : 'ahead';
    const known = byPlace.get(key);
    if (known !== undefined && (state === known.state || state === 'ahead')) return;
    const way = journey.ways[step];
    const point = journey.points[step]!;
    const at =
      onWire && way !== undefined && way.length > 1
        ? freeOn(way, [...byPlace.values()])
        : besideName(place, point);
    const number = state === 'at' ? hop + 1 : i + 1;
    byPlace.set(key, { number, at, state, shape: onWire ? 'bead' : shapeOf(place, mode), role: trace.role });
  });
  const marks = [...byPlace.values()];
  // The stop mark stands where the last number would.
  return stopped && hop === trace.hops.length - 1 ? marks.filter((mark) => mark.state !== 'at') : marks;
}

/** Beads stand this far apart. */
const APART = 22;

/** Half-way along a wire, or beside that when a bead of another crossing stands there. */
function freeOn(way: readonly Point[], marks: readonly NumberMark[]): Point {
  const spots = [0.5, 0.4, 0.6, 0.3, 0.7].map((share) => pointAlong(way, share));
  const isFree = ({ x, y }: Point): boolean =>
    marks.every(({ at }) => Math.hypot(at.x - x, at.y - y) >= APART);
  return spots.find(isFree) ?? spots[0]!;
}

/** On the host's plate the number stands at its edge, clear of the name. */
function besideName(place: string, { x, y }: Point): Point {
  return place.startsWith('local:') ? { x: x - 31, y } : { x, y };
}

/** True when the packet did not leave the place between two hops. */
function sameVisit({ places }: Journey, a: number, b: number): boolean {
  const [from, to] = a < b ? [a, b] : [b, a];
  return places.slice(from, to + 1).every((place) => place === places[from]);
}
