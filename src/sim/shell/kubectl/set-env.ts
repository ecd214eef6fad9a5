/** `kubectl set env` (kubectl pkg/cmd/set/set_env.go, set/env). */
import type { ApiObject } from '../../api/object';
import { regexMessage } from '../../api/names';
import type { Step } from '../shell';
import { UsageError } from './api';
import { byText } from './plain-values';
import type { Kubectl } from './context';
import { containersOf, mapContainers, namedBy, objectsToSet, saveEach, splitWords } from './pod-specs';
import { list, map, str } from './read';
import type { Fields } from './read';
import { chooseObjects, printErrors } from './write';
import type { Chosen } from './write';

const NAME_RULE = regexMessage(
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
);

interface Edits {
  readonly set: readonly Fields[];
  readonly remove: readonly string[];
}

function parseEdits(changes: readonly string[]): Edits {
  const set: Fields[] = [];
  const remove: string[] = [];
  for (const change of changes) {
    const at = change.indexOf('=');
    if (at < 0) {
      if (!change.endsWith('-')) throw new UsageError(`unknown environment variable: ${change}`);
      remove.push(change.slice(0, -1));
      continue;
    }
    const name = change.slice(0, at);
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name))
      throw new UsageError(`"${name}" is not a valid key name: ${NAME_RULE}`);
    set.push({ name, value: change.slice(at + 1) });
  }
  if (remove.some((name) => set.some((variable) => variable['name'] === name))) {
    throw new UsageError('can not both modify and remove the same environment variable in the same command');
  }
  return { set, remove };
}

/** Variables for every key of the ConfigMap or Secret that --from names. Throws its NotFound. */
function variablesFrom(k: Kubectl): readonly Fields[] {
  const { found, errors } = chooseObjects(k, [k.flags.text('from')]);
  if (errors.length > 0) throw errors[0] as Error;
  const keys = k.flags.list('keys');
  return found.flatMap(({ object }) => {
    const ref = { ConfigMap: 'configMapKeyRef', Secret: 'secretKeyRef' }[object.kind];
    if (ref === undefined) throw new UsageError('unsupported resource specified in --from');
    const wanted = Object.keys(map(object, 'data')).filter((key) => keys.length === 0 || keys.includes(key));
    return wanted.sort(byText).map((key) => ({
      name: key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase(),
      valueFrom: { [ref]: { name: object.metadata.name, key } },
    }));
  });
}

function edited(container: Fields, { set, remove }: Edits): Fields {
  const done = new Set(remove);
  const next: Fields[] = [];
  for (const old of list(container, 'env')) {
    const name = str(old, 'name');
    if (done.has(name)) continue;
    const newer = set.find((variable) => variable['name'] === name);
    if (newer !== undefined) done.add(name);
    next.push(newer ?? old);
  }
  for (const variable of set) {
    const name = str(variable, 'name');
    if (!done.has(name)) next.push(variable);
    done.add(name);
  }
  const { env: _old, ...rest } = container;
  return next.length > 0 ? { ...rest, env: next } : rest;
}

function refuseOverwriting(k: Kubectl, { resource, object }: Chosen, container: Fields, edits: Edits): void {
  if (k.flags.bool('overwrite')) return;
  for (const variable of edits.set) {
    const old = list(container, 'env').find((entry) => entry['name'] === variable['name']);
    if (old === undefined || str(old, 'value') === str(variable, 'value')) continue;
    throw new UsageError(
      `error: ${resource.plural}/${object.metadata.name} '${str(old, 'name')}' already has a value (${str(old, 'value')}), and --overwrite is false`,
    );
  }
}

/** How a variable's source is told: "configmap conf, key a". */
function sourceText(from: unknown): string {
  for (const kind of ['configMap', 'secret']) {
    const name = str(from, `${kind}KeyRef.name`);
    if (name !== '') return `${kind.toLowerCase()} ${name}, key ${str(from, `${kind}KeyRef.key`)}`;
  }
  const field = str(from, 'fieldRef.fieldPath');
  if (field !== '') return `field path ${field}`;
  const resource = str(from, 'resourceFieldRef.resource');
  if (resource === '') return 'invalid valueFrom';
  const container = str(from, 'resourceFieldRef.containerName');
  return `resource field ${container === '' ? '' : `${container}/`}${resource}`;
}

/** Not simulated: --resolve; a variable from elsewhere is told by its source. */
function listEnv(k: Kubectl, { object }: Chosen, container: Fields): void {
  k.io.out(`# ${object.kind} ${object.metadata.name}, container ${str(container, 'name')}\n`);
  for (const variable of list(container, 'env')) {
    const [name, source] = [str(variable, 'name'), variable['valueFrom']];
    k.io.out(
      source == null ? `${name}=${str(variable, 'value')}\n` : `# ${name} from ${sourceText(source)}\n`,
    );
  }
}

function change(k: Kubectl, chosen: Chosen, edits: Edits): ApiObject {
  const pattern = k.flags.text('containers');
  const wanted = namedBy(pattern);
  const { kind, metadata } = chosen.object;
  const containers = containersOf(chosen).filter(wanted);
  if (containers.length === 0) {
    k.io.err(`warning: ${kind}/${metadata.name} does not have any containers matching "${pattern}"\n`);
  }
  for (const container of containers) refuseOverwriting(k, chosen, container, edits);
  if (k.flags.bool('list')) {
    for (const container of containers) listEnv(k, chosen, edited(container, edits));
    return chosen.object;
  }
  return mapContainers(chosen, (container) => (wanted(container) ? edited(container, edits) : container));
}

/** Sets, removes or lists variables of containers. Throws UsageError. */
export function setEnv(k: Kubectl): Step {
  const { resources, changes } = splitWords(
    k.args,
    () => `all resources must be specified before environment changes: ${k.args.join(' ')}`,
  );
  if (resources.length === 0 && !k.flags.has('filename')) {
    throw new UsageError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (k.flags.bool('list') && k.flags.text('output') !== '')
    throw new UsageError('--list and --output may not be specified together');
  const from = k.flags.text('from');
  if (k.flags.has('keys') && from === '') {
    throw new UsageError('when specifying --keys, a configmap or secret must be provided with --from');
  }
  const given = parseEdits([...k.flags.list('env'), ...changes]);
  const added = from === '' ? [] : variablesFrom(k);
  const prefix = k.flags.text('prefix');
  const edits = {
    set: [...given.set, ...added].map((one) => ({ ...one, name: prefix + str(one, 'name') })),
    remove: given.remove,
  };
  const { found, errors } = objectsToSet(k, resources);
  if (errors.length > 0) return printErrors(k, errors);
  const words = { done: 'env updated', failed: 'failed to patch env update to pod template: ' };
  return saveEach(k, found, words, (chosen) => change(k, chosen, edits));
}
