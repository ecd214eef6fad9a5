/**
 * A quick look at typed manifests: which documents there are, and the lines that wear a hint. It reads lines, not YAML,
 * so it also works while a document is broken; whatever matters is asked of the cluster, which parses properly.
 */

export interface DocumentOutline {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** "Kind/namespace/name", the namespace "default" when none is written. */
  readonly ref: string;
  /** First and last line, from 1, without the separators. */
  readonly line: number;
  readonly endLine: number;
  readonly nameLine: number;
  readonly replicas: { readonly line: number; readonly count: number } | null;
}

const CLUSTER_SCOPED = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'IngressClass',
  'GatewayClass',
  'StorageClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'ServiceCIDR',
  'IPAddress',
  'PriorityClass',
  'CustomResourceDefinition',
]);

/** Longer texts are not looked through on every key: they get no hints. */
export const OUTLINE_CHARS = 1_000_000;

// A pure memo: several parts of the panel ask about the same text after each key.
let kept: readonly { readonly text: string; readonly found: readonly DocumentOutline[] }[] = [];

/** The documents of a text that say their kind and name. */
export function outline(text: string): readonly DocumentOutline[] {
  if (text.length > OUTLINE_CHARS) return [];
  const known = kept.find((one) => one.text === text);
  if (known !== undefined) return known.found;
  const found = readDocuments(text);
  kept = [{ text, found }, ...kept.slice(0, 3)];
  return found;
}

function readDocuments(text: string): DocumentOutline[] {
  const lines = text.split(/\r?\n/);
  const found: DocumentOutline[] = [];
  let start = 0;
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && !/^---(\s|$)/.test(lines[i]!)) continue;
    const one = readDocument(lines, start, i);
    if (one !== null) found.push(one);
    start = i + 1;
  }
  return found;
}

const unquote = (text: string): string =>
  text
    .replace(/\s+#.*$/, '')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');

/** Value of a key in a flow mapping such as "{ name: backend, namespace: shop }". */
function inFlow(text: string, key: string): string | null {
  const match = new RegExp(`[{,]\\s*["']?${key}["']?\\s*:\\s*([^,}]+)`).exec(text);
  return match === null ? null : unquote(match[1]!);
}

function readDocument(lines: readonly string[], from: number, to: number): DocumentOutline | null {
  let kind = '';
  let name = '';
  let namespace = '';
  let nameLine = 0;
  let replicas: DocumentOutline['replicas'] = null;
  let section = '';
  let indent = -1;
  for (let i = from; i < to; i++) {
    const match = /^(\s*)["']?([A-Za-z]+)["']?\s*:\s*(.*)$/.exec(lines[i]!);
    if (match === null) continue;
    const [, space = '', key = '', rest = ''] = match;
    if (space === '') {
      section = key;
      indent = -1;
      if (key === 'kind') kind = unquote(rest);
      if (key === 'metadata' && rest.startsWith('{')) {
        name = inFlow(rest, 'name') ?? '';
        namespace = inFlow(rest, 'namespace') ?? '';
        nameLine = i + 1;
      }
      continue;
    }
    if (indent < 0) indent = space.length;
    if (space.length !== indent) continue;
    if (section === 'metadata' && key === 'name') [name, nameLine] = [unquote(rest), i + 1];
    if (section === 'metadata' && key === 'namespace') namespace = unquote(rest);
    if (section === 'spec' && key === 'replicas' && /^\d+$/.test(unquote(rest)))
      replicas = { line: i + 1, count: Number(unquote(rest)) };
  }
  if (kind === '' || name === '') return null;
  const scope = CLUSTER_SCOPED.has(kind) ? '' : namespace || 'default';
  const [line, endLine] = trim(lines, from, to);
  return { kind, namespace: scope, name, ref: `${kind}/${scope}/${name}`, line, endLine, nameLine, replicas };
}

/** First and last line that hold something, from 1. */
function trim(lines: readonly string[], from: number, to: number): readonly [number, number] {
  let first = from;
  let last = to - 1;
  while (first < last && lines[first]!.trim() === '') first++;
  while (last > first && lines[last]!.trim() === '') last--;
  return [first + 1, last + 1];
}

/** The document that a line belongs to. */
export function documentAt(documents: readonly DocumentOutline[], line: number): DocumentOutline | null {
  return documents.find((one) => one.line <= line && line <= one.endLine) ?? null;
}

/** What is open in the inspector, as far as the text can show it. */
export interface Lit {
  readonly ref: string | null;
  /** Line behind the open hop, in this file; 0 for none. */
  readonly line: number;
}

/** The document to shade: that of the line behind the open hop, else that of the open object. */
export function shadedDocument(documents: readonly DocumentOutline[], lit: Lit): DocumentOutline | null {
  if (lit.line > 0) return documentAt(documents, lit.line);
  return documents.find((one) => one.ref === lit.ref) ?? null;
}
