// Prints which parts of a worker's script the first seconds of the first example use, as V8 counts them:
// `node .ci/profile.mjs SCRIPT`. Run by late-parts.mjs in a process of its own.
import { realpathSync } from 'node:fs';
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { firstRun, workerOf } from './worker-in-node.mjs';

// V8 names a script by its real path.
const path = realpathSync(process.argv[2]);
const session = new Session();
session.connect();
const ask = (method, params) => {
  let answer;
  session.post(method, params, (error, result) => {
    if (error) throw new Error(error.message);
    answer = result;
  });
  return answer;
};
ask('Profiler.enable');
ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
/** Half-open ranges of the text, each with whether it ran since the last time this was asked. */
const counted = () =>
  ask('Profiler.takePreciseCoverage')
    .result.find(({ url }) => url === pathToFileURL(path).href)
    .functions.flatMap(({ ranges }) => ranges)
    .map(({ startOffset, endOffset, count }) => [startOffset, endOffset, count > 0 ? 1 : 0]);

const worker = await workerOf(path);
const loading = counted();
// Other seeds take other turns.
for (let seed = 1; seed <= 6; seed++) firstRun(worker, seed, seed % 2 === 0);
// What waits for the rest, and what says that it cannot be had, has to be there before the rest. Here it never comes.
worker.missSomething();
worker.send({ type: 'exec', id: 1, line: 'true' });
worker.send({ type: 'boot', seed: 1, files: [{ name: 'own.yaml', text: 'kind: Other' }] });
await worker.failure();
const running = counted();
process.stdout.write(JSON.stringify({ loading, running }), () => process.exit(0));
