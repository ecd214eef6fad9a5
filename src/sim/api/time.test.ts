import { describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { fromRfc3339, toRfc3339, toRfc3339Micro } from './time';

describe('virtual time as RFC 3339', () => {
  it.each([
    [0, '2026-01-01T00:00:00Z'],
    [1.999 * SECOND, '2026-01-01T00:00:01Z'],
    [59 * 86_400 * SECOND, '2026-03-01T00:00:00Z'],
    [(365 + 365 + 59) * 86_400 * SECOND, '2028-02-29T00:00:00Z'],
    [86_399 * SECOND, '2026-01-01T23:59:59Z'],
  ])('%d ns is %s', (ns, text) => {
    expect(toRfc3339(ns)).toBe(text);
    expect(fromRfc3339(text)).toBe(Math.floor(ns / SECOND) * SECOND);
  });

  it('agrees with the platform calendar over many days', () => {
    for (let day = 0; day < 4_000; day += 13) {
      const seconds = day * 86_400 + day;
      const expected = new Date((1_767_225_600 + seconds) * 1000).toISOString().replace('.000', '');
      expect(toRfc3339(seconds * SECOND)).toBe(expected);
    }
  });

  it('reads zones and fractions, refuses what is no date', () => {
    expect(fromRfc3339('2026-01-01T02:00:00.5+02:00')).toBe(0.5 * SECOND);
    expect(toRfc3339Micro(1_500_000)).toBe('2026-01-01T00:00:00.001500Z');
    for (const bad of ['2026-02-30T00:00:00Z', 'yesterday', '2026-01-01', '2026-01-01T24:00:00Z'])
      expect(fromRfc3339(bad)).toBeNull();
  });
});
