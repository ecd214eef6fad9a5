import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Playground } from './playground';

const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

let playground: Playground;

test.beforeEach(async ({ page }) => {
  playground = new Playground(page);
  await playground.open();
});

test.afterEach(() => playground.expectNoErrors());

test('a running cluster is on the screen, and a packet moves in it', async ({ page }) => {
  await expect(playground.pods('backend')).toHaveCount(3);
  await expect(playground.pods('coredns')).toHaveCount(2);
  await expect(playground.service('backend')).toContainText('3');
  await expect(playground.caption).toContainText(
    /\d+\/?\d*.*(sends|Reaches|rules|Route|wire|receives|Comes|Bridge)/,
    {
      timeout: 15_000,
    },
  );
  const before = await page.getByRole('timer').getAttribute('aria-label');
  await page.waitForTimeout(800);
  expect(await page.getByRole('timer').getAttribute('aria-label')).not.toBe(before);
});

test('pause, step by hops, and read the rule and the line behind a hop', async () => {
  await playground.pause();
  const hops = playground.inspector.getByRole('list', { name: 'Hops' });
  await playground.hopUntil(
    hops.getByRole('button', { expanded: true }).filter({ hasText: 'rewrite the destination' }),
  );
  await expect(hops).toContainText(
    /rules rewrite the destination: 10\.96\.\d+\.\d+:\d+ becomes 10\.244\.\d\.\d+:\d+/,
  );
  await expect(playground.inspector).toContainText(/-j DNAT --to-destination 10\.244\.\d\.\d+:\d+/);
  await expect(playground.inspector).toContainText('IP destination');
  await expect(playground.caption).toContainText('rewrite the destination');
});

test('kill a pod: it goes, another one comes, the Service keeps its address', async ({ page }) => {
  const address = /10\.96\.\d+\.\d+:80/;
  const before = address.exec((await playground.service('backend').textContent())!)![0];
  const victim = playground.pods('backend').first();
  const name = (await victim.getAttribute('aria-label'))!.split(',')[0]!;
  await victim.click();
  await playground.inspector.getByRole('button', { name: 'Kill' }).click();
  await playground.hurry();
  await expect(page.getByRole('button', { name: new RegExp(`^${name},.*ready`) })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Pod backend-.*, ready/ })).toHaveCount(3, {
    timeout: 20_000,
  });
  await expect(playground.service('backend')).toContainText(before);
});

test('scale 3 to 6 with the plus on the canvas', async ({ page }) => {
  await playground.hurry();
  const more = playground.cluster.getByRole('button', { name: 'One replica more of backend' });
  for (let i = 0; i < 3; i++) await more.click();
  await expect(page.getByRole('button', { name: /^Pod backend-.*, ready/ })).toHaveCount(6, {
    timeout: 20_000,
  });
  await expect(playground.service('backend')).toHaveAttribute('aria-label', /6 endpoints/);
});

test('break the selector: refused at the rules, curl says 7; mend it', async () => {
  await playground.hurry();
  await playground.applyText(MANIFESTS.replace('app: backend # ready', 'app: backnd # ready'));
  await expect(playground.service('backend')).toHaveAttribute('aria-label', /no endpoints|0 endpoints/, {
    timeout: 20_000,
  });
  await playground.terminal(
    'kubectl exec deploy/frontend -- curl -sS http://backend',
    /curl: \(7\) Failed to connect to backend/,
  );
  await playground.applyText(MANIFESTS);
  await expect(playground.service('backend')).toHaveAttribute('aria-label', /3 endpoints/, {
    timeout: 20_000,
  });
  await playground.terminal('kubectl exec deploy/frontend -- curl -sS http://backend', /Hostname: backend-/);
});
