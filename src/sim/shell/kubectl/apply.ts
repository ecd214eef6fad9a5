/** `kubectl apply`, `create -f` and `replace -f`: manifests to the server (kubectl pkg/cmd/apply, create, replace). */
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { FileContext, WriteOptions } from './api';
import type { Kubectl, Verb } from './context';
import { dryRunOf } from './context';
import { readManifests } from './files';
import type { ManifestObject } from './files';
import { printedType } from './targets';
import { printErrors, say } from './write';

interface Outcome {
  readonly object: ApiObject;
  readonly what: string;
}

/** What is refused before any file is read. */
function checkUsage(k: Kubectl, verb: string): void {
  if (k.args.length > 0)
    throw new UsageError(
      `Unexpected args: [${k.args.join(' ')}]`,
      `See 'kubectl ${verb} -h' for help and examples`,
    );
  if (!k.flags.has('filename')) throw new UsageError('must specify one of -f and -k');
  const validate = k.flags.text('validate') || 'strict';
  if (!['strict', 'true', 'warn', 'ignore', 'false'].includes(validate))
    throw new UsageError(
      `invalid - validate option "${validate}"; must be one of: strict (or true), warn, ignore (or false)`,
    );
}

/** How the server is to treat fields that it does not know, as --validate says. */
function validation(k: Kubectl): WriteOptions {
  const mode = k.flags.text('validate') || 'strict';
  if (mode === 'strict' || mode === 'true') return {};
  return { unknown: (message) => (mode === 'warn' ? k.io.err(`Warning: ${message}\n`) : undefined) };
}

/** Writes each object of -f, says what happened, and words what is refused. */
function eachManifest(
  k: Kubectl,
  verb: string,
  act: (item: ManifestObject, context: { doing: string }) => Outcome,
): Step {
  checkUsage(k, verb);
  const errors: unknown[] = [];
  const places: FileContext[] = [];
  for (const item of readManifests(k, verb)) {
    const context = { doing: 'creating' };
    try {
      const { object, what } = act(item, context);
      say(k, { resource: item.resource, object }, what);
    } catch (error) {
      errors.push(error);
      places.push({ doing: context.doing, file: item.file });
    }
  }
  return printErrors(k, errors, (i) => places[i]);
}

function deprecatedDryRun(k: Kubectl): void {
  if (k.flags.text('dry-run') !== 'unchanged') return;
  k.io.err(
    'W0101 00:00:00.000000       1 helpers.go:702] --dry-run is deprecated and can be replaced with --dry-run=client.\n',
  );
}

function apply(k: Kubectl): Step {
  const mode = dryRunOf(k.flags);
  deprecatedDryRun(k);
  return eachManifest(k, 'apply', ({ object, resource }, context) => {
    const live = k.api.get(resource, object.metadata.namespace ?? '', object.metadata.name);
    if (live !== undefined) context.doing = 'patching';
    if (mode === 'client') return { object, what: live === undefined ? 'created' : 'configured' };
    const applied = k.api.apply(object, { ...validation(k), dryRun: mode === 'server' });
    for (const warning of applied.warnings) k.io.err(`Warning: ${warning}\n`);
    return {
      object: applied.object,
      what: k.flags.bool('server-side') ? 'serverside-applied' : applied.result,
    };
  });
}

function createFromFile(k: Kubectl): Step {
  const mode = dryRunOf(k.flags);
  return eachManifest(k, 'create', ({ object }) => ({
    object:
      mode === 'client' ? object : k.api.create(object, { ...validation(k), dryRun: mode === 'server' }),
    what: 'created',
  }));
}

function replace(k: Kubectl): Step {
  const mode = dryRunOf(k.flags);
  const force = k.flags.bool('force');
  return eachManifest(k, 'replace', ({ object, resource }, context) => {
    context.doing = 'replacing';
    if (mode === 'client') return { object, what: 'replaced' };
    if (force) {
      const { namespace = '', name } = object.metadata;
      if (k.api.get(resource, namespace, name) !== undefined) {
        k.api.delete(resource, namespace, name, { gracePeriodSeconds: 0 });
        const where = resource.namespaced ? ` from ${namespace} namespace` : '';
        k.io.out(`${printedType(resource)} "${name}" deleted${where}\n`);
      }
      return { object: k.api.create(object, validation(k)), what: 'replaced' };
    }
    return {
      object: k.api.update(object, { ...validation(k), dryRun: mode === 'server' }),
      what: 'replaced',
    };
  });
}

/** Bare `kubectl create` and its -f form; the generators are commands of their own. */
function create(k: Kubectl): Step {
  if (!k.flags.has('filename') && k.args.length > 0) {
    throw new UsageError(`unknown command "${k.args[0]}"`, "See 'kubectl create -h' for help and examples");
  }
  return createFromFile(k);
}

export const applyVerbs: readonly Verb[] = [
  { path: 'apply', run: apply },
  { path: 'create', run: create },
  { path: 'replace', run: replace },
];
