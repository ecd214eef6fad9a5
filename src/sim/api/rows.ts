/** A sorted list of objects that is handed out without copying and copied only when written after that (law 4). */
import type { ApiObject } from './object';

function order(a: ApiObject, b: ApiObject): number {
  const nsA = a.metadata.namespace ?? '';
  const nsB = b.metadata.namespace ?? '';
  if (nsA !== nsB) return nsA < nsB ? -1 : 1;
  const nameA = a.metadata.name;
  const nameB = b.metadata.name;
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
}

export class Rows {
  private held: ApiObject[];
  /** True while someone may still read `held`; the next write then works on a copy. */
  private lent = false;

  constructor(sorted: readonly ApiObject[] = []) {
    this.held = sorted as ApiObject[];
    this.lent = sorted.length > 0;
  }

  /** All rows by namespace, name, kind in code-unit order. A snapshot: later writes do not change it. */
  all(): readonly ApiObject[] {
    this.lent = true;
    return this.held;
  }

  get size(): number {
    return this.held.length;
  }

  /** Inserts a row, or replaces the row of the same namespace, name and kind. */
  set(object: ApiObject): void {
    this.own();
    const at = this.search(object);
    const found = this.held[at];
    const same = found !== undefined && order(found, object) === 0;
    if (same) this.held[at] = object;
    else this.held.splice(at, 0, object);
  }

  /** Takes out the row of the same namespace, name and kind, if there is one. */
  remove(object: ApiObject): void {
    const at = this.search(object);
    const found = this.held[at];
    if (found === undefined || order(found, object) !== 0) return;
    this.own();
    this.held.splice(at, 1);
  }

  /** The rows of one namespace. */
  inNamespace(namespace: string): readonly ApiObject[] {
    const start = this.firstAt(namespace, false);
    return this.held.slice(start, this.firstAt(namespace, true));
  }

  private own(): void {
    if (this.lent) this.held = [...this.held];
    this.lent = false;
  }

  private search(object: ApiObject): number {
    // Objects mostly arrive in order of their names, so the end is tried first.
    const last = this.held[this.held.length - 1];
    if (last === undefined || order(last, object) < 0) return this.held.length;
    let low = 0;
    let high = this.held.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(this.held[middle]!, object) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private firstAt(namespace: string, after: boolean): number {
    let low = 0;
    let high = this.held.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const here = this.held[middle]!.metadata.namespace ?? '';
      if (here < namespace || (after && here === namespace)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
