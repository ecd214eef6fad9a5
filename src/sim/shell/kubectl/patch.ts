/** `kubectl patch`: strategic merge, JSON merge (RFC 7386) and JSON patch (RFC 6902). */
import { parse } from 'yaml';
import { ApiError } from '../../api/errors';
import { mergePatch } from '../../api/merge';
import { sameValue } from '../../api/equal';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { isRecord } from './plain-values';
import { NO_RESOURCES, chooseObjects, forEach, say, store } from './write';

/** JSON merge patch: null removes, records merge, everything else replaces. */
function jsonMerge(base: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const out: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = jsonMerge(out[key], value);
  }
  return out;
}

function pointer(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function unprocessable(why: string): ApiError {
  return new ApiError(
    'Invalid',
    422,
    `the server rejected our request due to an error in our request: ${why}`,
  );
}

/** Applies `change` to the value at a path; a copy is returned. */
function changeAt(
  value: unknown,
  path: readonly string[],
  change: (parent: unknown, key: string) => unknown,
): unknown {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return change(value, key);
  if (Array.isArray(value)) {
    return value.map((item: unknown, i) => (String(i) === key ? changeAt(item, rest, change) : item));
  }
  if (!isRecord(value) || value[key] === undefined)
    throw unprocessable(`doc is missing path: ${path.join('/')}`);
  return { ...value, [key]: changeAt(value[key], rest, change) };
}

function operation(object: unknown, step: Record<string, unknown>): unknown {
  const path = pointer(String(step['path'] ?? ''));
  const op = String(step['op']);
  if (op === 'test') return object;
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw unprocessable(`unexpected kind: ${op}`);
  return changeAt(object, path, (parent, key) => {
    if (Array.isArray(parent)) {
      const at = key === '-' ? parent.length : Number(key);
      const replaced = op === 'add' ? 0 : 1;
      return parent.toSpliced(at, replaced, ...(op === 'remove' ? [] : [step['value']]));
    }
    const record: Record<string, unknown> = isRecord(parent) ? { ...parent } : {};
    if (op !== 'add' && record[key] === undefined)
      throw unprocessable(`replace operation does not apply: doc is missing key: ${key}`);
    if (op === 'remove') delete record[key];
    else record[key] = step['value'];
    return record;
  });
}

function patched(object: ApiObject, type: string, patch: unknown): ApiObject {
  switch (type) {
    case 'json': {
      if (!Array.isArray(patch))
        throw new ApiError(
          'BadRequest',
          400,
          'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
        );
      return patch.reduce<unknown>(
        (now, step) => operation(now, step as Record<string, unknown>),
        object,
      ) as ApiObject;
    }
    case 'merge':
      return jsonMerge(object, patch) as ApiObject;
    default:
      return mergePatch(patch as Record<string, unknown>, object);
  }
}

function readPatch(k: Kubectl): unknown {
  const file = k.flags.text('patch-file');
  const text = file === '' ? k.flags.text('patch') : (k.world.readFiles(file)?.[0]?.text ?? '');
  if (text === '')
    throw new UsageError('must specify --patch or --patch-file containing the contents of the patch');
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    throw new UsageError(`unable to parse "${text}": yaml: did not find expected node content`);
  }
  const first = text.trim().charAt(0);
  throw new ApiError(
    'BadRequest',
    400,
    `invalid character '${first}' looking for beginning of object key string`,
  );
}

const TYPES = ['json', 'merge', 'strategic'];

function run(k: Kubectl): Step {
  const type = k.flags.text('type') || 'strategic';
  if (!TYPES.includes(type)) {
    throw new UsageError(`--type must be one of [json merge strategic], not "${type}"`);
  }
  if (k.flags.text('patch') === '' && k.flags.text('patch-file') === '') readPatch(k);
  const chosen = chooseObjects(k, k.args, { nothing: NO_RESOURCES });
  if (chosen.errors.length > 0 && chosen.found.length === 0) return forEach(k, chosen, () => undefined);
  const patch = readPatch(k);
  return forEach(k, chosen, ({ resource, object }) => {
    const next = patched(object, type, patch);
    const stored = store(k, next);
    const unchanged = sameValue(
      { ...stored, metadata: { ...stored.metadata, resourceVersion: '' } },
      { ...object, metadata: { ...object.metadata, resourceVersion: '' } },
    );
    say(k, { resource, object: stored }, unchanged ? 'patched (no change)' : 'patched');
  });
}

export const patchVerb: Verb = { path: 'patch', run };
