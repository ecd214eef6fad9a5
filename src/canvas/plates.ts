/** Which plates are shown and where: at most eight, never over a packet or a card, the watched one's always. */
import { glyphWidth, plateWidth } from './draw-signs';
import type { Pen } from './ink';
import type { CanvasLayout, MachineLayout } from './layout';
import type { Point, Rect } from './road';
import type { Scene } from './scene';
import type { Level } from './view-fit';
import type { Plate } from './words';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface WantedPlate {
  readonly plate: Plate;
  /** Place on the canvas of the sign that it belongs to, and the sign's width in px before scaling. */
  readonly at: Point;
  readonly sign: number;
  /** It is shown whatever stands in its way. */
  readonly must: boolean;
}

const MOST_PLATES = 8;
/** Plates give way in the order reply, DNS, request. */
const RANK: Readonly<Record<string, number>> = {
  drop: 0,
  outer: 1,
  request: 1,
  dns: 2,
  reply: 3,
  'ink-2': 4,
};

/** Plates in the order in which they get room. */
export function plateOrder(scene: Scene, level: Level): WantedPlate[] {
  const wanted: (WantedPlate & { readonly rank: number })[] = [];
  for (const mark of scene.packets) {
    if (mark.faint || (level !== 'close' && !mark.watched)) continue;
    // While a board stands, it says where the watched packet goes.
    if (mark.watched && scene.board !== null) continue;
    const sign = glyphWidth(mark.label) + (mark.wrapped ? 20 : 0) + (mark.watched ? 14 : 0);
    const rank = mark.watched ? -1 : (RANK[mark.plate.colour] ?? 5);
    wanted.push({ plate: mark.plate, at: mark.at, sign, must: mark.watched, rank });
  }
  for (const stop of scene.stops) {
    if (stop.faint || level !== 'close') continue;
    wanted.push({
      plate: { text: stop.text, colour: 'drop' },
      at: stop.at,
      sign: 22,
      must: stop.open,
      rank: 0,
    });
  }
  return wanted.sort((a, b) => a.rank - b.rank).slice(0, MOST_PLATES);
}

