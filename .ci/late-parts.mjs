// Splits the cluster's worker in the browser's build: a first load with what the first seconds of the first example use,
// and everything else, which src/worker/later.ts stands for. Nobody lists what goes where. The worker is built as one
// script, run in Node with V8 counting (profile.mjs), cut by what was counted (split.mjs), and tried (try-halves.mjs).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, normalizePath, parseAst, runnerImport } from 'vite';
import { CORE, reached, split } from './split.mjs';
import { firstExample } from './worker-in-node.mjs';

// The chunk takes its name from it.
const LATE = 'virtual:hopyard/later.js';

/** What the parser makes of the first example, in place of src/worker/first-example.ts. */
async function readAhead(root) {
  const file = join(root, 'src/sim/manifests/parse.ts');
  const { module } = await runnerImport(file, { root, configFile: false, logLevel: 'error' });
  return `export const firstExample = ${JSON.stringify(module.readAhead(firstExample()))};`;
}

/** The worker as one script. */
async function whole(root, entry, target) {
  const known = await readAhead(root);
  const results = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'hopyard-first-example',
        enforce: 'pre',
        load: (id) => (id === normalizePath(join(root, 'src/worker/first-example.ts')) ? known : null),
      },
    ],
    build: {
      write: false,
      target,
      minify: false,
      lib: { entry, formats: ['es'], fileName: 'worker' },
      rolldownOptions: {
        external: /\/later$/,
        // A constant is one declaration, which goes where its users go.
        optimization: { inlineConst: false },
        output: {
          codeSplitting: false,
          minify: {
            compress: false,
            mangle: false,
            codegen: { removeWhitespace: true, legalComments: 'none' },
          },
        },
      },
    },
  });
  return results[0].output[0].code;
}

/** What a tool of this folder prints about scripts, which it finds in files that are gone afterwards. */
function ask(root, tool, scripts) {
  const cache = join(root, 'node_modules', '.cache', 'hopyard');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'worker-'));
  try {
    const files = Object.entries(scripts).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const args = [join(import.meta.dirname, tool), ...files];
    return execFileSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 120_000,
      // What it says of a failure comes with the error.
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The two halves of a worker's script; null when they cannot be had, and `warn` hears why. The page works as well with the
 * whole script, only its first load is larger, so whoever builds with a Node that counts in another way has a page too.
 */
export function halvesOf(root, text, warn) {
  try {
    const counted = JSON.parse(ask(root, 'profile.mjs', { 'worker.mjs': text }));
    const halves = split(text, parseAst(text), reached(text.length, counted));
    const late = halves.late.replaceAll(CORE, './core.mjs');
    ask(root, 'try-halves.mjs', { 'core.mjs': halves.core, 'late.mjs': late });
    return halves;
  } catch (error) {
    warn(`The worker stays in one piece, so the first load is larger. ${error.message}`);
    return null;
  }
}

/** The Vite plugin; of all workers, only the one that starts at `entry` is split. */
export function lateParts(entry) {
  let config;
  let halves = null;
  return {
    name: 'hopyard-late-parts',
    apply: 'build',
    enforce: 'pre',
    configResolved(resolved) {
      config = resolved;
    },
    async buildStart({ input }) {
      halves = null;
      if (!JSON.stringify(input).includes(entry.replace(/\.ts$/, ''))) return;
      const text = await whole(config.root, entry, config.build.target);
      halves = halvesOf(config.root, text, (message) => this.warn(message));
    },
    resolveId(source, importer) {
      if (halves === null) return null;
      if (source === CORE) return `\0${CORE}`;
      return importer === `\0${CORE}` && source.endsWith('/later') ? `\0${LATE}` : null;
    },
    load(id) {
      if (halves === null) return null;
      if (id === entry) return `import '${CORE}';`;
      if (id === `\0${CORE}`) return halves.core;
      return id === `\0${LATE}` ? halves.late : null;
    },
  };
}
