/** The tokens as canvas colours, and the pen that turns places on the canvas into places on the screen. */
import type { Point } from './road';

const NAMES = [
  'paper',
  'sheet',
  'shade',
  'ink',
  'ink-2',
  'ink-3',
  'wire',
  'line',
  'on-ink',
  'on-signal',
  'request',
  'reply',
  'dns',
  'outer',
  'drop',
  'control',
] as const;

export type InkName = (typeof NAMES)[number];
export type Palette = Readonly<Record<InkName, string>>;

/** Reads the tokens as they are now; to be read again when the theme turns. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Palette;
}

/** What drawing needs of CanvasRenderingContext2D; tests hand in a recorder. */
export type Context = Pick<
  CanvasRenderingContext2D,
  | 'arc'
  | 'beginPath'
  | 'clip'
  | 'closePath'
  | 'fill'
  | 'fillRect'
  | 'fillText'
  | 'lineTo'
  | 'measureText'
  | 'moveTo'
  | 'rect'
  | 'restore'
  | 'roundRect'
  | 'save'
  | 'setLineDash'
  | 'stroke'
  | 'fillStyle'
  | 'font'
  | 'globalAlpha'
  | 'lineCap'
  | 'lineJoin'
  | 'lineWidth'
  | 'strokeStyle'
  | 'textAlign'
  | 'textBaseline'
>;

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** Size of the window in px. */
  readonly width: number;
  readonly height: number;
}

const UI = '"Inter Variable", Inter, Arial, sans-serif';
const MONO = '"JetBrains Mono Variable", "JetBrains Mono", monospace';

export class Pen {
  /** Signs keep their size when the view shrinks and grow with it when it grows. */
  readonly scale: number;

  constructor(
    readonly ctx: Context,
    readonly ink: Palette,
    readonly view: View,
    /** The page's own scale, for projectors. */
    readonly base = 1,
  ) {
    this.scale = Math.max(base, view.zoom);
  }

  /** Place on the screen. */
  at(point: Point): Point {
    return { x: point.x * this.view.zoom + this.view.x, y: point.y * this.view.zoom + this.view.y };
  }

  /** A polyline given in places on the canvas. */
  line(points: readonly Point[], ink: InkName, width: number, dash: readonly number[] = []): void {
    if (points.length < 2) return;
    const { ctx } = this;
    ctx.beginPath();
    points.forEach((point, i) => {
      const { x, y } = this.at(point);
      if (i === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    });
    ctx.strokeStyle = this.ink[ink];
    ctx.lineWidth = width;
    ctx.lineJoin = 'round';
    ctx.lineCap = dash.length > 0 && dash[0]! < 3 ? 'round' : 'butt';
    ctx.setLineDash([...dash]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** A box round a screen point; sizes in px before scaling. */
  box(
    centre: Point,
    w: number,
    h: number,
    radius: number,
    fill: InkName | null,
    stroke: InkName,
    width = 2,
  ): void {
    const { ctx, scale } = this;
    ctx.beginPath();
    ctx.roundRect(
      centre.x - (w * scale) / 2,
      centre.y - (h * scale) / 2,
      w * scale,
      h * scale,
      radius * scale,
    );
    this.paint(fill, stroke, width);
  }

  paint(fill: InkName | null, stroke: InkName | null, width = 2): void {
    const { ctx } = this;
    if (fill !== null) {
      ctx.fillStyle = this.ink[fill];
      ctx.fill();
    }
    if (stroke === null) return;
    ctx.strokeStyle = this.ink[stroke];
    ctx.lineWidth = width * this.scale;
    ctx.lineJoin = 'round';
    ctx.setLineDash([]);
    ctx.stroke();
  }

  text(
    words: string,
    at: Point,
    ink: InkName,
    look: 'glyph' | 'mono' | 'mono-bold' | 'bold' | 'small',
    align: CanvasTextAlign,
  ): void {
    const { ctx } = this;
    ctx.font = this.font(look);
    ctx.fillStyle = this.ink[ink];
    ctx.textAlign = align;
    ctx.textBaseline = 'alphabetic';
    ctx.fillText(words, at.x, at.y + 4 * this.scale);
  }

  /** Width of words in px before scaling. */
  width(words: string, look: 'glyph' | 'mono' | 'mono-bold' | 'bold' | 'small'): number {
    this.ctx.font = this.font(look);
    return this.ctx.measureText(words).width / this.scale;
  }

  private font(look: 'glyph' | 'mono' | 'mono-bold' | 'bold' | 'small'): string {
    const size = (look === 'glyph' ? 11 : 12) * this.scale;
    const weight = look === 'glyph' ? 700 : look === 'mono-bold' || look === 'bold' ? 600 : 400;
    return `${weight} ${size}px ${look.startsWith('mono') ? MONO : UI}`;
  }
}
