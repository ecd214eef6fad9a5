/**
 * Brings the cluster to what the workspace says, as `kubectl apply --prune` would with all files at once: create, configure,
 * leave alone, delete what is no longer written. An object that is refused keeps its last good state.
 */
import { decode } from '../api/decode';
import { ApiError } from '../api/errors';
import { resourceOf } from '../api/kinds/resources';
import { warningsOf } from '../api/kinds/warnings';
import { parseRef, type ApiObject } from '../api/object';
import type { ApiServer } from '../api/server';
import type { ApplyResult, ApplyRow, Diagnostic, SourceRange } from './result';
import { parseFile, type ManifestFile, type ManifestObject } from './parse';
import { readSettings, type WorkspaceSettings } from './settings';
import { Sources } from './sources';

export interface FilesApplied extends ApplyResult {
  /** Refs to hand in as `previous` the next time. */
  readonly applied: ReadonlySet<string>;
  readonly sources: Sources;
  /** What the workspace says of the cluster's own parts; null when it says nothing. */
  readonly settings: WorkspaceSettings | null;
}

/** Applies all files. `previous` are the refs that the last apply returned; what of them is gone is deleted. */
export function applyFiles(
  server: ApiServer,
  files: readonly ManifestFile[],
  previous: ReadonlySet<string> = new Set(),
  settings: WorkspaceSettings | null = null,
): FilesApplied {
  return run(server, files, previous, false, settings);
}

/** The same without storing anything: what apply would do, and every diagnostic. */
export function checkFiles(
  server: ApiServer,
  files: readonly ManifestFile[],
  previous: ReadonlySet<string> = new Set(),
  settings: WorkspaceSettings | null = null,
): FilesApplied {
  return run(server, files, previous, true, settings);
}

function run(
  server: ApiServer,
  files: readonly ManifestFile[],
  previous: ReadonlySet<string>,
  dryRun: boolean,
  before: WorkspaceSettings | null,
): FilesApplied {
  const parsed = files.map((file) => parseFile(file));
  const sources = new Sources(parsed);
  const diagnostics: Diagnostic[] = parsed.flatMap((file) => file.diagnostics);
  const { order, shadowed } = inOrder(parsed.flatMap((file) => file.objects));
  diagnostics.push(...shadowed.map(shadowWarning));
  const coming = new Set(
    order.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name),
  );
  const rows: ApplyRow[] = [];
  for (const item of order) {
    const outcome = applyOne(server, item, dryRun, coming);
    rows.push(outcome.row);
    diagnostics.push(...outcome.diagnostics);
  }
  const own = readSettings(
    parsed.flatMap((file) => file.settings),
    before,
  );
  diagnostics.push(...own.diagnostics);
  // What was refused is not ours to delete later, unless an earlier apply had made it.
  const ours = rows.filter((row) => row.result !== 'invalid' || previous.has(row.ref));
  const applied = new Set(ours.map((row) => row.ref));
  const gone = [...previous].filter((ref) => !sources.has(ref));
  // While a document cannot be read, nobody knows what it holds; and kubectl, too, prunes only where nothing was refused:
  // an object whose new name is refused must not lose the old one.
  if (parsed.some((file) => file.broken) || rows.some((row) => row.result === 'invalid')) {
    for (const ref of gone) applied.add(ref);
    rows.push(...keptRows(server, gone));
  } else rows.push(...prune(server, gone, dryRun));
  rows.push(...own.rows);
  return { rows, diagnostics, applied, sources, settings: own.settings };
}

/** Namespaces first, then as written. An object that is written twice is applied once, as its last document says. */
function inOrder(objects: readonly ManifestObject[]): {
  readonly order: readonly ManifestObject[];
  readonly shadowed: readonly ManifestObject[];
} {
  const last = new Map(objects.map((item) => [item.ref, item]));
  const kept = objects.filter((item) => last.get(item.ref) === item);
  const first = (item: ManifestObject) =>
    ['Namespace', 'CustomResourceDefinition'].includes(item.object.kind);
  return {
    order: [...kept.filter(first), ...kept.filter((item) => !first(item))],
    shadowed: objects.filter((item) => last.get(item.ref) !== item),
  };
}

