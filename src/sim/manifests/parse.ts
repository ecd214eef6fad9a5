/**
 * Manifest text to objects, each with its places in the text. Documents are split as kubectl splits them (lines that begin
 * with `---`) and parsed one by one, so that a mistake in one spoils no other and an edit re-reads only what it touched.
 */
import { parseDocument, type Document } from 'yaml';
import { isServed, resourceOf } from '../api/kinds/resources';
import { refOf, type ApiObject } from '../api/object';
import type { Diagnostic, SourceRange } from './result';
import { LineTable, offsetsOf } from './positions';
import { isSettings, withSettingsName } from './settings-kinds';
import { toPlain, YAML_OPTIONS, type PlainProblem } from './scalars';
import { leftoverOf, withoutFences } from './template-text';
import { syntaxWords } from './yaml-errors';

/** A file of the workspace. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** One object of a file. */
export interface ManifestObject {
  readonly object: ApiObject;
  readonly ref: string;
  /** Field of the document that holds it: "" or "items[2]" inside a List. */
  readonly prefix: string;
  /** Place of a field path, or of the nearest parent that is written. "key" gives the field's name, not its value. */
  rangeOf(path: string, part?: 'value' | 'key'): SourceRange;
}

export interface ParsedFile {
  readonly name: string;
  readonly objects: readonly ManifestObject[];
  /** Documents that configure a component and are no objects of the API: see settings.ts. */
  readonly settings: readonly ManifestObject[];
  readonly diagnostics: readonly Diagnostic[];
  /** True when a document could not be read: what it held before must not be pruned. */
  readonly broken: boolean;
  /** What kubectl prints after `error: ` for the first document it cannot read; null when it can read all. */
  readonly kubectlError: string | null;
}

/** The API server takes no request above 3 MiB; a file of that size is refused before it costs time. */
export const MAX_FILE_CHARS = 3 * 1024 * 1024;

/** One document read on its own: nothing in it depends on where it stands. */
export interface Chunk {
  readonly text: string;
  readonly objects: readonly { readonly object: ApiObject; readonly prefix: string }[];
  readonly problems: readonly PlainProblem[];
  readonly broken: boolean;
  readonly kubectlError: string | null;
}

// A pure memo by text; the least recently used half goes when it is full.
const chunks = new Map<string, Chunk>();
const CHUNK_LIMIT = 4_000;

/** Reads a file. `defaultNamespace` is what kubectl's context says, for objects that name none. */
export function parseFile(file: ManifestFile, defaultNamespace = 'default'): ParsedFile {
  const objects: ManifestObject[] = [];
  const settings: ManifestObject[] = [];
  const diagnostics: Diagnostic[] = [];
  let broken = false;
  let kubectlError: string | null = null;
  if (file.text.length > MAX_FILE_CHARS) return tooLarge(file);
  for (const { text, line } of splitDocuments(file.text)) {
    const chunk = readChunk(text);
    broken ||= chunk.broken;
    kubectlError ??= chunk.kubectlError?.replaceAll('$FILE', file.name) ?? null;
    for (const problem of chunk.problems)
      diagnostics.push({
        severity: problem.severity,
        range: new LineTable(text).range(file.name, line, problem.from, problem.to),
        message: problem.message,
        ref: chunk.objects[0] ? refOf(withNamespace(chunk.objects[0].object, defaultNamespace)) : null,
      });
    for (const { object, prefix } of chunk.objects) {
      const aside = isSettings(object);
      const whole = aside ? object : withNamespace(object, defaultNamespace);
      const rangeOf = (path: string, part: 'value' | 'key' = 'value'): SourceRange => {
        const full = prefix === '' ? path : `${prefix}.${path}`;
        const { tree, lines } = placed(text);
        const [from, to] = offsetsOf(tree, full, part);
        return lines.range(file.name, line, from, to);
      };
      (aside ? settings : objects).push({ object: whole, ref: refOf(whole), prefix, rangeOf });
    }
  }
  return { name: file.name, objects, settings, diagnostics, broken, kubectlError };
}

