import { describe, expect, it } from 'vitest';
import { railCells } from './rail';

const refs = (namespace: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `Service/${namespace}/s${i + 1}`);

/** "shop: s1 s2 +3 | kube-system: s1" */
function print(all: readonly string[], room: number): string {
  const cells = railCells(all, room);
  expect(cells.length).toBeLessThanOrEqual(Math.max(1, room));
  const told = cells.flatMap((cell) => (cell.kind === 'service' ? [cell.ref] : cell.refs));
  expect([...told].sort()).toEqual([...all].sort());
  return cells
    .map((cell) =>
      cell.kind === 'service' ? cell.ref.replace('Service/', '') : `${cell.namespace}+${cell.refs.length}`,
    )
    .join(' ');
}

describe('railCells', () => {
  it.each([
    ['all fit', [...refs('a', 2), ...refs('b', 1)], 3, 'a/s1 a/s2 b/s1'],
    ['one too many', refs('a', 4), 3, 'a/s1 a/s2 a+2'],
    ['small namespaces stay whole', [...refs('a', 9), ...refs('b', 2)], 6, 'a/s1 a/s2 a/s3 a+6 b/s1 b/s2'],
    [
      'interleaved ones come together',
      ['Service/a/x', 'Service/b/x', ...refs('a', 3)],
      4,
      'a/x a/s1 a+2 b/x',
    ],
    [
      'more namespaces than cells',
      [...refs('a', 1), ...refs('b', 2), ...refs('c', 2)],
      2,
      'a/s1 2 namespaces+4',
    ],
    ['one cell', refs('a', 3), 1, 'a+3'],
    ['none', [], 4, ''],
  ])('%s', (_, all, room, cells) => {
    expect(print(all, room)).toBe(cells);
  });
});
