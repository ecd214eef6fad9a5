import { beforeEach, describe, expect, it } from 'vitest';
import { lineNow, rangeNow } from './places';
import { DEFAULT_WORKSPACE, workspace } from './workspace';

describe('where a line of the sent text is now', () => {
  it.each([
    ['a\nb\nc', 'a\nb\nc', 2, 2],
    ['a\nb\nc', 'x\ny\na\nb\nc', 2, 4],
    ['a\nb\nc', 'a\nc', 3, 2],
    ['a\nb\nc', 'a\nB\nc', 2, 2],
    ['a\nb\nc', 'a\nb\nc\nd', 3, 3],
    ['a\nb\nc', '', 3, 1],
  ])('%j typed to %j: line %i is line %i', (sent, now, line, expected) => {
    expect(lineNow(sent, now, line)).toBe(expected);
  });

  describe('in the workspace', () => {
    const range = { file: 'manifests.yaml', line: 2, column: 3, endLine: 3, endColumn: 1 };
    const file = (text: string) => [{ name: 'manifests.yaml', text }];
    beforeEach(() => workspace.setState({ ...DEFAULT_WORKSPACE, sent: null }));

    it('shifts the whole range', () => {
      workspace.setState({ sent: file('a\nb\nc'), files: file('# new\na\nb\nc') });
      expect(rangeNow(range)).toEqual({ ...range, line: 3, endLine: 4 });
    });

    it('leaves a range alone when nothing was sent, or the file is gone', () => {
      expect(rangeNow(range)).toBe(range);
      workspace.setState({ sent: file('a\nb'), files: [{ name: 'other.yaml', text: '' }] });
      expect(rangeNow(range)).toBe(range);
    });
  });
});
