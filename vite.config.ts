import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, normalizePath, type Plugin } from 'vite';
import { fidelityNotes } from './.ci/gen-fidelity.mjs';
import { lateParts } from './.ci/late-parts.mjs';
import { reactAlias } from './.ci/react-alias.mjs';

// monaco-worker-manager 2.0.1 still deep-imports a path that monaco-editor moved in 0.56.
const monacoWorkerAlias = {
  find: 'monaco-editor/esm/vs/editor/editor.worker.js',
  replacement: 'monaco-editor/editor/editor.worker.js',
};

/** Parts that the page can come up without. */
const LATER = /compare|monaco|shell-|yaml|k8s-|codicon|editor/;
/** Letters that the page itself never shows are left to the browser's own cache. */
const NEVER = /cyrillic|greek|vietnamese|\.map$/;

/** Monaco comes in several parts; by their names the service worker knows what can wait. */
function nameOfChunk({ moduleIds }: { moduleIds: readonly string[] }): string {
  const isMonaco = moduleIds.some((id) => id.includes('/monaco-editor/'));
  return `assets/${isMonaco ? 'monaco-' : ''}[name]-[hash].js`;
}

/** Fills the lists of public/sw.js with what a build has made. Paths are relative, for any folder. */
function precache(): Plugin {
  let outDir = 'dist';
  const made = new Set<string>();
  /** Style sheets of parts that can wait; their own names do not say so. */
  const sheets = new Set<string>();
  const canWait = (name: string): boolean => LATER.test(name) || sheets.has(name);
  return {
    name: 'hopyard-precache',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    writeBundle(_, bundle) {
      for (const [name, part] of Object.entries(bundle)) {
        made.add(name);
        if (part.type === 'chunk' && LATER.test(name))
          part.viteMetadata?.importedCss.forEach((sheet) => sheets.add(sheet));
      }
    },
    closeBundle() {
      const files = [...made].filter((name) => !NEVER.test(name) && name !== 'index.html').sort();
      const core = [
        './',
        './favicon.svg',
        ...files.filter((name) => !canWait(name)).map((name) => `./${name}`),
      ];
      const later = files.filter(canWait).map((name) => `./${name}`);
      const page = readFileSync(join(outDir, 'index.html'), 'utf8');
      const version = createHash('sha256')
        .update(page)
        .update([...core, ...later].join())
        .digest('hex');
      const path = join(outDir, 'sw.js');
      const text = readFileSync(path, 'utf8')
        .replace('__VERSION__', version.slice(0, 12))
        .replace("['__CORE__']", JSON.stringify(core))
        .replace("['__LATER__']", JSON.stringify(later));
      writeFileSync(path, text);
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [fidelityNotes(import.meta.dirname), precache()],
  resolve: { alias: [monacoWorkerAlias, ...reactAlias] },
  worker: {
    format: 'es',
    plugins: () => [lateParts(normalizePath(join(import.meta.dirname, 'src/worker/entry.ts')))],
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  build: {
    target: 'es2023',
    // Whose work is in the bundle, and under which terms.
    license: { fileName: 'licenses.md' },
    // A font inside a style sheet would need data: in the content security policy.
    assetsInlineLimit: 0,
    // How long plugins take is no news to whoever builds, nor is the "use client" that libraries write for servers.
    rolldownOptions: {
      checks: { pluginTimings: false, moduleLevelDirective: false },
      output: { chunkFileNames: nameOfChunk },
    },
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
  },
});
