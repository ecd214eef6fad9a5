import { describe, expect, it } from 'vitest';
import { keyName } from './key-names';

describe('keys by name', () => {
  it.each([
    ['Ctrl K', 'Linux x86_64', 'Ctrl K'],
    ['Ctrl K', 'Win32', 'Ctrl K'],
    ['Ctrl K', 'MacIntel', '⌘ K'],
    ['Ctrl S', 'iPad', '⌘ S'],
    ['Shift .', 'MacIntel', '⇧ .'],
    ['Esc', 'MacIntel', 'Esc'],
  ])('%s on %s', (key, platform, name) => expect(keyName(key, platform)).toBe(name));
});
