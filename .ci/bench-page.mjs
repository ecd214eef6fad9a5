// `npm run -s bench:page [-- --dist DIR] [-- --runs N] [-- --only big]`: what the built page costs in a real browser. Builds it when
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
  // What the cluster says to the page. Sizes are taken only while asked for, since taking them costs time.
  const Plain = window.Worker;
  window.messages = null;
  window.Worker = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => window.messages?.push(JSON.stringify(data).length));
    }
  };
  window.watchFrames = (ms) =>
    new Promise((resolve) => {
      const gaps = [];
      const counts = [];
      const surface = document.querySelector('.packet-surface');
      const start = performance.now();
      let last = start;
      const frame = (now) => {
        gaps.push(now - last);
        counts.push(Number(surface?.dataset.seen ?? 0));
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

/**
 * 200 pods: 40 answer, 160 ask with seven loops each. All loops begin in the same second of the cluster's own time, spread
 * over a millisecond, so that their packets are on their way at once; each loop begins its next request when one is over.
 */
function bigWorkspace() {
  const loop = (i) => ({
    name: `loop-${i}`,
    image: 'curlimages/curl',
    command: ['sh', '-c'],
    args: [
      's=$(date +%s); sleep $((60 - s % 60)); n=1$(date +%N); sleep 0.$((1999999999 - n)); ' +
        `sleep 0.000${i}5; while true; do curl -sS http://web; done`,
    ],
  });
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
  const loops = Array.from({ length: 7 }, (_, i) => loop(i));
  const objects = [deployment('web', 40, web), service, deployment('client', 160, loops)];
  const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const file = { name: 'big.yaml', text };
  return JSON.stringify({ version: 1, name: 'Big', files: [file], active: file.name });
}

const moving = (page) =>
  page.evaluate(() => Number(document.querySelector('.packet-surface')?.dataset.moving ?? 0));

/** Lets the cluster come to the second in which all loops begin, and slows down until packets are seen to travel. */
async function bringToLoad(page) {
  await page.getByRole('region', { name: /^Node/ }).first().waitFor({ timeout: 60_000 });
  // At far zoom there are counts in place of cards, so the summary tells when all pods are there.
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
  for (let i = 0; i < 120 && (await moving(page)) < 300; i++) await page.waitForTimeout(250);
  // The first millisecond is every pod's question for an address, flooded to a hundred others.
  await page.waitForTimeout(6_000);
  await page.keyboard.press('Home');
  for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 80 && (await moving(page)) < 500; i++) await page.waitForTimeout(250);
  await page.waitForTimeout(2_000);
}

/** Time of the main thread's own CPU, which a busy machine does not stretch, s. */
async function costs(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
  return { script: of('ScriptDuration'), task: of('TaskDuration') };
}

async function watchBig(page, cdp, where) {
  const since = await page.evaluate(() => performance.now());
  const before = await costs(cdp);
  const { gaps, counts } = await page.evaluate(() => window.watchFrames(10_000));
  const after = await costs(cdp);
  const tasks = await page.evaluate((at) => window.longTasks.filter((task) => task.startTime >= at), since);
  print(`${where}: frames drawn in 10 s`, gaps.length, 'frames');
  const each = (what) => ((after[what] - before[what]) * 1000) / gaps.length;
  const say = (what, value, unit) => print(`${where}: ${what}`, value, unit);
  say('packets drawn in view, median', quantile(counts, 0.5), 'packets');
  say('packets drawn in view, least and most', `${Math.min(...counts)}-${Math.max(...counts)}`, 'packets');
  say('frame time, median', quantile(gaps, 0.5), 'ms');
  say('frame time, 95 of 100 within', quantile(gaps, 0.95), 'ms');
  say('frame time, 99 of 100 within', quantile(gaps, 0.99), 'ms');
  say('scripting a frame, CPU', each('script'), 'ms');
  say('all main-thread work a frame, CPU', each('task'), 'ms');
  say('long tasks (> 50 ms) in 10 s', tasks.length, 'tasks');
  say('  the longest of them', Math.max(0, ...tasks.map((task) => task.duration)), 'ms');
}

async function big(browser, url) {
  const page = await open(browser, url, bigWorkspace());
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await bringToLoad(page);
  await watchBig(page, cdp, 'big workspace, all in view');
  const sizes = await page.evaluate(async () => {
    window.messages = [];
    await new Promise((done) => setTimeout(done, 3_000));
    const heard = window.messages;
    window.messages = null;
    return heard;
  });
  print('big workspace: messages of the cluster a second', sizes.length / 3, '');
  print('big workspace: size of one as JSON, median', quantile(sizes, 0.5) / 1024, 'KiB');
  print('big workspace: size of one as JSON, 95 of 100 within', quantile(sizes, 0.95) / 1024, 'KiB');
  // Near enough that pods are cards.
  await page.mouse.move(600, 560);
  for (let i = 0; i < 3; i++) await page.mouse.wheel(0, -120);
  await page.waitForTimeout(2_000);
  const pods = page.getByRole('button', { name: /^Pod (web|client)-/ });
  print('big workspace, near: pods on the canvas', await pods.count(), 'pods');
  await watchBig(page, cdp, 'big workspace, near');
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
  const only = option('--only', '');
  if (only !== 'big') await part('first load', () => firstLoad(browser, url, asked));
  if (only !== 'big') await part('normal use', () => usage(browser, url));
  await part('big workspace', () => big(browser, url));
  await browser.close();
  server.close();
} catch (error) {
  console.log(`not measured: ${String(error.message ?? error).split('\n')[0]}`);
}
process.exit(0);
