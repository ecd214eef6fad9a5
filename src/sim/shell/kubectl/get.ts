/** `kubectl get`: tables and the other forms of output, once or with -w (kubectl pkg/cmd/get). */
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { layoutRows } from '../tabwriter';
import { UsageError, errorText, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, FAILED } from './context';
import { isTable, printObjects } from './output';
import type { Shown } from './output';
import { relaxedPath, walk } from './jsonpath';
import { cellText, labelsText } from './table-texts';
import { columnsOf } from './table-cluster';
import { fetchAll, fetchTarget, parseTargets, printedName } from './targets';
import type { Target, Targets } from './targets';
import { manifestTargets } from './files';

interface Look {
  readonly wide: boolean;
  readonly withNamespace: boolean;
  readonly withKind: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  readonly headers: boolean;
}

function lookOf(k: Kubectl, severalTypes: boolean): Look {
  return {
    wide: k.flags.text('output') === 'wide',
    withNamespace: k.allNamespaces,
    withKind: severalTypes || k.flags.bool('show-kind'),
    showLabels: k.flags.bool('show-labels'),
    labelColumns: k.flags.list('label-columns'),
    headers: !k.flags.bool('no-headers'),
  };
}

function headerRow(resource: Resource, look: Look): string[] {
  const columns = columnsOf(resource.kind).filter((column) => look.wide || !column.wide);
  return [
    ...(look.withNamespace && resource.namespaced ? ['NAMESPACE'] : []),
    ...columns.map((column) => column.header),
    ...look.labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
    ...(look.showLabels ? ['LABELS'] : []),
  ];
}

function objectRow(resource: Resource, object: ApiObject, look: Look, nowMs: number): string[] {
  const columns = columnsOf(resource.kind).filter((column) => look.wide || !column.wide);
  const cells = columns.map((column) => {
    const text = cellText(column.cell(object, { nowMs }));
    return column.header === 'NAME' && look.withKind ? printedName(resource, text) : text;
  });
  return [
    ...(look.withNamespace && resource.namespaced ? [object.metadata.namespace ?? ''] : []),
    ...cells,
    ...look.labelColumns.map((label) => object.metadata.labels?.[label] ?? ''),
    ...(look.showLabels ? [labelsText(object)] : []),
  ];
}

/** One table per run of objects of the same type, a blank line between them. */
function tables(shown: readonly Shown[], look: Look, nowMs: number): string {
  const out: string[] = [];
  for (let i = 0; i < shown.length;) {
    const { resource } = shown[i]!;
    let end = i;
    while (end < shown.length && shown[end]!.resource === resource) end++;
    const rows = shown.slice(i, end).map(({ object }) => objectRow(resource, object, look, nowMs));
    out.push(layoutRows(look.headers ? [headerRow(resource, look), ...rows] : rows).text);
    i = end;
  }
  return out.join('\n');
}

