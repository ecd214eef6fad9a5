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
      readonly assigns: readonly { readonly name: string; readonly value: Word }[];
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
    };

/** What stands between this item of a list and the next. */
export type ListOp = ';' | '&&' | '||' | '&';

const RESERVED = new Set(['do', 'done', 'then', 'elif', 'else', 'fi', '}', ')']);

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
    return this.tokens[this.at]!;
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
      case '{':
        return this.group('}');
      default:
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
    const assigns: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const token = this.peek();
      if (token.kind === 'redirect') redirections.push(...this.redirections());
      else if (token.kind === 'word') {
        const assign = words.length === 0 ? assignment(token.word!) : null;
        if (assign !== null) assigns.push(assign);
        else words.push(token.word!);
        this.at++;
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
