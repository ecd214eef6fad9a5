/** Puts a scene on the screen: path under stations, numbers, board, stop marks, then packets with their plates. */
import { signalOf } from '../ui/glyphs';
import { boxOfBoard, drawBoard } from './draw-board';
import { drawCounts, drawDots } from './draw-crowd';
import { drawSidings } from './draw-sidings';
import { drawCorners, drawGlyph, drawPill, drawPlate, drawStop, glyphWidth } from './draw-signs';
import type { InkName, Pen } from './ink';
import type { CanvasLayout } from './layout';
import type { NumberMark } from './numbers';
import type { RatePill } from './rates';
import type { Point } from './road';
import type { PacketMark, Scene, StopMark, Trail } from './scene';
import { plateOrder, placePlates, type Box } from './plates';
import { levelOf } from './view-fit';

export interface Extras {
  readonly layout: CanvasLayout;
  readonly tether: readonly Point[];
  readonly pills: readonly RatePill[];
  /** Machines whose sidings to the host itself are in use, and those whose unwrapped way to the wire is. */
  readonly sidings: ReadonlySet<string>;
  /** How far the board has turned, 0 to 1. */
  readonly turned: number;
  readonly reducedMotion: boolean;
}

const FAINT = 0.34;

export function drawScene(pen: Pen, scene: Scene, extras: Extras): void {
  const { ctx } = pen;
  drawSidings(pen, extras.layout, extras.sidings);
  if (scene.trail !== null) {
    ctx.save();
    keepStationsFree(pen, extras.layout);
    drawTrail(pen, scene.trail);
    pen.line(scene.wayBack, 'drop', 2, [6, 4]);
    ctx.restore();
  }
  drawTether(pen, extras.tether);
  const watched = scene.packets.find((mark) => mark.watched);
  for (const mark of scene.numbers) {
    // The packet itself stands where its number would be.
    if (mark.state === 'at' && watched !== undefined && !extras.reducedMotion) continue;
    drawNumber(pen, mark);
  }
  if (scene.board !== null) drawBoard(pen, scene.board, extras.turned, extras.layout);
  drawPills(pen, extras.pills);
  drawMoving(pen, scene, extras);
}

/** Paths go under stations and plates, which are drawn below this surface: their outlines are left out. */
function keepStationsFree(pen: Pen, layout: CanvasLayout): void {
  const { ctx, view } = pen;
  ctx.beginPath();
  ctx.rect(0, 0, view.width, view.height);
  const hole = (x: number, y: number, w: number, h: number): void => {
    const at = pen.at({ x, y });
    ctx.rect(at.x, at.y, w * view.zoom, h * view.zoom);
  };
  for (const machine of layout.machines.values()) {
    if (machine.hasTunnel) hole(machine.tunnel.x, machine.tunnel.y, machine.tunnel.w, machine.tunnel.h);
    hole(machine.nic.x, machine.nic.y, machine.nic.w, machine.nic.h);
    for (const [name, { x, y }] of Object.entries(machine.stations)) {
      if (name === 'services' && layout.mode === 'ebpf') continue;
      if (name === 'local') hole(x - 31, y - 10, 62, 20);
      else if (name === 'input' || name === 'output') hole(x - 6, y - 6, 12, 12);
      else hole(x - 7.5, y - 7.5, 15, 15);
    }
    hole(machine.centre - 5, machine.underlayY - 5, 10, 10);
  }
  for (const { core, rules, lan, wan } of layout.outside?.machines.values() ?? []) {
    for (const at of [rules, core]) if (at !== null) hole(at.x - 7, at.y - 7, 14, 14);
    for (const at of [lan, wan]) if (at !== null) hole(at.x - 4, at.y - 4, 8, 8);
  }
  ctx.clip('evenodd');
}

/** From far away pills would cover each other; then the larger rate is the one that is shown. */
function drawPills(pen: Pen, pills: readonly RatePill[]): void {
  const shown: Point[] = [];
  for (const pill of [...pills].sort((a, b) => b.perSecond - a.perSecond)) {
    const at = pen.at(pill.at);
    const [w, h] = [(pill.wrapped ? 66 : 48) * pen.scale, 19 * pen.scale];
    if (shown.some((other) => Math.abs(other.x - at.x) < w && Math.abs(other.y - at.y) < h)) continue;
    shown.push(at);
    drawPill(pen, at, pill.signal, `${pill.perSecond}/s`, pill.wrapped);
  }
}

function drawTrail(pen: Pen, trail: Trail): void {
  const { signal } = signalOf(trail.role);
  pen.line(trail.ahead, signal, 1.75, [1.5, 5]);
  pen.line(trail.behind, signal, 3);
}

function drawTether(pen: Pen, tether: readonly Point[]): void {
  if (tether.length < 2) return;
  pen.line(tether, 'ink', 1.75, [2, 4]);
  const end = pen.at(tether.at(-1)!);
  pen.ctx.beginPath();
  pen.ctx.arc(end.x, end.y, 3.5 * pen.scale, 0, Math.PI * 2);
  pen.paint('ink', null);
}