export interface PlacedPlate {
  readonly plate: Plate;
  /** Middle on the screen. */
  readonly middle: Point;
  readonly width: number;
  /** A plate that hangs below the road is tied to its station by a line from here, a place on the canvas. */
  readonly hangsFrom: Point | null;
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function within(at: Point, rect: Rect): boolean {
  return at.x >= rect.x && at.x <= rect.x + rect.w && at.y >= rect.y && at.y <= rect.y + rect.h;
}

function machineAt(layout: CanvasLayout, at: Point): MachineLayout | null {
  for (const machine of layout.machines.values()) if (within(at, machine.rect)) return machine;
  return null;
}

/** The strip of stations and their names, which no plate may cover. */
function roadStrip({ railL, railR, roadY }: MachineLayout): Rect {
  return { x: railL + 14, y: roadY - 44, w: railR - railL - 28, h: 88 };
}

/** Cards, plates and road strips as obstacles on the screen. */
function obstacles(pen: Pen, layout: CanvasLayout, sidings: ReadonlySet<string>): Box[] {
  const rects: Rect[] = [...layout.pods.values(), ...layout.services.values()];
  for (const machine of layout.machines.values()) {
    rects.push(roadStrip(machine), machine.tunnel, machine.nic);
    const { local } = machine.stations;
    if (sidings.has(`local:${machine.name}`)) rects.push({ x: local.x - 84, y: local.y - 46, w: 174, h: 58 });
  }
  for (const { rect } of layout.outside?.machines.values() ?? []) rects.push(rect);
  return rects.map((rect) => {
    const { x, y } = pen.at(rect);
    return { x, y, w: rect.w * pen.view.zoom, h: rect.h * pen.view.zoom };
  });
}

/** Middles of a plate round its sign, the best first. */
function spotsFor(
  pen: Pen,
  { at, sign }: WantedPlate,
  w: number,
  machine: MachineLayout | null,
  layout: CanvasLayout,
): Point[] {
  const centre = pen.at(at);
  const outsider = [...(layout.outside?.machines.values() ?? [])].find(({ rect }) => within(at, rect));
  if (outsider !== undefined) return spotsRound(pen, outsider.rect, w, layout);
  const shift = (sign / 2 + 7) * pen.scale + w / 2;
  // In the right half of a machine a plate reads better to the left.
  const right = machine === null ? at.x > layout.width * 0.75 : at.x > machine.centre + 40;
  const sides = (right ? [-1, 1] : [1, -1]).map((side) => ({ x: centre.x + side * shift, y: centre.y }));
  const step = 26 * pen.scale;
  const x = machine === null ? centre.x : clampInto(pen, centre.x, w, machine);
  // Beside a socket, just below the row of cards.
  const lower = sides.map((spot) => ({ x: spot.x, y: spot.y + 12 * pen.scale }));
  return [...sides, ...lower, { x, y: centre.y + step }, { x, y: centre.y - step }];
}

/** Beside a card of the outside, or below it: its own words stay readable. */
function spotsRound(pen: Pen, rect: Rect, w: number, layout: CanvasLayout): Point[] {
  const corner = pen.at(rect);
  const [width, height] = [rect.w * pen.view.zoom, rect.h * pen.view.zoom];
  const edge = pen.at({ x: layout.width, y: 0 }).x - 4;
  const x = Math.min(corner.x + w / 2, edge - w / 2);
  const below = { x, y: corner.y + height + 14 * pen.scale };
  const y = corner.y + height / 2;
  const beside = [corner.x - 8 - w / 2, corner.x + width + 8 + w / 2].map((spot) => ({ x: spot, y }));
  return [...beside, below, { x, y: corner.y - 14 * pen.scale }, below];
}

/** Brings the middle of something `w` px wide inside a machine's card. */
function clampInto(pen: Pen, x: number, w: number, { rect }: MachineLayout): number {
  const left = pen.at({ x: rect.x + 8, y: 0 }).x + w / 2;
  const right = pen.at({ x: rect.x + rect.w - 8, y: 0 }).x - w / 2;
  return Math.max(left, Math.min(x, right));
}

/** Below the road, or above it: for what happens at a station. */
function hangingSpots(pen: Pen, at: Point, w: number, machine: MachineLayout): Point[] {
  return [1, -1].map((side) => {
    const { x, y } = pen.at({ x: at.x, y: machine.roadY + 46 * side });
    return { x: clampInto(pen, x, w, machine), y: y + 15 * side * pen.scale };
  });
}

export function placePlates(
  pen: Pen,
  wanted: readonly WantedPlate[],
  taken: readonly Box[],
  { layout, sidings }: { layout: CanvasLayout; sidings: ReadonlySet<string> },
): PlacedPlate[] {
  const placed: PlacedPlate[] = [];
  const boxes = [...taken];
  const blocked = wanted.length === 0 ? [] : obstacles(pen, layout, sidings);
  for (const one of wanted) {
    const { plate, at, must } = one;
    const width = plateWidth(pen, plate);
    const [w, h] = [width * pen.scale, 22 * pen.scale];
    const boxAt = (spot: Point): Box => ({ x: spot.x - w / 2, y: spot.y - h / 2, w, h });
    const machine = machineAt(layout, at);
    const onRoad = machine !== null && within(at, roadStrip(machine));
    const spots = onRoad ? hangingSpots(pen, at, w, machine) : spotsFor(pen, one, w, machine, layout);
    const free = spots.find((spot) => {
      const box = boxAt(spot);
      // A plate stays with its machine: across the edge it would seem to belong to the neighbour.
      const left = machine === null ? 2 : Math.max(2, pen.at(machine.rect).x - 12);
      const right = machine === null ? Infinity : pen.at({ x: machine.rect.x + machine.rect.w, y: 0 }).x + 12;
      const inView =
        box.x >= left &&
        box.x + w <= Math.min(right, pen.view.width - 2) &&
        box.y >= 2 &&
        box.y + h <= pen.view.height - 2;
      return inView && ![...boxes, ...blocked].some((other) => overlaps(box, other));
    });
    const spot = free ?? (must ? spots[onRoad ? 0 : 4] : undefined);
    if (spot === undefined) continue;
    boxes.push(boxAt(spot));
    placed.push({ plate, middle: spot, width, hangsFrom: onRoad ? at : null });
  }
  return placed;
}
