// `node .ci/pictures.mjs`: builds nothing, opens the built page and takes the README's pictures of a new user's first minute.
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ensureBrowser } from './ensure-browser.mjs';

const PORT = 4181;
const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');
const ARGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const server = spawn('node_modules/.bin/vite', [
  'preview',
  '--host',
  '127.0.0.1',
  '--port',
  `${PORT}`,
  '--strictPort',
]);
await new Promise((resolve) => server.stdout.once('data', resolve));
const browser = await chromium.launch({ executablePath: ensureBrowser(), args: ARGS });

async function visit(name, options, story) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${PORT}/`);
  await page
    .getByRole('button', { name: /^Pod backend-/ })
    .first()
    .waitFor();
  await page.waitForTimeout(2500);
  await story(page);
  await page.waitForTimeout(700);
  await page.screenshot({ path: `docs/pictures/${name}.png` });
  await context.close();
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).first().click();

/** Presses Hop until the caption says something. */
async function hopTo(page, words, limit = 200) {
  const caption = page.locator('.cap');
  for (let i = 0; i < limit; i++) {
    await press(page, 'Hop');
    await page.waitForTimeout(110);
    if (words.test((await caption.textContent()) ?? '')) return;
  }
}

async function paste(page, text) {
  await page.locator('.monaco-editor .view-lines').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.keyboard.press('ControlOrMeta+v');
  await page.keyboard.press('ControlOrMeta+s');
}

async function hurry(page) {
  await press(page, 'Auto');
  await page.getByRole('slider', { name: 'Speed of virtual time' }).focus();
  await page.keyboard.press('End');
}

await visit('minute-1-running', {}, (page) => page.waitForTimeout(1500));
await visit('minute-2-packet', {}, async (page) => {
  await press(page, 'Pause');
  await hopTo(page, /rewrite the destination: 10\.96\.\d+\.\d+:80/);
});
await visit('packet-dark', { colorScheme: 'dark' }, async (page) => {
  await press(page, 'Pause');
  await hopTo(page, /Crosses the wire/);
});
await visit('minute-3-killed', {}, async (page) => {
  await press(page, 'Pause');
  await hopTo(page, /rewrite the destination: 10\.96\.\d+\.\d+:80/);
  await hopTo(page, /Crosses the wire/);
  const ip = /becomes (10\.244\.\d+\.\d+)/.exec(await page.locator('ol.hops').textContent())?.[1] ?? '';
  await page
    .getByRole('button', { name: new RegExp(`^Pod backend-.*${ip.replaceAll('.', '\\.')},`) })
    .first()
    .click();
  await press(page, 'Kill');
  await press(page, 'Play');
  // Until the segment meets nobody and the answer to that is on its way back.
  await page.waitForTimeout(1500);
});
await visit('minute-4-refused', {}, async (page) => {
  await paste(page, MANIFESTS.replace('app: backend # ready', 'app: backnd # ready'));
  await hurry(page);
  await page.waitForTimeout(1200);
  await page.getByText('Open the last that failed').click();
});
await visit('every-kind-of-service', {}, async (page) => {
  await paste(page, readFileSync('src/scenarios/every-kind-of-service/manifests.yaml', 'utf8'));
  await hurry(page);
  await page.waitForTimeout(3000);
  await press(page, 'Auto');
  await page.waitForTimeout(2500);
});
await visit('modes-side-by-side', {}, async (page) => {
  await page.locator('body').press('c');
  await page
    .getByText(/^200 OK from backend-/)
    .nth(3)
    .waitFor();
});
await visit('phone', { viewport: { width: 390, height: 844 } }, async (page) => {
  await press(page, 'Pause');
  await hopTo(page, /rules rewrite/);
});
await browser.close();
server.kill();
