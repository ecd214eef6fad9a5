// Fails unless both halves of a worker's script hold: the first runs the first example by itself, the second can be loaded
// after it. `node .ci/try-halves.mjs CORE LATE`; run by late-parts.mjs in a process of its own.
import { pathToFileURL } from 'node:url';
import { firstRun, workerOf } from './worker-in-node.mjs';

const [core, late] = process.argv.slice(2);
const worker = await workerOf(core);
const run = firstRun(worker, 1, true);
if (!run.isWhole) throw new Error(`the first half stopped after ${run.patches} ticks`);
await import(pathToFileURL(late).href);
process.exit(0);
