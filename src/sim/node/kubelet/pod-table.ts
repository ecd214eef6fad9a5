/** The kubelet's pods by uid, with the ways to find them by name and by container handle. Records are replaced, never changed. */
import { containerOf, withContainer, type ContainerRecord, type PodRecord } from './records';

interface Found {
  readonly record: PodRecord;
  readonly row: ContainerRecord;
}

export interface PodTableKeyframe {
  readonly pods: ReadonlyMap<string, PodRecord>;
  readonly handles: ReadonlyMap<string, { readonly uid: string; readonly container: string }>;
}

export class PodTable {
  private readonly pods = new Map<string, PodRecord>();
  private readonly handles = new Map<string, { readonly uid: string; readonly container: string }>();
  private readonly named = new Map<string, readonly string[]>();

  get(uid: string): PodRecord | undefined {
    return this.pods.get(uid);
  }

  /** One container of a pod; only its `run`-th life when that is given. */
  find(uid: string, container: string, run?: number): Found | undefined {
    const record = this.pods.get(uid);
    const row = record === undefined ? undefined : containerOf(record, container);
    if (record === undefined || row === undefined || (run !== undefined && row.run !== run)) return undefined;
    return { record, row };
  }

  byHandle(handle: string): { readonly uid: string; readonly container: string } | undefined {
    return this.handles.get(handle);
  }

  /** Uids of pods that have or had this "namespace/name". */
  uidsNamed(key: string): readonly string[] {
    return this.named.get(key) ?? [];
  }

  uids(): string[] {
    return [...this.pods.keys()];
  }

  set(record: PodRecord): void {
    if (!this.pods.has(record.uid)) {
      const key = `${record.namespace}/${record.name}`;
      this.named.set(key, [...this.uidsNamed(key), record.uid]);
    }
    this.pods.set(record.uid, record);
  }

  /** Changes one container; keeps the handle index in step. Unknown ones are ignored. */
  change(uid: string, container: string, change: Partial<ContainerRecord>): void {
    const found = this.find(uid, container);
    if (found === undefined) return;
    if ('handle' in change) {
      if (found.row.handle !== null) this.handles.delete(found.row.handle);
      if (change.handle != null) this.handles.set(change.handle, { uid, container });
    }
    this.pods.set(uid, withContainer(found.record, container, change));
  }

  delete(uid: string): void {
    const record = this.pods.get(uid);
    if (record === undefined) return;
    for (const row of record.containers) if (row.handle !== null) this.handles.delete(row.handle);
    const key = `${record.namespace}/${record.name}`;
    const rest = this.uidsNamed(key).filter((other) => other !== uid);
    if (rest.length > 0) this.named.set(key, rest);
    else this.named.delete(key);
    this.pods.delete(uid);
  }

  clearHandles(): void {
    this.handles.clear();
  }

  keyframe(): PodTableKeyframe {
    return { pods: new Map(this.pods), handles: new Map(this.handles) };
  }

  restore(from: PodTableKeyframe): void {
    this.pods.clear();
    this.named.clear();
    this.handles.clear();
    for (const record of from.pods.values()) this.set(record);
    for (const [handle, where] of from.handles) this.handles.set(handle, where);
  }
}
