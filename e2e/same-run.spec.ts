import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { build } from 'esbuild';

const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

/** The simulator as one script, the same for both engines. */
async function simulator(): Promise<string> {
  const result = await build({
    stdin: {
      contents: `
        import { Cluster } from './src/sim/cluster';
        globalThis.runStory = (text) => {
          const cluster = Cluster.create({ seed: 42, hashTrace: true });
          cluster.apply([{ name: 'manifests.yaml', text }]);
          cluster.runUntilSettled();
          cluster.runUntil(cluster.clock.nowNs + 3e9);
          const pod = cluster.store.list('Pod', 'default')[0].metadata.name;
          cluster.fault({ kind: 'kill-pod', ref: 'Pod/default/' + pod });
          cluster.exec('1', 'kubectl get pods -o wide');
          cluster.runUntil(cluster.clock.nowNs + 5e9);
          return cluster.hash();
        };`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}

test('same seed and commands, same hash of store and trace, in Node and in Chromium', async ({ page }) => {
  const script = await simulator();
  const here = new Function(`${script}; return globalThis.runStory`)() as (text: string) => string;
  await page.goto('about:blank');
  await page.evaluate(script);
  const there = await page.evaluate(
    (text) => (globalThis as unknown as { runStory: (t: string) => string }).runStory(text),
    MANIFESTS,
  );
  expect(there).toBe(here(MANIFESTS));
});
