import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Playground } from './playground';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no serious accessibility violation in the ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const playground = new Playground(page);
    await playground.open();
    await playground.pause();
    await playground.hop(2);
    const { violations } = await new AxeBuilder({ page }).exclude('.monaco-editor').analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    playground.expectNoErrors();
    await context.close();
  });
}

test('a phone shows the cluster first, and the manifests as a sheet', async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const playground = new Playground(page);
  await playground.open();
  await playground.pause();
  await playground.hop(2);
  await expect(page.getByRole('list', { name: 'Hops' })).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  playground.expectNoErrors();
  await page.close();
});

test('with reduced motion nothing travels and the hops are numbered', async ({ browser }) => {
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  const playground = new Playground(page);
  await playground.open();
  await playground.pause();
  await playground.hop();
  const first = await playground.caption.textContent();
  await playground.hop();
  await expect(playground.caption).not.toHaveText(first!);
  await expect(playground.inspector.getByRole('list', { name: 'Hops' })).toBeVisible();
  playground.expectNoErrors();
  await page.close();
});

test('the keyboard is enough', async ({ page }) => {
  const playground = new Playground(page);
  await playground.open();
  await page.keyboard.press('Escape');
  await page.locator('body').press('Space');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.locator('body').press('.');
  await page.locator('body').press('.');
  await expect(playground.inspector.getByRole('list', { name: 'Hops' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  playground.expectNoErrors();
});

test('asks nobody but its own host', async ({ page, baseURL }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL!) && !/^(blob|data):/.test(request.url()))
      foreign.push(request.url());
  });
  const playground = new Playground(page);
  await playground.open();
  await playground.editor();
  expect(foreign).toEqual([]);
});
