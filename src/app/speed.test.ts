import { describe, expect, it } from 'vitest';
import { FASTEST, fromDial, MARKS, nextSpeed, SLOWEST, toDial } from './speed';

describe('the time dial', () => {
  it('has its ends and decades where they belong', () => {
    expect([toDial(SLOWEST), toDial(FASTEST)]).toEqual([0, 1]);
    expect(toDial(1e5)).toBeCloseTo(1 / 7);
    expect([toDial(1), toDial(1e20)]).toEqual([0, 1]);
    expect(MARKS.filter((mark) => mark.long)).toHaveLength(8);
  });

  it('comes back to the same speed, to two figures', () => {
    for (const { speed } of MARKS) expect(fromDial(toDial(speed))).toBe(speed);
  });

  it.each([
    [1e5, 1, 2e5],
    [2e5, 1, 5e5],
    [5e5, 1, 1e6],
    [1e5, -1, 5e4],
    [1.3e5, -1, 1e5],
    [SLOWEST, -1, SLOWEST],
    [FASTEST, 1, FASTEST],
  ] as const)('%d goes by %d to %d', (from, step, to) => {
    expect(nextSpeed(from, step)).toBe(to);
  });
});
