/**
 * The shell language, as far as scripts in manifests use it (POSIX sh, chapter 2 of the Shell & Utilities volume):
 * text to a tree of plain data that sh.ts walks.
 */
import type { Token, Word } from './sh-tokens';
import { ShellSyntaxError, tokenize } from './sh-tokens';

export interface Redirection {
  /** 0 is input from a file. */
  readonly from: 0 | 1 | 2;
  /** A file, or "&1" and "&2". */
  readonly to: Word | '&1' | '&2';
  readonly append: boolean;
  /** A here-document: `to` is the text itself. */
  readonly inline?: boolean;
}

export type Node =
  | {
      readonly k: 'command';
      readonly assigns: readonly Assignment[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly k: 'list';
      readonly items: readonly { readonly node: Node; readonly op: ListOp; readonly text: string }[];
    }
  /** Texts of the parts: all but simple ones run in a shell of their own. */
  | {
      readonly k: 'pipe';
      readonly parts: readonly { readonly node: Node; readonly text: string }[];
      readonly negate: boolean;
    }
  | { readonly k: 'while'; readonly until: boolean; readonly condition: Node; readonly body: Node }
  | { readonly k: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Node }
  | {
      readonly k: 'if';
      readonly branches: readonly { readonly condition: Node; readonly body: Node }[];
      readonly otherwise?: Node;
    }
  /** A list in braces; with `child`, what runs in a shell of its own because of ( ) or redirections, by its text. */
  | {
      readonly k: 'group';
      readonly body: Node;
      readonly child?: { readonly text: string; readonly redirections: readonly Redirection[] };
    }
  | {
      readonly k: 'case';
      readonly word: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: Node }[];
    }
  /** A definition; its text goes to shells that are started for parts of the script. */
  | { readonly k: 'function'; readonly name: string; readonly body: Node; readonly text: string }
  /** A function that runs: what was there before comes back when it ends. */
  | { readonly k: 'call'; readonly body: Node; readonly positional: readonly string[] }
  /** bash' [[ ]]: operators as they are, operands as words. */
  | { readonly k: 'test'; readonly items: readonly (Word | string)[] };

/** name=value, or bash' name=(one two). */
export interface Assignment {
  readonly name: string;
  readonly value: Word;
  readonly list?: readonly Word[];
}

/** What stands between this item of a list and the next. */
export type ListOp = ';' | '&&' | '||' | '&';

const RESERVED = new Set(['do', 'done', 'then', 'elif', 'else', 'fi', 'esac', '}', ')']);

/** Parses a script. Throws ShellSyntaxError. */
export function parseScript(source: string): Node {
  const tokens = tokenize(source);
  const parser = new Parser(source, tokens);
  const node = parser.list();
  parser.expectEnd();
  return node;
}

class Parser {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  expectEnd(): void {
    const token = this.peek();
    if (token.kind !== 'end') throw new ShellSyntaxError(`unexpected "${token.text}"`);
  }

  list(): Node {
    const items: { node: Node; op: ListOp; text: string }[] = [];
    this.skipSeparators();
    while (!this.atListEnd()) {
      const start = this.peek().at;
      const node = this.pipeline();
      const text = this.source.slice(start, this.peek().at).trim();
      const op = this.separator();
      items.push({ node, op, text });
      if (op === '&&' || op === '||') this.skipNewlines();
      else this.skipSeparators();
    }
    return { k: 'list', items };
  }

  private peek(): Token {
    // Beyond the end mark there is nothing but the end.
    return this.tokens[this.at] ?? this.tokens[this.tokens.length - 1]!;
  }

  private isWord(text: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text === text;
  }

  private atListEnd(): boolean {
    const token = this.peek();
    if (token.kind === 'end') return true;
    if (token.kind === 'op') return token.text === ')' || token.text === ';;';
    return token.kind === 'word' && RESERVED.has(token.text);
  }

  private expectWord(text: string): void {
    if (!this.isWord(text)) throw this.unexpected(text);
    this.at++;
  }

  private unexpected(wanted?: string): ShellSyntaxError {
    const token = this.peek();
    const what = token.kind === 'end' ? 'end of file' : `"${token.text === '\n' ? 'newline' : token.text}"`;
    return new ShellSyntaxError(
      `unexpected ${what}${wanted === undefined ? '' : ` (expecting "${wanted}")`}`,
    );
  }

