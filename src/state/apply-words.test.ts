import { describe, expect, it } from 'vitest';
import type { ApplyRow } from '../sim/view';
import { appliedWords, intended, summary } from './apply-words';

const rows = (...results: ApplyRow['result'][]): ApplyRow[] =>
  results.map((result) => ({ name: 'x', ref: 'X//x', result }));

describe('what apply does, in words', () => {
  it('sums up what it did', () => {
    expect(summary(rows('created', 'unchanged', 'unchanged'))).toBe('1 created, 2 unchanged');
  });

  it.each([
    [rows('created', 'deleted', 'deleted'), 'create 1, delete 2'],
    [rows('unchanged', 'configured'), 'configure 1'],
    [rows('unchanged', 'invalid'), null],
    [[], null],
  ])('says what it would do', (some, words) => {
    expect(intended(some)).toBe(words);
  });

  it.each([
    [rows('created', 'unchanged'), false, 'Applied: 1 created.'],
    [rows('unchanged'), false, 'Applied: nothing to change.'],
    [
      rows('configured', 'invalid'),
      true,
      'Applied in part: 1 configured. See the problems in the manifests.',
    ],
    [rows('unchanged', 'invalid'), true, 'Nothing was changed. See the problems in the manifests.'],
  ])('never says more than is true', (some, broken, words) => {
    expect(appliedWords(some, broken)).toBe(words);
  });
});
