/** Copies of objects with something in them changed; objects are never changed in place. */
import type { ApiObject } from '../../api/object';

/** A copy of an object with some of its metadata changed. */
export function withMeta(object: ApiObject, change: Partial<ApiObject['metadata']>): ApiObject {
  return { ...object, metadata: { ...object.metadata, ...change } };
}

/** A copy of an object with a value set at a path of field names; missing parents are made. */
export function withField(object: ApiObject, path: readonly string[], value: unknown): ApiObject {
  const set = (from: unknown, at: number): unknown => {
    if (at === path.length) return value;
    const record = (typeof from === 'object' && from !== null ? from : {}) as Record<string, unknown>;
    return { ...record, [path[at]!]: set(record[path[at]!], at + 1) };
  };
  return set(object, 0) as ApiObject;
}
