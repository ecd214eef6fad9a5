/** What all changing commands do alike: choose their objects, write with or without --dry-run, and say what happened. */
import type { Resource } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError, errorText } from './api';
import type { FileContext } from './api';
import { DONE, FAILED, dryRunOf, dryRunSuffix } from './context';
import type { Kubectl } from './context';
import { readManifests } from './files';
import { isTable, printObjects } from './output';
import { fetchAll, parseTargets, printedName } from './targets';

/** What kubectl says when a command names no objects at all. */
export const NO_RESOURCES = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

export interface Chosen {
  readonly resource: Resource;
  readonly object: ApiObject;
}

/**
 * The stored objects that arguments or -f name. `all` lets a bare TYPE mean every object. Refusals are collected.
 * Throws UsageError when nothing is named; `nothing` is what is then said.
 */
export function chooseObjects(
  k: Kubectl,
  args: readonly string[],
  options: { all?: boolean; nothing?: string } = {},
): { found: readonly Chosen[]; errors: readonly unknown[] } {
  if (k.flags.has('filename')) {
    const targets = readManifests(k, k.flags.command).map(({ object, resource }) => ({
      resource,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
    }));
    return fetchAll(k, targets);
  }
  if (args.length === 0) throw new UsageError(options.nothing ?? NO_RESOURCES);
  const all = options.all === true || k.flags.bool('all');
  return fetchAll(k, parseTargets(k, args, { all, select: k.flags.bool('all') }).targets);
}

/** Stores a changed object as --dry-run says, and answers what is now (or would be) stored. */
export function store(k: Kubectl, object: ApiObject): ApiObject {
  const mode = dryRunOf(k.flags);
  return mode === 'client' ? object : k.api.update(object, { dryRun: mode === 'server' });
}

/** Prints "deployment.apps/web scaled", or the object when -o asks for it. */
export function say(k: Kubectl, { resource, object }: Chosen, what: string): void {
  const output = k.flags.text('output');
  if (isTable(output)) {
    k.io.out(`${printedName(resource, object.metadata.name)} ${what}${dryRunSuffix(dryRunOf(k.flags))}\n`);
  } else k.io.out(printObjects(output, [{ resource, object }], { single: true, headers: true }));
}

/** Runs `act` on each object and prints what is refused; the exit code tells whether anything was. */
export function forEach(
  k: Kubectl,
  chosen: { readonly found: readonly Chosen[]; readonly errors: readonly unknown[] },
  act: (one: Chosen) => void,
): Step {
  const errors: unknown[] = [];
  for (const one of chosen.found) collect(errors, () => act(one));
  return printErrors(k, [...errors, ...chosen.errors]);
}

/** Runs something and keeps what it refuses. */
export function collect(errors: unknown[], act: () => void): void {
  try {
    act();
  } catch (error) {
    errors.push(error);
  }
}

/** Prints refusals, with the files they concern where known. */
export function printErrors(
  k: Kubectl,
  errors: readonly unknown[],
  where: (index: number) => FileContext | undefined = () => undefined,
): Step {
  errors.forEach((error, i) => k.io.err(errorText(error, where(i), errors.length > 1)));
  return errors.length > 0 ? FAILED : DONE;
}
