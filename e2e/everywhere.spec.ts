import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { Playground } from './playground';

/**
 * What axe finds wrong on the page as it stands, in lines; only what really shuts somebody out. In the dark the page is
 * built the same, so there the contrast alone is looked at.
 */
async function violations(page: Page, dark = false): Promise<string[]> {
  const axe = new AxeBuilder({ page }).exclude('.monaco-editor');
  const { violations } = await (dark ? axe.withRules('color-contrast') : axe).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** States that a visitor comes to from a paused page, each opened by the palette's own words. */
const STATES: readonly (readonly [name: string, typed: string, shown: (page: Page) => Locator])[] = [
  ['a pod', 'backend- pod in default', (page) => page.getByRole('button', { name: 'Kill' }).last()],
  ['a Service', 'backend service in default', (page) => page.getByRole('region', { name: 'Addresses' })],
  ['a node', 'node-1 node', (page) => page.getByRole('button', { name: 'Cordon' })],
  ['the rules', 'show the rules', (page) => page.getByText(':KUBE-SERVICES').first()],
  ['conntrack', 'show connections', (page) => page.getByRole('table', { name: 'Connections' })],
  ['the events', 'show events', (page) => page.getByRole('table', { name: 'Events' })],
  ['the settings', 'settings', (page) => page.getByRole('dialog', { name: 'Settings' })],
  ['the examples', 'open an example', (page) => page.getByRole('dialog', { name: 'Examples' })],
  ['the keys', 'keyboard shortcuts', (page) => page.getByRole('dialog', { name: 'Keyboard' })],
  ['the modes side by side', 'compare modes', (page) => page.getByRole('button', { name: 'Next step' })],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no serious accessibility violation in the ${colorScheme}, whatever is open`, async ({ browser }) => {
    test.slow();
    const dark = colorScheme === 'dark';
    const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const playground = new Playground(page);
    await playground.open();
    await playground.pause();
    expect(await violations(page, dark), 'the first picture').toEqual([]);
    await playground.hop(2);
    expect(await violations(page, dark), 'a packet').toEqual([]);
    for (const [name, typed, shown] of STATES) {
      await playground.choose(typed);
      await expect(shown(page), name).toBeVisible();
      expect(await violations(page, dark), name).toEqual([]);
      if (await page.getByRole('dialog').isVisible()) await page.keyboard.press('Escape');
    }
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    expect(await violations(page, dark), 'the palette').toEqual([]);
    await page.keyboard.type('nothing is called this');
    expect(await violations(page, dark), 'the palette that finds nothing').toEqual([]);
    playground.expectNoErrors();
    await context.close();
  });
}

test('the focus is never lost', async ({ page }) => {
  const playground = new Playground(page);
  await playground.open();
  await playground.pause();
  const find = page.getByRole('button', { name: 'Find a command or an object' });
  await find.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(find).toBeFocused();
  const pod = playground.pods('backend').first();
  await pod.focus();
  await page.keyboard.press('Enter');
  const close = playground.inspector.getByRole('button', { name: 'Close' });
  await close.focus();
  await page.keyboard.press('Enter');
  await expect(pod).toBeFocused();
  await pod.press('Enter');
  await playground.inspector.getByRole('button', { name: 'node-1' }).press('Enter');
  await expect(playground.inspector.getByRole('heading', { name: 'node-1' })).toBeFocused();
  await (await playground.editor()).locator('.view-lines').click();
  await page.keyboard.press('F6');
  await expect(page.locator('#stage :focus')).toHaveCount(1);
  playground.expectNoErrors();
});

test('a finger finds everything on a telephone', async ({ browser }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const page = await context.newPage();
  const playground = new Playground(page);
  await playground.open();
  await playground.pause();
  await playground.hop(2);
  expect(await violations(page), 'a packet').toEqual([]);
  await page.getByRole('button', { name: 'More' }).tap();
  await page.getByRole('menuitem', { name: 'Events' }).tap();
  await expect(page.getByRole('tab', { name: /^Events/ })).toBeInViewport();
  expect(await violations(page), 'the events').toEqual([]);
  for (const button of await page.locator('.btn:visible, .tab:visible').all()) {
    const box = await button.boundingBox();
    expect(Math.min(box!.width, box!.height), (await button.textContent())!).toBeGreaterThanOrEqual(43.5);
  }
  playground.expectNoErrors();
  await context.close();
});

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
