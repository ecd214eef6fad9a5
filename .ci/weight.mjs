// What a first visit loads before editor and terminal, in gzip: the page's HTML, everything it imports statically, and the
// same for the cluster's worker. `node .ci/weight.mjs [FOLDER]` prints it and fails above the budget. Fonts are listed
// apart: they are compressed already, and the page is readable before they come.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

/** kB (1000 bytes) of gzip. A change that needs more says why, here. */
const BUDGET_KB = 290;

const dist = process.argv[2] ?? 'dist';
const text = (path) => readFileSync(join(dist, path), 'utf8');
const gzip = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length;

const all = (source, pattern) => [...source.matchAll(pattern)].map((match) => match[1]);

/** A script with all that it imports statically, into `found`. */
function follow(path, found) {
  if (found.has(path)) return;
  found.add(path);
  const imports = all(text(path), /(?:\bfrom|\bimport)\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]/g);
  for (const target of imports) follow(normalize(join(dirname(path), target)), found);
}

/** Workers that a script starts by itself as it names them; those of lazily loaded scripts are not followed. */
function workersOf(path) {
  return all(text(path), /new Worker\(new URL\((?:new URL\()?["'`]([^"'`]+\.js)["'`]/g).map((name) =>
    normalize(join(dirname(path), name)),
  );
}

const html = text('index.html');
const scripts = new Set();
for (const src of all(html, /<script[^>]*\ssrc="\.?\/?([^"]+)"/g)) follow(src, scripts);
for (const href of all(html, /<link rel="modulepreload"[^>]*\shref="\.?\/?([^"]+)"/g)) follow(href, scripts);
const styles = all(html, /<link rel="stylesheet"[^>]*\shref="\.?\/?([^"]+)"/g);
const workers = new Set();
for (const path of scripts) for (const worker of workersOf(path)) follow(worker, workers);
if (scripts.size === 0 || workers.size === 0 || styles.length === 0) {
  console.error(`${dist} does not look like a build: no script, style or worker was found`);
  process.exit(1);
}

const groups = { page: ['index.html', ...scripts], style: styles, worker: [...workers] };
let total = 0;
for (const [name, paths] of Object.entries(groups)) {
  for (const path of paths) {
    const size = gzip(path);
    total += size;
    console.log(`${name.padEnd(7)} ${(size / 1000).toFixed(1).padStart(6)} kB  ${path}`);
  }
}
const fonts = existsSync(join(dist, 'assets'))
  ? readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.woff2'))
  : [];
for (const name of fonts) {
  const size = readFileSync(join(dist, 'assets', name)).length;
  console.log(`font    ${(size / 1000).toFixed(1).padStart(6)} kB  assets/${name} (apart)`);
}
console.log(`first load ${(total / 1000).toFixed(1)} kB gzip, budget ${BUDGET_KB} kB`);
if (total > BUDGET_KB * 1000) {
  console.error('The first load is heavier than its budget.');
  process.exit(1);
}
