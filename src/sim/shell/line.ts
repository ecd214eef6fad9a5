/**
 * One typed line to commands: quotes, escapes, comments, `;`, `&&`, `||`, pipes and here-documents of a POSIX shell
 * (IEEE 1003.1, Shell Command Language, 2.2 and 2.7).
 *
 * Not simulated: variables, globs, substitution, redirection to files and background jobs; a line that uses them gets an error
 * that says so.
 */

/** The commands of a pipe, left to right; `hereDoc` is the standard input of the first. */
export interface Pipeline {
  readonly stages: readonly (readonly string[])[];
  readonly hereDoc: string | null;
  /** When this pipeline runs, given how the one before ended. */
  readonly when: 'always' | 'ok' | 'failed';
}

export type ParsedLine = { readonly pipelines: readonly Pipeline[] } | { readonly error: string };

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'operator'; readonly text: ';' | '&&' | '||' | '|' | '<<' };

const OPERATORS = ['&&', '||', '<<', ';', '|'] as const;

/** Takes off a pasted prompt ("$ ", "> ") at the start of the text. */
function withoutPrompt(text: string): string {
  return text.replace(/^\s*\$\s+/, '');
}

class Reader {
  at = 0;
  constructor(readonly text: string) {}

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Reads one word from here; a string when it is malformed says why. */
  word(): { text: string } | { error: string } {
    let out = '';
    while (!this.done) {
      const c = this.text[this.at]!;
      if (/\s/.test(c) || ';|'.includes(c) || this.text.startsWith('&&', this.at)) break;
      if (this.text.startsWith('<<', this.at)) break;
      if (c === '&') return { error: 'sh: background jobs (&) are not simulated' };
      if (c === '>' || c === '<')
        return { error: `sh: redirection (${c}) is not simulated; pipes and << work` };
      if (c === '\\') {
        if (this.text[this.at + 1] !== '\n') out += this.text[this.at + 1] ?? '';
        this.at += 2;
        continue;
      }
      if (c === "'" || c === '"') {
        const quoted = this.quoted(c);
        if (quoted === null) return { error: `sh: unterminated quoted string` };
        out += quoted;
        continue;
      }
      out += c;
      this.at++;
    }
    return { text: out };
  }

  /** The text inside a pair of quotes that begins here; null when it never ends. */
  private quoted(quote: string): string | null {
    let out = '';
    for (this.at++; !this.done; this.at++) {
      const c = this.text[this.at]!;
      if (c === quote) {
        this.at++;
        return out;
      }
      const next = this.text[this.at + 1];
      if (quote === '"' && c === '\\' && next !== undefined && '"\\$`\n'.includes(next)) {
        if (next !== '\n') out += next;
        this.at++;
      } else {
        out += c;
      }
    }
    return null;
  }
}

function tokenize(text: string): { tokens: Token[] } | { error: string } {
  const reader = new Reader(text);
  const tokens: Token[] = [];
  while (!reader.done) {
    const c = text[reader.at]!;
    if (c === '\n') {
      tokens.push({ kind: 'operator', text: ';' });
      reader.at++;
    } else if (/\s/.test(c) || text.startsWith('\\\n', reader.at)) {
      reader.at += c === '\\' ? 2 : 1;
    } else if (c === '#') {
      while (!reader.done && text[reader.at] !== '\n') reader.at++;
    } else {
      const operator = OPERATORS.find((candidate) => text.startsWith(candidate, reader.at));
      if (operator !== undefined) {
        tokens.push({ kind: 'operator', text: operator });
        reader.at += operator.length;
        continue;
      }
      const word = reader.word();
      if ('error' in word) return word;
      tokens.push({ kind: 'word', text: word.text });
    }
  }
  return { tokens };
}

/** Cuts a here-document out of the text: what stands after the line with `<<WORD` up to a line that is WORD. */
function takeHereDoc(text: string): { line: string; hereDoc: string | null } {
  const mark = /<<(-?)\s*(['"]?)([A-Za-z_][\w-]*)\2/.exec(text);
  const newline = mark === null ? -1 : text.indexOf('\n', mark.index);
  if (mark === null || newline < 0) return { line: text, hereDoc: null };
  const lines = text.slice(newline + 1).split('\n');
  const strip = (line: string) => (mark[1] === '-' ? line.replace(/^\t+/, '') : line);
  const end = lines.findIndex((line) => strip(line).trimEnd() === mark[3]);
  const body = end < 0 ? lines : lines.slice(0, end);
  const rest = end < 0 ? '' : lines.slice(end + 1).join('\n');
  const line = `${text.slice(0, mark.index)} ${text.slice(mark.index + mark[0].length, newline)}\n${rest}`;
  return { line, hereDoc: body.map(strip).join('\n') + '\n' };
}

/** Parses what was typed or pasted; more than one line is allowed. */
export function parseLine(typed: string): ParsedLine {
  const { line, hereDoc } = takeHereDoc(withoutPrompt(typed));
  const lexed = tokenize(line.split('\n').map(withoutPrompt).join('\n'));
  if ('error' in lexed) return lexed;
  const pipelines: Pipeline[] = [];
  let stages: string[][] = [];
  let words: string[] = [];
  let when: Pipeline['when'] = 'always';
  let doc = hereDoc;
  const endStage = (): string | null => {
    if (words.length === 0) return 'sh: syntax error: a command is missing';
    stages.push(words);
    words = [];
    return null;
  };
  const endPipeline = (): string | null => {
    if (words.length === 0 && stages.length === 0) return null;
    const wrong = endStage();
    if (wrong !== null) return wrong;
    pipelines.push({ stages, hereDoc: doc, when });
    doc = null;
    stages = [];
    return null;
  };
  for (const token of lexed.tokens) {
    let wrong: string | null = null;
    if (token.kind === 'word') words.push(token.text);
    else if (token.text === '|') wrong = endStage();
    else if (token.text === '<<') wrong = 'sh: here-document is not closed';
    else {
      const empty = words.length === 0 && stages.length === 0;
      if (empty && token.text !== ';') wrong = `sh: syntax error near ${token.text}`;
      else wrong = endPipeline();
      when = token.text === '&&' ? 'ok' : token.text === '||' ? 'failed' : 'always';
    }
    if (wrong !== null) return { error: wrong };
  }
  const wrong = endPipeline();
  return wrong === null ? { pipelines } : { error: wrong };
}

/** The words of a half-typed line for completion: those of its last command; the last may be ''. */
export function wordsToComplete(typed: string): string[] {
  const lexed = tokenize(withoutPrompt(typed));
  if ('error' in lexed) return typed.split(/\s+/);
  const words: string[] = [];
  for (const token of lexed.tokens) {
    if (token.kind === 'operator') words.length = 0;
    else words.push(token.text);
  }
  if (words.length === 0 || /\s$/.test(typed)) words.push('');
  return words;
}
