/** The manifests panel, from the first key to the next visit, and what people paste into it. */
import { expect, test } from '@playwright/test';
import { FIRST, lineOf, Manifests } from './manifests';
import { Playground } from './playground';

let playground: Playground;
let manifests: Manifests;

test.beforeEach(({ page }) => {
  playground = new Playground(page);
  manifests = new Manifests(playground);
});

test.afterEach(() => playground.expectNoErrors());

const CONFIG = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

test('completion and hovers know Kubernetes without a network', async ({ page }) => {
  await manifests.open();
  await manifests.focus();
  await manifests.untilNothingLoads();
  await page.route('**/*', (route) => route.abort());
  await manifests.endOf('targetPort');
  await page.keyboard.press('Enter');
  const offers = page.locator('.suggest-widget').getByRole('option');
  const ask = async (wanted: RegExp): Promise<void> => {
    await page.keyboard.press('Control+Space');
    await expect(offers.filter({ hasText: wanted })).toHaveCount(1, { timeout: 10_000 });
  };
  await ask(/^nodePort$/);
  await expect(page.locator('.suggest-details')).toContainText('application protocol');
  await page.keyboard.press('Escape');
  await page.keyboard.type('protocol: ');
  await ask(/^TCP$/);
  await expect(offers).toHaveText(['SCTP', 'TCP', 'UDP']);
  await page.keyboard.press('Escape');
  await manifests.endOf('# ready pods like this');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('type: ');
  await ask(/^NodePort$/);
  await page.keyboard.press('Escape');
  await manifests.line('targetPort').locator('span', { hasText: 'targetPort' }).last().hover();
  await expect(page.locator('.monaco-hover').first()).toContainText(
    'Number or name of the port to access on the pods',
  );
});

test('a wrong type is underlined, a refusal stands at its field in the words of the API server', async ({
  page,
}) => {
  await manifests.open();
  await manifests.endOf('- port: 80');
  await manifests.paste(
    FIRST.replace('targetPort: 8080', 'targetPort: 80800').replace('replicas: 1', 'replicas: one'),
  );
  await expect(manifests.problems).toHaveText([
    `line ${lineOf(FIRST, 'targetPort')}spec.ports[0].targetPort: Invalid value: 80800: must be between 1 and 65535, inclusive`,
    `line ${lineOf(FIRST, 'replicas: 1')}json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`,
  ]);
  await expect(manifests.status).toHaveText('2 problems, not applied');
  await manifests.problems.first().getByRole('button').click();
  await expect(manifests.cursorLine).toHaveText(String(lineOf(FIRST, 'targetPort')));
  // The mark lies under the value, not under the line.
  const value = (await manifests.line('80800').locator('span', { hasText: '80800' }).last().boundingBox())!;
  const marks = page.locator('.squiggly-error');
  await expect
    .poll(async () => {
      const boxes = await Promise.all((await marks.all()).map((mark) => mark.boundingBox()));
      return boxes.some(
        (box) =>
          box !== null && Math.abs(box.x - value.x) < 4 && Math.abs(box.y - value.y) < 6 && box.width < 60,
      );
    })
    .toBe(true);
  await manifests.line('80800').locator('span', { hasText: '80800' }).last().hover();
  await expect(page.locator('.monaco-hover').first()).toContainText('must be between 1 and 65535, inclusive');
});

