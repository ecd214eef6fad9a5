/**
 * Where the world beyond the nodes stands: a strip below the last underlay. The cloud's balancer hangs from the nodes'
 * network, the router joins it to the internet's wire below, and whoever is out there hangs from that. Pure.
 */
import type { Point, Rect } from './road';

export type OutsideRole = 'router' | 'client' | 'balancer' | 'internet';

/** A machine of the outside as the layout needs it. */
export interface OutsideInput {
  readonly name: string;
  readonly role: OutsideRole;
}

export interface OutsidePlace extends OutsideInput {
  readonly rect: Rect;
  /** Its socket to the nodes' network, and where that meets it. */
  readonly lan: Point | null;
  readonly lanTap: Point | null;
  /** The same for the internet's wire. */
  readonly wan: Point | null;
  readonly wanTap: Point | null;
  /** Where its kernel looks routes up. */
  readonly core: Point;
  /** Where a program of its own sends and receives. */
  readonly socket: Point;
  /** Where a balancer's rules rewrite. */
  readonly rules: Point | null;
}

export interface OutsideLayout {
  readonly rect: Rect;
  readonly machines: ReadonlyMap<string, OutsidePlace>;
  /** The internet's wire; null while nobody hangs from it. */
  readonly segment: { readonly y: number; readonly x1: number; readonly x2: number } | null;
}

/** Height of a card, and the room at its left where its own road is drawn. */
const CARD = 56;
export const ROAD_WIDTH = 64;
const BELOW_UNDERLAY = 20;
const TO_SEGMENT = 18;
const GAP = 16;

const ORDER: readonly OutsideRole[] = ['balancer', 'router', 'internet', 'client'];
const WIDTHS: Readonly<Record<OutsideRole, number>> = {
  balancer: 268,
  router: 176,
  internet: 144,
  client: 216,
};

interface Where {
  readonly underlayY: number;
  readonly x: number;
  readonly w: number;
  readonly narrow: boolean;
}

export function placeOutside(input: readonly OutsideInput[], where: Where): OutsideLayout {
  const sorted = [...input].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  const top = where.underlayY + BELOW_UNDERLAY;
  const isFar = ({ role }: OutsideInput): boolean => role === 'client' || role === 'internet';
  const segmentY = sorted.some(isFar) ? top + CARD + TO_SEGMENT : null;
  const rects = where.narrow
    ? [
        ...inRow(
          sorted.filter((one) => !isFar(one)),
          top,
          where,
          2,
        ),
      ].concat(inRow(sorted.filter(isFar), top + CARD + 2 * TO_SEGMENT, where, 2))
    : inRow(sorted, top, where, 4);
  const machines = new Map<string, OutsidePlace>();
  for (const [one, rect] of rects) machines.set(one.name, placeOf(one, rect, where.underlayY, segmentY));
  const taps = [...machines.values()].flatMap(({ wanTap }) => (wanTap === null ? [] : [wanTap.x]));
  const bottoms = [...machines.values()].map(({ rect }) => rect.y + rect.h);
  const bottom = Math.max(...bottoms, (segmentY ?? 0) + 6);
  return {
    rect: { x: where.x, y: top, w: where.w, h: bottom - top },
    machines,
    segment:
      segmentY === null ? null : { y: segmentY, x1: Math.min(...taps) - 14, x2: Math.max(...taps) + 14 },
  };
}

/** Side by side, from the right; narrower when they would not fit. */
function inRow(
  members: readonly OutsideInput[],
  y: number,
  { x, w, narrow }: Where,
  most: number,
): [OutsideInput, Rect][] {
  const room = w - GAP * (Math.max(members.length, narrow ? most : 1) - 1);
  const wanted = members.map(({ role }) => (narrow ? room / most : WIDTHS[role]));
  const sum = wanted.reduce((a, b) => a + b, 0);
  const share = Math.min(1, room / Math.max(1, sum));
  let right = x + w;
  return members
    .map((one, i): [OutsideInput, Rect] => [one, { x: 0, y, w: wanted[i]! * share, h: CARD }])
    .reverse()
    .map(([one, rect]): [OutsideInput, Rect] => {
      const placed = { ...rect, x: right - rect.w };
      right = placed.x - GAP;
      return [one, placed];
    })
    .reverse();
}

function placeOf(one: OutsideInput, rect: Rect, underlayY: number, segmentY: number | null): OutsidePlace {
  const middle = rect.y + rect.h / 2;
  const isBalancer = one.role === 'balancer';
  const x = rect.x + (isBalancer ? ROAD_WIDTH / 2 : 42);
  const lan: Point = { x, y: rect.y, sharp: true };
  const lanTap: Point = { x, y: underlayY, sharp: true };
  const base = { ...one, rect };
  if (isBalancer) {
    const y = middle + 6;
    const core = { x: x + 15, y };
    const legs = { rules: { x: x - 15, y }, core, socket: core };
    return { ...base, lan, lanTap, wan: null, wanTap: null, ...legs };
  }
  const above = segmentY !== null && segmentY < rect.y;
  const wan: Point = { x, y: above ? rect.y : rect.y + rect.h, sharp: true };
  const wanTap = segmentY === null ? null : { x, y: segmentY, sharp: true };
  const spots = { core: { x, y: middle }, socket: { x: rect.x + 15, y: middle }, rules: null };
  if (one.role !== 'router') return { ...base, lan: null, lanTap: null, wan, wanTap, ...spots };
  return { ...base, lan, lanTap, wan: segmentY === null ? null : wan, wanTap, ...spots };
}
