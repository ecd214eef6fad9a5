/**
 * How much larger than written down the canvas is drawn. A large screen, or a projector's, gets larger type and not more
 * empty paper: widths adapt to the window divided by the scale, and what is laid out is magnified by it.
 */
import type { CanvasLayout } from './layout';

/** Size in px of the window onto the canvas for which sizes are written down. */
const WRITTEN = { width: 840, height: 716 };
const LARGEST = 2;
const STEP = 0.05;

let current = 1;

/** The scale that is drawn now, for those who draw without React. */
export function readScale(): number {
  return current;
}

/** Says what it is from now on; the canvas does, each time that it changes. */
export function publishScale(scale: number): void {
  current = scale;
}

/**
 * The largest scale from 1 to 2 at which everything is still in sight, with as many rows of machines as at 1.
 * @param layoutAt the layout for a scale, in px before magnifying
 */
export function fittingScale<L extends Pick<CanvasLayout, 'fitHeight' | 'machines'>>(
  width: number,
  height: number,
  layoutAt: (scale: number) => L,
): { scale: number; layout: L } {
  const plain = layoutAt(1);
  const most = Math.min(LARGEST, width / WRITTEN.width, height / WRITTEN.height);
  for (let steps = Math.floor((most - 1) / STEP + 1e-9); steps > 0; steps--) {
    const scale = 1 + steps * STEP;
    const layout = layoutAt(scale);
    if (layout.fitHeight * scale <= height && rowsOf(layout) === rowsOf(plain)) return { scale, layout };
  }
  return { scale: 1, layout: plain };
}

function rowsOf({ machines }: Pick<CanvasLayout, 'machines'>): number {
  return Math.max(0, ...[...machines.values()].map(({ row }) => row + 1));
}
