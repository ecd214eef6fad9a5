/** Draws the destination board below the station that rewrote, with the number of the hop in its corner. */
import { signalOf } from '../ui/glyphs';
import type { Board } from './board';
import type { Pen } from './ink';
import type { CanvasLayout, MachineLayout } from './layout';
import { ROAD_WIDTH } from './place-outside';
import type { Box } from './plates';
import type { Point, Rect } from './road';

const HEIGHT = 54;
/** Two lines fit in no less than this; below it the new address stands alone. */
const LOWEST = 38;
const ONE_LINE = 24;

function within({ x, y }: Point, { x: left, y: top, w, h }: Rect): boolean {
  return x >= left && x <= left + w && y >= top && y <= top + h;
}

/** Where a board may stand, in places on the canvas: from the station down to what must stay free. */
export interface BoardRoom {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Whether a line ties it to its station. */
  readonly tied: boolean;
}

function roomInMachine(machine: MachineLayout, board: Board): BoardRoom {
  const { railL, railR, roadY, tunnel, nic, hasTunnel, busY, rect, stations } = machine;
  const sides = { left: railL + 16, right: railR - 16 };
  // At a pod's socket: between the bridge and the road.
  if (board.at.y < busY) {
    const { x, w } = rect;
    return { left: x + 8, right: x + w - 8, top: busY + 6, bottom: roadY - 20, tied: false };
  }
  const onRoad = Math.abs(board.at.y - roadY) < 1;
  // Clear of the names below the road; with IPVS, of that, too.
  const top = Math.max(roadY + 50, stations.services.y + 22);
  const bottom = (hasTunnel ? tunnel.y : nic.y) - 3;
  return { ...sides, top, bottom, tied: onRoad };
}

/** Null when the station is on no card. */
export function roomOf(layout: CanvasLayout, board: Board): BoardRoom | null {
  for (const machine of layout.machines.values())
    if (within(board.at, machine.rect)) return roomInMachine(machine, board);
  for (const { rect } of layout.outside?.machines.values() ?? [])
    if (within(board.at, rect)) {
      const { x, y, w, h } = rect;
      return { left: x + ROAD_WIDTH + 12, right: x + w + 40, top: y + 1, bottom: y + h, tied: false };
    }
  return null;
}

/** Its box on the screen, how many lines it has, and whether the count of rules still fits. */
export interface BoardBox extends Box {
  readonly lines: 1 | 2;
  readonly withCost: boolean;
}

export function boxOfBoard(pen: Pen, board: Board, layout: CanvasLayout): BoardBox {
  const { scale } = pen;
  const room = roomOf(layout, board);
  const inset = insetOf(board);
  const cost = board.cost === '' ? 0 : pen.width(board.cost, 'small') + 16;
  const [before, after] = [pen.width(board.before, 'mono'), pen.width(board.after, 'mono-bold')];
  const least = (inset + Math.max(before, after) + 10) * scale;
  const wanted = Math.max(176, inset + Math.max(before + cost, after) + 14) * scale;
  const anchor = pen.at(board.at);
  if (room === null) {
    const [x, y] = [anchor.x - wanted / 2, anchor.y + 24 * scale];
    return { x, y, w: wanted, h: HEIGHT * scale, lines: 2, withCost: true };
  }
  const [corner, end] = [pen.at({ x: room.left, y: room.top }), pen.at({ x: room.right, y: room.bottom })];
  const free = (end.y - corner.y) / scale;
  const lines = free >= LOWEST ? 2 : 1;
  const h = (lines === 1 ? ONE_LINE : Math.min(HEIGHT, free)) * scale;
  const withCost = wanted <= end.x - corner.x;
  const w = withCost ? wanted : Math.max(least, Math.min(176 * scale, end.x - corner.x));
  const x = Math.max(corner.x, Math.min(anchor.x - w / 2, end.x - w));
  // Too wide for the space between the rails: over them, but on its card.
  const over = Math.max(0, x + w - end.x);
  return { x: x - over / 2, y: corner.y, w, h, lines, withCost };
}

function insetOf({ verb }: Board): number {
  return verb === 'to' ? 34 : 48;
}

/** `turned` goes from 0, the old address alone, to 1. */
export function drawBoard(pen: Pen, board: Board, turned: number, layout: CanvasLayout): void {
  const { ctx, scale } = pen;
  const box = boxOfBoard(pen, board, layout);
  const { x, y, w, h, lines, withCost } = box;
  if (roomOf(layout, board)?.tied === true) {
    const { zoom } = pen.view;
    const drop = [37, (y - pen.at(board.at).y) / zoom].map((down) => ({
      x: board.at.x,
      y: board.at.y + down,
    }));
    pen.line(drop, 'ink', 1.5);
  }
  pen.box({ x: x + w / 2, y: y + h / 2 }, w / scale, h / scale, 4, 'sheet', 'ink', 1.5);
  if (lines === 2) {
    ctx.fillStyle = pen.ink.line;
    ctx.fillRect(x + scale, y + h / 2 - scale / 2, w - 2 * scale, scale);
    drawBefore(pen, withCost ? board : { ...board, cost: '' }, turned, { x, y: y + h / 4 }, w);
  }
  drawAfter(pen, board, turned, { x, y: lines === 2 ? y + (h * 3) / 4 : y + h / 2 });
  ctx.beginPath();
  ctx.arc(x, y, 10 * scale, 0, Math.PI * 2);
  pen.paint('ink', 'sheet', 1.5);
  pen.text(String(board.number), { x, y }, 'on-ink', 'glyph', 'center');
}

function drawBefore(pen: Pen, board: Board, turned: number, at: Point, w: number): void {
  const { ctx, scale } = pen;
  const { x, y } = at;
  const address = x + insetOf(board) * scale;
  pen.text(board.verb, { x: x + 12 * scale, y }, 'ink-3', 'small', 'left');
  pen.text(board.before, { x: address, y }, 'ink-3', 'mono', 'left');
  if (board.cost !== '') pen.text(board.cost, { x: x + w - 9 * scale, y }, 'ink-2', 'small', 'right');
  if (turned <= 0.3) return;
  ctx.fillStyle = pen.ink['ink-3'];
  ctx.fillRect(address, y - scale / 2, pen.width(board.before, 'mono') * scale, scale);
}

function drawAfter(pen: Pen, board: Board, turned: number, { x, y }: Point): void {
  const { ctx, scale } = pen;
  ctx.globalAlpha = Math.max(0, turned * 2 - 1);
  pen.text(board.verb, { x: x + 12 * scale, y }, 'ink-3', 'small', 'left');
  const address = { x: x + insetOf(board) * scale, y };
  pen.text(board.after, address, signalOf(board.role).signal, 'mono-bold', 'left');
  ctx.globalAlpha = 1;
}
