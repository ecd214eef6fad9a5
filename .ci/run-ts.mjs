// Bundles one TypeScript entry with esbuild and runs it in this Node: `node .ci/run-ts.mjs FILE [ARGS…]`.
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [entry, ...args] = process.argv.slice(2);
const outfile = join('node_modules', '.cache', 'hopyard', `${basename(entry, '.ts')}-${process.pid}.mjs`);
mkdirSync(join('node_modules', '.cache', 'hopyard'), { recursive: true });
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  loader: { '.yaml': 'text', '.txt': 'text' },
  packages: 'external',
  logLevel: 'error',
});
process.argv = [process.argv[0], entry, ...args];
const { unlinkSync } = await import('node:fs');
process.on('exit', () => {
  try {
    unlinkSync(outfile);
  } catch {
    // Another run may have cleaned the cache.
  }
});
await import(pathToFileURL(outfile).href);
