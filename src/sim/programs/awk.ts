/**
 * awk(1) as far as one-liners in manifests use them (POSIX).
 *
 * Not simulated: awk's control flow, functions, arrays and assignments; a program is patterns with print statements.
 */
import { posixRegExp } from './sed';
import type { Applet } from './text-tools';
import { FAIL, inputOf, lines, splitFlags } from './text-tools';

interface Row {
  readonly fields: readonly string[];
  readonly line: string;
  readonly number: number;
  readonly vars: Readonly<Record<string, string>>;
}

/** One operand: $1, $NF, $(NF-1), NR, NF, a string, a number, a variable. */
function operand(text: string, row: Row): string {
  const word = text.trim();
  if (/^"[^]*"$/.test(word))
    return word.slice(1, -1).replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\"/g, '"');
  if (word === '$0' || word === '') return row.line;
  const field = /^\$\(?(\w+)(?:\s*-\s*(\d+))?\)?$/.exec(word);
  if (field !== null) {
    const base = field[1] === 'NF' ? row.fields.length : Number(row.vars[field[1]!] ?? field[1]);
    return row.fields[base - Number(field[2] ?? 0) - 1] ?? '';
  }
  if (word === 'NR') return String(row.number);
  if (word === 'NF') return String(row.fields.length);
  return /^-?[\d.]+$/.test(word) ? word : (row.vars[word] ?? '');
}

/** Splits at a separator outside of quotes. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"' && text[i - 1] !== '\\') quoted = !quoted;
    if (c === separator && !quoted) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts;
}

/** Words beside each other are joined: print $1":"$2. */
function joined(text: string, row: Row): string {
  const words = text.match(/"(?:\\.|[^"])*"|\$\([^)]*\)|\$?\w+|[\d.]+/g) ?? [];
  return words.length === 0 ? row.line : words.map((word) => operand(word, row)).join('');
}

function matches(pattern: string, row: Row): boolean {
  const text = pattern.trim();
  if (text === '') return true;
  if (text.includes('&&')) return text.split('&&').every((part) => matches(part, row));
  const plain = /^(!?)\/(.*)\/$/.exec(text);
  if (plain !== null) return posixRegExp(plain[2]!, true).test(row.line) === (plain[1] === '');
  const against = /^(.+?)\s*(!?~)\s*\/(.*)\/$/.exec(text);
  if (against !== null)
    return posixRegExp(against[3]!, true).test(operand(against[1]!, row)) === (against[2] === '~');
  const compare = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/.exec(text);
  if (compare === null) return !['', '0'].includes(operand(text, row));
  const [a, b] = [operand(compare[1]!, row), operand(compare[3]!, row)];
  const numeric = a !== '' && b !== '' && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
  const order = numeric ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
  const table: Record<string, boolean> = {
    '==': order === 0,
    '!=': order !== 0,
    '<': order < 0,
    '>': order > 0,
    '<=': order <= 0,
    '>=': order >= 0,
  };
  return table[compare[2]!]!;
}

/** What a block prints for a row; "exit" ends the program. */
function carryOut(block: string, row: Row): { out: string; exits: boolean } {
  let out = '';
  for (const statement of split(block.replace(/\n/g, ';'), ';')) {
    const text = statement.trim();
    if (text === 'exit') return { out, exits: true };
    const print = /^print\b\s*([^]*)$/.exec(text);
    const format = /^printf\b\s*\(?([^]*?)\)?$/.exec(text);
    if (print !== null) {
      const parts = print[1] === '' ? ['$0'] : split(print[1]!.replace(/^\(([^]*)\)$/, '$1'), ',');
      out += `${parts.map((part) => joined(part, row)).join(' ')}\n`;
    } else if (format !== null) {
      const [first = '', ...values] = split(format[1]!, ',').map((part) => operand(part, row));
      out += first.replace(/%[-\d.]*[sdif]/g, () => values.shift() ?? '');
    } else if (text !== '') throw new Error(text);
  }
  return { out, exits: false };
}

export const awk: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'Ffv');
  const [program = '', ...files] = rest;
  const [, name = '', value = ''] = /^(\w+)=([^]*)$/.exec(flags.get('v') ?? '') ?? [];
  const { text, err } = inputOf(os, 'awk', files);
  const separator = flags.get('F');
  const fieldsOf = (line: string) =>
    separator === undefined || separator === ' '
      ? line.split(/\s+/).filter((word) => word !== '')
      : line.split(separator.length === 1 ? separator.replace('\\t', '\t') : posixRegExp(separator, true));
  const rules = [...program.matchAll(/([^{}]*)(?:\{([^{}]*)\})?/g)].filter(([whole]) => whole.trim() !== '');
  let out = '';
  const run = (when: (pattern: string) => boolean, row: Row): boolean =>
    rules.some(([, pattern = '', block]) => {
      if (!when(pattern.trim())) return false;
      const done = carryOut(block ?? 'print', row);
      out += done.out;
      return done.exits;
    });
  const vars = name === '' ? {} : { [name]: value };
  const isEdge = (pattern: string) => pattern === 'BEGIN' || pattern === 'END';
  try {
    run((pattern) => pattern === 'BEGIN', { fields: [], line: '', number: 0, vars });
    let last: Row = { fields: [], line: '', number: 0, vars };
    for (const [index, line] of lines(text).entries()) {
      last = { fields: fieldsOf(line), line, number: index + 1, vars };
      if (run((pattern) => !isEdge(pattern) && matches(pattern, last), last)) break;
    }
    run((pattern) => pattern === 'END', last);
  } catch (error) {
    return FAIL(`awk: cannot do this here: ${(error as Error).message}`, 2);
  }
  return { code: err === '' ? 0 : 2, out, err };
};
