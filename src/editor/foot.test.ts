import { describe, expect, it } from 'vitest';
import type { ApplyRow } from '../sim/view';
import { statusWords } from './foot';

const standing = { phase: 'ready', applying: false, problems: 0, dirty: false, pending: [] } as const;
const row = (result: ApplyRow['result']): ApplyRow => ({ name: 'x', ref: 'X//x', result });

describe('how the text and the cluster stand', () => {
  it.each([
    [{}, 'Applied, nothing pending'],
    [{ dirty: true }, 'Changes not applied'],
    [{ dirty: true, pending: [row('unchanged'), row('deleted')] }, 'Not applied: delete 1'],
    [{ dirty: true, pending: [row('unchanged')] }, 'Not applied: changes no object'],
    [{ dirty: true, problems: 2 }, '2 problems, not applied'],
    [{ problems: 1 }, '1 problem'],
    [{ problems: 1, applying: true }, 'Applying…'],
    [{ phase: 'starting', problems: 1 }, 'The cluster is starting'],
    [{ phase: 'crashed', dirty: true }, 'The cluster has stopped'],
  ] as const)('%j: %s', (part, words) => {
    expect(statusWords({ ...standing, ...part })[0]).toBe(words);
  });
});
