/** Where kinds keep their pod spec, and changes of its containers (kubectl pkg/polymorphichelpers, pkg/cmd/set). */
import { sameValue } from '../../api/equal';
import { ApiError } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError } from './api';
import { withField } from './change';
import type { Kubectl } from './context';
import { readManifests } from './files';
import { at, list } from './read';
import type { Fields } from './read';
import { chooseObjects, printErrors, say, store } from './write';
import type { Chosen } from './write';

/** Arguments before the first change, and the changes. */
interface Words {
  readonly resources: readonly string[];
  readonly changes: readonly string[];
}

/** Splits TYPE NAME from KEY=VALUE and KEY-. Throws UsageError, worded by `refuse`, for a resource after a change. */
export function splitWords(args: readonly string[], refuse: (word: string) => string): Words {
  const isChange = (word: string) => word.includes('=') || word.endsWith('-');
  const first = args.findIndex(isChange);
  if (first < 0) return { resources: args, changes: [] };
  const late = args.slice(first).find((word) => !isChange(word));
  if (late !== undefined) throw new UsageError(refuse(late));
  return { resources: args.slice(0, first), changes: args.slice(first) };
}

/** Where the pod spec of an object is. Throws UsageError when it has none. */
export function podSpecPath({ resource, object }: Chosen): readonly string[] {
  const path =
    object.kind === 'Pod'
      ? ['spec']
      : object.kind === 'CronJob'
        ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
        : ['spec', 'template', 'spec'];
  if (at(object, path.join('.')) !== undefined && object.kind !== 'PodTemplate') return path;
  const type = `*${resource.version}.${object.kind}`;
  throw new UsageError(
    `error: ${resource.plural}/${object.metadata.name} the object is not a pod or does not have a pod template: ${type}`,
  );
}

/** The containers of an object: the usual ones first, then those that start before them. */
export function containersOf(chosen: Chosen): readonly Fields[] {
  const path = podSpecPath(chosen).join('.');
  return [...list(chosen.object, `${path}.containers`), ...list(chosen.object, `${path}.initContainers`)];
}

/** A copy of an object with its containers and init containers changed. */
export function mapContainers(chosen: Chosen, change: (container: Fields) => Fields): ApiObject {
  const path = podSpecPath(chosen);
  let next = chosen.object;
  for (const field of ['containers', 'initContainers']) {
    const old = list(next, [...path, field].join('.'));
    if (old.length > 0) next = withField(next, [...path, field], old.map(change));
  }
  return next;
}

/** Whether a container's name is meant by a `--containers` pattern, in which * stands for anything. */
export function namedBy(pattern: string): (container: Fields) => boolean {
  const quoted = pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : `\\${sign}`));
  const rule = new RegExp(`^${quoted}$`);
  return (container) => rule.test(String(container['name'] ?? ''));
}

/** The objects that a `set` command means: stored ones, or with --local those in the files as they are. */
export function objectsToSet(k: Kubectl, resources: readonly string[]): ReturnType<typeof chooseObjects> {
  if (k.flags.bool('all') && k.flags.text('selector') !== '')
    throw new UsageError('cannot set --all and --selector at the same time');
  if (!k.flags.bool('local')) return chooseObjects(k, resources);
  if (resources.length > 0 || !k.flags.has('filename')) {
    throw new UsageError(
      "you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
    );
  }
  return { found: readManifests(k, 'set'), errors: [] };
}

/**
 * Changes objects and says so; what changes nothing is left alone without a word. A refusal of the server is told after
 * `failed`, for instance "failed to patch image update to pod template: ".
 */
export function saveEach(
  k: Kubectl,
  found: readonly Chosen[],
  words: { readonly done: string; readonly failed: string },
  change: (chosen: Chosen) => ApiObject,
): Step {
  const errors: unknown[] = [];
  for (const chosen of found) {
    try {
      const next = change(chosen);
      if (sameValue(next, chosen.object)) continue;
      const stored = k.flags.bool('local') ? next : store(k, next);
      say(k, { resource: chosen.resource, object: stored }, words.done);
    } catch (error) {
      const refused = error instanceof ApiError ? new UsageError(`${words.failed}${error.message}`) : error;
      errors.push(refused);
    }
  }
  return printErrors(k, errors);
}
