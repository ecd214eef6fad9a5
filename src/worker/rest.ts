/**
 * The part of the simulator that is loaded after the first picture, and those who wait for it. A simulator that is whole
 * from the start (tests, the command line) makes nobody wait.
 */
import { isRemembered } from '../sim/manifests/parse';
import type { Command } from './protocol';

/** True for what a part throws that is used before it is loaded (.ci/late-parts.mjs). */
export function isPartMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'PartMissing';
}

/**
 * A guess whether the first load can run this: it holds what the first example needs, and no parser for other texts. A
 * wrong guess costs time, as the cluster is then built again.
 */
export function isPlain({ files, settings = {} }: Extract<Command, { type: 'boot' }>): boolean {
  return Object.keys(settings).length === 0 && files.every(({ text }) => isRemembered(text));
}

/** The rest and its queue: on its way at most once at a time. */
export class Rest {
  private loading: Promise<void> | null = null;
  private here: boolean;
  private waiting: (() => void)[] = [];

  /** `load` brings the rest, absent when it is here already; `failed` hears why it cannot be had. */
  constructor(
    private readonly bring: (() => Promise<unknown>) | undefined,
    private readonly failed: (error: unknown) => void,
  ) {
    this.here = bring === undefined;
  }

  get isHere(): boolean {
    return this.here;
  }

  /** Does the work when the rest is here: at once, or after all that waited before. */
  then(work: () => void): void {
    if (this.here) return work();
    this.waiting.push(work);
    this.load();
  }

  /** As `then`, but before all others that wait. */
  first(work: () => void): void {
    if (this.here) return work();
    this.waiting.unshift(work);
    this.load();
  }

  /** Begins to load, once. After a failure the next one who needs the rest tries again. */
  load(): void {
    if (this.here || this.bring === undefined) return;
    this.loading ??= this.bring().then(
      () => this.arrived(),
      (error: unknown) => {
        this.loading = null;
        const isNeeded = this.waiting.length > 0;
        this.waiting = [];
        if (isNeeded) this.failed(error);
      },
    );
  }

  private arrived(): void {
    this.here = true;
    const works = this.waiting;
    this.waiting = [];
    for (const work of works) work();
  }
}
