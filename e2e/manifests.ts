/** The manifests panel as a visitor meets it: what is typed, what the cluster says of it, and where the cursor stands. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';
import type { Playground } from './playground';

/** What a new visitor finds in the panel. */
export const FIRST = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

/** Number of the line, from 1, that holds a text. */
export function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

export class Manifests {
  readonly page: Page;
  readonly status: Locator;
  readonly problems: Locator;
  readonly results: Locator;

  private loading = 0;
  private quietSince = Date.now();

  constructor(readonly playground: Playground) {
    this.page = playground.page;
    const count = (by: number) => () => {
      this.loading += by;
      this.quietSince = Date.now();
    };
    this.page.on('request', count(1));
    for (const end of ['requestfinished', 'requestfailed'] as const)
      this.page.on(end as 'requestfinished', count(-1));
    const panel = this.page.getByRole('region', { name: 'Manifests' });
    this.status = panel.locator('.foot [role=status]');
    this.problems = panel.getByRole('list', { name: 'Problems' }).getByRole('listitem');
    this.results = panel.getByRole('list', { name: 'What apply did' }).getByRole('listitem');
  }

  /** The page with Monaco in it. */
  async open(): Promise<void> {
    await this.playground.open();
    await this.playground.editor();
  }

  /** Until nothing has been fetched for more than a second: parts of the page come one after another. */
  async untilNothingLoads(): Promise<void> {
    const quiet = (): boolean => this.loading <= 0 && Date.now() - this.quietSince > 1_500;
    await expect.poll(quiet, { timeout: 20_000 }).toBe(true);
  }

  /** The first line in view that holds a text. */
  line(part: string): Locator {
    return this.page.locator('.view-line', { hasText: part }).first();
  }

  /** Puts the cursor at the end of the first line in view that holds a text. */
  async endOf(part: string): Promise<void> {
    await this.line(part).click();
    await this.page.keyboard.press('End');
  }

  /** The focus in the text, wherever it is scrolled to. */
  async focus(): Promise<void> {
    await this.page
      .locator('.monaco-editor .overflow-guard')
      .first()
      .click({ position: { x: 60, y: 4 } });
  }

  /** Pastes over everything, as people do: typed text would be indented by the editor. */
  async paste(text: string): Promise<void> {
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.focus();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
    await this.page.keyboard.press('ControlOrMeta+v');
  }

  async apply(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+Enter');
  }

  /** The results as lines of words: "service/backend configured". */
  async expectResults(lines: readonly (string | RegExp)[]): Promise<void> {
    await expect(this.results).toHaveCount(lines.length);
    for (const [i, line] of lines.entries())
      await expect(this.results.nth(i)).toHaveText(typeof line === 'string' ? line.replace(' ', '') : line);
  }

  /** Line of the cursor. */
  get cursorLine(): Locator {
    return this.page.locator('.monaco-editor .line-numbers.active-line-number');
  }

  /** The text as the browser keeps it for the next visit. */
  async expectKept(expected: string | RegExp): Promise<void> {
    const read = () =>
      this.page.evaluate(() => {
        const saved = localStorage.getItem('hopyard.workspace');
        return saved === null ? '' : (JSON.parse(saved) as { files: { text: string }[] }).files[0]!.text;
      });
    if (typeof expected === 'string') await expect.poll(read).toBe(expected);
    else await expect.poll(read).toMatch(expected);
  }
}
