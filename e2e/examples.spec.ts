/** The gallery, and the way from a request that fails to the line that has to be mended. */
import { expect, test } from '@playwright/test';
import { Playground } from './playground';

test('an example with a fault shows where a request ended, and why', async ({ page }) => {
  const playground = new Playground(page);
  await playground.open();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').or(page.getByPlaceholder('Type a name')).first().fill('open an example');
  await page.keyboard.press('Enter');
  const gallery = page.getByRole('dialog', { name: 'Examples' });
  await expect(gallery.getByRole('region', { name: 'Find the fault' })).toBeVisible();
  await gallery.getByRole('button', { name: /^Nobody listens/ }).click();
  await expect(playground.pods('backend')).toHaveCount(2, { timeout: 20_000 });
  await playground.hurry();
  const failed = playground.inspector.getByRole('button', { name: 'Open the last that failed' });
  await failed.click({ timeout: 20_000 });
  await expect(playground.inspector).toContainText('It is 8080/TCP, and backend-');
  await expect(playground.inspector).toContainText('declares 80/TCP');
  playground.expectNoErrors();
});

test('a large screen magnifies the cluster, and a telephone on its side keeps it in sight', async ({
  page,
}) => {
  const playground = new Playground(page);
  const heightOf = async (width: number, height: number): Promise<number> => {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(500);
    return (await playground.pods('frontend').first().boundingBox())!.height;
  };
  await playground.open();
  const usual = await heightOf(1440, 900);
  expect(await heightOf(1920, 1080)).toBeGreaterThan(usual * 1.15);
  await heightOf(844, 390);
  const clock = await page.getByRole('timer').boundingBox();
  expect(clock!.x + clock!.width).toBeLessThanOrEqual(844);
  expect((await playground.pods('frontend').first().boundingBox())!.y).toBeLessThan(330);
  playground.expectNoErrors();
});
