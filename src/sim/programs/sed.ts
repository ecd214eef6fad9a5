/**
 * sed(1) as far as scripts in manifests use them (POSIX).
 *
 * Not simulated: the hold space, branches, and writing to files with w.
 */
import type { Os } from './program';
import type { Applet } from './text-tools';
import { FAIL, inputOf, lines, splitFlags, unlines } from './text-tools';

type Address = { readonly line: number } | { readonly last: true } | { readonly test: RegExp };

interface SedCommand {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly name: string;
  readonly pattern?: RegExp;
  /** Replacement of s, text of a, i and c. */
  readonly text: string;
  readonly prints?: boolean;
}

/** A POSIX regular expression as JavaScript writes it; basic ones escape their operators. */
export function posixRegExp(source: string, extended: boolean, flags = ''): RegExp {
  const classes = source.replace(/\[:(\w+):\]/g, (_, name: string) => CLASSES[name] ?? '');
  const text = extended
    ? classes
    : classes.replace(/\[[^\]]*\]|\\([(){}|+?])|[(){}|+?]/g, (whole, escaped: string | undefined) =>
        whole.startsWith('[') ? whole : (escaped ?? `\\${whole}`),
      );
  return new RegExp(text, flags);
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
};

/** Reads up to an unescaped delimiter. */
function upTo(text: string, at: number, delimiter: string): { part: string; at: number } {
  let part = '';
  for (let i = at; i < text.length; i++) {
    if (text[i] === delimiter) return { part, at: i + 1 };
    if (text[i] === '\\' && text[i + 1] === delimiter) part += text[++i];
    else if (text[i] === '\\') part += text[i]! + (text[++i] ?? '');
    else part += text[i];
  }
  throw new Error('unterminated');
}

function parseSed(script: string, extended: boolean): SedCommand[] {
  const commands: SedCommand[] = [];
  let at = 0;
  const address = (): Address | undefined => {
    const number = /^\d+/.exec(script.slice(at));
    if (number !== null) {
      at += number[0].length;
      return { line: Number(number[0]) };
    }
    if (script[at] === '$') {
      at++;
      return { last: true };
    }
    if (script[at] !== '/') return undefined;
    const read = upTo(script, at + 1, '/');
    at = read.at;
    return { test: posixRegExp(read.part, extended) };
  };
  while (at < script.length) {
    if (/[\s;{}]/.test(script[at]!)) {
      at++;
      continue;
    }
    const from = address();
    if (script[at] === ',') at++;
    const to = script[at - 1] === ',' ? address() : undefined;
    while (script[at] === ' ') at++;
    const negated = script[at] === '!';
    if (negated) at++;
    const name = script[at++] ?? '';
    const where = { ...(from && { from }), ...(to && { to }), negated, name };
    if (name === 's') {
      const delimiter = script[at]!;
      const pattern = upTo(script, at + 1, delimiter);
      const replacement = upTo(script, pattern.at, delimiter);
      const [flags = ''] = /^[gpiIe\d]*/.exec(script.slice(replacement.at)) ?? [];
      at = replacement.at + flags.length;
      const js = (flags.includes('g') ? 'g' : '') + (/i/i.test(flags) ? 'i' : '');
      const regExp = posixRegExp(pattern.part, extended, js);
      commands.push({ ...where, pattern: regExp, text: replacement.part, prints: flags.includes('p') });
    } else if ('aic'.includes(name)) {
      const end = script.indexOf('\n', /^\s*\\?\n?/.exec(script.slice(at))![0].length + at);
      const text = script.slice(at, end < 0 ? undefined : end).replace(/^\s*\\?\n?\s*/, '');
      commands.push({ ...where, text });
      at = end < 0 ? script.length : end;
    } else if ('dpq='.includes(name)) commands.push({ ...where, text: '' });
    else throw new Error(`unknown command: ${name}`);
  }
  return commands;
}

