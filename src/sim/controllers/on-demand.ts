/**
 * A controller that comes to be with the first object of a kind of its own: before that it would have nothing to do. What it would
 * have heard by then it hears when it is made, so that nobody can tell the difference.
 */
import type { Store } from '../api/store';
import type { Component, WatchEvent } from '../api/watch';

export class OnDemand implements Component {
  private made: Component | null = null;

  /** `kinds` (with spaces between them) are what it takes care of; `watches` lists all kinds it hears of. */
  constructor(
    readonly name: string,
    private readonly kinds: string,
    readonly watches: readonly string[],
    private readonly store: Store,
    private readonly make: () => Component,
  ) {}

  keysFor(event: WatchEvent): readonly string[] {
    if (this.isOwn(event.object.kind)) return this.component().keysFor(event);
    return this.made?.keysFor(event) ?? [];
  }

  reconcile(key: string): void {
    this.component().reconcile(key);
  }

  keyframe(): unknown {
    return this.made === null ? null : { of: this.made.keyframe?.() };
  }

  restore(from: unknown): void {
    this.made = null;
    if (from !== null) this.component().restore?.((from as { of: unknown }).of);
  }

  private isOwn(kind: string): boolean {
    return this.kinds.split(' ').includes(kind);
  }

  private component(): Component {
    if (this.made !== null) return this.made;
    const made = this.make();
    this.made = made;
    const others = this.watches.filter((kind) => !this.isOwn(kind));
    for (const kind of others)
      for (const object of this.store.list(kind)) made.keysFor({ type: 'ADDED', object });
    return made;
  }
}
