import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../scenarios/list';
import { DEFAULT_WORKSPACE } from '../state/workspace';
import { GALLERY } from './gallery';

describe('the gallery', () => {
  it('begins with what a new visitor sees', () => {
    expect(GALLERY[0]?.examples[0]?.title).toBe(DEFAULT_WORKSPACE.name);
  });

  it('shows each folder of manifests once', () => {
    const folders = readdirSync('src/scenarios', { withFileTypes: true }).filter((one) => one.isDirectory());
    const shown = GALLERY.flatMap(({ examples }) => examples.map(({ id }) => id));
    expect([...shown].sort()).toEqual(folders.map(({ name }) => name).sort());
    expect(shown).toHaveLength(SCENARIOS.length);
  });
});
