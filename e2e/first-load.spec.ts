/** What a first visit loads first, what comes behind it, and what is said when it does not come. */
import { expect, test } from '@playwright/test';
import { Playground } from './playground';

// It would fetch the late part by itself.
test.use({ serviceWorkers: 'block' });

const LATE = '**/assets/later-*.js';

/** A workspace of a visitor who was here before. */
const OWN = `apiVersion: v1
kind: Service
metadata:
  name: store
spec:
  clusterIP: None
  selector: { app: store }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
spec:
  serviceName: store
  replicas: 2
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec: { containers: [{ name: app, image: nginx }] }
`;

test('the first example comes up and runs in this engine without what is loaded later', async ({ page }) => {
  let asked = 0;
  await page.route(LATE, (route) => {
    asked += 1;
    return route.abort();
  });
  const playground = new Playground(page);
  await playground.open();
  await expect(playground.pods('backend')).toHaveCount(3);
  await expect(playground.caption).not.toBeEmpty();
  await page.waitForTimeout(4_000);
  expect(asked).toBe(1);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(playground.errors.filter((text) => !text.includes('net::ERR_FAILED'))).toEqual([]);
});

test('who needs what cannot be fetched is told so, and may try again', async ({ page }) => {
  await page.route(LATE, (route) => route.abort());
  const playground = new Playground(page);
  await playground.open();
  await playground.pods('backend').first().click();
  const dialog = page.getByRole('dialog', { name: 'A part of the simulator could not be fetched' });
  await expect(dialog).toContainText('Everything you typed is still here');
  await expect(dialog).not.toContainText('later-');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog).toHaveCount(0);
  await page.unroute(LATE);
  await playground.pods('backend').first().click();
  await expect(playground.inspector.getByRole('button', { name: 'Kill' })).toBeVisible();
  await expect(dialog).toHaveCount(0);
});

test('a part of the page that cannot be fetched may be tried again, and the cluster runs on', async ({
  page,
}) => {
  await page.route('**/assets/dialogs-*.js', (route) => route.abort());
  const playground = new Playground(page);
  await playground.open();
  await page.locator('#stage').focus();
  await page.keyboard.press('?');
  const said = page.getByRole('heading', { name: 'A part of the page could not be fetched' });
  await expect(said).toBeVisible();
  await page.unroute('**/assets/dialogs-*.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(playground.pods('backend')).toHaveCount(3);
});

test('what is pressed early waits, and own manifests wait for the parser', async ({ page }) => {
  let letItCome = (): void => undefined;
  const come = new Promise<void>((resolve) => (letItCome = resolve));
  await page.route(LATE, async (route) => {
    await come;
    await route.continue();
  });
  const playground = new Playground(page);
  await playground.open();
  const victim = playground.pods('backend').first();
  const name = (await victim.getAttribute('aria-label'))!.split(',')[0]!;
  await victim.click();
  await playground.inspector.getByRole('button', { name: 'Kill' }).click();
  await playground.hurry();
  letItCome();
  await expect(page.getByRole('button', { name: new RegExp(`^${name},.*ready`) })).toHaveCount(0, {
    timeout: 20_000,
  });
  await page.evaluate((text) => {
    localStorage.clear();
    const files = [{ name: 'own.yaml', text }];
    addEventListener('pagehide', () =>
      localStorage.setItem(
        'hopyard.workspace',
        JSON.stringify({ version: 1, name: 'Own', files, active: 'own.yaml' }),
      ),
    );
  }, OWN);
  await page.reload();
  await expect(playground.pods('store')).toHaveCount(2, { timeout: 20_000 });
  expect(playground.errors).toEqual([]);
});