test('broken YAML disturbs nothing and loses nothing, and what is refused costs no other object', async ({
  page,
}) => {
  await manifests.open();
  const broken = `${FIRST}---\nkind: [Service\nmetadata:\n  name: x\n`;
  await manifests.paste(broken);
  const line = lineOf(broken, 'kind: [Service');
  await expect(manifests.problems).toHaveCount(1);
  await expect(manifests.problems.first()).toHaveText(new RegExp(`^line (${line}|${line + 1}).*expected`));
  await manifests.apply();
  await expect(page.locator('.notice')).toHaveText(/^Nothing was changed/);
  await expect(playground.pods('backend')).toHaveCount(3);
  await expect(playground.service('backend')).toHaveAttribute('aria-label', /3 endpoints/);
  await manifests.expectKept(broken);
  // A Service gets a name that cannot be: the old one must not go.
  await manifests.paste(
    FIRST.replace('kind: Service\nmetadata:\n  name: backend', 'kind: Service\nmetadata:\n  name: Web'),
  );
  await expect(manifests.problems).toHaveText([/lower case|RFC 1123|RFC 1035/]);
  await manifests.apply();
  await expect(manifests.results.filter({ hasText: 'service/Web' })).toContainText('invalid');
  await expect(manifests.results.filter({ hasText: 'service/backend' })).toContainText('kept');
  await expect(page.locator('.notice')).toHaveText(/^Nothing was changed/);
  await expect(playground.service('backend')).toHaveAttribute('aria-label', /3 endpoints/);
  // Nor does an emptied text take anything away before it is applied.
  await manifests.paste(' ');
  await expect(manifests.status).toHaveText('Not applied: delete 3');
  await expect(page.getByText('The workspace is empty')).toHaveCount(0);
  await manifests.apply();
  await manifests.expectResults([/deleted/, /deleted/, /deleted/]);
  await expect(page.getByText('The workspace is empty')).toBeVisible();
});

test('says before what apply would do, and after what it did to each object', async ({ page }) => {
  await manifests.open();
  await expect(manifests.status).toHaveText('Applied, nothing pending');
  const documents = FIRST.split('---\n');
  const text = [documents[0]!.replace('replicas: 3', 'replicas: 2'), documents[1]!, CONFIG('notes')].join(
    '---\n',
  );
  await manifests.paste(text);
  await expect(manifests.status).toHaveText('Not applied: configure 1, create 1, delete 1');
  await expect(playground.pods('frontend')).toHaveCount(1);
  await manifests.apply();
  await manifests.expectResults([
    'deployment.apps/backend configured',
    'service/backend unchanged',
    'configmap/notes created',
    'deployment.apps/frontend deleted',
  ]);
  await expect(page.locator('.notice')).toHaveText('Applied: 1 configured, 1 created, 1 deleted.');
  await expect(manifests.status).toHaveText('Applied, nothing pending');
  await playground.hurry();
  await expect(page.getByRole('button', { name: /^Pod (frontend|backend)-.*, ready/ })).toHaveCount(2, {
    timeout: 15_000,
  });
  // Undo goes behind an apply, and the next one brings the cluster back.
  await manifests.focus();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(manifests.status).toHaveText('Not applied: configure 1, create 1, delete 1');
  await page.getByRole('button', { name: /^Apply/ }).click();
  await expect(page.getByRole('button', { name: /^Pod backend-.*, ready/ })).toHaveCount(3, {
    timeout: 15_000,
  });
});

test('from a card to its lines, and from the lines to the cards', async ({ page }) => {
  await manifests.open();
  await playground.pause();
  await playground.service('backend').click();
  const service = lineOf(FIRST, 'kind: Service') - 1;
  await expect(manifests.cursorLine).toHaveText(String(service));
  // Lines typed since move the place along.
  await manifests.focus();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.type('# one\n# two\n');
  await playground.pods('frontend').click();
  await expect(manifests.cursorLine).toHaveText(
    String(lineOf(FIRST, 'kind: Deployment\nmetadata:\n  name: frontend') + 1),
  );
  await playground.service('backend').click();
  await expect(manifests.cursorLine).toHaveText(String(service + 2));
  await page.keyboard.press('Escape');
  await manifests.line('kind: Service').click();
  await expect(playground.service('backend')).toHaveClass(/\blit\b/);
  await page.keyboard.press('ControlOrMeta+Home');
  await expect(playground.service('backend')).not.toHaveClass(/\blit\b/);
  await expect(page.locator('.pod.lit')).toHaveCount(3);
  // The Tab key belongs to the text, until one asks for it back.
  await page.keyboard.press('Control+m');
  await page.keyboard.press('Tab');
  await expect(page.locator('.monaco-editor :focus')).toHaveCount(0);
  // Closing and opening the panel with a key leaves the focus, and the place, where they were.
  await page.locator('body').press('Escape');
  await page.locator('#stage').focus();
  await page.keyboard.press('m');
  await expect(page.locator('.monaco-editor')).toHaveCount(0);
  await page.keyboard.press('m');
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await page.keyboard.press('m');
  await expect(page.locator('.monaco-editor')).toHaveCount(0);
});

