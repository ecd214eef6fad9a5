// Splits the cluster's worker in the browser's build: a first load with what the first seconds of the first example use,
// and everything else, which src/worker/later.ts stands for. Nobody lists what goes where. The worker is built as one
// script, run in Node with V8 counting (profile.mjs), and cut by what was counted (split.mjs).
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, parseAst, runnerImport } from 'vite';
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
        load: (id) => (id === join(root, 'src/worker/first-example.ts') ? known : null),
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

/** What V8 counts while the script runs the first example. */
function profile(root, text) {
  const folder = join(root, 'node_modules', '.cache', 'hopyard');
  const file = join(folder, `worker-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  try {
    const args = [join(import.meta.dirname, 'profile.mjs'), file];
    return JSON.parse(execFileSync(process.execPath, args, { cwd: root, maxBuffer: 1 << 28 }));
  } finally {
    rmSync(file);
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
      halves = split(text, parseAst(text), reached(text.length, profile(config.root, text)));
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
