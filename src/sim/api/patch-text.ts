/**
 * The patch that kubectl apply sends for an object that exists, as the server quotes it when it cannot decode the result:
 * the difference of two states as a strategic merge patch, printed the way Go prints a map.
 * Upstream: apimachinery pkg/util/strategicpatch, apiserver pkg/endpoints/handlers/patch.go.
 */
import { sameValue } from './equal';
import type { ApiError } from './errors';
import { badPatch } from './errors';
import { isRecord, mergeKeyOf } from './merge';
import type { ApiObject } from './object';

type Json = Readonly<Record<string, unknown>>;

/** What turns `live` into `wanted`; absent fields become null, lists with a merge key keep only changed items. */
export function strategicPatch(wanted: Json, live: Json, kind: string): Json {
  const out: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
    const now = wanted[key];
    const was = live[key];
    if (sameValue(now, was)) continue;
    if (now === undefined) out[key] = null;
    else if (isRecord(now) && isRecord(was)) out[key] = strategicPatch(now, was, kind);
    else if (Array.isArray(now) && Array.isArray(was)) addList(out, key, now as Json[], was as Json[], kind);
    else out[key] = now;
  }
  return out;
}

function addList(
  out: Record<string, unknown>,
  key: string,
  now: readonly Json[],
  was: readonly Json[],
  kind: string,
): void {
  const id = mergeKeyOf(key, now, kind);
  if (id === undefined) {
    out[key] = now;
    return;
  }
  out[`$setElementOrder/${key}`] = now.map((item) => ({ [id]: item[id] }));
  const before = new Map(was.map((item) => [item[id], item]));
  const changed = now.flatMap((item) => {
    const old = before.get(item[id]);
    if (old === undefined) return [item];
    const difference = strategicPatch(item, old, kind);
    return Object.keys(difference).length === 0 ? [] : [{ [id]: item[id], ...difference }];
  });
  const kept = new Set(now.map((item) => item[id]));
  const gone = was
    .filter((item) => !kept.has(item[id]))
    .map((item) => ({ $patch: 'delete', [id]: item[id] }));
  if (changed.length + gone.length > 0) out[key] = [...changed, ...gone];
}

/** Go's %+v of decoded JSON: map[a:1 b:[x y]], keys sorted. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`;
}

/**
 * A refused update in the words of a refused patch. Only unknown fields read differently.
 * Not simulated: the patch forms of type errors ("cannot restore slice from map"); they read as in a create.
 */
export function asPatchError(error: ApiError, wanted: ApiObject, live: ApiObject): ApiError {
  const at = error.message.indexOf('strict decoding error: ');
  if (error.reason !== 'BadRequest' || at < 0) return error;
  const { resourceVersion: _now, ...metadata } = wanted.metadata;
  const { resourceVersion: _was, ...before } = live.metadata;
  const patch = strategicPatch({ ...wanted, metadata }, { ...live, metadata: before }, live.kind);
  return badPatch(goValue(patch), error.message.slice(at));
}
