/** More commands that make text of text: cut, uniq, tr, tee, sed, awk, basename and dirname (POSIX, with what busybox has of them). */
import type { Applet } from './text-tools';
import { FAIL, OK, inputOf, lines, splitFlags, unlines } from './text-tools';

/** "1,3-5,-2,4-" as a test of positions that count from 1; null when it is none. */
function positions(text: string): ((at: number) => boolean) | null {
  const parts = text.split(',').map((part) => /^(\d*)(-?)(\d*)$/.exec(part));
  if (text === '' || parts.some((part) => part === null || part[0] === '' || part[0] === '-')) return null;
  return (at) =>
    parts.some((part) => {
      const [, from = '', dash = '', to = ''] = part!;
      if (dash === '') return at === Number(from);
      return at >= Number(from || 1) && at <= Number(to || Infinity);
    });
}

const cut: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'dfcb');
  const { text, err } = inputOf(os, 'cut', rest);
  const list = flags.get('f') ?? flags.get('c') ?? flags.get('b');
  if (list === undefined) return FAIL('cut: expected a list of bytes, characters, or fields');
  const wanted = positions(list);
  if (wanted === null) return FAIL(`cut: invalid field list '${list}'`);
  const delimiter = flags.get('d') ?? '\t';
  const pick = (line: string): string[] => {
    if (!flags.has('f')) return [[...line].filter((_, i) => wanted(i + 1)).join('')];
    if (!line.includes(delimiter)) return flags.has('s') ? [] : [line];
    return [
      line
        .split(delimiter)
        .filter((_, i) => wanted(i + 1))
        .join(delimiter),
    ];
  };
  return { code: err === '' ? 0 : 1, out: unlines(lines(text).flatMap(pick)), err };
};

const uniq: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const { text, err } = inputOf(os, 'uniq', rest.slice(0, 1));
  const groups: { line: string; count: number }[] = [];
  for (const line of lines(text)) {
    const last = groups[groups.length - 1];
    const same =
      last !== undefined &&
      (flags.has('i') ? last.line.toLowerCase() === line.toLowerCase() : last.line === line);
    if (same) last.count++;
    else groups.push({ line, count: 1 });
  }
  const kept = groups.filter(
    ({ count }) => (!flags.has('d') || count > 1) && (!flags.has('u') || count === 1),
  );
  const shown = kept.map(({ line, count }) =>
    flags.has('c') ? `${String(count).padStart(7)} ${line}` : line,
  );
  return { code: err === '' ? 0 : 1, out: unlines(shown), err };
};

const CLASSES: Readonly<Record<string, string>> = {
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
  '[:digit:]': '0-9',
  '[:alpha:]': 'A-Za-z',
  '[:alnum:]': 'A-Za-z0-9',
  '[:space:]': ' \t\n\r',
};

/** The characters of a tr set: ranges, classes and escapes written out. */
function expandSet(text: string): string[] {
  const plain = text
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name)
    .replace(/\\([ntr\\])/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r', '\\': '\\' })[c]!);
  const out: string[] = [];
  for (const [whole, from, to] of plain.matchAll(/([^])-([^])|[^]/g)) {
    if (from === undefined || to === undefined) out.push(whole);
    else
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++)
        out.push(String.fromCharCode(code));
  }
  return out;
}

const tr: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const [from = [], to = []] = rest.map(expandSet);
  if (rest.length === 0 || (rest.length === 1 && !flags.has('d') && !flags.has('s')))
    return FAIL('tr: missing operand');
  const isIn = (char: string) => from.includes(char) !== flags.has('c');
  let out = '';
  for (const char of os.process.stdin ?? '') {
    if (flags.has('d') && isIn(char)) continue;
    const at = flags.has('c') ? (isIn(char) ? to.length - 1 : -1) : from.indexOf(char);
    const made = at < 0 || to.length === 0 || flags.has('d') ? char : to[Math.min(at, to.length - 1)]!;
    const squeezes = flags.has('s') && (to.length > 0 ? to.includes(made) : isIn(char));
    if (!(squeezes && out.endsWith(made))) out += made;
  }
  return OK(out);
};

const tee: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const text = os.process.stdin ?? '';
  for (const path of rest) os.writeFile(path, (flags.has('a') ? (os.readFile(path) ?? '') : '') + text);
  return OK(text);
};

/** A POSIX basic expression as JavaScript writes it: plain parentheses and braces are themselves, escaped ones group. */
function basicRegex(text: string, extended: boolean): string {
  if (extended) return text;
  return text.replace(
    /\\([(){}|+?])|([(){}|+?])/g,
    (_, escaped: string | undefined, plain: string | undefined) =>
      escaped !== undefined ? escaped : `\\${plain}`,
  );
}

interface SedCommand {
  fits(line: string, number: number, isLast: boolean): boolean;
  readonly verb: string;
  readonly from?: RegExp;
  readonly to?: string;
  readonly prints?: boolean;
}