  private separator(): ListOp {
    const token = this.peek();
    if (token.kind === 'op' && ['&&', '||', ';', '&', '\n'].includes(token.text)) {
      this.at++;
      return token.text === '\n' ? ';' : (token.text as ListOp);
    }
    if (!this.atListEnd()) throw this.unexpected();
    return ';';
  }

  private skipNewlines(): void {
    while (this.peek().kind === 'op' && this.peek().text === '\n') this.at++;
  }

  private skipSeparators(): void {
    while (this.peek().kind === 'op' && (this.peek().text === '\n' || this.peek().text === ';')) this.at++;
  }

  private pipeline(): Node {
    const negate = this.isWord('!');
    if (negate) this.at++;
    const parts: { node: Node; text: string }[] = [];
    for (;;) {
      const start = this.peek().at;
      const node = this.command();
      parts.push({ node, text: this.source.slice(start, this.peek().at).trim() });
      if (this.peek().kind !== 'op' || this.peek().text !== '|') break;
      this.at++;
      this.skipNewlines();
    }
    return parts.length === 1 && !negate ? parts[0]!.node : { k: 'pipe', parts, negate };
  }

  private command(): Node {
    const token = this.peek();
    if (token.kind === 'op' && token.text === '(') return this.group(')');
    if (token.kind !== 'word' && token.kind !== 'redirect') throw this.unexpected();
    switch (token.kind === 'word' ? token.text : '') {
      case 'while':
      case 'until':
        return this.redirected(token.at, this.loop(token.text === 'until'));
      case 'for':
        return this.redirected(token.at, this.forLoop());
      case 'if':
        return this.redirected(token.at, this.conditional());
      case 'case':
        return this.redirected(token.at, this.choice());
      case '[[':
        return this.extendedTest();
      case '{':
        return this.group('}');
      default:
        if (token.text === 'function' || this.isDefinition()) return this.definition();
        if (token.kind === 'word' && RESERVED.has(token.text)) throw this.unexpected();
        return this.simple();
    }
  }

  private group(close: ')' | '}'): Node {
    this.at++;
    const start = this.peek().at;
    const body = this.list();
    const token = this.peek();
    if (token.text !== close || token.kind === 'end') throw this.unexpected(close);
    const text = this.source.slice(start, token.at).trim();
    this.at++;
    const redirections = this.redirections();
    if (close === '}' && redirections.length === 0) return { k: 'group', body };
    return { k: 'group', body, child: { text, redirections } };
  }

  /** A loop or conditional with redirections behind it runs in a shell of its own. */
  private redirected(start: number, node: Node): Node {
    const text = this.source.slice(start, this.peek().at).trim();
    const redirections = this.redirections();
    return redirections.length === 0 ? node : { k: 'group', body: node, child: { text, redirections } };
  }

  private loop(until: boolean): Node {
    this.at++;
    const condition = this.list();
    return { k: 'while', until, condition, body: this.doBody() };
  }

  private doBody(): Node {
    this.expectWord('do');
    const body = this.list();
    this.expectWord('done');
    return body;
  }

  private forLoop(): Node {
    this.at++;
    const name = this.peek().text;
    if (this.peek().kind !== 'word' || !/^[A-Za-z_]\w*$/.test(name)) throw this.unexpected();
    this.at++;
    const words: Word[] = [];
    if (this.isWord('in')) {
      this.at++;
      while (this.peek().kind === 'word') words.push(this.tokens[this.at++]!.word!);
    }
    this.skipSeparators();
    return { k: 'for', name, words, body: this.doBody() };
  }

  private conditional(): Node {
    const branches: { condition: Node; body: Node }[] = [];
    do {
      this.at++;
      const condition = this.list();
      this.expectWord('then');
      branches.push({ condition, body: this.list() });
    } while (this.isWord('elif'));
    if (this.isWord('else')) {
      this.at++;
      const otherwise = this.list();
      this.expectWord('fi');
      return { k: 'if', branches, otherwise };
    }
    this.expectWord('fi');
    return { k: 'if', branches };
  }

  private isAt(text: string, at: number): boolean {
    return this.peek().kind === 'op' && this.peek().text === text && this.peek().at === at;
  }

  private listWords(): Word[] {
    const words: Word[] = [];
    this.at++;
    for (;;) {
      const token = this.tokens[this.at++]!;
      if (token.kind === 'word') words.push(token.word!);
      else if (token.text !== '\n') break;
    }
    return words;
  }

