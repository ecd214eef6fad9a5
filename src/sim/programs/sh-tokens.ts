/** The words and operators of a shell script (POSIX Shell Command Language, 2.3 Token Recognition, 2.2 Quoting). */

export type WordPart =
  | { readonly t: 'text'; readonly text: string }
  /** $name or ${name:-otherwise}; `quoted` keeps the value in one field. */
  | { readonly t: 'var'; readonly name: string; readonly otherwise?: string; readonly quoted: boolean }
  /** $(command), by its text. */
  | { readonly t: 'sub'; readonly script: string; readonly quoted: boolean }
  /** $((expression)), by its text. */
  | { readonly t: 'sum'; readonly expression: string };

export interface Word {
  readonly parts: readonly WordPart[];
  /** Has quotes, so that it stays a field even when it is empty. */
  readonly quoted: boolean;
}

/** A script that no shell takes; the message follows "sh: syntax error: ". */
export class ShellSyntaxError extends Error {}

/** One token with its place in the script. */
export interface Token {
  readonly kind: 'word' | 'op' | 'redirect' | 'end';
  readonly text: string;
  readonly at: number;
  readonly word?: Word;
  readonly from?: 0 | 1 | 2;
}

const OPERATOR = /^(?:&&|\|\||;;|[;&|()\n])/;
const HERE_DOCUMENT = /^<<(-)?[^\S\n]*((?:'[^'\n]*'|"[^"\n]*"|\\?[\w.-])+)/;
const REDIRECT = /^([12])?(>>|>&|>|<(?!<))/;

/** All tokens of a script, with an end mark. Throws ShellSyntaxError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  // Where the line after pending here-documents begins.
  let bodyEnd = -1;
  while (at < source.length) {
    const rest = source.slice(at);
    const blank = /^(?:[^\S\n]|\\\n)+/.exec(rest) ?? (rest.startsWith('#') ? /^[^\n]*/.exec(rest) : null);
    const hereText = HERE_DOCUMENT.exec(rest);
    const redirect = REDIRECT.exec(rest);
    const operator = OPERATOR.exec(rest);
    if (blank !== null) at += blank[0].length;
    else if (hereText !== null) {
      const { word, end } = readDocument(source, bodyEnd < 0 ? lineEnd(source, at) : bodyEnd, hereText);
      tokens.push(
        { kind: 'redirect', text: '<<', at, from: 0 },
        { kind: 'word', text: hereText[2]!, at, word },
      );
      bodyEnd = end;
      at += hereText[0].length;
    } else if (redirect !== null) {
      const from = redirect[2] === '<' ? 0 : redirect[1] === '2' ? 2 : 1;
      tokens.push({ kind: 'redirect', text: redirect[2]!, at, from });
      at += redirect[0].length;
    } else if (operator !== null) {
      tokens.push({ kind: 'op', text: operator[0], at });
      at = operator[0] === '\n' && bodyEnd >= 0 ? bodyEnd : at + operator[0].length;
      if (operator[0] === '\n') bodyEnd = -1;
    } else {
      const { word, end } = readWord(source, at);
      if (end === at) throw new ShellSyntaxError(`unexpected "${source[at]}"`);
      tokens.push({ kind: 'word', text: source.slice(at, end), at, word });
      at = end;
    }
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

/** The index after the line that `at` is in. */
function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end + 1;
}

