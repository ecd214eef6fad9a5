/** `kubectl label` and `kubectl annotate` (kubectl pkg/cmd/label, annotate). */
import { labelValue } from '../../api/names';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { dryRunOf, dryRunSuffix } from './context';
import { byText } from './plain-values';
import { splitWords } from './pod-specs';
import { printedName } from './targets';
import { chooseObjects, forEach, say, store } from './write';
import { withMeta } from './change';

type Field = 'labels' | 'annotations';

/** The one annotation that may always be overwritten. */
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

interface Edits {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** Arguments before the first KEY=VALUE or KEY-. */
  readonly resources: readonly string[];
}

function parseLabels(words: readonly string[]): Omit<Edits, 'resources'> {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const word of words) {
    if (!word.includes('=')) {
      remove.push(word.slice(0, -1));
      continue;
    }
    const [key = '', value = '', ...more] = word.split('=');
    if (more.length > 0) throw new UsageError(`invalid label spec: ${word}`);
    const why = labelValue(value);
    if (why.length > 0)
      throw new UsageError(`invalid label value: ${JSON.stringify(word)}: ${why.join(';')}`);
    set[key] = value;
  }
  if (remove.some((key) => set[key] !== undefined))
    throw new UsageError('can not both modify and remove a label in the same command');
  return { set, remove };
}

function parseAnnotations(words: readonly string[]): Omit<Edits, 'resources'> {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  const bad: string[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (at > 0) set[word.slice(0, at)] = word.slice(at + 1);
    else if (word.endsWith('-') && word !== '-') remove.push(word.slice(0, -1));
    else bad.push(word);
  }
  if (bad.length > 0) throw new UsageError(`invalid annotation format: ${bad.join(', ')}`);
  return { set, remove };
}

function parseEdits(args: readonly string[], field: Field): Edits {
  const word = field === 'labels' ? 'label' : 'annotation';
  const { resources, changes } = splitWords(
    args,
    (late) => `all resources must be specified before ${word} changes: ${late}`,
  );
  return { ...(field === 'labels' ? parseLabels(changes) : parseAnnotations(changes)), resources };
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

/** What flags and words may not be together. Throws UsageError. */
function check(k: Kubectl, edits: Edits, field: Field): void {
  const word = field === 'labels' ? 'label' : 'annotation';
  if (k.flags.bool('list') && k.flags.text('output') !== '')
    throw new UsageError('--list and --output may not be specified together');
  if (k.flags.bool('all') && k.flags.text('selector') !== '')
    throw new UsageError('cannot set --all and --selector at the same time');
  if (k.flags.bool('all') && k.flags.text('field-selector') !== '')
    throw new UsageError('cannot set --all and --field-selector at the same time');
  if (edits.resources.length === 0 && !k.flags.has('filename')) {
    throw new UsageError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (k.flags.bool('list')) return;
  if (Object.keys(edits.set).length === 0 && edits.remove.length === 0)
    throw new UsageError(`at least one ${word} update is required`);
  const both = edits.remove.filter((key) => edits.set[key] !== undefined);
  if (both.length > 0) {
    throw new UsageError(
      `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
    );
  }
}

/** Throws UsageError for keys that have another value already. */
function refuseOverwriting(old: Readonly<Record<string, string>>, edits: Edits, field: Field): void {
  const clashes = Object.entries(edits.set).filter(
    ([key, value]) =>
      old[key] !== undefined && old[key] !== value && (field === 'labels' || key !== CHANGE_CAUSE),
  );
  if (clashes.length === 0) return;
  const told = clashes.map(([key]) => `'${key}' already has a value (${old[key]})`);
  throw new UsageError(
    field === 'labels'
      ? `${told[0]}, and --overwrite is false`
      : `--overwrite is false but found the following declared annotation(s): ${told.join('; ')}`,
  );
}

function edit(k: Kubectl, field: Field): Step {
  const word = field === 'labels' ? 'label' : 'annotation';
  const done = field === 'labels' ? 'labeled' : 'annotated';
  const edits = parseEdits(k.args, field);
  check(k, edits, field);
  if (k.flags.bool('list')) return listOnly(k, edits, field);
  return forEach(k, chooseObjects(k, edits.resources), ({ resource, object }) => {
    const old = object.metadata[field] ?? {};
    if (!k.flags.bool('overwrite')) refuseOverwriting(old, edits, field);
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
