// `npm test`: every check in order, each with its own count, and one closing line over all of them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const OUT = 'node_modules/.cache/hopyard-test';
const bin = (name) => `node_modules/.bin/${name}`;
const totals = { passed: 0, failed: 0 };
const broken = [];

function step(title, command, args, count) {
  const started = performance.now();
  console.log(`\n== ${title}`);
  const done = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, FORCE_COLOR: '0' } });
  const ok = done.status === 0;
  const counted = count?.() ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  totals.passed += counted.passed;
  totals.failed += counted.failed === 0 && !ok ? 1 : counted.failed;
  if (!ok) broken.push(title);
  console.log(`-- ${title}: ${ok ? 'ok' : 'FAILED'}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function json(file) {
  try {
    return JSON.parse(readFileSync(`${OUT}/${file}`, 'utf8'));
  } catch {
    return null;
  }
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

step('types', bin('tsc'), ['-p', 'tsconfig.json']);
step('types of the simulator', bin('tsc'), ['-p', 'src/sim/tsconfig.json']);
step('lint', bin('eslint'), ['.', '--max-warnings', '0']);
step('format', bin('prettier'), ['--check', '--log-level', 'warn', 'src', 'e2e', '.ci']);
step(
  'house rules and unit tests',
  bin('vitest'),
  ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${OUT}/unit.json`],
  () => ({ passed: json('unit.json')?.numPassedTests ?? 0, failed: json('unit.json')?.numFailedTests ?? 1 }),
);
step(
  'conformance',
  'node',
  [
    '.ci/run-ts.mjs',
    'src/cli/conformance.ts',
    'src/cli/cases',
    '--allow-not-run',
    '--summary',
    `${OUT}/conformance.json`,
  ],
  () => ({ passed: json('conformance.json')?.passed ?? 0, failed: json('conformance.json')?.failed ?? 1 }),
);
step('build', bin('vite'), ['build', '--logLevel', 'warn']);
step('weight of the first load', 'node', ['.ci/weight.mjs']);
step('first load runs by itself', 'node', ['.ci/first-run.mjs']);
step('browser', bin('playwright'), ['test'], () => {
  const stats = json('browser.json')?.stats;
  return { passed: stats?.expected ?? 0, failed: (stats?.unexpected ?? 1) + (stats?.flaky ?? 0) };
});

if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(broken.length > 0 || totals.failed > 0 ? 1 : 0);
