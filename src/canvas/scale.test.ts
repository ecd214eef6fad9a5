import { describe, expect, it } from 'vitest';
import { fittingScale } from './scale';

/** Machines of a fixed width, as many in a row as fit, each row of a fixed height. */
const layoutAt =
  (machines: number, width: number) =>
  (scale: number): { fitHeight: number; machines: Map<string, { row: number }> } => {
    const each = Math.max(1, Math.floor(width / scale / 380));
    const rows = Math.ceil(machines / each);
    return {
      fitHeight: 150 + rows * 520,
      machines: new Map(
        Array.from({ length: machines }, (_, i) => [`node-${i}`, { row: Math.floor(i / each) }]),
      ),
    };
  };
const scaleOf = (machines: number, width: number, height: number): number =>
  fittingScale(width, height, layoutAt(machines, width) as never).scale;

describe('the scale of the canvas', () => {
  it.each([
    // machines, width, height of the window, scale
    [2, 840, 716, 1],
    [2, 700, 1200, 1],
    [2, 1320, 896, 1.25],
    [2, 3000, 2000, 2],
    // Three machines are side by side up to 1,320 / 3 / 380, and one large picture of two rows is not worth it.
    [3, 1320, 896, 1.15],
    // Two rows are taller than the window already.
    [6, 1320, 896, 1],
  ])('%i machines in %i x %i px: %f', (machines, width, height, scale) => {
    expect(scaleOf(machines, width, height)).toBeCloseTo(scale, 5);
  });
});
