/** case, functions and bash' [[ ]] (POSIX Shell Command Language, 2.9.4 and 2.9.5; bash manual, Conditional Constructs). */
import { testExpression } from './coreutils';
import { posixRegExp } from './sed';
import { expandText } from './sh-expand';
import type { Node } from './sh-parse';
import type { Frame, Shell } from './sh-state';
import type { Word } from './sh-tokens';

/** A shell pattern as an expression for whole texts. */
function patternRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^]*')
    .replace(/\?/g, '[^]')
    .replace(/\[!/g, '[^');
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return /^[^]*$/;
  }
}

/** The texts of words, or null when a command is run for one of them first. */
function textsOf(sh: Shell, frame: Frame, words: readonly Word[]): string[] | null {
  let used = 0;
  const texts: string[] = [];
  for (const word of words) {
    const scope = sh.scope(frame);
    const result = expandText(word, { ...scope, outputs: scope.outputs.slice(used) });
    if ('need' in result) {
      sh.substitute(result.need);
      return null;
    }
    used += word.parts.filter(({ t }) => t === 'sub').length;
    texts.push(result.text);
  }
  return texts;
}

/** Runs the first branch one of whose patterns fits. */
export function stepCase(sh: Shell, frame: Frame, node: Node & { k: 'case' }): void {
  const patterns = node.branches.flatMap((branch) => branch.patterns);
  const texts = textsOf(sh, frame, [node.word, ...patterns]);
  if (texts === null) return;
  const [word = '', ...rest] = texts;
  let at = 0;
  const chosen = node.branches.find((branch) => {
    const own = rest.slice(at, (at += branch.patterns.length));
    return own.some((pattern) => pattern === word || patternRegExp(pattern).test(word));
  });
  sh.pop(0);
  if (chosen !== undefined) sh.push(chosen.body);
}

export function stepDefinition(sh: Shell, node: Node & { k: 'function' }): void {
  const { name, body, text } = node;
  sh.change({ functions: { ...sh.state.functions, [name]: { body, text } } });
  sh.pop(0);
}

/** A function: its body, then the arguments that were there before it. */
export function stepCall(sh: Shell, frame: Frame, node: Node & { k: 'call' }): void {
  if (frame.step === 0) {
    sh.replaceTop({ ...frame, step: 1 });
    sh.push(node.body);
    return;
  }
  sh.change({ positional: node.positional });
  sh.pop();
}

export function stepTest(sh: Shell, frame: Frame, node: Node & { k: 'test' }): void {
  const words = node.items.filter((item): item is Word => typeof item !== 'string');
  const texts = textsOf(sh, frame, words);
  if (texts === null) return;
  const items = node.items.map((item) =>
    typeof item === 'string' ? { op: item } : { text: texts.shift()! },
  );
  const patterns = node.items.map((item) => typeof item !== 'string' && !item.quoted);
  sh.pop(new TestReader(sh, items, patterns).either() ? 0 : 1);
}

type Item = { readonly op: string } | { readonly text: string };

/** Reads the items of [[ ]] from left to right: || over && over ! and parentheses. */
class TestReader {
  private at = 0;

  constructor(
    private readonly sh: Shell,
    private readonly items: readonly Item[],
    private readonly arePatterns: readonly boolean[],
  ) {}

  either(): boolean {
    let result = this.both();
    while (this.takes('||')) {
      const right = this.both();
      result = result || right;
    }
    return result;
  }

  private both(): boolean {
    let result = this.single();
    while (this.takes('&&')) {
      const right = this.single();
      result = result && right;
    }
    return result;
  }

  private single(): boolean {
    if (this.takes('!')) return !this.single();
    if (this.takes('(')) {
      const inner = this.either();
      this.takes(')');
      return inner;
    }
    const first = this.items[this.at++];
    if (first === undefined) return false;
    if ('op' in first) return testExpression([first.op, this.text()], this.sh.os);
    const operator = this.items[this.at];
    if (operator === undefined || !('op' in operator) || /^(&&|\|\||\))$/.test(operator.op))
      return first.text !== '';
    this.at++;
    const isPattern = this.arePatterns[this.at] === true;
    const right = this.text();
    if (operator.op === '=~') return this.fits(first.text, right);
    if (isPattern && /^(==?|!=)$/.test(operator.op))
      return patternRegExp(right).test(first.text) === (operator.op !== '!=');
    if (operator.op === '<' || operator.op === '>') return first.text < right === (operator.op === '<');
    return testExpression([first.text, operator.op, right], this.sh.os);
  }

  private fits(text: string, expression: string): boolean {
    const source = expression
      .replace(/^(['"])(.*)\1$/, '$2')
      .replace(/\$\{?(\w+)\}?/g, (_, name: string) => this.sh.state.vars[name] ?? '');
    const match = posixRegExp(source, true).exec(text);
    if (match === null) return false;
    const groups = Object.fromEntries([...match].map((group, at) => [`BASH_REMATCH[${at}]`, group ?? '']));
    this.sh.change({ vars: { ...this.sh.state.vars, ...groups } });
    return true;
  }

  private takes(op: string): boolean {
    const item = this.items[this.at];
    if (item === undefined || !('op' in item) || item.op !== op) return false;
    this.at++;
    return true;
  }

  private text(): string {
    const item = this.items[this.at++];
    return item === undefined ? '' : 'op' in item ? item.op : item.text;
  }
}
