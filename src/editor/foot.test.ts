import { describe, expect, it } from 'vitest';
import { statusWords, summary } from './foot';

const standing = { phase: 'ready', applying: false, problems: 0, dirty: false } as const;

describe('how the text and the cluster stand', () => {
  it.each([
    [{}, 'Applied, nothing pending'],
    [{ dirty: true }, 'Changes not applied'],
    [{ dirty: true, problems: 2 }, '2 problems'],
    [{ problems: 1, applying: true }, 'Applying…'],
    [{ phase: 'starting', problems: 1 }, 'The cluster is starting'],
    [{ phase: 'crashed', dirty: true }, 'The cluster has stopped'],
  ] as const)('%j: %s', (part, words) => {
    expect(statusWords({ ...standing, ...part })[0]).toBe(words);
  });

  it('sums up what apply did', () => {
    const row = (result: 'created' | 'unchanged') => ({ name: 'x', ref: 'X//x', result });
    expect(summary([row('created'), row('unchanged'), row('unchanged')])).toBe('1 created, 2 unchanged');
  });
});
