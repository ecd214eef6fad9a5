/**
 * The part of Go's text/template that `-o go-template=` users write: fields, range, if, quoted texts, variables left out.
 * Not simulated: pipelines, functions other than printing, variables and nested templates of Go templates.
 */
import { UsageError } from './api';
import { byText, isRecord } from './plain-values';
import { at } from './read';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly expression: string }
  | {
      readonly kind: 'range' | 'if';
      readonly expression: string;
      readonly body: Node[];
      readonly other: Node[];
    };

function evaluate(expression: string, dot: unknown): unknown {
  const text = expression.trim();
  if (/^["`]/.test(text)) return text.startsWith('`') ? text.slice(1, -1) : (JSON.parse(text) as unknown);
  if (text === '.') return dot;
  const index = /^index\s+(\S+)\s+"(.*)"$/.exec(text);
  if (index !== null) {
    const holder = evaluate(index[1]!, dot);
    return isRecord(holder) ? holder[index[2]!] : undefined;
  }
  if (/^\.[\w.-]+$/.test(text)) return at(dot, text.slice(1));
  throw new UsageError(`this expression of a template is not simulated: ${text}`);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (isRecord(value)) {
    const keys = Object.keys(value).sort(byText);
    return `map[${keys.map((key) => `${key}:${shown(value[key])}`).join(' ')}]`;
  }
  return String(value);
}

function parse(template: string): Node[] {
  const root: Node[] = [];
  const open: Extract<Node, { kind: 'range' | 'if' }>[] = [];
  const inOther: boolean[] = [];
  const here = () => (open.length === 0 ? root : inOther.at(-1) ? open.at(-1)!.other : open.at(-1)!.body);
  let trim = false;
  for (const piece of template.split(/(\{\{-?[\s\S]*?-?\}\})/)) {
    if (!piece.startsWith('{{')) {
      here().push({ kind: 'text', text: trim ? piece.trimStart() : piece });
      continue;
    }
    const last = here().at(-1);
    if (piece.startsWith('{{-') && last?.kind === 'text')
      here().splice(-1, 1, { ...last, text: last.text.trimEnd() });
    trim = piece.endsWith('-}}');
    const action = piece.replace(/^\{\{-?\s*|\s*-?\}\}$/g, '');
    const block = /^(range|if)\s+(.*)$/s.exec(action);
    if (block !== null) {
      const node = { kind: block[1] as 'range' | 'if', expression: block[2]!, body: [], other: [] };
      here().push(node);
      open.push(node);
      inOther.push(false);
    } else if (action === 'else') inOther[inOther.length - 1] = true;
    else if (action === 'end') {
      open.pop();
      inOther.pop();
    } else here().push({ kind: 'value', expression: action });
  }
  return root;
}

function truth(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function render(nodes: readonly Node[], dot: unknown): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      const value = evaluate(node.expression, dot);
      if (node.kind === 'value') return shown(value);
      if (node.kind === 'if') return render(truth(value) ? node.body : node.other, dot);
      const items = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
      return items.length === 0
        ? render(node.other, dot)
        : items.map((item) => render(node.body, item)).join('');
    })
    .join('');
}

/** What Go's parser says of braces and blocks that are not closed, or null. */
function fault(template: string): string | null {
  const open = template.lastIndexOf('{{');
  const line = template.split('\n').length;
  if (open >= 0 && !template.slice(open).includes('}}')) return `${line}: unclosed action`;
  const actions = [...template.matchAll(/\{\{-?\s*(\w+)?/g)].map((m) => m[1] ?? '');
  let depth = 0;
  for (const action of actions) {
    if (['range', 'if', 'with', 'define', 'block'].includes(action)) depth++;
    if (action === 'end' && --depth < 0) return `${line}: unexpected {{end}}`;
  }
  return depth > 0 ? `${line}: unexpected EOF` : null;
}

/** The text of a template for a value. Throws UsageError for what Go cannot read, and for what is left out here. */
export function renderGoTemplate(template: string, value: unknown): string {
  const wrong = fault(template);
  if (wrong !== null) throw new UsageError(`error parsing template ${template}, template: output:${wrong}`);
  return render(parse(template), value);
}
