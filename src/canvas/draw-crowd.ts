/**
 * Packets without letters, in the shapes of the look: full for requests, hollow for replies, a diamond for DNS, a frame for
 * the outer header. One path a kind, since there may be a thousand; and the count of each crowded place.
 */
import { signalOf } from '../ui/glyphs';
import { placeOfCount, type CountMark, type DotMark } from './crowd';
import type { Pen } from './ink';
import type { CanvasLayout } from './layout';
import type { Box } from './plates';
import type { Point } from './road';

/** Half the width of a dot in px before scaling. */
const REACH = 3.5;
/** Dots of machines that fill the window do not grow with them. */
const LARGEST = 1.6;

function reachOf(pen: Pen): number {
  return REACH * Math.min(pen.scale, LARGEST * pen.base);
}

/** All dots: the frames of wrapped ones below, then the kinds one after the other. */
export function drawDots(pen: Pen, dots: readonly DotMark[]): void {
  const { ctx, view } = pen;
  const reach = reachOf(pen);
  const kinds = new Map<string, { readonly role: DotMark['role']; readonly points: Point[] }>();
  const framed: Point[] = [];
  for (const { at: place, role, wrapped } of dots) {
    const at = pen.at(place);
    if (at.x < -9 || at.y < -9 || at.x > view.width + 9 || at.y > view.height + 9) continue;
    if (wrapped) framed.push(at);
    const kind = kinds.get(role);
    if (kind === undefined) kinds.set(role, { role, points: [at] });
    else kind.points.push(at);
  }
  if (framed.length > 0) {
    const side = reach * 2 + 5;
    ctx.beginPath();
    for (const { x, y } of framed) ctx.rect(x - side / 2, y - side / 2, side, side);
    ctx.lineWidth = 1.25;
    ctx.strokeStyle = pen.ink.outer;
    ctx.fillStyle = pen.ink.sheet;
    ctx.setLineDash([]);
    ctx.fill();
    ctx.stroke();
  }
  for (const { role, points } of kinds.values()) drawKind(pen, role, points, reach);
}

function drawKind(pen: Pen, role: DotMark['role'], points: readonly Point[], reach: number): void {
  const { ctx } = pen;
  const { signal, hollow } = signalOf(role);
  const isDns = role === 'dns-query' || role === 'dns-answer';
  // The edge of a hollow dot lies half outside of it.
  const r = hollow ? reach - 0.75 : reach;
  ctx.beginPath();
  for (const { x, y } of points) {
    if (isDns) {
      ctx.moveTo(x, y - r - 1);
      ctx.lineTo(x + r + 1, y);
      ctx.lineTo(x, y + r + 1);
      ctx.lineTo(x - r - 1, y);
      // Closing each of hundreds of parts of a path is slow.
      ctx.lineTo(x, y - r - 1);
    } else {
      ctx.moveTo(x + r, y);
      ctx.arc(x, y, r, 0, Math.PI * 2);
    }
  }
  ctx.fillStyle = pen.ink[hollow ? 'sheet' : signal];
  ctx.fill();
  if (!hollow) return;
  ctx.strokeStyle = pen.ink[signal];
  ctx.lineWidth = 1.5;
  ctx.setLineDash([]);
  ctx.stroke();
}

/** Larger counts first; one that would lie over another is left to its dots. */
export function drawCounts(pen: Pen, counts: readonly CountMark[], layout: CanvasLayout): void {
  const shown: Point[] = [];
  for (const count of [...counts].sort((a, b) => b.count - a.count)) {
    const place = placeOfCount(count, layout);
    if (place === null) continue;
    const words = `×${count.count}`;
    const [w, h] = [words.length * 7.4 + 12, 18];
    const at = pen.at(place);
    // Below a station or above the wire between machines, so that the dots stay to be seen.
    const side = count.group.startsWith('under:') ? -1 : 1;
    const middle = { x: at.x, y: at.y + 19 * pen.scale * side };
    const [dx, dy] = [w * pen.scale, (h + 2) * pen.scale];
    if (shown.some((other) => Math.abs(other.x - middle.x) < dx && Math.abs(other.y - middle.y) < dy))
      continue;
    shown.push(middle);
    pen.box(middle, w, h, 4, 'sheet', 'ink-2', 1);
    pen.text(words, middle, 'ink', 'glyph', 'center');
  }
}

/** What the pointer may hit of a dot, px of the window. */
export function dotBox(pen: Pen, dot: Pick<DotMark, 'at'>): Box {
  const at = pen.at(dot.at);
  const reach = reachOf(pen);
  return { x: at.x - reach, y: at.y - reach, w: reach * 2, h: reach * 2 };
}
