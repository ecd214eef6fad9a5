/** The page as a visitor meets it: names that are on the screen, no selectors. One page object for all visits. */
import { expect, type Locator, type Page } from '@playwright/test';

export class Playground {
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /** Opens the page and waits until the cluster runs. */
  async open(path = './'): Promise<void> {
    await this.page.goto(path);
    await expect(this.pods('backend').first()).toBeVisible({ timeout: 20_000 });
  }

  pods(workload: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^Pod ${workload}-`) });
  }

  service(name: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^Service \\S*/${name},`) });
  }

  get inspector(): Locator {
    return this.page.getByRole('complementary', { name: 'Inspector' });
  }

  get caption(): Locator {
    return this.page.locator('.cap');
  }

  get cluster(): Locator {
    return this.page.getByRole('application');
  }

  async pause(): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause' }).click();
    await expect(this.page.getByRole('button', { name: 'Play' })).toBeVisible();
  }

  async hop(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      await this.page.getByRole('button', { name: 'Hop', exact: true }).click();
      await this.page.waitForTimeout(120);
    }
  }

  /** Presses Hop until a thing shows, over as many packets as it takes. */
  async hopUntil(shown: Locator): Promise<void> {
    for (let i = 0; i < 60 && (await shown.count()) === 0; i++) await this.hop();
    await expect(shown.first()).toBeVisible();
  }

  /** Finds a command or an object by the palette, and takes the first. */
  async choose(typed: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+k');
    await this.page.getByRole('combobox', { name: 'Name of a command or an object' }).fill(typed);
    await this.page.keyboard.press('Enter');
  }

  /** Turns the dial to its fast end, so that control loops take no real time. */
  async hurry(): Promise<void> {
    const auto = this.page.getByRole('button', { name: 'Auto' });
    if ((await auto.getAttribute('aria-pressed')) === 'true') await auto.click();
    await this.page.getByRole('slider', { name: 'Speed of virtual time' }).focus();
    await this.page.keyboard.press('End');
  }

  /** The editor, once Monaco is there. */
  async editor(): Promise<Locator> {
    const editor = this.page.locator('.monaco-editor').first();
    await expect(editor).toBeVisible({ timeout: 30_000 });
    return editor;
  }

  /** Replaces the whole text in the editor and applies it. */
  async applyText(text: string): Promise<void> {
    const editor = await this.editor();
    await editor.locator('.view-lines').click();
    await this.page.keyboard.press('ControlOrMeta+a');
    // Pasted, as people do: typed text would be indented by the editor.
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
    await this.page.keyboard.press('ControlOrMeta+v');
    await this.page.keyboard.press('ControlOrMeta+s');
  }

  /** Types a line into the terminal and waits for a text in what it prints. */
  async terminal(line: string, expected: RegExp): Promise<void> {
    const tab = this.page.getByRole('tab', { name: /^Terminal/ });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    const screen = this.page.locator('.xterm');
    await expect(screen).toBeVisible({ timeout: 15_000 });
    await screen.click();
    await this.page.keyboard.type(`${line}\n`);
    await expect(this.page.locator('.xterm-accessibility, .xterm-rows').first()).toContainText(expected, {
      timeout: 20_000,
    });
  }

  expectNoErrors(): void {
    expect(this.errors).toEqual([]);
  }
}