function shadowWarning(item: ManifestObject): Diagnostic {
  const message = `${nameOf(item.object)} is written again further down; the last one counts`;
  return { severity: 'warning', range: item.rangeOf('metadata.name'), message, ref: item.ref };
}

/** "deployment.apps/web", as kubectl names what it did. */
function nameOf(object: ApiObject): string {
  const { singular, group } = resourceOf(object.kind, object.apiVersion);
  return `${group === '' ? singular : `${singular}.${group}`}/${object.metadata.name}`;
}

function applyOne(
  server: ApiServer,
  item: ManifestObject,
  dryRun: boolean,
  coming: ReadonlySet<string>,
): { readonly row: ApplyRow; readonly diagnostics: readonly Diagnostic[] } {
  const { object, ref } = item;
  const name = nameOf(object);
  try {
    const { result } = server.apply(object, { dryRun, namespacesToCome: dryRun ? coming : undefined });
    return { row: { name, ref, result }, diagnostics: notes(item) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const row: ApplyRow = { name, ref, result: 'invalid', message: error.message };
    return { row, diagnostics: diagnose(item, error) };
  }
}

/** What the server has no objection to and the learner should know. */
function notes(item: ManifestObject): Diagnostic[] {
  const warnings = warningsOf(item.object).map(({ field, message }): Diagnostic => ({
    severity: 'warning',
    range: item.rangeOf(field),
    message,
    ref: item.ref,
  }));
  const resource = resourceOf(item.object.kind, item.object.apiVersion);
  if (resource.simulated || QUIET.has(item.object.kind)) return warnings;
  const message = `${item.object.kind} is stored, not simulated: nothing in this cluster acts on it`;
  return [...warnings, { severity: 'info', range: item.rangeOf('kind'), message, ref: item.ref }];
}

/** Kinds that are stored and whose being stored is all that they do. */
const QUIET = new Set([
  'Secret',
  'ServiceAccount',
  'CustomResourceDefinition',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
]);

/** One diagnostic for each thing the server said, at the field it speaks of. */
function diagnose(item: ManifestObject, error: ApiError): Diagnostic[] {
  const at = (range: SourceRange, message: string): Diagnostic => ({
    severity: 'error',
    range,
    message,
    ref: item.ref,
  });
  const causes = (error.details.causes ?? []).filter((cause) => cause.field !== 'patch');
  if (causes.length > 0)
    return causes.map((cause) =>
      at(item.rangeOf(cause.field === '<nil>' ? '' : cause.field), `${cause.field}: ${cause.message}`),
    );
  if (error.reason === 'BadRequest' || error.details.causes !== undefined) {
    const { problems } = decode(item.object);
    const strict = (kind: string, message: string) =>
      kind === 'unknown' ? `strict decoding error: ${message}` : message;
    if (problems.length > 0)
      return problems.map(({ path, kind, message }) =>
        at(item.rangeOf(path, kind === 'unknown' ? 'key' : 'value'), strict(kind, message)),
      );
  }
  const aboutNamespace = error.details.kind === 'namespaces';
  return [at(item.rangeOf(aboutNamespace ? 'metadata.namespace' : 'metadata.name'), error.message)];
}

/** What is no longer written and stays for now; said, so that nobody waits for it to go. */
function keptRows(server: ApiServer, refs: readonly string[]): ApplyRow[] {
  return refs.flatMap((ref): ApplyRow[] => {
    const object = server.store.byRef(ref);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return [];
    return [{ name: nameOf(object), ref, result: 'unchanged', message: KEPT }];
  });
}

const KEPT = 'No longer written, but kept: nothing is deleted while a document is refused.';

/** Deletes what is no longer written; namespaces last, since they take their content with them. */
function prune(server: ApiServer, refs: readonly string[], dryRun: boolean): ApplyRow[] {
  const late = (ref: string) => (ref.startsWith('Namespace/') ? 1 : 0);
  const rows: ApplyRow[] = [];
  for (const ref of [...refs].sort((a, b) => late(a) - late(b))) {
    const { kind, namespace, name } = parseRef(ref);
    const object = server.store.byRef(ref);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) continue;
    const row = { name: nameOf(object), ref };
    try {
      if (!dryRun) server.delete(kind, namespace, name);
      rows.push({ ...row, result: 'deleted' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      rows.push({ ...row, result: 'invalid', message: error.message });
    }
  }
  return rows;
}
