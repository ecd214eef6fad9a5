/** What the build does with a worker that cannot be split (.ci/late-parts.mjs). */
import { expect, it } from 'vitest';
import { halvesOf } from '../../.ci/late-parts.mjs';

/** A worker that can be counted, but brings no cluster up. */
const IDLE = `addEventListener('message', () => postMessage({ type: 'crashed' })); setInterval(() => 0, 16);`;

it.each([
  ['that does not load', `throw new Error('no such thing in this engine');`, 'no such thing'],
  ['whose first half does not run the first example', IDLE, 'the first half stopped'],
])('keeps a worker whole %s, and says why', (_, text, why) => {
  const warnings: string[] = [];
  expect(halvesOf(process.cwd(), text, (message) => warnings.push(message))).toBeNull();
  expect(warnings).toEqual([expect.stringContaining(why)]);
});
