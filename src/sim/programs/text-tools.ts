/** Commands that make text of text, and what all small commands are built with. */
import type { Os } from './program';

/** What one came to. */
export interface Outcome {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}
/** A small command as a function; null when it has become another program. */
export type Applet = (args: readonly string[], os: Os) => Outcome | null;

/** Success with this output. */
export const OK = (out = ''): Outcome => ({ code: 0, out });
/** Failure with this complaint. */
export const FAIL = (err: string, code = 1): Outcome => ({ code, err: `${err}\n` });

/** The lines of a text, without their ends. */
export /** The lines of a text, without their ends. */
function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Lines as text with a line end each. */
export function unlines(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `${rows.join('\n')}\n`;
}

/** Contents of the named files, or of standard input without any; errors in the words of the tool. */
export function inputOf(os: Os, tool: string, paths: readonly string[]): { text: string; err: string } {
  if (paths.length === 0 || (paths.length === 1 && paths[0] === '-'))
    return { text: os.process.stdin ?? '', err: '' };
  let text = '';
  let err = '';
  for (const path of paths) {
    const content = os.readFile(path);
    if (content === null) err += `${tool}: ${path}: No such file or directory\n`;
    else text += content;
  }
  return { text, err };
}

/** Single-letter options apart from the words; letters of `withValue` take the next word. */
export function splitFlags(
  args: readonly string[],
  withValue = '',
): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-[A-Za-z0-9]/.test(arg)) {
      rest.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (withValue.includes(letter)) {
        flags.set(letter, arg.slice(j + 1) || (args[++i] ?? ''));
        break;
      }
      flags.set(letter, '');
    }
  }
  return { flags, rest };
}

const cat: Applet = (args, os) => {
  const { text, err } = inputOf(os, 'cat', splitFlags(args).rest);
  return { code: err === '' ? 0 : 1, out: text, err };
};

/** echo and the builtin of the same name: -n leaves out the line end, -e reads escapes. */
export const echoText = (args: readonly string[]): string => {
  let at = 0;
  let end = '\n';
  let escapes = false;
  while (/^-[neE]+$/.test(args[at] ?? '')) {
    if (args[at]!.includes('n')) end = '';
    if (args[at]!.includes('e')) escapes = true;
    at++;
  }
  const text = args.slice(at).join(' ');
  return (escapes ? unescapeText(text) : text) + end;
};

function unescapeText(text: string): string {
  return text.replace(
    /\\([ntr\\0])/g,
    (_, c: string) => ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' })[c] ?? c,
  );
}

const printf: Applet = (args) => {
  const values = args.slice(1);
  const format = unescapeText(args[0] ?? '');
  return OK(format.replace(/%(s|d|%)/g, (_, kind: string) => (kind === '%' ? '%' : (values.shift() ?? ''))));
};

function counted(tool: 'head' | 'tail'): Applet {
  return (args, os) => {
    const dashed = args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
    const { flags, rest } = splitFlags(dashed, 'nc');
    const { text, err } = inputOf(os, tool, rest);
    const count = Math.abs(Number(flags.get('n') ?? 10));
    const rows = lines(text);
    const kept = tool === 'head' ? rows.slice(0, count) : rows.slice(Math.max(0, rows.length - count));
    return { code: err === '' ? 0 : 1, out: unlines(kept), err };
  };
}

const grep: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'emA');
  const pattern = flags.get('e') ?? rest.shift() ?? '';
  const { text, err } = inputOf(os, 'grep', rest);
  const source = flags.has('F')
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : pattern.replace(/\\\|/g, '|');
  let test: RegExp;
  try {
    test = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  } catch {
    return FAIL(`grep: bad regex '${pattern}'`, 2);
  }
  const hits = lines(text).filter((line) => test.test(line) !== flags.has('v'));
  const limit = Number(flags.get('m') ?? Infinity);
  const shown = hits.slice(0, limit);
  const matches = flags.has('o')
    ? shown.flatMap((line) => line.match(new RegExp(test, `${test.flags}g`)) ?? [])
    : shown;
  const out = flags.has('q') ? '' : flags.has('c') ? `${shown.length}\n` : unlines(matches);
  return { code: err !== '' ? 2 : hits.length > 0 ? 0 : 1, out, err };
};

const wc: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const { text, err } = inputOf(os, 'wc', rest);
  const counts: Record<string, number> = {
    l: text.split('\n').length - 1,
    w: text.split(/\s+/).filter((word) => word !== '').length,
    c: text.length,
  };
  const wanted = ['l', 'w', 'c'].filter((key) => flags.size === 0 || flags.has(key));
  const out =
    wanted.length === 1
      ? String(counts[wanted[0]!])
      : wanted.map((key) => String(counts[key]).padStart(7)).join(' ');
  return { code: err === '' ? 0 : 1, out: `${out}${rest.length > 0 ? ` ${rest[0]}` : ''}\n`, err };
};

const sort: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'k');
  const { text, err } = inputOf(os, 'sort', rest);
  const rows = lines(text);
  rows.sort((a, b) =>
    flags.has('n') ? parseFloat(a) - parseFloat(b) || (a < b ? -1 : 1) : a < b ? -1 : a > b ? 1 : 0,
  );
  if (flags.has('r')) rows.reverse();
  return { code: err === '' ? 0 : 1, out: unlines(flags.has('u') ? [...new Set(rows)] : rows), err };
};

const seq: Applet = (args) => {
  const numbers = args.map(Number);
  if (numbers.length === 0 || numbers.some(Number.isNaN)) return FAIL('seq: invalid number');
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : (numbers as [number, number, number]);
  const rows: string[] = [];
  const past = (n: number) => (step > 0 ? n > last : n < last);
  for (let n = first; step !== 0 && !past(n) && rows.length < 10_000; n += step) rows.push(String(n));
  return OK(unlines(rows));
};

/** The commands of this file by name. */
export const TEXT_TOOLS: Readonly<Record<string, Applet>> = {
  cat,
  echo: (args) => OK(echoText(args)),
  printf,
  head: counted('head'),
  tail: counted('tail'),
  grep,
  wc,
  sort,
  seq,
};