/** The text that takes a match's place: & is all of it, \1 a group. */
function filled(template: string, match: readonly (string | undefined)[]): string {
  return template.replace(/\\([0-9n&\\/])|\\(.)|&/g, (whole, mark?: string, other?: string) => {
    if (whole === '&') return match[0] ?? '';
    if (mark === 'n') return '\n';
    return other ?? (/\d/.test(mark!) ? (match[Number(mark)] ?? '') : mark!);
  });
}

function runSed(commands: readonly SedCommand[], text: string, quiet: boolean): string {
  const rows = lines(text);
  const out: string[] = [];
  const open = new Set<SedCommand>();
  const hits = (address: Address, row: string, index: number) =>
    'line' in address
      ? address.line === index + 1
      : 'last' in address
        ? index === rows.length - 1
        : address.test.test(row);
  const applies = (command: SedCommand, row: string, index: number): boolean => {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return hits(from, row, index);
    if (open.has(command)) {
      if (hits(to, row, index) || ('line' in to && to.line <= index + 1)) open.delete(command);
      return true;
    }
    const begins = hits(from, row, index);
    if (begins && !('line' in to && to.line <= index + 1)) open.add(command);
    return begins;
  };
  for (let index = 0; index < rows.length; index++) {
    let row: string | null = rows[index]!;
    const after: string[] = [];
    let over = false;
    for (const command of commands) {
      if (row === null || applies(command, row, index) === command.negated) continue;
      const { name } = command;
      if (name === 's') {
        const changed: string = row.replace(command.pattern!, (...match: unknown[]) =>
          filled(
            command.text,
            match.filter((part) => typeof part !== 'number' && typeof part !== 'object') as string[],
          ),
        );
        if (changed !== row && command.prints) out.push(changed);
        row = changed;
      } else if (name === 'p') out.push(row);
      else if (name === '=') out.push(String(index + 1));
      else if (name === 'i') out.push(command.text);
      else if (name === 'a') after.push(command.text);
      else if (name === 'q') over = true;
      else {
        if (name === 'c') out.push(command.text);
        row = null;
      }
    }
    if (row !== null && !quiet) out.push(row);
    out.push(...after);
    if (over) break;
  }
  return unlines(out);
}

export const sed: Applet = (args, os) => {
  const long: Record<string, string> = {
    '--expression': '-e',
    '--in-place': '-i',
    '--quiet': '-n',
    '--regexp-extended': '-E',
  };
  const inPlace = args.some((arg) => /^(-[nEr]*i.*|--in-place.*)$/.test(arg));
  const plain = args.map((arg) => long[arg] ?? arg).filter((arg) => !/^-i(\..*)?$/.test(arg));
  const { flags, rest } = splitFlags(
    plain.map((arg) => (/^-[nEr]+i$/.test(arg) ? arg.slice(0, -1) : arg)),
    '',
  );
  const scripts: string[] = [];
  const files = [...rest];
  plain.forEach((arg, index) => {
    if (!/^-[nEr]*e$/.test(arg)) return;
    const script = plain[index + 1] ?? '';
    scripts.push(script);
    files.splice(files.indexOf(script), 1);
  });
  if (scripts.length === 0) scripts.push(files.shift() ?? '');
  let commands: SedCommand[];
  try {
    commands = scripts.flatMap((script) => parseSed(script, flags.has('E') || flags.has('r')));
  } catch (error) {
    return FAIL(`sed: ${(error as Error).message}`);
  }
  return inPlace
    ? editFiles(os, files, commands, flags.has('n'))
    : editStream(os, files, commands, flags.has('n'));
};

function editStream(os: Os, files: readonly string[], commands: readonly SedCommand[], quiet: boolean) {
  const { text, err } = inputOf(os, 'sed', files);
  return { code: err === '' ? 0 : 1, out: runSed(commands, text, quiet), err };
}

function editFiles(os: Os, files: readonly string[], commands: readonly SedCommand[], quiet: boolean) {
  let err = '';
  for (const path of files) {
    const text = os.readFile(path);
    if (text === null) err += `sed: ${path}: No such file or directory\n`;
    else os.writeFile(path, runSed(commands, text, quiet));
  }
  return { code: err === '' ? 0 : 1, err };
}
