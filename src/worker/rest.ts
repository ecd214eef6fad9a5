/**
 * The part of the simulator that is loaded after the first picture, and those who wait for it. A simulator that is whole
 * from the start (tests, the command line) makes nobody wait.
 */

/** True for what a part throws that is used before it is loaded (.ci/late-parts.mjs). */
export function isPartMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'PartMissing';
}

const PLAIN_KINDS = new Set(['Deployment', 'Service', 'ConfigMap', 'Namespace', 'Pod']);

/** A guess whether the first load can run these files. A wrong one costs time, as the cluster is then built again. */
export function isPlain(files: readonly { readonly text: string }[]): boolean {
  return files.every(({ text }) => {
    const kinds = [...text.matchAll(/\bkind:\s*['"]?(\w+)/g)];
    const images = [...text.matchAll(/\bimage:\s*['"]?([^\s'",}]+)/g)];
    return (
      kinds.every((match) => PLAIN_KINDS.has(match[1]!)) &&
      images.every((match) => /\/(?:whoami|curl)(?::|$)/.test(match[1]!))
    );
  });
}

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
