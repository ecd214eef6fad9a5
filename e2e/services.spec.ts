import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Playground } from './playground';

const KINDS = readFileSync('src/scenarios/every-kind-of-service/manifests.yaml', 'utf8');

let playground: Playground;

test.beforeEach(async ({ page }) => {
  playground = new Playground(page);
  await playground.open();
});

test.afterEach(() => playground.expectNoErrors());

test('a LoadBalancer gets an address, and the outside is drawn', async () => {
  await playground.hurry();
  await playground.applyText(KINDS);
  await expect(playground.service('web-lb')).toHaveAttribute('aria-label', /198\.51\.100\.\d+/, {
    timeout: 25_000,
  });
  await expect(playground.cluster).toContainText('cloud balancer');
  await expect(playground.cluster).toContainText('203.0.113.10');
  await playground.terminal('curl -sS http://198.51.100.1', /RemoteAddr: 203\.0\.113\.10/);
});

test('the mode of kube-proxy is switched live, and requests go on', async ({ page }) => {
  await page.getByRole('button', { name: /^kube-proxy/ }).click();
  await page.getByRole('radio', { name: /nftables/ }).click();
  await page.keyboard.press('Escape');
  await playground.hurry();
  await expect(page.getByRole('button', { name: /kube-proxy nftables/ })).toBeVisible({ timeout: 25_000 });
  await playground.terminal('node node-1 -- nft list ruleset | head -3', /table ip kube-proxy/);
  await playground.terminal('kubectl exec deploy/frontend -- curl -sS http://backend', /Hostname: backend-/);
});

test('modes side by side do the same job with other means', async ({ page }) => {
  await page.locator('body').press('c');
  const view = page.getByRole('dialog', { name: /side by side/i });
  await expect(view).toBeVisible();
  await expect(view.getByText(/rules passed on node-\d/)).toHaveCount(4, { timeout: 40_000 });
  await expect(view.getByText(/^200 OK from backend-/)).toHaveCount(4);
  await expect(view).toContainText('ipvsadm -Ln');
  await expect(view).toContainText('cilium-dbg bpf lb list');
});
