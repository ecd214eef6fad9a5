import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precache } from './.ci/precache';

// monaco-worker-manager 2.0.1 still deep-imports a path that monaco-editor moved in 0.56.
const monacoWorkerAlias = {
  find: 'monaco-editor/esm/vs/editor/editor.worker.js',
  replacement: 'monaco-editor/editor/editor.worker.js',
};

export default defineConfig({
  base: './',
  plugins: [react(), precache()],
  resolve: { alias: [monacoWorkerAlias] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // A font inside a style sheet would need data: in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
  },
});
