/** Draws the destination board below the station that rewrote, with the number of the hop in its corner. */
import { signalOf } from '../ui/glyphs';
import type { Board } from './board';
import type { Pen } from './ink';
import type { CanvasLayout, MachineLayout } from './layout';
import type { Point } from './road';

function machineAt(layout: CanvasLayout, point: Point): MachineLayout | null {
  for (const machine of layout.machines.values()) {
    const { x, y, w, h } = machine.rect;
    if (point.x >= x && point.x <= x + w && point.y >= y && point.y <= y + h) return machine;
  }
  return null;
}

/** `turned` goes from 0, the old address alone, to 1. */
export function drawBoard(pen: Pen, board: Board, turned: number, layout: CanvasLayout): void {
  const { scale } = pen;
  const machine = machineAt(layout, board.at);
  const inset = board.verb === 'to' ? 34 : 48;
  const words = Math.max(pen.width(board.before, 'mono'), pen.width(board.after, 'mono-bold'));
  const width = Math.max(176, inset + words + 14);
  const anchor = pen.at(board.at);
  const left = machine === null ? anchor.x : pen.at({ x: machine.railL + 16, y: 0 }).x;
  const right = machine === null ? anchor.x : pen.at({ x: machine.railR - 16, y: 0 }).x;
  const x = Math.max(left, Math.min(anchor.x - 97 * scale, right - width * scale));
  const y = pen.at({ x: 0, y: board.at.y + 56 }).y;
  const drop = [37, 56].map((down) => ({ x: board.at.x, y: board.at.y + down }));
  pen.line(drop, 'ink', 1.5);
  pen.box({ x: x + (width * scale) / 2, y: y + 27 * scale }, width, 54, 4, 'sheet', 'ink', 1.5);
  drawLines(pen, board, turned, { x, y }, width, inset);
  const { ctx } = pen;
  ctx.beginPath();
  ctx.arc(x, y, 10 * scale, 0, Math.PI * 2);
  pen.paint('ink', 'sheet', 1.5);
  pen.text(String(board.number), { x, y }, 'on-ink', 'glyph', 'center');
}

function drawLines(
  pen: Pen,
  board: Board,
  turned: number,
  corner: Point,
  width: number,
  inset: number,
): void {
  const { ctx, scale } = pen;
  const { x, y } = corner;
  ctx.fillStyle = pen.ink.line;
  ctx.fillRect(x + scale, y + 26.5 * scale, (width - 2) * scale, scale);
  const verb = x + 10 * scale;
  const address = x + inset * scale;
  const [first, second] = [y + 14 * scale, y + 41 * scale];
  pen.text(board.verb, { x: verb, y: first }, 'ink-3', 'small', 'left');
  pen.text(board.before, { x: address, y: first }, 'ink-3', 'mono', 'left');
  if (turned > 0.3) {
    ctx.fillStyle = pen.ink['ink-3'];
    ctx.fillRect(address, first - scale / 2, pen.width(board.before, 'mono') * scale, scale);
  }
  ctx.globalAlpha = Math.max(0, turned * 2 - 1);
  pen.text(board.verb, { x: verb, y: second }, 'ink-3', 'small', 'left');
  pen.text(board.after, { x: address, y: second }, signalOf(board.role).signal, 'mono-bold', 'left');
  ctx.globalAlpha = 1;
}
