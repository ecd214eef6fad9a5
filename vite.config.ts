import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// monaco-worker-manager 2.0.1 still deep-imports a path that monaco-editor moved in 0.56.
const monacoWorkerAlias = {
  find: 'monaco-editor/esm/vs/editor/editor.worker.js',
  replacement: 'monaco-editor/editor/editor.worker.js',
};

export default defineConfig({
  base: './',
  plugins: [react()],
  resolve: { alias: [monacoWorkerAlias] },
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 4000, modulePreload: { polyfill: false } },
});
