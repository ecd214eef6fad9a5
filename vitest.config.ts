import { defineConfig } from 'vitest/config';
import { reactAlias, reactUsers } from './.ci/react-alias.mjs';

export default defineConfig({
  // Modules before their CommonJS twins, which would ask Node for React by themselves.
  resolve: { alias: reactAlias, mainFields: ['module', 'main'] },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'node',
    testTimeout: 30_000,
    server: { deps: { inline: reactUsers } },
  },
});