  private choice(): Node {
    this.at++;
    const word = this.tokens[this.at++]!.word;
    this.skipNewlines();
    if (word === undefined) throw this.unexpected();
    this.expectWord('in');
    this.skipSeparators();
    const branches: { patterns: Word[]; body: Node }[] = [];
    while (!this.isWord('esac')) {
      if (this.peek().text === '(') this.at++;
      const patterns: Word[] = [];
      do {
        if (patterns.length > 0) this.at++;
        const token = this.tokens[this.at++]!;
        if (token.word === undefined) throw this.unexpected(')');
        patterns.push(token.word);
      } while (this.peek().kind === 'op' && this.peek().text === '|');
      if (this.peek().text !== ')') throw this.unexpected(')');
      this.at++;
      branches.push({ patterns, body: this.list() });
      if (this.peek().text === ';;') this.at++;
      else if (!this.isWord('esac')) throw this.unexpected('esac');
      this.skipSeparators();
    }
    this.at++;
    return { k: 'case', word, branches };
  }

  private isDefinition(): boolean {
    const [, open, close] = this.tokens.slice(this.at, this.at + 3);
    return open?.kind === 'op' && open.text === '(' && close?.kind === 'op' && close.text === ')';
  }

  /** name() command, or function name command. */
  private definition(): Node {
    const start = this.peek().at;
    if (this.isWord('function')) this.at++;
    const name = this.tokens[this.at++]!.text;
    if (this.peek().text === '(') this.at += 2;
    this.skipNewlines();
    const body = this.command();
    return { k: 'function', name, body, text: this.source.slice(start, this.peek().at).trim() };
  }

  private extendedTest(): Node {
    const items: (Word | string)[] = [];
    this.at++;
    while (!this.isWord(']]')) {
      const token = this.tokens[this.at++]!;
      if (token.kind === 'end') throw this.unexpected(']]');
      if (token.kind !== 'word') {
        if (token.text !== '\n') items.push(token.text);
      } else if (token.text === '!' || /^(=~|==?|!=|-[a-z]{1,2})$/.test(token.text)) items.push(token.text);
      else items.push(token.word!);
      if (token.text === '=~') items.push(this.expression(token.at + 2));
    }
    this.at++;
    return { k: 'test', items };
  }

  /** A regular expression goes up to a blank outside of parentheses and brackets, whatever the shell makes of its signs. */
  private expression(start: number): Word {
    const [whole, blanks = ''] = /^(\s*)(?:\([^)]*\)|\[(?:\[:\w+:\]|[^\]])*\]|[^\s])+/.exec(
      this.source.slice(start),
    ) ?? [''];
    const end = start + whole.length;
    while (this.peek().kind !== 'end' && this.peek().at < end) this.at++;
    return { parts: [{ t: 'text', text: whole.slice(blanks.length) }], quoted: true };
  }

  private redirections(): Redirection[] {
    const out: Redirection[] = [];
    while (this.peek().kind === 'redirect') {
      const token = this.tokens[this.at++]!;
      const target = this.tokens[this.at++]!;
      if (target.kind !== 'word') throw new ShellSyntaxError('unexpected redirection');
      const from = token.from ?? 1;
      const isCopy = token.text === '>&' && /^[12]$/.test(target.text);
      out.push({
        from,
        to: isCopy ? (`&${target.text}` as '&1' | '&2') : target.word!,
        append: token.text === '>>',
        ...(token.text === '<<' ? { inline: true } : {}),
      });
    }
    return out;
  }

  private simple(): Node {
    const assigns: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const token = this.peek();
      if (token.kind === 'redirect') redirections.push(...this.redirections());
      else if (token.kind === 'word') {
        const assign = words.length === 0 ? assignment(token.word!) : null;
        this.at++;
        if (assign === null) words.push(token.word!);
        else if (token.text.endsWith('=') && this.isAt('(', token.at + token.text.length))
          assigns.push({ ...assign, list: this.listWords() });
        else assigns.push(assign);
      } else break;
    }
    return { k: 'command', assigns, words, redirections };
  }
}

function assignment(word: Word): { name: string; value: Word } | null {
  const first = word.parts[0];
  if (first?.t !== 'text') return null;
  const match = /^([A-Za-z_]\w*)=([^]*)$/.exec(first.text);
  if (match === null) return null;
  const rest = word.parts.slice(1);
  const parts = match[2] === '' ? rest : [{ t: 'text' as const, text: match[2]! }, ...rest];
  return { name: match[1]!, value: { parts, quoted: true } };
}
