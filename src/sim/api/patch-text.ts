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
function strategicPatch(wanted: Json, live: Json, kind: string): Json {
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

/** Go's kinds of decoded JSON. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'int64',
  bool: 'bool',
  object: 'map',
  array: 'slice',
};

/** API types that are texts with a name of their own. */
const TEXT_TYPES =
  /^(?:string|\w+\.(?:Protocol|ServiceType|RestartPolicy|PullPolicy|DNSPolicy|ServiceAffinity|URIScheme|TaintEffect|TolerationOperator|ConcurrencyPolicy|CompletionMode|PathType|\w+PolicyType|\w+StrategyType|IPFamily|IPFamilyPolicy|\w+TrafficPolicy|SecretType|StorageMedium|UID))$/;

/**
 * The decoder's complaint about a value's type ("json: cannot unmarshal string into … of type int32") in the words of the
 * converter that reads a patched object. Null for another complaint.
 */
function converterText(message: string): string | null {
  const m = /json: cannot unmarshal (string|number|bool|object|array)( \S+)? into Go .*? type (\S+)$/.exec(
    message,
  );
  if (m === null) return null;
  const [, json = '', literal = '', type = ''] = m;
  const kind = json === 'number' && literal.includes('.') ? 'float64' : KINDS[json]!;
  if (type.startsWith('[]')) return `cannot restore slice from ${kind}`;
  if (type.startsWith('map[')) return `cannot restore map from ${kind}`;
  if (TEXT_TYPES.test(type))
    return kind === 'int64' ? `cannot convert int64 to ${type}` : 'unrecognized type: string';
  if (/^u?int\d*$/.test(type))
    return kind === 'float64' ? `cannot convert float64 to ${type}` : `unrecognized type: ${type}`;
  if (type === 'bool') return 'unrecognized type: bool';
  return `cannot restore struct from: ${kind}`;
}

/** Why the server cannot read a patched object, told as it tells that; null when `error` is about something else. */
export function whyUnreadable(error: ApiError): string | null {
  if (error.reason !== 'BadRequest') return null;
  const at = error.message.indexOf('strict decoding error: ');
  return at < 0 ? converterText(error.message) : error.message.slice(at);
}

/**
 * A refused update in the words of a refused patch: what cannot be read is told of the patch. Values of the wrong type
 * are left as they are unless `types` is set.
 */
export function asPatchError(error: ApiError, wanted: ApiObject, live: ApiObject, types: boolean): ApiError {
  const why = whyUnreadable(error);
  if (why === null || (!types && !why.startsWith('strict decoding'))) return error;
  const { resourceVersion: _now, ...metadata } = wanted.metadata;
  const { resourceVersion: _was, ...before } = live.metadata;
  const patch = strategicPatch({ ...wanted, metadata }, { ...live, metadata: before }, live.kind);
  return badPatch(goValue(patch), why);
}
