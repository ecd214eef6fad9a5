/** `kubectl taint` (kubectl pkg/cmd/taint). */
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { list, str } from './read';
import { parseTargets } from './targets';
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
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function isSpec(word: string): boolean {
  return /[=:]/.test(word) || word.endsWith('-');
}

function parseSpec(spec: string): Taint {
  const m = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(spec.replace(/-$/, ''));
  const [, key = '', value, effect = ''] = m ?? [];
  const removes = spec.endsWith('-');
  if (effect === '' && !removes) throw usage('taint', `invalid taint spec: ${spec}, ${NAME_RULE}`);
  if (effect !== '' && !EFFECTS.includes(effect)) {
    throw usage('taint', `invalid taint effect: ${effect}, unsupported taint effect`);
  }
  return { key, ...(value === undefined || value === '' ? {} : { value }), effect };
}

function parseEdits(args: readonly string[]): Edits {
  const first = args.findIndex((word, i) => i > 0 && isSpec(word));
  const specs = first < 0 ? [] : args.slice(first);
  return {
    add: specs.filter((spec) => !spec.endsWith('-')).map(parseSpec),
    remove: specs.filter((spec) => spec.endsWith('-')).map(parseSpec),
    resources: first < 0 ? args : args.slice(0, first),
  };
}

function run(k: Kubectl): Step {
  if (k.args.length === 0)
    throw usage('taint', 'one or more resources must be specified as <resource> <name>');
  const edits = parseEdits(k.args);
  const kinds = parseTargets(k, edits.resources, { all: true }).targets;
  if (kinds.some(({ resource }) => resource.kind !== 'Node')) {
    throw new UsageError(`invalid resource type ${edits.resources[0]}, only node types are supported`);
  }
  if (edits.add.length === 0 && edits.remove.length === 0) {
    throw new UsageError('at least one taint update is required');
  }
  return forEach(k, chooseObjects(k, edits.resources), ({ resource, object }) => {
    const old = list(object, 'spec.taints');
    const hits = (taint: Taint, entry: unknown) =>
      str(entry, 'key') === taint.key && (taint.effect === '' || str(entry, 'effect') === taint.effect);
    for (const taint of edits.remove) {
      if (!old.some((entry) => hits(taint, entry))) {
        throw new UsageError(`taint "${taint.key}${taint.effect && `:${taint.effect}`}" not found`);
      }
    }
    const clash = edits.add.filter((taint) => old.some((entry) => hits(taint, entry)));
    if (clash.length > 0 && !k.flags.bool('overwrite')) {
      const what = clash.map((taint) => `${taint.key}:${taint.effect}`).join(', ');
      throw new UsageError(
        `node ${object.metadata.name} already has ${what} taint(s) with same effect(s) and --overwrite is false`,
      );
    }
    const kept = old.filter((entry) => ![...edits.remove, ...edits.add].some((taint) => hits(taint, entry)));
    const next = [...kept, ...edits.add];
    const stored = store(k, withField(object, ['spec', 'taints'], next.length > 0 ? next : undefined));
    const what =
      edits.add.length === 0
        ? 'untainted'
        : edits.remove.length > 0 || clash.length > 0
          ? 'modified'
          : 'tainted';
    say(k, { resource, object: stored }, what);
  });
}

export const taintVerb: Verb = { path: 'taint', run };
