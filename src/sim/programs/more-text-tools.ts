/** More commands that make text of text: cut, uniq, tr, tee, basename and dirname (POSIX, with what busybox has of them). */
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
  basename,
  dirname,
};