/** Fill, edge and figure of a number by its state: past in the signal, here in ink, ahead on the sheet. */
function numberInks(mark: NumberMark): { fill: InkName; stroke: InkName; text: InkName } {
  const { signal } = signalOf(mark.role);
  const station = mark.shape !== 'bead';
  if (mark.state === 'at') return { fill: 'ink', stroke: 'sheet', text: 'on-ink' };
  if (mark.state === 'past') return { fill: signal, stroke: station ? 'ink' : 'sheet', text: 'on-signal' };
  return { fill: 'sheet', stroke: station ? 'ink' : signal, text: station ? 'ink' : 'ink-2' };
}

function drawNumber(pen: Pen, mark: NumberMark): void {
  const at = pen.at(mark.at);
  const { fill, stroke, text } = numberInks(mark);
  const { ctx, scale } = pen;
  const width = stroke === 'ink' ? 1.75 : 1.5;
  if (mark.shape === 'square') pen.box(at, 20, 20, 0, fill, stroke, width);
  else if (mark.shape === 'diamond') {
    const reach = 14 * scale;
    ctx.beginPath();
    ctx.moveTo(at.x, at.y - reach);
    ctx.lineTo(at.x + reach, at.y);
    ctx.lineTo(at.x, at.y + reach);
    ctx.lineTo(at.x - reach, at.y);
    ctx.closePath();
    pen.paint(fill, stroke, width);
  } else {
    ctx.beginPath();
    ctx.arc(at.x, at.y, (mark.shape === 'circle' ? 10.5 : 10) * scale, 0, Math.PI * 2);
    pen.paint(fill, stroke, width);
  }
  pen.text(String(mark.number), at, text, 'glyph', 'center');
}

function drawMoving(pen: Pen, scene: Scene, extras: Extras): void {
  const { ctx } = pen;
  const level = levelOf(pen.view.zoom / pen.base);
  for (const stop of scene.stops) if (stop.faint) withAlpha(pen, FAINT, () => drawStop(pen, pen.at(stop.at)));
  // While a packet is open, those that are not of its conversation are off the path.
  ctx.globalAlpha = scene.trail === null ? 1 : FAINT;
  drawDots(pen, scene.dots);
  drawCounts(pen, scene.counts, extras.layout);
  for (const mark of scene.packets) {
    ctx.globalAlpha = mark.faint ? FAINT : 1;
    // Under reduced motion the number in ink is the packet: nothing lies over it.
    if (mark.watched && extras.reducedMotion) drawCorners(pen, pen.at(mark.at), 20, 20);
    else drawPacket(pen, mark);
  }
  ctx.globalAlpha = 1;
  for (const stop of scene.stops) if (!stop.faint) drawStop(pen, pen.at(stop.at));
  const taken: Box[] = scene.packets.map((mark) => boxOf(pen, mark));
  if (scene.board !== null) taken.push(boxOfBoard(pen, scene.board, extras.layout));
  const wanted = plateOrder(scene, level);
  for (const { plate, middle, width, hangsFrom } of placePlates(pen, wanted, taken, extras)) {
    if (hangsFrom !== null) {
      const below = middle.y > pen.at(hangsFrom).y ? 1 : -1;
      const line = [37, 51].map((off) => ({ x: hangsFrom.x, y: hangsFrom.y + off * below }));
      pen.line(line, plate.colour, 1.5);
    }
    drawPlate(pen, middle, width, plate);
  }
}

function withAlpha(pen: Pen, alpha: number, work: () => void): void {
  pen.ctx.globalAlpha = alpha;
  work();
  pen.ctx.globalAlpha = 1;
}

function drawPacket(pen: Pen, mark: PacketMark): void {
  const at = pen.at(mark.at);
  drawGlyph(pen, at, mark.role, mark.label, mark.wrapped);
  if (!mark.watched) return;
  const ring = mark.wrapped ? 20 : 0;
  drawCorners(pen, at, glyphWidth(mark.label) + ring, mark.wrapped ? 30 : 18);
}

/** Where a packet's sign lies on the screen; also what a pointer hits. */
export function boxOf(pen: Pen, mark: Pick<PacketMark, 'at' | 'label' | 'wrapped'>): Box {
  const at = pen.at(mark.at);
  const w = (glyphWidth(mark.label) + (mark.wrapped ? 20 : 0)) * pen.scale;
  const h = (mark.wrapped ? 30 : 18) * pen.scale;
  return { x: at.x - w / 2, y: at.y - h / 2, w, h };
}

export function stopBox(pen: Pen, stop: Pick<StopMark, 'at'>): Box {
  const at = pen.at(stop.at);
  const side = 22 * pen.scale;
  return { x: at.x - side / 2, y: at.y - side / 2, w: side, h: side };
}