test('a visit ends and goes on: text, what was not applied, and the cluster as it ran', async ({ page }) => {
  await manifests.open();
  await manifests.focus();
  await page.keyboard.press('ControlOrMeta+Home');
  // While the simulation runs.
  await page.keyboard.type('# typed slowly while packets travel\n', { delay: 15 });
  await manifests.apply();
  await expect(manifests.status).toHaveText('Applied, nothing pending');
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('---\nkind: [');
  await expect(manifests.status).toHaveText('1 problem, not applied');
  await manifests.expectKept(/^# typed slowly[^]*kind: \[/);
  await page.reload();
  await expect(playground.pods('backend')).toHaveCount(3);
  await playground.editor();
  await expect(manifests.status).toHaveText('1 problem, not applied');
  await expect(manifests.line('# typed slowly while packets travel')).toBeVisible();
});

test('the plain field before Monaco is as safe, and hands over in the middle of a word', async ({ page }) => {
  let letMonacoCome = (): void => undefined;
  const come = new Promise<void>((resolve) => (letMonacoCome = resolve));
  await page.route('**/monaco-view-*.js', async (route) => {
    await come;
    await route.continue();
  });
  await playground.open();
  const field = page.getByRole('textbox', { name: /^Manifests/ });
  await field.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('---\nkind: [');
  await expect(manifests.problems).toHaveCount(1);
  await manifests.problems.first().getByRole('button').click();
  // The numbers beside the text scroll with it.
  const last = String(FIRST.split('\n').length + 1);
  await expect(page.locator('.plain .numbers li', { hasText: new RegExp(`^${last}$`) })).toBeInViewport();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(CONFIG('one'));
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(manifests.results.first()).toHaveText('configmap/onecreated');
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('# abc', { delay: 10 });
  letMonacoCome();
  await page.keyboard.type('defghijklmnopqrstuvwxyz', { delay: 40 });
  await playground.editor();
  await page.keyboard.type(' on and on');
  await manifests.expectKept(`${CONFIG('one')}# abcdefghijklmnopqrstuvwxyz on and on`);
});

test('without Monaco the plain field stays and everything works', async ({ page }) => {
  await page.route('**/monaco-view-*.js', (route) => route.abort());
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('/monaco-view-'));
  await playground.open();
  await failed;
  const field = page.getByRole('textbox', { name: /^Manifests/ });
  await field.fill(CONFIG('one'));
  await expect(manifests.status).toHaveText('Not applied: create 1, delete 3');
  await page.getByRole('button', { name: /^Apply/ }).click();
  await expect(manifests.results.first()).toHaveText('configmap/onecreated');
  expect(playground.errors.splice(0).every((text) => /Failed to load resource/.test(text))).toBe(true);
});

