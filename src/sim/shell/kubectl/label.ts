/** `kubectl label` and `kubectl annotate` (kubectl pkg/cmd/label, annotate). */
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { dryRunOf, dryRunSuffix } from './context';
import { byText } from './plain-values';
import { printedName } from './targets';
import { chooseObjects, forEach, say, store } from './write';
import { withMeta } from './change';

type Field = 'labels' | 'annotations';

interface Edits {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** Arguments before the first KEY=VALUE or KEY-. */
  readonly resources: readonly string[];
}

const VALUE = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function isEdit(word: string): boolean {
  return /^[^=]+=/.test(word) || /^[^=]+-$/.test(word);
}

function parseEdits(args: readonly string[], field: Field): Edits {
  const first = args.findIndex(isEdit);
  const resources = first < 0 ? args : args.slice(0, first);
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const word of first < 0 ? [] : args.slice(first)) {
    const equals = word.indexOf('=');
    if (equals > 0) {
      const value = word.slice(equals + 1);
      if (field === 'labels') {
        if (value.length > 63)
          throw new UsageError(`invalid label value: "${word}": must be no more than 63 bytes`);
        if (!VALUE.test(value)) throw new UsageError(`invalid label value: "${word}": ${VALUE_RULE}`);
      }
      set[word.slice(0, equals)] = value;
    } else if (word.endsWith('-')) remove.push(word.slice(0, -1));
    else throw new UsageError(`unknown ${field === 'labels' ? 'label' : 'annotation'} spec: ${word}`);
  }
  const both = remove.find((key) => set[key] !== undefined);
  if (both !== undefined) {
    const one = field === 'labels' ? 'a label' : 'an annotation';
    throw new UsageError(`can not both modify and remove ${one} in the same command`);
  }
  return { set, remove, resources };
}

function listOnly(k: Kubectl, edits: Edits, field: Field): Step {
  const chosen = chooseObjects(k, edits.resources);
  const several = chosen.found.length > 1;
  return forEach(k, chosen, ({ resource, object }) => {
    if (several)
      k.io.out(`Listing ${field} for ${resource.kind}.${resource.group}/${object.metadata.name}:\n`);
    const map = object.metadata[field] ?? {};
    for (const key of Object.keys(map).sort(byText)) k.io.out(`${several ? ' ' : ''}${key}=${map[key]}\n`);
  });
}

function edit(k: Kubectl, field: Field): Step {
  const word = field === 'labels' ? 'label' : 'annotation';
  const done = field === 'labels' ? 'labeled' : 'annotated';
  const edits = parseEdits(k.args, field);
  if (edits.resources.length === 0 && !k.flags.has('filename')) {
    throw new UsageError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (k.flags.bool('list')) return listOnly(k, edits, field);
  if (Object.keys(edits.set).length === 0 && edits.remove.length === 0) {
    throw new UsageError(`at least one ${word} update is required`);
  }
  return forEach(k, chooseObjects(k, edits.resources), ({ resource, object }) => {
    const old = object.metadata[field] ?? {};
    if (!k.flags.bool('overwrite')) {
      for (const [key, value] of Object.entries(edits.set)) {
        if (old[key] === undefined || (old[key] === value && field === 'labels')) continue;
        throw new UsageError(`'${key}' already has a value (${old[key]}), and --overwrite is false`);
      }
    }
    const next: Record<string, string> = { ...old, ...edits.set };
    for (const key of edits.remove) {
      if (next[key] === undefined && field === 'labels') k.io.out(`${word} "${key}" not found.\n`);
      delete next[key];
    }
    const changed =
      Object.keys(next).length !== Object.keys(old).length ||
      Object.keys(next).some((key) => next[key] !== old[key]);
    const stored = changed ? store(k, withMeta(object, { [field]: next })) : object;
    if (!changed && field === 'labels') {
      k.io.out(
        `${printedName(resource, object.metadata.name)} not labeled${dryRunSuffix(dryRunOf(k.flags))}\n`,
      );
      return;
    }
    const onlyRemoved = field === 'labels' && Object.keys(edits.set).length === 0;
    say(k, { resource, object: stored }, onlyRemoved ? 'unlabeled' : done);
  });
}

export const labelVerbs: readonly Verb[] = [
  { path: 'label', run: (k) => edit(k, 'labels') },
  { path: 'annotate', run: (k) => edit(k, 'annotations') },
];
