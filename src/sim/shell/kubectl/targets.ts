/**
 * What the words after a verb mean: TYPE, TYPE NAME, TYPE/NAME, TYPE1,TYPE2, categories, -f files, -l selectors
 * (cli-runtime pkg/resource Builder).
 */
import { notFound } from '../../api/errors';
import type { Resource } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { selectorTest } from './selector';

/** One name or one list that a command asks for. */
export interface Target {
  readonly resource: Resource;
  /** "" for cluster-scoped resources; null means every namespace. */
  readonly namespace: string | null;
  /** Null asks for the list. */
  readonly name: string | null;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** True when a single object was named, so that -o json prints it bare. */
  readonly single: boolean;
  /** True when more than one type was asked for: names then carry their kind. */
  readonly severalTypes: boolean;
}

/** "pod" or "deployment.apps": how kubectl names an object's type in messages. */
export function printedType(resource: Resource): string {
  return resource.group === '' ? resource.singular : `${resource.singular}.${resource.group}`;
}

/** "deployment.apps/web" */
export function printedName(resource: Resource, name: string): string {
  return `${printedType(resource)}/${name}`;
}

/** Finds a type by plural, singular, short name or kind, with or without version and group. Null when there is none. */
export function findResource(resources: readonly Resource[], text: string): Resource | null {
  const name = text.toLowerCase();
  const named = (r: Resource, part: string) =>
    r.plural === part || r.singular === part || r.shortNames.includes(part);
  const exact = resources.find((r) => named(r, name));
  if (exact !== undefined) return exact;
  const dot = name.indexOf('.');
  if (dot < 0) return null;
  const part = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  return (
    resources.find((r) => named(r, part) && (rest === r.group || rest === `${r.version}.${r.group}`)) ??
    resources.find((r) => named(r, part) && rest === `${r.version}.` && r.group === '') ??
    null
  );
}

/** One type by name. Throws UsageError when the server has none. */
export function resourceNamed(k: Pick<Kubectl, 'api'>, text: string): Resource {
  const found = findResource(k.api.resources(), text);
  if (found === null) throw new UsageError(`the server doesn't have a resource type "${text}"`);
  return found;
}

/** Order of the category "all". */
const ALL = [
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'horizontalpodautoscalers',
  'cronjobs',
  'jobs',
];

function typesOf(k: Kubectl, word: string): Resource[] {
  const resources = k.api.resources();
  return word.split(',').flatMap((name) => {
    const inCategory = resources.filter((r) => r.categories.includes(name.toLowerCase()));
    if (inCategory.length > 0) {
      const order = (r: Resource) => (name === 'all' ? ALL.indexOf(r.plural) : 0);
      return [...inCategory].sort((a, b) => order(a) - order(b));
    }
    return [resourceNamed(k, name)];
  });
}

function place(k: Kubectl, resource: Resource): string | null {
  if (!resource.namespaced) return '';
  return k.allNamespaces ? null : k.namespace;
}

function slashTargets(k: Kubectl, args: readonly string[]): Targets {
  const targets = args.map((arg): Target => {
    const parts = arg.split('/');
    if (parts.length === 1) {
      throw new UsageError(
        'there is no need to specify a resource type as a separate argument when passing arguments in resource/name form ' +
          "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
      );
    }
    if (parts.length > 2)
      throw new UsageError('arguments in resource/name form may not have more than one slash');
    if (parts.includes(''))
      throw new UsageError('arguments in resource/name form must have a single resource and name');
    const resource = resourceNamed(k, parts[0]!);
    return { resource, namespace: place(k, resource), name: parts[1]! };
  });
  const types = new Set(targets.map((target) => target.resource));
  return { targets, single: targets.length === 1, severalTypes: types.size > 1 };
}

/**
 * Reads arguments. `options.all` makes a bare TYPE mean all its objects (get, describe, or --all); without it a bare TYPE
 * is refused. `options.select` says that --all was given, which goes with no name. Throws UsageError.
 */
export function parseTargets(
  k: Kubectl,
  args: readonly string[],
  options: { all: boolean; select?: boolean },
): Targets {
  const selected = k.flags.text('selector') !== '' || k.flags.text('field-selector') !== '';
  let result: Targets;
  if (args.some((arg) => arg.includes('/'))) result = slashTargets(k, args);
  else {
    const types = typesOf(k, args[0]!);
    const names = args.slice(1);
    if (names.length === 0 && !options.all && !selected) {
      throw new UsageError('resource(s) were provided, but no name was specified');
    }
    const targets = types.flatMap((resource): Target[] => {
      const namespace = place(k, resource);
      return names.length === 0
        ? [{ resource, namespace, name: null }]
        : names.map((name) => ({ resource, namespace, name }));
    });
    const several = types.length > 1 || args[0]!.includes(',');
    result = { targets, single: targets.length === 1 && names.length === 1, severalTypes: several };
  }
  const named = result.targets.some((target) => target.name !== null);
  if (named && (selected || options.select === true))
    throw new UsageError('name cannot be provided when a selector is specified');
  if (named && k.allNamespaces && k.flags.bool('all-namespaces')) {
    throw new UsageError('a resource cannot be retrieved by name across all namespaces');
  }
  return result;
}

/** The objects of one target. Throws ApiError (NotFound, BadRequest). */
export function fetchTarget(k: Kubectl, target: Target): readonly ApiObject[] {
  const { resource, namespace, name } = target;
  if (name === null) {
    const test = selectorTest(resource, k.flags.text('selector'), k.flags.text('field-selector'));
    return k.api.list(resource, namespace ?? undefined).filter(test);
  }
  const found = k.api.get(resource, namespace ?? '', name);
  if (found !== undefined) return [found];
  if (resource.namespaced && namespace !== 'default' && namespaceMissing(k, namespace ?? '')) {
    throw notFound('namespaces', '', namespace ?? '');
  }
  throw notFound(resource.plural, resource.group, name);
}

function namespaceMissing(k: Kubectl, name: string): boolean {
  const namespaces = k.api.resources().find((r) => r.plural === 'namespaces');
  return namespaces !== undefined && k.api.get(namespaces, '', name) === undefined;
}

/** What a target walk came to: objects in order, and the refusals met on the way. */
export interface Fetched {
  readonly found: readonly { readonly resource: Resource; readonly object: ApiObject }[];
  readonly errors: readonly unknown[];
}

/** Fetches all targets, collecting refusals as kubectl does instead of stopping at the first. */
export function fetchAll(k: Kubectl, targets: readonly Target[]): Fetched {
  const found: { resource: Resource; object: ApiObject }[] = [];
  const errors: unknown[] = [];
  for (const target of targets) {
    try {
      for (const object of fetchTarget(k, target)) found.push({ resource: target.resource, object });
    } catch (error) {
      errors.push(error);
    }
  }
  return { found, errors };
}