/** What people paste by mistake or on purpose, and what the page says to it. */
const HOSTILE: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  ['__proto__', `${CONFIG('p')}__proto__: {polluted: yes}\n`, /unknown field "__proto__"/],
  [
    'markup',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "<img src=x onerror=window.hacked=1>"\n',
    /Invalid value: "<img src=x onerror/,
  ],
  [
    'a bomb of aliases',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n')}\n${CONFIG('b')}`,
    /excessive aliasing/,
  ],
  ['tabs', 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: web\n', /^line 4.*tabs are not allowed/],
  ['prose', 'hello world', /invalid object to validate/],
  [
    'lines of Windows and a mark of order',
    `\uFEFF${CONFIG('w')}`.replaceAll('\n', '\r\n'),
    /^configmap\/wcreated/,
  ],
  ['all of Unicode', `${CONFIG('u')}data:\n  a: "👩‍👩‍👧 \u202Eabc\u202C \u2028 漢字"\n`, /^configmap\/ucreated/],
  ['JSON', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j"}}', /^configmap\/jcreated/],
];

test('hostile and odd texts are answered in words', async ({ page }) => {
  await manifests.open();
  for (const [what, text, said] of HOSTILE) {
    await manifests.paste(text);
    await manifests.apply();
    await expect(
      manifests.problems.or(manifests.results).filter({ hasText: said }).first(),
      what,
    ).toBeVisible();
  }
  expect(
    await page.evaluate(() => [(window as { hacked?: 1 }).hacked, ({} as { polluted?: 1 }).polluted]),
  ).toEqual([undefined, undefined]);
});

test('two thousand lines stay fluid, five megabytes are refused and said not to be saved', async ({
  page,
}) => {
  await manifests.open();
  const service = (i: number): string =>
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: s${i}\nspec:\n  selector:\n    app: a${i}\n  ports:\n    - port: 80\n      targetPort: 8080\n---\n`;
  const many = (count: number): string => Array.from({ length: count }, (_, i) => service(i)).join('');
  await manifests.paste(many(182));
  await expect(manifests.status).toHaveText('Not applied: create 182, delete 3');
  await manifests.apply();
  await expect(page.locator('.notice')).toHaveText(/^Applied: 182 created/);
  await manifests.paste(many(40_000));
  await expect(manifests.problems.first()).toHaveText('line 1Request entity too large: limit is 3145728');
  await expect(page.getByText('Not saved:')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Home');
  const before = Date.now();
  await page.keyboard.type('# twenty keys typed..');
  expect(Date.now() - before).toBeLessThan(4000);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await expect(page.getByText('Not saved:')).toHaveCount(0);
  await expect(page.getByText('Paste or write manifests here')).toBeVisible();
});

test('opening an example sets typed manifests aside, and they come back with their cluster', async ({
  page,
}) => {
  await manifests.open();
  const mine = `# mine\n${FIRST}`;
  await manifests.paste(mine);
  await page.getByRole('button', { name: 'Frontend calls backend' }).click();
  await page.getByRole('menuitem', { name: /example/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Every kind of service/i })
    .click();
  await expect(playground.service('web-lb')).toBeVisible({ timeout: 15_000 });
  await page.reload();
  await expect(page.getByText('Set aside: Frontend calls backend')).toBeVisible();
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(playground.pods('frontend')).toHaveCount(1, { timeout: 15_000 });
  await manifests.expectKept(mine);
  await expect(page.getByText(/^Set aside/)).toHaveCount(0);
});

test('a cluster that stops takes no typed text with it', async ({ page }) => {
  await page.route('**/entry-*.js', (route) => route.abort());
  await page.goto('./');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Everything you typed is still here', { timeout: 15_000 });
  await dialog.getByRole('button', { name: 'Edit first' }).click();
  await page
    .getByRole('textbox', { name: /^Manifests/ })
    .first()
    .fill(`# still here\n${FIRST}`);
  await expect(manifests.status).toHaveText('The cluster has stopped');
  await page.keyboard.press('ControlOrMeta+s');
  await page.unroute('**/entry-*.js');
  await page.getByRole('button', { name: 'Restart the cluster' }).click();
  await expect(playground.pods('backend')).toHaveCount(3, { timeout: 15_000 });
  await expect(manifests.status).toHaveText('Applied, nothing pending');
  await manifests.expectKept(`# still here\n${FIRST}`);
  playground.errors.length = 0; // What could not be loaded is on the console, rightly.
});

test('a phone edits and applies in a sheet', async ({ browser }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  playground = new Playground(await context.newPage());
  manifests = new Manifests(playground);
  await playground.open();
  await playground.page.getByRole('button', { name: 'More' }).tap();
  await playground.page.getByRole('menuitem', { name: 'Manifests' }).tap();
  const field = playground.page.getByRole('textbox', { name: /^Manifests/ });
  await field.fill(FIRST.replace('targetPort: 8080', 'targetPort: 80800'));
  await expect(manifests.problems).toHaveCount(1);
  await manifests.problems.first().getByRole('button').tap();
  const numbers = playground.page.locator('.plain .numbers li');
  const wanted = String(lineOf(FIRST, 'targetPort'));
  await expect(numbers.filter({ hasText: new RegExp(`^${wanted}$`) })).toBeInViewport();
  await field.fill(FIRST.replace('replicas: 3', 'replicas: 4'));
  await expect(manifests.status).toHaveText('Not applied: configure 1');
  await playground.page.getByRole('button', { name: /^Apply/ }).tap();
  await expect(manifests.results.first()).toHaveText('deployment.apps/backendconfigured');
  await context.close();
});
