/** Signs on the packet canvas, with the measures of the look: capsule, hexagon, ring, stop mark, plate, four corners. */
import type { Role } from '../sim/trace/hop';
import { signalOf } from '../ui/glyphs';
import type { InkName, Pen } from './ink';
import type { Point } from './road';
import type { Plate } from './words';

const HEIGHT = 18;

/** Width of a capsule by its letters. */
export function glyphWidth(label: string): number {
  return Math.max(38, Math.round(label.length * 7.4 + 13));
}

export function drawGlyph(pen: Pen, at: Point, role: Role, label: string, wrapped: boolean): void {
  const { signal, hollow } = signalOf(role);
  const w = glyphWidth(label);
  if (wrapped) pen.box(at, w + 20, 30, 7, 'sheet', 'outer');
  const fill: InkName = hollow ? 'sheet' : signal;
  if (role === 'dns-query' || role === 'dns-answer') hexagon(pen, at, w, fill, signal);
  else pen.box(at, w, HEIGHT, HEIGHT / 2, fill, signal);
  pen.text(label, at, hollow ? signal : 'on-signal', 'glyph', 'center');
}

export function hexagon(pen: Pen, at: Point, w: number, fill: InkName, stroke: InkName): void {
  const { ctx, scale } = pen;
  const [x, y, half, rise] = [at.x, at.y, (w / 2) * scale, (HEIGHT / 2) * scale];
  const cutIn = 7 * scale;
  ctx.beginPath();
  ctx.moveTo(x - half, y);
  ctx.lineTo(x - half + cutIn, y - rise);
  ctx.lineTo(x + half - cutIn, y - rise);
  ctx.lineTo(x + half, y);
  ctx.lineTo(x + half - cutIn, y + rise);
  ctx.lineTo(x - half + cutIn, y + rise);
  ctx.closePath();
  pen.paint(fill, stroke);
}

/** Four corners in ink round the packet that is watched. */
export function drawCorners(pen: Pen, at: Point, w: number, h: number): void {
  const { ctx, scale } = pen;
  const [dx, dy, arm] = [(w / 2 + 6) * scale, (h / 2 + 6) * scale, 6 * scale];
  ctx.beginPath();
  for (const sx of [-1, 1]) {
    for (const sy of [-1, 1]) {
      ctx.moveTo(at.x + sx * (dx - arm), at.y + sy * dy);
      ctx.lineTo(at.x + sx * dx, at.y + sy * dy);
      ctx.lineTo(at.x + sx * dx, at.y + sy * (dy - arm));
    }
  }
  pen.paint(null, 'ink');
}

export function drawStop(pen: Pen, at: Point): void {
  const { ctx, scale } = pen;
  pen.box(at, 22, 22, 3, 'drop', 'sheet');
  const arm = 4.5 * scale;
  ctx.beginPath();
  ctx.moveTo(at.x - arm, at.y - arm);
  ctx.lineTo(at.x + arm, at.y + arm);
  ctx.moveTo(at.x + arm, at.y - arm);
  ctx.lineTo(at.x - arm, at.y + arm);
  ctx.lineCap = 'round';
  pen.paint(null, 'on-signal', 2.25);
}

/** Measures a plate in px before scaling. */
export function plateWidth(pen: Pen, plate: Plate): number {
  return pen.width(plate.text, 'mono-bold') + 16;
}

/** A plate with its middle at a screen point. */
export function drawPlate(pen: Pen, middle: Point, width: number, plate: Plate): void {
  pen.box(middle, width, 22, 4, 'sheet', plate.colour, 1);
  pen.text(plate.text, middle, plate.colour, 'mono-bold', 'center');
}

export function drawPill(
  pen: Pen,
  at: Point,
  signal: 'request' | 'reply' | 'dns',
  words: string,
  wrapped: boolean,
): void {
  const w = Math.max(52, words.length * 7 + 20);
  if (wrapped) pen.box(at, w + 18, 30, 7, 'sheet', 'outer');
  const hollow = signal === 'reply';
  const fill: InkName = hollow ? 'sheet' : signal;
  if (signal === 'dns') hexagon(pen, at, w, fill, signal);
  else pen.box(at, w, HEIGHT, HEIGHT / 2, fill, signal);
  pen.text(words, at, hollow ? signal : 'on-signal', 'glyph', 'center');
}
