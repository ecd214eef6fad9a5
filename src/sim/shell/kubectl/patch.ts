/** `kubectl patch`: strategic merge, JSON merge (RFC 7386) and JSON patch (RFC 6902). */
import { parseDocument } from 'yaml';
import { ApiError, badPatch } from '../../api/errors';
import { mergePatch } from '../../api/merge';
import { sameValue } from '../../api/equal';
import type { ApiObject } from '../../api/object';
import { goValue, whyUnreadable } from '../../api/patch-text';
import { YAML_OPTIONS, toPlain } from '../../manifests/scalars';
import { syntaxWords } from '../../manifests/yaml-errors';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { dryRunOf } from './context';
import { jsonMerge, jsonPatch } from './json-patch';
import { NO_RESOURCES, chooseObjects, forEach, say } from './write';

const TYPES = ['json', 'merge', 'strategic'];

/** Go's encoding/json on a patch of the wrong shape. */
function cannotDecode(what: string): ApiError {
  return new ApiError('BadRequest', 400, what);
}

function patched(object: ApiObject, type: string, patch: unknown): ApiObject {
  if (type === 'json') {
    if (!Array.isArray(patch)) {
      const is = patch === null || typeof patch !== 'object' ? typeof patch : 'object';
      throw cannotDecode(
        `error decoding patch: json: cannot unmarshal ${is} into Go value of type jsonpatch.Patch`,
      );
    }
    return jsonPatch(object, patch) as ApiObject;
  }
  if (Array.isArray(patch) || typeof patch !== 'object' || patch === null) {
    const is = Array.isArray(patch) ? 'array' : typeof patch;
    throw cannotDecode(
      type === 'merge'
        ? 'error decoding patch: Invalid JSON Patch'
        : `json: cannot unmarshal ${is} into Go value of type map[string]interface {}`,
    );
  }
  if (type === 'merge') return jsonMerge(object, patch) as ApiObject;
  return mergePatch(patch as Record<string, unknown>, object);
}

/** The patch, read as YAML. Throws UsageError. */
function readPatch(k: Kubectl): unknown {
  const file = k.flags.text('patch-file');
  const found = file === '' ? k.flags.text('patch') : k.world.readFiles(file)?.[0]?.text;
  if (found === undefined)
    throw new UsageError(`unable to read patch file: open ${file}: no such file or directory`);
  const tree = parseDocument(found, YAML_OPTIONS);
  if (tree.errors.length > 0) {
    const why = syntaxWords(tree.errors, found).kubectl;
    // After an opening bracket, a colon or a comma the parser still wants a value.
    const open = /[[{:,]$/.test(found.trim());
    const said = open
      ? why.replace(/did not find expected ','.*/, 'did not find expected node content')
      : why;
    throw new UsageError(`unable to parse ${JSON.stringify(found)}: ${said}`);
  }
  return toPlain(tree).value;
}

/** What is refused before anything is asked of the server. */
function checkFlags(k: Kubectl): void {
  const [patch, file, type] = [k.flags.text('patch'), k.flags.text('patch-file'), k.flags.text('type')];
  if (patch !== '' && file !== '') throw new UsageError('cannot specify --patch and --patch-file together');
  if (patch === '' && file === '')
    throw new UsageError('must specify --patch or --patch-file containing the contents of the patch');
  if (k.flags.bool('local') && k.args.length > 0)
    throw new UsageError('cannot specify --local and server resources');
  if (type !== '' && !TYPES.includes(type.toLowerCase()))
    throw new UsageError(`--type must be one of [json merge strategic], not "${type}"`);
}

function run(k: Kubectl): Step {
  checkFlags(k);
  const type = k.flags.text('type').toLowerCase() || 'strategic';
  const patch = readPatch(k);
  const mode = dryRunOf(k.flags);
  return forEach(k, chooseObjects(k, k.args, { nothing: NO_RESOURCES }), ({ resource, object }) => {
    const next = patched(object, type, patch);
    let stored = next;
    if (mode !== 'client')
      stored = update(k, next, type === 'strategic' ? goValue(patch) : JSON.stringify(next));
    const unchanged = sameValue(
      { ...stored, metadata: { ...stored.metadata, resourceVersion: '', generation: 0 } },
      { ...object, metadata: { ...object.metadata, resourceVersion: '', generation: 0 } },
    );
    say(k, { resource, object: stored }, unchanged ? 'patched (no change)' : 'patched');
  });
}

/** Sends a patched object; a patch asks only for warnings of unknown fields, and is quoted when it makes nonsense. */
function update(k: Kubectl, next: ApiObject, quoted: string): ApiObject {
  const unknown = (message: string) => k.io.err(`Warning: ${message}\n`);
  try {
    return k.api.update(next, { dryRun: dryRunOf(k.flags) === 'server', unknown });
  } catch (error) {
    const why = error instanceof ApiError ? whyUnreadable(error) : null;
    if (why === null) throw error;
    const said = quoted.startsWith('map[')
      ? why
      : (error as ApiError).message.replace(/^.*?: (?=json: )/, '');
    throw badPatch(quoted, said);
  }
}

export const patchVerb: Verb = { path: 'patch', run };
