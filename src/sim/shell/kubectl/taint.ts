/** `kubectl taint` (kubectl pkg/cmd/taint). */
import { labelValue, qualifiedName } from '../../api/names';
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { list, str } from './read';
import { resourceNamed } from './targets';
import { chooseObjects, forEach, say, store } from './write';
import { withField } from './change';

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

interface Edits {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
  readonly resources: readonly string[];
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:Effect`, `key:Effect` or `key`. Throws UsageError. */
function parseSpec(spec: string): Taint {
  const refuse = (...why: readonly string[]) =>
    usage('taint', `invalid taint spec: ${[spec, ...(why.length > 0 ? [why.join('; ')] : [])].join(', ')}`);
  const [first = '', effect, ...more] = spec.split(':');
  if (more.length > 0) throw refuse();
  let [key, value]: [string, string | undefined] = [first, undefined];
  if (effect !== undefined) {
    if (!EFFECTS.includes(effect))
      throw usage('taint', `invalid taint effect: ${effect}, unsupported taint effect`);
    const parts = first.split('=');
    if (parts.length > 2) throw refuse();
    [key = '', value] = parts;
    const why = labelValue(value ?? '');
    if (why.length > 0) throw refuse(...why);
  }
  const why = qualifiedName(key);
  if (why.length > 0) throw refuse(...why);
  return { key, ...(value === undefined || value === '' ? {} : { value }), effect: effect ?? '' };
}

function parseAdded(specs: readonly string[]): Taint[] {
  const seen = new Set<string>();
  return specs.map((spec) => {
    const taint = parseSpec(spec);
    if (taint.effect === '') throw usage('taint', `invalid taint spec: ${spec}`);
    const id = `${taint.key}:${taint.effect}`;
    if (seen.has(id)) {
      const told = `{${taint.key} ${taint.value ?? ''} ${taint.effect} <nil>}`;
      throw usage('taint', `duplicated taints with the same key and effect: ${told}`);
    }
    seen.add(id);
    return taint;
  });
}

function parseEdits(args: readonly string[]): Edits {
  const isSpec = (word: string) => /[=:]/.test(word) || word.endsWith('-');
  const first = args.findIndex(isSpec);
  const resources = first < 0 ? args : args.slice(0, first);
  const specs = first < 0 ? [] : args.slice(first);
  const late = specs.find((word) => !isSpec(word));
  if (late !== undefined)
    throw new UsageError(`all resources must be specified before taint changes: ${late}`);
  if (resources.length === 0)
    throw new UsageError('one or more resources must be specified as <resource> <name>');
  if (specs.length === 0) throw new UsageError('at least one taint update is required');
  const gone = specs.filter((spec) => spec.endsWith('-')).map((spec) => parseSpec(spec.slice(0, -1)));
  return { add: parseAdded(specs.filter((spec) => !spec.endsWith('-'))), remove: gone, resources };
}

function check(k: Kubectl, { add, remove, resources }: Edits): void {
  if (resourceNamed(k, resources[0]!).kind !== 'Node') {
    throw new UsageError(
      `invalid resource type ${resources[0]!.toLowerCase()}, only node types are supported`,
    );
  }
  const both = add.flatMap((taint) =>
    remove.filter(({ key, effect }) => key === taint.key && (effect === '' || effect === taint.effect)),
  );
  if (both.length > 0) {
    const told = both.map(({ key, effect }) => `{"${key}":"${effect}"}`).join(', ');
    throw new UsageError(
      `can not both modify and remove the following taint(s) in the same command: ${told}`,
    );
  }
  const [all, selector] = [k.flags.bool('all'), k.flags.text('selector')];
  if (all && selector !== '')
    throw new UsageError("setting 'all' parameter with a non empty selector is prohibited");
  if (!all && selector === '' && resources.length < 2)
    throw new UsageError("at least one resource name must be specified since 'all' parameter is not set");
}

function run(k: Kubectl): Step {
  const edits = parseEdits(k.args);
  check(k, edits);
  return forEach(k, chooseObjects(k, edits.resources), ({ resource, object }) => {
    const old = list(object, 'spec.taints');
    const hits = (taint: Taint, entry: unknown) =>
      str(entry, 'key') === taint.key && (taint.effect === '' || str(entry, 'effect') === taint.effect);
    const clash = edits.add.filter((taint) => old.some((entry) => hits(taint, entry)));
    if (clash.length > 0 && !k.flags.bool('overwrite')) {
      const what = clash.map(({ key }) => key).join(',');
      throw new UsageError(
        `node ${object.metadata.name} already has ${what} taint(s) with same effect(s) and --overwrite is false`,
      );
    }
    const absent = edits.remove.filter((taint) => !old.some((entry) => hits(taint, entry)));
    if (absent.length > 0) {
      const told = absent.map(({ key, effect }) => `taint "${key}${effect && `:${effect}`}" not found`);
      throw new UsageError(told.join('\n'), undefined, told.length > 1);
    }
    const kept = old.filter((entry) => ![...edits.remove, ...edits.add].some((taint) => hits(taint, entry)));
    const next = [...edits.add, ...kept];
    const stored = store(k, withField(object, ['spec', 'taints'], next.length > 0 ? next : undefined));
    const added = [...edits.add, ...old.filter((entry) => !edits.add.some((taint) => hits(taint, entry)))];
    const grew = added.length !== old.length;
    const modified = (grew && edits.remove.length > 0) || k.flags.bool('overwrite');
    const what = modified ? 'modified' : grew ? 'tainted' : 'untainted';
    say(k, { resource, object: stored }, what);
  });
}

export const taintVerb: Verb = { path: 'taint', run };