/** The lines of a here-document up to its delimiter; they are expanded unless the delimiter is quoted. */
function readDocument(source: string, start: number, match: RegExpExecArray): { word: Word; end: number } {
  const stripsTabs = match[1] === '-';
  const delimiter = match[2]!.replace(/['"\\]/g, '');
  const lines: string[] = [];
  let at = start;
  while (at < source.length) {
    const end = lineEnd(source, at);
    const raw = source.slice(at, end).replace(/\n$/, '');
    const line = stripsTabs ? raw.replace(/^\t+/, '') : raw;
    at = end;
    if (line === delimiter) break;
    lines.push(`${line}\n`);
  }
  const body = lines.join('');
  if (delimiter !== match[2]) return { word: { parts: [{ t: 'text', text: body }], quoted: true }, end: at };
  const parts: WordPart[] = [];
  // In a here-document a double quote is an ordinary letter, otherwise it reads like one quoted string.
  readDoubleQuotes(`${body.replaceAll('"', '\u0000')}"`, 0, parts, (text) => {
    parts.push({ t: 'text', text: text.replaceAll('\u0000', '"') });
  });
  return { word: { parts, quoted: true }, end: at };
}

function readWord(source: string, start: number): { word: Word; end: number } {
  const parts: WordPart[] = [];
  let quoted = false;
  let at = start;
  const text = (value: string) => {
    const last = parts[parts.length - 1];
    if (last?.t === 'text') parts[parts.length - 1] = { t: 'text', text: last.text + value };
    else parts.push({ t: 'text', text: value });
  };
  while (at < source.length && !/[\s;&|()<>]/.test(source[at]!)) {
    const c = source[at]!;
    if (c === "'") {
      const end = closing(source, source.indexOf("'", at + 1), "'");
      text(source.slice(at + 1, end));
      quoted = true;
      at = end + 1;
    } else if (c === '"') {
      at = readDoubleQuotes(source, at + 1, parts, text);
      quoted = true;
    } else if (c === '\\') {
      text(source[at + 1] === '\n' ? '' : (source[at + 1] ?? ''));
      at += 2;
    } else if (c === '$' || c === '`') {
      at = readDollar(source, at, false, parts, text);
    } else {
      text(c);
      at++;
    }
  }
  return { word: { parts, quoted }, end: at };
}

function closing(_source: string, end: number, quote: string): number {
  if (end < 0) throw new ShellSyntaxError(`unterminated quoted string (${quote})`);
  return end;
}

function readDoubleQuotes(
  source: string,
  start: number,
  parts: WordPart[],
  text: (value: string) => void,
): number {
  let at = start;
  while (source[at] !== '"') {
    if (at >= source.length) throw new ShellSyntaxError('unterminated quoted string');
    if (source[at] === '\\' && '$`"\\\n'.includes(source[at + 1] ?? ' ')) {
      text(source[at + 1]!);
      at += 2;
    } else if (source[at] === '$' || source[at] === '`') at = readDollar(source, at, true, parts, text);
    else text(source[at++]!);
  }
  return at + 1;
}

/** The index after the bracket that closes the one before `start`. */
function matching(source: string, start: number, open: string, close: string): number {
  let depth = 1;
  for (let at = start; at < source.length; at++) {
    if (source[at] === open) depth++;
    else if (source[at] === close && --depth === 0) return at;
  }
  throw new ShellSyntaxError(`unexpected end of file (expecting "${close}")`);
}

function readDollar(
  source: string,
  at: number,
  quoted: boolean,
  parts: WordPart[],
  text: (value: string) => void,
): number {
  if (source[at] === '`') {
    const end = closing(source, source.indexOf('`', at + 1), '`');
    parts.push({ t: 'sub', script: source.slice(at + 1, end), quoted });
    return end + 1;
  }
  const rest = source.slice(at);
  if (rest.startsWith('$((')) {
    const end = matching(source, at + 3, '(', ')');
    parts.push({ t: 'sum', expression: source.slice(at + 3, end) });
    return end + 2;
  }
  if (rest.startsWith('$(')) {
    const end = matching(source, at + 2, '(', ')');
    parts.push({ t: 'sub', script: source.slice(at + 2, end), quoted });
    return end + 1;
  }
  const braced = /^\$\{(\w+(?:\[[^\]]*\])?|[?$#@*!])(?::?[-=]([^}]*))?\}/.exec(rest);
  const bare = /^\$([A-Za-z_]\w*|[0-9?$#@*!])/.exec(rest);
  const match = braced ?? bare;
  if (match === null) {
    text('$');
    return at + 1;
  }
  const otherwise = braced?.[2];
  parts.push({ t: 'var', name: match[1]!, quoted, ...(otherwise === undefined ? {} : { otherwise }) });
  return at + match[0].length;
}
