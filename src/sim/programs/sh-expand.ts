/** Words of a shell command to arguments: variables, command substitution, arithmetic and field splitting. */
import type { Word } from './sh-tokens';

/** What words are expanded with. `outputs` holds the results of command substitutions, in order of appearance. */
export interface Scope {
  readonly vars: Readonly<Record<string, string>>;
  readonly positional: readonly string[];
  readonly status: number;
  readonly pid: number;
  readonly outputs: readonly string[];
}

/** Fields, or the command whose output is needed before the expansion can go on. */
export type Expansion = { readonly fields: readonly string[] } | { readonly need: string };

/** Expands words. Ask again with one more output when a command is needed. */
export function expandWords(words: readonly Word[], scope: Scope): Expansion {
  const fields: string[] = [];
  const counter = { used: 0 };
  for (const word of words) {
    const pieces = expandWord(word, scope, counter);
    if ('need' in pieces) return pieces;
    fields.push(...pieces.fields);
  }
  return { fields };
}

/** Expands one word into one text, without splitting: for assignments and redirections. */
export function expandText(word: Word, scope: Scope): { readonly text: string } | { readonly need: string } {
  const whole = {
    ...word,
    parts: word.parts.map((part) => ('quoted' in part ? { ...part, quoted: true } : part)),
  };
  const expansion = expandWord({ ...whole, quoted: true }, scope, { used: 0 });
  return 'need' in expansion ? expansion : { text: expansion.fields.join(' ') };
}

function expandWord(word: Word, scope: Scope, counter: { used: number }): Expansion {
  let current: string | null = word.quoted ? '' : null;
  const fields: string[] = [];
  for (const part of word.parts) {
    let value: string;
    let splits = false;
    if (part.t === 'text') value = part.text;
    else if (part.t === 'sum') value = String(evaluateSum(part.expression, scope));
    else if (part.t === 'var') {
      value = variable(part.name, scope);
      if (value === '' && part.otherwise !== undefined) value = part.otherwise;
      splits = !part.quoted;
    } else {
      const output = scope.outputs[counter.used++];
      if (output === undefined) return { need: part.script };
      value = output.replace(/\n+$/, '');
      splits = !part.quoted;
    }
    if (!splits) {
      current = (current ?? '') + value;
      continue;
    }
    const pieces = value.split(/[ \t\n]+/);
    pieces.forEach((piece, index) => {
      if (index > 0 && current !== null) {
        fields.push(current);
        current = null;
      }
      if (piece !== '') current = (current ?? '') + piece;
    });
  }
  if (current !== null) fields.push(current);
  return { fields };
}

function variable(name: string, scope: Scope): string {
  if (name === '?') return String(scope.status);
  if (name === '$') return String(scope.pid);
  if (name === '#') return String(Math.max(0, scope.positional.length - 1));
  if (name === '@' || name === '*') return scope.positional.slice(1).join(' ');
  if (/^\d$/.test(name)) return scope.positional[Number(name)] ?? '';
  const element = /^(\w+)\[(.*)\]$/.exec(name);
  return element === null ? (scope.vars[name] ?? '') : elementOf(element[1]!, element[2]!, scope);
}

/** An element of an array, or all of them. Arrays are variables whose names end in their index. */
function elementOf(name: string, index: string, scope: Scope): string {
  if (index !== '@' && index !== '*') {
    const at = evaluateSum(index, scope);
    return scope.vars[`${name}[${at}]`] ?? (at === 0 ? (scope.vars[name] ?? '') : '');
  }
  const all = Object.keys(scope.vars).filter((key) => key.startsWith(`${name}[`));
  return all.map((key) => scope.vars[key]!).join(' ');
}

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Integer arithmetic of $((…)). Malformed expressions are 0. */
export function evaluateSum(expression: string, scope: Scope): number {
  const tokens = expression.match(/\d+|\$?\w+|\|\||&&|[=!<>]=|[-+*/%()<>!]/g) ?? [];
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++] ?? '0';
    if (token === '(') {
      const value = level(0);
      at++;
      return value;
    }
    if (token === '-') return -atom();
    if (token === '!') return atom() === 0 ? 1 : 0;
    if (/^\d+$/.test(token)) return Number(token);
    return Number(variable(token.replace(/^\$/, ''), scope)) || 0;
  };
  const level = (depth: number): number => {
    const operators = LEVELS[depth];
    if (operators === undefined) return atom();
    let left = level(depth + 1);
    while (operators.includes(tokens[at] ?? '')) left = apply(tokens[at++]!, left, level(depth + 1));
    return left;
  };
  return level(0);
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? 0 : Math.trunc(a / b);
    case '%':
      return b === 0 ? 0 : a % b;
    case '<':
      return Number(a < b);
    case '>':
      return Number(a > b);
    case '<=':
      return Number(a <= b);
    case '>=':
      return Number(a >= b);
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '&&':
      return Number(a !== 0 && b !== 0);
    default:
      return Number(a !== 0 || b !== 0);
  }
}
