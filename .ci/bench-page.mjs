// `npm run -s bench:page [-- --dist DIR] [-- --runs N]`: what the built page costs in a real browser. Builds it when
// sources are newer, serves it to this machine alone, and prints figures. It judges nothing and always ends with 0.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { ensureBrowser } from './ensure-browser.mjs';

const ARGS = process.argv.slice(2);
const option = (name, otherwise) => (ARGS.includes(name) ? ARGS[ARGS.indexOf(name) + 1] : otherwise);
const DIST = option('--dist', 'dist');
const RUNS = Number(option('--runs', 3));
/** Parts that come after the page is up: editor, terminal, schemas. */
const LATER = /monaco|shell-|yaml|k8s-|codicon|editor/;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
};
const PACKED = new Set(['.html', '.js', '.css', '.svg', '.json']);

function newest(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

function buildIfNeeded() {
  const page = join(DIST, 'index.html');
  const sources = Math.max(newest('src'), newest('public'), statSync('index.html').mtimeMs);
  if (existsSync(page) && statSync(page).mtimeMs > sources) return;
  console.log(`building into ${DIST} …`);
  const args = ['build', '--logLevel', 'warn', '--outDir', DIST, '--emptyOutDir'];
  if (spawnSync('node_modules/.bin/vite', args, { stdio: 'inherit' }).status !== 0)
    throw new Error('the build failed');
}

const packed = new Map();
function fileOf(path) {
  if (!packed.has(path)) {
    const bytes = readFileSync(path);
    packed.set(path, PACKED.has(extname(path)) ? gzipSync(bytes, { level: 9 }) : bytes);
  }
  return packed.get(path);
}

/** A plain static host that gzips; `asked` fills with what was asked of it. */
function serve(asked) {
  const server = createServer((request, response) => {
    const name = normalize(new URL(request.url, 'http://x').pathname).replace(/^\/+/, '') || 'index.html';
    const path = join(DIST, name);
    if (name.startsWith('..') || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const body = fileOf(path);
    asked.push({ name, bytes: body.length });
    const encoding = PACKED.has(extname(path)) ? { 'content-encoding': 'gzip' } : {};
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      ...encoding,
    });
    response.end(body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function print(what, value, unit) {
  const text =
    typeof value === 'number' ? value.toLocaleString('en-US', { maximumSignificantDigits: 3 }) : value;
  console.log(`${what.padEnd(66)} ${String(text).padStart(10)} ${unit}`);
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs in the page before anything else: remembers long tasks and, while asked to, the time between frames. */
function watch() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  window.watchFrames = (ms) =>
    new Promise((resolve) => {
      const gaps = [];
      const counts = [];
      const start = performance.now();
      let last = start;
      const frame = (now) => {
        gaps.push(now - last);
        counts.push(Number(document.querySelector('.packet-surface')?.dataset.packets ?? 0));
        last = now;
        if (now - start < ms) requestAnimationFrame(frame);
        else resolve({ gaps: gaps.slice(1), counts });
      };
      requestAnimationFrame(frame);
    });
}

async function open(browser, url, workspace) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'block',
  });
  const page = await context.newPage();
  await page.addInitScript(watch);
  if (workspace)
    await page.addInitScript((text) => localStorage.setItem('hopyard.workspace', text), workspace);
  await page.goto(url, { waitUntil: 'commit' });
  return page;
}

function firstPacket(page) {
  return page
    .waitForFunction(() => performance.getEntriesByName('first-packet')[0]?.startTime, null, {
      timeout: 60_000,
    })
    .then((handle) => handle.jsonValue());
}

async function firstLoad(browser, url, asked) {
  const times = [];
  let before = 0;
  for (let i = 0; i < RUNS; i++) {
    asked.length = 0;
    const page = await open(browser, url);
    times.push(await firstPacket(page));
    before = asked.length;
    // The editor is fetched when the page has come to rest.
    await page.waitForTimeout(5_000);
    await page.context().close();
  }
  print(`first packet drawn after navigation, empty cache (median of ${RUNS})`, quantile(times, 0.5), 'ms');
  const once = (list) => [...new Map(list.map((file) => [file.name, file])).values()];
  const first = once(asked.slice(0, before));
  const late = once(asked).filter(({ name }) => !first.some((file) => file.name === name));
  const sum = (list) => list.reduce((total, { bytes }) => total + bytes, 0) / 1024;
  const fonts = first.filter(({ name }) => name.endsWith('.woff2'));
  print('asked for before the first packet, gzip, without fonts', sum(first) - sum(fonts), 'KiB');
  print('  of which editor, terminal and schemas', sum(first.filter(({ name }) => LATER.test(name))), 'KiB');
  for (const { name, bytes } of first) print(`  ${name}`, bytes / 1024, 'KiB');
  print(`asked for in the 5 s after it (${late.length} files)`, sum(late), 'KiB');
  for (const { name, bytes } of late) print(`  ${name}`, bytes / 1024, 'KiB');
}

/** Ten seconds of what people do: look, pause, step, open a pod, search, move about. */
async function normalUse(page) {
  const since = await page.evaluate(() => performance.now());
  const until = Date.now() + 10_000;
  const acts = [
    () => page.mouse.move(600 + Math.random() * 400, 300 + Math.random() * 200, { steps: 8 }),
    () => page.getByRole('button', { name: 'Pause' }).click({ timeout: 1_000 }),
    () => page.getByRole('button', { name: 'Hop', exact: true }).click({ timeout: 1_000 }),
    () => page.getByRole('button', { name: 'Hop', exact: true }).click({ timeout: 1_000 }),
    () => page.getByRole('button', { name: 'Play' }).click({ timeout: 1_000 }),
    () =>
      page
        .getByRole('button', { name: /^Pod backend-/ })
        .first()
        .click({ timeout: 1_000 }),
    () => page.keyboard.press('Escape'),
    () => page.mouse.wheel(0, 120),
    () => page.keyboard.press('ControlOrMeta+k'),
    () => page.keyboard.type('back', { delay: 60 }),
    () => page.keyboard.press('Escape'),
  ];
  let done = 0;
  for (let i = 0; Date.now() < until; i++) {
    await acts[i % acts.length]()
      .then(() => done++)
      .catch(() => undefined);
    await page.waitForTimeout(250);
  }
  return {
    done,
    tasks: await page.evaluate((at) => window.longTasks.filter((task) => task.startTime >= at), since),
  };
}

async function usage(browser, url) {
  const page = await open(browser, url);
  const at = await firstPacket(page);
  const loading = await page.evaluate((end) => window.longTasks.filter((task) => task.startTime < end), at);
  print('long tasks (> 50 ms) until the first packet', loading.length, 'tasks');
  print('  the longest of them', Math.max(0, ...loading.map((task) => task.duration)), 'ms');
  await page.waitForTimeout(4_000);
  const { done, tasks } = await normalUse(page);
  print(`long tasks (> 50 ms) in 10 s of normal use (${done} acts)`, tasks.length, 'tasks');
  print('  the longest of them', Math.max(0, ...tasks.map((task) => task.duration)), 'ms');
  const { gaps } = await page.evaluate(() => window.watchFrames(5_000));
  print('frame time, default workspace: median', quantile(gaps, 0.5), 'ms');
  print('frame time, default workspace: 95 of 100 within', quantile(gaps, 0.95), 'ms');
  await page.context().close();
}

/** 200 pods: 75 answer, 125 ask with four loops each, all of them once the rollout is over. */
function bigWorkspace() {
  const loop = { image: 'curlimages/curl', command: ['sh', '-c'] };
  const args = ['sleep 40; while true; do curl -sS http://web; done'];
  const containers = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...loop, args }));
  const deployment = (name, replicas, list) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: list } },
    },
  });
  const web = [{ name: 'app', image: 'traefik/whoami', ports: [{ containerPort: 80 }] }];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
  const objects = [deployment('web', 75, web), service, deployment('client', 125, containers)];
  const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const file = { name: 'big.yaml', text };
  return JSON.stringify({ version: 1, name: 'Big', files: [file], active: file.name });
}

