/** The notes of what is left out, as the build collects them. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { collectNotes, notesOf } from '../../.ci/gen-fidelity.mjs';

it('takes the paragraph after the mark, over several lines', () => {
  const text =
    '/**\n * A thing.\n * Not simulated: one thing,\n * and another.\n *\n * More.\n */\nconst a = 1;\n// Not simulated: a third.\n';
  expect(notesOf(text)).toEqual([
    { line: 3, text: 'One thing, and another.' },
    { line: 9, text: 'A third.' },
  ]);
});

it('finds many in the simulator, each with words', () => {
  const notes = collectNotes(join(import.meta.dirname, '../..'));
  expect(notes.length).toBeGreaterThan(40);
  expect(notes.filter((note) => note.text.length < 8)).toEqual([]);
});
