import { describe, expect, it } from 'vitest';
import { EXAMPLES, titleOfFolder } from './gallery';

describe('the gallery', () => {
  it('begins with what a new visitor sees, and names each example once', () => {
    expect(EXAMPLES[0]).toEqual({ id: 'frontend-calls-backend', name: 'Frontend calls backend' });
    const ids = EXAMPLES.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes a title of a folder', () => expect(titleOfFolder('selector-typo')).toBe('Selector typo'));
});