/** Rows by a field: numbers as numbers, everything else as text. */
function sortBy(shown: readonly Shown[], path: string): Shown[] {
  const steps = relaxedPath(path);
  const keyed = shown.map((row) => ({ row, key: walk(steps, [row.object])[0] }));
  if (shown.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new UsageError(
      `couldn't find any field with path "${path.replace(/^\{?(.*?)\}?$/, '{$1}')}" in the list of objects`,
    );
  }
  keyed.sort((a, b) => {
    if (typeof a.key === 'number' && typeof b.key === 'number') return a.key - b.key;
    const [left, right] = [String(a.key ?? ''), String(b.key ?? '')];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  return keyed.map(({ row }) => row);
}

function emptyText(k: Kubectl, targets: Targets): string {
  const everywhere = k.allNamespaces || targets.targets.some((target) => !target.resource.namespaced);
  return everywhere ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`;
}

function readTargets(k: Kubectl): Targets {
  if (k.flags.has('filename')) return manifestTargets(k);
  if (k.args.length === 0) {
    k.io.err(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
    );
    throw usage(
      'get',
      'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource ' +
        '(e.g. kubectl explain pods).',
    );
  }
  return parseTargets(k, k.args, { all: true });
}

function run(k: Kubectl): Step {
  if (k.flags.has('raw')) return rawGet(k);
  const targets = readTargets(k);
  if (k.flags.bool('watch') || k.flags.bool('watch-only')) return startWatch(k, targets);
  const output = k.flags.text('output');
  const fetched = fetchAll(k, targets.targets);
  const quiet = k.flags.bool('ignore-not-found');
  const errors = quiet ? fetched.errors.filter((error) => !isNotFound(error)) : fetched.errors;
  const sortPath = k.flags.text('sort-by');
  const shown = sortPath === '' ? fetched.found : sortBy(fetched.found, sortPath);
  if (isTable(output)) {
    k.io.out(tables(shown, lookOf(k, targets.severalTypes), k.nowMs));
    if (shown.length === 0 && errors.length === 0 && !quiet) k.io.err(emptyText(k, targets));
  } else if (shown.length > 0 || (errors.length === 0 && !(quiet && targets.single))) {
    k.io.out(printObjects(output, shown, { single: targets.single, headers: !k.flags.bool('no-headers') }));
  }
  for (const error of errors) k.io.err(errorText(error));
  return errors.length > 0 ? FAILED : DONE;
}

function isNotFound(error: unknown): boolean {
  return (error as { reason?: string }).reason === 'NotFound';
}

function rawGet(k: Kubectl): Step {
  const path = k.flags.text('raw');
  const answers: Readonly<Record<string, string>> = {
    '/healthz': 'ok',
    '/livez': 'ok',
    '/readyz': 'ok',
    '/version': '{"major": "1", "minor": "35", "gitVersion": "v1.35.0", "platform": "linux/amd64"}',
  };
  const answer = answers[path];
  if (answer === undefined)
    throw new UsageError(`--raw ${path} is not simulated; use get with a resource type`);
  k.io.out(answer);
  return DONE;
}

/** What a watch remembers: the objects it has shown, by type and name, and the widths of its columns. */
interface WatchState {
  readonly target: Target;
  readonly seen: Readonly<Record<string, ApiObject>>;
  readonly widths: readonly number[];
  readonly headed: boolean;
}

const keyOf = (object: ApiObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

function startWatch(k: Kubectl, targets: Targets): Step {
  if (targets.targets.length !== 1) {
    throw new UsageError('you may only specify a single resource type');
  }
  const target = targets.targets[0]!;
  const objects = fetchTarget(k, target);
  let state: WatchState = { target, seen: {}, widths: [], headed: false };
  if (!k.flags.bool('watch-only'))
    state = printChanges(
      k,
      state,
      objects.map((object) => ({ type: 'ADDED', object })),
    );
  const seen = Object.fromEntries(objects.map((object) => [keyOf(object), object]));
  return { state: { ...state, seen }, afterNs: WATCH_EVERY_NS };
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
}

function printChanges(k: Kubectl, state: WatchState, changes: readonly Change[]): WatchState {
  if (changes.length === 0) return state;
  const { resource } = state.target;
  const output = k.flags.text('output');
  if (!isTable(output)) {
    for (const { object } of changes) {
      k.io.out(printObjects(output, [{ resource, object }], { single: true, headers: !state.headed }));
    }
    return { ...state, headed: true };
  }
  const look = lookOf(k, false);
  const events = k.flags.bool('output-watch-events');
  const rows = changes.map(({ type, object }) => [
    ...(events ? [type] : []),
    ...objectRow(resource, object, look, k.nowMs),
  ]);
  const header = [...(events ? ['EVENT'] : []), ...headerRow(resource, look)];
  const page = layoutRows(state.headed || !look.headers ? rows : [header, ...rows], state.widths);
  k.io.out(page.text);
  return { ...state, widths: page.widths, headed: true };
}

/** Looks again and prints what changed since the last look. */
function resumeWatch(k: Kubectl, state: WatchState): Step {
  const { target, seen } = state;
  const all = k.api.list(target.resource, target.namespace ?? undefined);
  const wanted =
    target.name === null
      ? fetchTarget(k, target)
      : all.filter((object) => object.metadata.name === target.name);
  const now = Object.fromEntries(wanted.map((object) => [keyOf(object), object]));
  const changes: Change[] = [];
  for (const [key, object] of Object.entries(seen)) {
    if (now[key] === undefined) changes.push({ type: 'DELETED', object });
  }
  for (const object of wanted) {
    const before = seen[keyOf(object)];
    if (before === undefined) changes.push({ type: 'ADDED', object });
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion)
      changes.push({ type: 'MODIFIED', object });
  }
  return { state: { ...printChanges(k, state, changes), seen: now }, afterNs: WATCH_EVERY_NS };
}

export const getVerb: Verb = { path: 'get', run, resume: (k, state) => resumeWatch(k, state as WatchState) };