function sedCommand(text: string, extended: boolean): SedCommand | null {
  const parts = /^(?:(\d+|\$)(?:,(\d+|\$))?|\/((?:[^\\/]|\\.)*)\/)?\s*(!?)([dpqs])([^]*)$/.exec(text.trim());
  if (parts === null) return null;
  const [, first, last, pattern, not, verb = '', rest = ''] = parts;
  const line = (word: string, isLast: boolean, number: number) =>
    word === '$' ? isLast : number === Number(word);
  const test = pattern === undefined ? null : new RegExp(basicRegex(pattern, extended));
  const address = (own: string, number: number, isLast: boolean): boolean => {
    if (test !== null) return test.test(own);
    if (first === undefined) return true;
    if (last === undefined) return line(first, isLast, number);
    return number >= Number(first) && (last === '$' || number <= Number(last));
  };
  const base = {
    verb,
    fits: (own: string, number: number, isLast: boolean) => address(own, number, isLast) !== (not === '!'),
  };
  if (verb !== 's') return rest.trim() === '' ? base : null;
  const mark = rest[0] ?? '';
  const [from, to, flags] = rest.slice(1).split(mark);
  if (mark === '' || from === undefined || to === undefined || flags === undefined) return null;
  const how = `${flags.includes('g') ? 'g' : ''}${/i/i.test(flags) ? 'i' : ''}`;
  const made = to
    .replace(/\$/g, '$$$$')
    .replace(/\\(\d)/g, '$$$1')
    .replace(/(^|[^\\])&/g, '$1$$&');
  return {
    ...base,
    from: new RegExp(basicRegex(from, extended), how),
    to: made,
    prints: flags.includes('p'),
  };
}

/** Not simulated: of sed everything but s, d, p and q, with addresses. */
const sed: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'e');
  const script = flags.get('e') ?? rest.shift();
  if (script === undefined) return FAIL('sed: no script');
  let commands: (SedCommand | null)[];
  try {
    commands = script
      .split(/[;\n](?![^/]*\/[^/]*$)/)
      .map((text) => sedCommand(text, flags.has('E') || flags.has('r')));
  } catch {
    return FAIL(`sed: bad regex in '${script}'`);
  }
  if (commands.includes(null)) return FAIL(`sed: unsupported command ${script}`);
  const { text, err } = inputOf(os, 'sed', rest);
  const rows = lines(text);
  const out: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    let own = rows[i]!;
    let [isKept, ends] = [!flags.has('n'), false];
    for (const command of commands as SedCommand[]) {
      if (!command.fits(own, i + 1, i === rows.length - 1)) continue;
      if (command.verb === 'p') out.push(own);
      if (command.verb === 'q') ends = true;
      if (command.verb === 's') {
        const changed = own.replace(command.from!, command.to!);
        if (changed !== own && command.prints === true) out.push(changed);
        own = changed;
      }
      if (command.verb !== 'd') continue;
      isKept = false;
      break;
    }
    if (isKept) out.push(own);
    if (ends) break;
  }
  return { code: err === '' ? 0 : 1, out: unlines(out), err };
};

/** Not simulated: of awk everything but one rule, /pattern/ or NR==N, that prints fields, NR, NF and texts. */
const awk: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'Fv');
  const program = (rest.shift() ?? '').trim();
  const rule = /^(?:\/((?:[^\\/]|\\.)*)\/|NR\s*(==|>|>=|<|<=)\s*(\d+))?\s*(?:\{\s*print\s*([^}]*)\})?$/.exec(
    program,
  );
  if (rule === null || program === '') return FAIL(`awk: cmd. line:1: not simulated: ${program}`, 2);
  const [, pattern, op = '', number, what = ''] = rule;
  const { text, err } = inputOf(os, 'awk', rest);
  const separator = flags.get('F');
  const test = pattern === undefined ? null : new RegExp(pattern);
  const compare: Readonly<Record<string, (at: number, n: number) => boolean>> = {
    '==': (at, n) => at === n,
    '>': (at, n) => at > n,
    '>=': (at, n) => at >= n,
    '<': (at, n) => at < n,
    '<=': (at, n) => at <= n,
  };
  const shown = lines(text).flatMap((line, i) => {
    if (test !== null && !test.test(line)) return [];
    if (number !== undefined && !compare[op]!(i + 1, Number(number))) return [];
    const fields = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
    return [what.trim() === '' ? line : printed(what, line, fields, i + 1)];
  });
  return { code: err === '' ? 0 : 2, out: unlines(shown), err };
};

/** The words of a print: those that a comma parts get a space between them, others stand together. */
function printed(what: string, line: string, fields: readonly string[], number: number): string {
  const value = (word: string): string => {
    if (word.startsWith('"')) return word.slice(1, -1).replace(/\\t/g, '\t').replace(/\\n/g, '\n');
    if (word === 'NR') return String(number);
    if (word === 'NF') return String(fields.length);
    const at = /^\$(?:(\d+)|NF)$/.exec(word);
    if (at === null) return '';
    if (at[1] === '0') return line;
    return fields[(at[1] === undefined ? fields.length : Number(at[1])) - 1] ?? '';
  };
  const parts = what.match(/"(?:[^"\\]|\\.)*"|\$\w+|\w+|,/g) ?? [];
  return parts.map((word) => (word === ',' ? ' ' : value(word))).join('');
}

const basename: Applet = ([path = '', suffix = '']) => {
  const name = path.replace(/\/+$/, '').split('/').pop() || '/';
  return OK(
    `${suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`,
  );
};

const dirname: Applet = ([path = '']) => {
  const at = path.replace(/\/+$/, '').lastIndexOf('/');
  return OK(`${at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)}\n`);
};

/** The commands of this file by name. */
export const MORE_TEXT_TOOLS: Readonly<Record<string, Applet>> = {
  cut,
  uniq,
  tr,
  tee,
  sed,
  awk,
  basename,
  dirname,
};
