/** JSONPath templates of `-o jsonpath=`, custom columns and --sort-by (client-go util/jsonpath). */
import { byText, isRecord } from './plain-values';

export class JsonPathError extends Error {}

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'deep'; readonly name: string }
  | {
      readonly kind: 'slice';
      readonly from: number | null;
      readonly to: number | null;
      readonly by: number | null;
    }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'filter'; readonly left: string; readonly operator: string; readonly right: string };

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly Node[] };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_all, c: string) => ESCAPES[c] ?? c);
}

/** Cuts a template into literal text and the insides of braces. */
function pieces(template: string): { text: string; action: boolean }[] {
  const out: { text: string; action: boolean }[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) break;
    if (open > at) out.push({ text: template.slice(at, open), action: false });
    const close = closingBrace(template, open + 1);
    if (close < 0) throw new JsonPathError('unclosed action');
    out.push({ text: template.slice(open + 1, close), action: true });
    at = close + 1;
  }
  if (at < template.length) out.push({ text: template.slice(at), action: false });
  return out;
}

function closingBrace(text: string, from: number): number {
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '}') return i;
  }
  return -1;
}

function matching(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return i;
  }
  throw new JsonPathError('unterminated array');
}

function bracketStep(inside: string): Step {
  const text = inside.trim();
  if (text === '*') return { kind: 'wildcard' };
  const filter = /^\?\((.*)\)$/s.exec(text);
  if (filter !== null) {
    const m = /^\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/s.exec(filter[1]!);
    return m === null
      ? { kind: 'filter', left: filter[1]!.trim(), operator: 'exists', right: '' }
      : { kind: 'filter', left: m[1]!, operator: m[2]!, right: m[3]! };
  }
  if (/^['"]/.test(text)) return { kind: 'names', names: text.split(/,\s*(?=['"])/).map(unquote) };
  const slice = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text);
  if (slice === null || text === '') throw new JsonPathError(`invalid array index ${text}`);
  const number = (part: string | undefined) => (part === undefined || part === '' ? null : Number(part));
  const from = number(slice[1]);
  if (slice[2] === undefined && slice[3] === undefined) {
    return { kind: 'slice', from, to: from === -1 ? null : from! + 1, by: null };
  }
  return { kind: 'slice', from, to: number(slice[2]), by: number(slice[3]) };
}

/** Steps of one path such as `.spec.ports[0].port`. */
export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (c === '$' || c === '@' || /\s/.test(c)) at++;
    else if (c === '[') {
      const end = matching(text, at);
      steps.push(bracketStep(text.slice(at + 1, end)));
      at = end + 1;
    } else {
      const m = /^(\.{0,2})((?:\\.|[^.[\]\s\\])*)/.exec(text.slice(at))!;
      if (m[0] === '')
        throw new JsonPathError(`unrecognized character in action: U+${c.charCodeAt(0).toString(16)}`);
      const name = m[2]!.replace(/\\(.)/g, '$1');
      if (m[1] === '..') steps.push({ kind: 'deep', name });
      else if (name === '*') steps.push({ kind: 'wildcard' });
      else if (name !== '') steps.push({ kind: 'field', name });
      at += m[0].length;
    }
  }
  return steps;
}

function parseTemplate(template: string): Node[] {
  const root: Node[] = [];
  const open: { steps: Step[]; body: Node[] }[] = [];
  const add = (node: Node) => (open.at(-1)?.body ?? root).push(node);
  for (const piece of pieces(template)) {
    const text = piece.text.trim();
    if (!piece.action) add({ kind: 'text', text: piece.text });
    else if (text.startsWith('range')) open.push({ steps: parsePath(text.slice(5)), body: [] });
    else if (text === 'end') {
      const range = open.pop();
      if (range === undefined) throw new JsonPathError('not in range, nothing to end');
      add({ kind: 'range', ...range });
    } else if (/^["']/.test(text)) add({ kind: 'text', text: unquote(text) });
    else for (const path of text.split(/,\s*(?=[.@$])/)) add({ kind: 'path', steps: parsePath(path) });
  }
  if (open.length > 0) throw new JsonPathError('unexpected end, expecting end of range');
  return root;
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value)
    ? Object.keys(value)
        .sort(byText)
        .map((key) => value[key])
    : [];
}

function everyDepth(value: unknown): unknown[] {
  return [value, ...children(value).flatMap(everyDepth)];
}

function operand(text: string, item: unknown): unknown {
  if (/^["']/.test(text)) return unquote(text);
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return walk(parsePath(text), [item])[0];
}

function passes(step: Extract<Step, { kind: 'filter' }>, item: unknown): boolean {
  const left = operand(step.left, item);
  if (step.operator === 'exists') return left !== undefined;
  if (left === undefined) return false;
  const right = operand(step.right, item);
  switch (step.operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return (left as number) < (right as number);
    case '>':
      return (left as number) > (right as number);
    case '<=':
      return (left as number) <= (right as number);
    default:
      return (left as number) >= (right as number);
  }
}

function sliceOf(step: Extract<Step, { kind: 'slice' }>, value: unknown): unknown[] {
  if (!Array.isArray(value)) return [];
  const by = step.by ?? 1;
  const clamp = (n: number) => (n < 0 ? n + value.length : n);
  const to = step.to === null ? value.length : clamp(step.to);
  return value.slice(clamp(step.from ?? 0), to).filter((_item, i) => i % by === 0);
}

function take(step: Step, value: unknown): unknown[] {
  switch (step.kind) {
    case 'field':
      return isRecord(value) && value[step.name] !== undefined ? [value[step.name]] : [];
    case 'names':
      return step.names.flatMap((name) => take({ kind: 'field', name }, value));
    case 'wildcard':
      return children(value);
    case 'deep':
      return everyDepth(value).flatMap((v) =>
        step.name === '' ? [v] : take({ kind: 'field', name: step.name }, v),
      );
    case 'slice':
      return sliceOf(step, value);
    case 'filter':
      return children(value).filter((item) => passes(step, item));
  }
}

/** The values that a path leads to. */
export function walk(steps: readonly Step[], values: readonly unknown[]): unknown[] {
  let now = [...values];
  for (const step of steps) now = now.flatMap((value) => take(step, value));
  return now;
}

/** How one value prints: texts bare, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function render(nodes: readonly Node[], value: unknown): string {
  let out = '';
  for (const node of nodes) {
    if (node.kind === 'text') out += node.text;
    else if (node.kind === 'path') out += walk(node.steps, [value]).map(valueText).join(' ');
    else for (const item of walk(node.steps, [value])) out += render(node.body, item);
  }
  return out;
}

/** The text of a template for a value. Throws JsonPathError; its message is the parser's. */
export function renderTemplate(template: string, value: unknown): string {
  return render(parseTemplate(template), value);
}

/** A path of custom columns or --sort-by: braces and the leading dot may be left out. */
export function relaxedPath(text: string): readonly Step[] {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? text;
  return parsePath(/^[.[$@]/.test(inner) ? inner : `.${inner}`);
}
