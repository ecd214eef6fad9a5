import { describe, expect, it } from 'vitest';
import { followJump, lineAt, offsetAt } from './handover';

describe('places in the plain text', () => {
  it.each([
    ['ab\ncd\n', 1, 1, 0],
    ['ab\ncd\n', 1, 2, 1],
    ['ab\ncd\n', 2, 1, 3],
    ['ab\ncd\n', 2, 99, 5],
    ['ab\ncd\n', 3, 1, 6],
    ['ab\ncd', 9, 1, 5],
    ['', 1, 1, 0],
  ])('%j line %i column %i is at %i', (text, line, column, offset) => {
    expect(offsetAt(text, line, column)).toBe(offset);
  });

  it.each([
    ['ab\ncd\n', 0, 1],
    ['ab\ncd\n', 2, 1],
    ['ab\ncd\n', 3, 2],
    ['ab\ncd\n', 6, 3],
  ])('%j at %i is in line %i', (text, offset, line) => {
    expect(lineAt(text, offset)).toBe(line);
  });
});

it('follows the same "go there" only once', () => {
  const jump = { range: { file: 'a', line: 1, column: 1, endLine: 1, endColumn: 1 }, focus: true };
  let followed = 0;
  for (const one of [null, jump, jump, { ...jump }]) followJump(one, () => followed++);
  expect(followed).toBe(2);
});