function tooLarge(file: ManifestFile): ParsedFile {
  const range: SourceRange = { file: file.name, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const message = `Request entity too large: limit is ${MAX_FILE_CHARS}`;
  const diagnostic: Diagnostic = { severity: 'error', range, message, ref: null };
  return {
    name: file.name,
    objects: [],
    settings: [],
    diagnostics: [diagnostic],
    broken: true,
    kubectlError: message,
  };
}

/** Pieces between separator lines, with the number of lines before each. */
function splitDocuments(given: string): { text: string; line: number }[] {
  const text = withoutFences(given);
  const out: { text: string; line: number }[] = [];
  let start = 0;
  let line = 0;
  const separator = /^---[^\n]*(?:\n|$)/gm;
  for (let m = separator.exec(text); m !== null && m[0] !== ''; m = separator.exec(text)) {
    // `--- # comment` separates; `--- {a: b}` and `---x` carry content and stay with their document.
    if (!/^---\s*(?:#.*)?$/.test(m[0].trimEnd())) continue;
    const piece = text.slice(start, m.index);
    out.push({ text: piece, line });
    line += countLines(piece) + 1;
    start = m.index + m[0].length;
  }
  out.push({ text: text.slice(start), line });
  return out.filter((piece) => /^\s*[^\s#]/m.test(piece.text));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function readChunk(text: string): Chunk {
  const known = chunks.get(text);
  if (known !== undefined) {
    chunks.delete(text);
    chunks.set(text, known);
    return known;
  }
  if (chunks.size >= CHUNK_LIMIT)
    for (const old of [...chunks.keys()].slice(0, CHUNK_LIMIT / 2)) chunks.delete(old);
  const chunk = chunkOf(text);
  chunks.set(text, chunk);
  return chunk;
}

/** Reads the documents of a text for others who will `remember` them. The result is plain data. */
export function readAhead(text: string): readonly Chunk[] {
  return splitDocuments(text).map((piece) => chunkOf(piece.text));
}

/** Takes over documents that were read ahead of time, so that nothing has to parse the same text again. */
export function remember(documents: readonly Chunk[]): void {
  for (const document of documents) chunks.set(document.text, document);
}

/** True when reading this text would parse nothing. */
export function isRemembered(text: string): boolean {
  return splitDocuments(text).every((piece) => chunks.has(piece.text));
}

// Syntax trees weigh a hundred times their text and are asked for only where somebody looks, so few are kept.
const trees = new Map<string, { readonly tree: Document; readonly lines: LineTable }>();
const TREE_LIMIT = 8;

function placed(text: string): { readonly tree: Document; readonly lines: LineTable } {
  let kept = trees.get(text);
  if (kept === undefined) {
    if (trees.size >= TREE_LIMIT) trees.clear();
    kept = { tree: parseDocument(text, YAML_OPTIONS) as Document, lines: new LineTable(text) };
    trees.set(text, kept);
  }
  return kept;
}

const CANNOT_CONVERT = 'error parsing $FILE: error converting YAML to JSON: ';

/** Characters that YAML has no place for, not even in quotes. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** A document, with what is left of a template in it. */
function chunkOf(text: string): Chunk {
  const chunk = parseChunk(text);
  const leftover = leftoverOf(text, chunk.broken);
  return leftover === null ? chunk : { ...chunk, problems: [leftover, ...chunk.problems] };
}

function parseChunk(text: string): Chunk {
  const fail = (problem: PlainProblem, kubectlError: string): Chunk => ({
    text,
    objects: [],
    problems: [problem],
    broken: true,
    kubectlError,
  });
  const tree = parseDocument(text, YAML_OPTIONS) as Document;
  // Only the first document is read; what follows a line of three dots is another.
  const errors = tree.errors.filter(({ code }) => code !== 'MULTIPLE_DOCS');
  const first = errors[0];
  const control = CONTROL.exec(text);
  if (control !== null) {
    const message = 'yaml: control characters are not allowed';
    const from = control.index;
    return fail({ from, to: from + 1, severity: 'error', message }, `${CANNOT_CONVERT}${message}`);
  }
  if (first !== undefined) {
    const { kubectl, message } = syntaxWords(errors, text);
    const problem: PlainProblem = { from: first.pos[0], to: first.pos[1], severity: 'error', message };
    return fail(problem, `${CANNOT_CONVERT}${kubectl}`);
  }
  const { value, problems } = toPlain(tree);
  const fatal = problems.find((problem) => problem.severity === 'error');
  if (fatal !== undefined) return fail(fatal, `${CANNOT_CONVERT}${fatal.message}`);
  if (value === null) return { text, objects: [], problems, broken: false, kubectlError: null };
  const named = withSettingsName(value);
  if (named !== null)
    return {
      ...{ text, objects: [{ object: named, prefix: '' }], problems, broken: false },
      kubectlError: unmapped(named, ''),
    };
  const refused = problemOfShape(value, tree);
  if (refused !== null) return fail(refused.problem, refused.kubectl);
  return {
    text,
    objects: flatten(value as ApiObject, ''),
    problems,
    broken: false,
    kubectlError: null,
  };
}

/** What kubectl finds before it asks the server: no object, no kind, no name, metadata of the wrong type. */
function problemOfShape(
  value: unknown,
  tree: Document,
): { readonly problem: PlainProblem; readonly kubectl: string } | null {
  const at = (path: string, message: string, kubectl: string) => {
    const [from, to] = offsetsOf(tree, path, 'value');
    return { problem: { from, to, severity: 'error' as const, message }, kubectl };
  };
  const unset = (message: string) =>
    at(
      '',
      message,
      `error validating "$FILE": error validating data: ${message}; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return unset('invalid object to validate');
  const object = value as Record<string, unknown>;
  const missing = (['apiVersion', 'kind'] as const).filter(
    (field) => typeof object[field] !== 'string' || object[field] === '',
  );
  if (missing.length === 2) return unset('[apiVersion not set, kind not set]');
  if (missing.length === 1) return unset(`${missing[0]} not set`);
  if (isList(object)) {
    for (const [i, item] of (object.items as unknown[]).entries()) {
      const found = problemOfShape(item, tree);
      if (found !== null) return at(`items[${i}]`, found.problem.message, found.kubectl);
    }
    return null;
  }
  return problemOfMetadata(object, at) ?? problemOfVersion(object as unknown as ApiObject, at);
}

type Complain = (
  path: string,
  message: string,
  kubectl: string,
) => { readonly problem: PlainProblem; readonly kubectl: string };

function problemOfMetadata(object: Record<string, unknown>, at: Complain): ReturnType<Complain> | null {
  const metadata = object.metadata ?? {};
  const wrongType = (path: string, value: unknown, struct: string, wanted: string) => {
    const is = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    const message = `json: cannot unmarshal ${is} into Go struct field ${struct}.${path} of type ${wanted}`;
    return at(path, message, `unable to decode "$FILE": ${message}`);
  };
  if (typeof metadata !== 'object' || Array.isArray(metadata))
    return wrongType('metadata', metadata, 'metadataOnlyObject', 'v1.ObjectMeta');
  const { name, namespace, labels, annotations, generateName } = metadata as Record<string, unknown>;
  for (const [field, value] of Object.entries({ name, namespace, generateName }))
    if (value != null && typeof value !== 'string')
      return wrongType(`metadata.${field}`, value, 'ObjectMeta', 'string');
  for (const [field, value] of Object.entries({ labels, annotations })) {
    if (value == null) continue;
    if (typeof value !== 'object' || Array.isArray(value))
      return wrongType(`metadata.${field}`, value, 'ObjectMeta', 'map[string]string');
    const bad = Object.entries(value).find(([, v]) => v !== null && typeof v !== 'string');
    if (bad === undefined) continue;
    const found = wrongType(`metadata.${field}`, bad[1], 'ObjectMeta', 'string');
    return at(`metadata.${field}.${bad[0]}`, found.problem.message, found.kubectl);
  }
  if (name != null && name !== '') return null;
  return at('metadata', 'resource name may not be empty', nameless(object as unknown as ApiObject));
}

/** Kinds of Kubernetes itself under a group or version that it does not have: Deployment in v1, Ingress in v1beta1. */
function problemOfVersion(object: ApiObject, at: Complain): ReturnType<Complain> | null {
  const { kind, apiVersion, metadata } = object;
  if (isServed(kind, apiVersion)) return null;
  const message = `no matches for kind "${kind}" in version "${apiVersion}"`;
  return at('apiVersion', message, unmapped(object, metadata.name));
}

/** kubectl knows no such kind; it names the object as far as it has a name. */
function unmapped({ kind, apiVersion, metadata }: ApiObject, name: string): string {
  const where = `name: "${name}" namespace: "${metadata.namespace ?? ''}" from "$FILE"`;
  const message = `no matches for kind "${kind}" in version "${apiVersion}"`;
  return `resource mapping not found for ${where}: ${message}\nensure CRDs are installed first`;
}

/** kubectl apply looks the object up first, and that is where a missing name stops it. */
function nameless(object: ApiObject): string {
  const { group, version, plural, kind, namespaced } = resourceOf(object.kind, object.apiVersion);
  const namespace = object.metadata?.namespace ?? (namespaced ? 'default' : '');
  return [
    'error when retrieving current configuration of:',
    `Resource: "${group}/${version}, Resource=${plural}", GroupVersionKind: "${group}/${version}, Kind=${kind}"`,
    `Name: "", Namespace: "${namespace}"`,
    'from server for: "$FILE": resource name may not be empty',
  ].join('\n');
}

function isList(object: Record<string, unknown>): boolean {
  return String(object.kind).endsWith('List') && Array.isArray(object.items);
}

function flatten(value: ApiObject, prefix: string): { object: ApiObject; prefix: string }[] {
  const record = value as unknown as Record<string, unknown>;
  if (!isList(record)) return [{ object: value, prefix }];
  const items = record.items as ApiObject[];
  const join = (i: number) => (prefix === '' ? `items[${i}]` : `${prefix}.items[${i}]`);
  return items.flatMap((item, i) => flatten(item, join(i)));
}

/** Fills the namespace of namespaced kinds, takes it off the others, as kubectl does before it sends an object. */
function withNamespace(object: ApiObject, defaultNamespace: string): ApiObject {
  const { namespaced } = resourceOf(object.kind, object.apiVersion);
  const { namespace, ...rest } = object.metadata;
  if (!namespaced) return namespace === undefined ? object : { ...object, metadata: rest };
  if (namespace) return object;
  const known = filled.get(object);
  if (known?.metadata.namespace === defaultNamespace) return known;
  const whole = { ...object, metadata: { ...object.metadata, namespace: defaultNamespace } };
  filled.set(object, whole);
  return whole;
}

// A pure memo, so that a document that has not changed gives the same object again.
const filled = new WeakMap<ApiObject, ApiObject>();
