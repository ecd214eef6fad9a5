// Checks on a build that the worker's first load alone builds and runs the first example: `node .ci/first-run.mjs [FOLDER]`.
// Otherwise the first packet would have to wait for the rest (src/worker/later.ts), and nobody would be told.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const TICKS = 400;
const assets = resolve(process.argv[2] ?? 'dist', 'assets');
const entry = readdirSync(assets).find((name) => /^entry-.*\.js$/.test(name));
const text = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

const reports = [];
let now = 0;
let tick = () => undefined;
let send = () => undefined;
globalThis.postMessage = (report) => reports.push(report);
globalThis.addEventListener = (_type, listener) => (send = (data) => listener({ data }));
globalThis.setInterval = (work) => (tick = work);
performance.now = () => now;
await import(pathToFileURL(join(assets, entry)).href);

// All in one go: what is imported dynamically cannot arrive in between.
send({ type: 'boot', seed: 1, files: [{ name: 'manifests.yaml', text }] });
send({ type: 'pace', pace: { paused: false, nsPerSecond: 1e9, auto: false, watchedPacket: null } });
const isReady = reports.some((report) => report.type === 'ready');
reports.length = 0;
for (let i = 0; i < TICKS; i++) {
  now += 16;
  tick();
}
const patches = reports.filter((report) => report.type === 'patch');
const packets = patches.reduce((sum, { patch }) => sum + (patch.packets?.set?.length ?? 0), 0);
const crash = reports.find((report) => report.type === 'crashed');
if (isReady && patches.length === TICKS && packets > 0) {
  console.log(`the first load ran the first example by itself: ${packets} packet records in ${TICKS} ticks`);
  process.exit(0);
}
console.error(
  `The first load needed the rest after ${isReady ? patches.length : 0} ticks. ${crash?.message ?? ''}`,
);
process.exit(1);
