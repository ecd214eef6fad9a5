/** JSON merge patch (RFC 7386) and JSON patch (RFC 6902), as the API server applies them (github.com/evanphx/json-patch). */
import { sameValue } from '../../api/equal';
import { ApiError } from '../../api/errors';
import { isRecord } from './plain-values';

/** JSON merge patch: null removes, records merge, everything else replaces. */
export function jsonMerge(base: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const out: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = jsonMerge(out[key], value);
  }
  return out;
}

/** The words of the server for a JSON patch that cannot be applied; it does not say why. */
function unprocessable(): ApiError {
  return new ApiError('Invalid', 422, 'the server rejected our request due to an error in our request');
}

function pointer(path: unknown): string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw unprocessable();
  const parts = path.split('/').slice(1);
  return parts.map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** The place of a list that a pointer's word means; one past the end is -, and negative numbers count from the end. */
function placeIn(list: readonly unknown[], key: string, inserts: boolean): number {
  if (inserts && key === '-') return list.length;
  if (!/^-?\d+$/.test(key)) throw unprocessable();
  const at = Number(key) < 0 ? Number(key) + list.length : Number(key);
  if (at < 0 || at >= list.length + (inserts ? 1 : 0)) throw unprocessable();
  return at;
}

function valueAt(from: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[placeIn(value, key, false)];
    if (!isRecord(value) || !Object.hasOwn(value, key)) throw unprocessable();
    return value[key];
  }, from);
}

type Change = (parent: unknown, key: string) => unknown;

/** Applies `change` to the parent of a path; a copy is returned. */
function changeAt(value: unknown, path: readonly string[], change: Change): unknown {
  const [key, ...rest] = path;
  if (key === undefined) throw unprocessable();
  if (rest.length === 0) return change(value, key);
  if (Array.isArray(value)) {
    const at = placeIn(value, key, false);
    return value.map((item: unknown, i) => (i === at ? changeAt(item, rest, change) : item));
  }
  if (!isRecord(value) || value[key] === undefined) throw unprocessable();
  return { ...value, [key]: changeAt(value[key], rest, change) };
}

function add(value: unknown): Change {
  return (parent, key) => {
    if (Array.isArray(parent)) return parent.toSpliced(placeIn(parent, key, true), 0, value);
    if (!isRecord(parent)) throw unprocessable();
    return { ...parent, [key]: value };
  };
}

function replace(value: unknown): Change {
  return (parent, key) => {
    if (Array.isArray(parent)) return parent.toSpliced(placeIn(parent, key, false), 1, value);
    if (!isRecord(parent) || !Object.hasOwn(parent, key)) throw unprocessable();
    return { ...parent, [key]: value };
  };
}

const remove: Change = (parent, key) => {
  if (Array.isArray(parent)) return parent.toSpliced(placeIn(parent, key, false), 1);
  if (!isRecord(parent) || !Object.hasOwn(parent, key)) throw unprocessable();
  const { [key]: _gone, ...rest } = parent;
  return rest;
};

function operation(object: unknown, step: Readonly<Record<string, unknown>>): unknown {
  const path = pointer(step['path']);
  switch (step['op']) {
    case 'add':
      return changeAt(object, path, add(step['value']));
    case 'replace':
      return changeAt(object, path, replace(step['value']));
    case 'remove':
      return changeAt(object, path, remove);
    case 'test': {
      // A test for null is met by what is not there.
      const parent = valueAt(object, path.slice(0, -1));
      const absent = isRecord(parent) && !Object.hasOwn(parent, path.at(-1)!);
      if (!sameValue(absent ? null : valueAt(object, path), step['value'] ?? null)) throw unprocessable();
      return object;
    }
    case 'copy':
      return changeAt(object, path, add(valueAt(object, pointer(step['from']))));
    case 'move': {
      const from = pointer(step['from']);
      return changeAt(changeAt(object, from, remove), path, add(valueAt(object, from)));
    }
    default:
      throw unprocessable();
  }
}

/** The object after every step of a JSON patch. Throws ApiError (Invalid) when one cannot be done. */
export function jsonPatch(object: unknown, steps: readonly unknown[]): unknown {
  return steps.reduce((now, step) => operation(now, isRecord(step) ? step : {}), object);
}