async function big(browser, url) {
  const page = await open(browser, url, bigWorkspace());
  const pods = page.getByRole('button', { name: /^Pod (web|client)-/ });
  // At far zoom there are counts in place of cards, so the summary tells when all pods are there.
  await page.getByRole('region', { name: /^Node/ }).first().waitFor({ timeout: 60_000 });
  const ready = async () => {
    const text = (await page.getByRole('region', { name: 'Cluster in numbers' }).textContent()) ?? '';
    return Number(/Pods ready\s*(\d+)/.exec(text)?.[1] ?? 0);
  };
  const auto = page.getByRole('button', { name: 'Auto' });
  if ((await auto.getAttribute('aria-pressed')) === 'true') await auto.click();
  await page.getByRole('slider', { name: 'Speed of virtual time' }).focus();
  await page.keyboard.press('End');
  for (let i = 0; i < 60 && (await ready()) < 200; i++) await page.waitForTimeout(500);
  print('big workspace: pods ready', await ready(), 'pods');
  await page.waitForTimeout(12_000);
  // Slow enough that all of them are on their way for as long as the frames are counted.
  await page.keyboard.press('Home');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  // Near enough that packets are drawn one by one.
  await page.mouse.move(600, 400);
  for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -120);
  const drawn = () =>
    page.evaluate(() => Number(document.querySelector('.packet-surface')?.dataset.packets ?? 0));
  for (let i = 0; i < 20 && (await drawn()) < 350; i++) await page.waitForTimeout(500);
  const { gaps, counts } = await page.evaluate(() => window.watchFrames(10_000));
  print('big workspace: pods on the canvas', await pods.count(), 'pods');
  print('big workspace: packets drawn at a time, median', quantile(counts, 0.5), 'packets');
  print('big workspace: packets drawn at a time, most', Math.max(...counts), 'packets');
  print('big workspace: frame time, median', quantile(gaps, 0.5), 'ms');
  print('big workspace: frame time, 95 of 100 within', quantile(gaps, 0.95), 'ms');
  print('big workspace: longest frame', Math.max(...gaps), 'ms');
  await page.context().close();
}

async function part(title, work) {
  try {
    await work();
  } catch (error) {
    console.log(`${title}: not measured (${String(error.message ?? error).split('\n')[0]})`);
  }
}

try {
  buildIfNeeded();
  const asked = [];
  const server = await serve(asked);
  const url = `http://127.0.0.1:${server.address().port}/`;
  const browser = await chromium.launch({
    executablePath: ensureBrowser(),
    args: ['--disable-gpu', '--no-first-run'],
  });
  await part('first load', () => firstLoad(browser, url, asked));
  await part('normal use', () => usage(browser, url));
  await part('big workspace', () => big(browser, url));
  await browser.close();
  server.close();
} catch (error) {
  console.log(`not measured: ${String(error.message ?? error).split('\n')[0]}`);
}
process.exit(0);
