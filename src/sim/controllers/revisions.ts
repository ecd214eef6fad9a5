/**
 * ControllerRevisions (apps/v1): the numbered history of a StatefulSet's or DaemonSet's template. Upstream:
 * pkg/controller/history.
 */
import { ApiError } from '../api/errors';
import type { ApiObject } from '../api/object';
import type { Store } from '../api/store';
import { controllerOf, ownerReference } from './ownership';

/** `data` holds the template that the hash was taken of. */
export interface ControllerRevision extends ApiObject {
  readonly revision: number;
  readonly data: object;
}

export const REVISION_LABEL = 'controller-revision-hash';

/** The owner's revisions, oldest first. */
export function revisionsOf(store: Store, owner: ApiObject): ControllerRevision[] {
  const uid = owner.metadata.uid ?? '';
  return store
    .ownedBy(uid)
    .filter((row) => row.kind === 'ControllerRevision' && controllerOf(row)?.uid === uid)
    .map((row) => row as ControllerRevision)
    .sort((a, b) => a.revision - b.revision);
}

/** The revision of this name, made or raised to be the newest. */
export function ensureRevision(
  store: Store,
  owner: ApiObject,
  name: string,
  hash: string,
  data: object,
  labels: Readonly<Record<string, string>>,
): ControllerRevision {
  const all = revisionsOf(store, owner);
  const newest = all[all.length - 1];
  const next = (newest?.revision ?? 0) + 1;
  const known = all.find((row) => row.metadata.name === name);
  if (known !== undefined) return known === newest ? known : store.update({ ...known, revision: next });
  const made: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: owner.metadata.namespace,
      labels: { ...labels, [REVISION_LABEL]: hash },
      ownerReferences: [ownerReference(owner)],
    },
    data,
    revision: next,
  };
  return store.create(made, { prepared: true });
}

/** Deletes revisions beyond the limit that no pod wears any more, oldest first. */
export function trimRevisions(
  store: Store,
  owner: ApiObject,
  live: ReadonlySet<string>,
  limit: number,
): void {
  const idle = revisionsOf(store, owner).filter((row) => !live.has(row.metadata.name));
  for (const row of idle.slice(0, Math.max(0, idle.length - limit)))
    store.delete(row.kind, row.metadata.namespace ?? '', row.metadata.name);
}

/** Runs a write that may be refused; the refusal's text, or null when it went through. */
export function refusalOf(write: () => void): string | null {
  try {
    write();
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  }
}
