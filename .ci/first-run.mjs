// Checks on a build that the worker's first load alone builds and runs the first example: `node .ci/first-run.mjs [FOLDER]`.
// Otherwise the first packet would have to wait for the rest (src/worker/later.ts), and nobody would be told.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { firstRun, workerOf } from './worker-in-node.mjs';

const assets = resolve(process.argv[2] ?? 'dist', 'assets');
const entry = readdirSync(assets).find((name) => /^entry-.*\.js$/.test(name));
const worker = await workerOf(join(assets, entry));
for (const [seed, auto] of [
  [1, false],
  [1, true],
  [20, true],
]) {
  const run = firstRun(worker, seed, auto);
  if (run.isWhole && run.packets > 0) {
    console.log(
      `the first load ran the first example by itself: ${run.packets} packet records, seed ${seed}`,
    );
    continue;
  }
  console.error(`The first load needed the rest after ${run.patches} ticks. ${run.crash?.message ?? ''}`);
  process.exit(1);
}
process.exit(0);
