/** Label selectors as text: `app=web,tier in (a,b),!old` (apimachinery pkg/labels/selector.go). */
import { labelValue, qualifiedName } from '../../api/names';

/** How a requirement compares; "exists" and "!" take no value. */
export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | '>' | '<' | 'exists' | '!';

/** One requirement of a label selector; all must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** Sorted, each once. */
  readonly values: readonly string[];
}

/** A selector that the server does not understand; the message is its own. */
export class SelectorError extends Error {}

const OPERATORS = new Set<string>(['=', '==', '!=', 'in', 'notin', '>', '<']);
const SIGNS = new Set(['=', '==', '!=', '!', '(', ')', ',', '>', '<', '']);

function isWord(token: string): boolean {
  return !SIGNS.has(token);
}

/** The words and signs of a selector, read one after the other; past the end there is ''. */
class Tokens {
  private readonly all: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.all = text.match(/!=|==|=|[!,()<>]|[^\s!=,()<>]+/g) ?? [];
  }

  peek(): string {
    return this.all[this.at] ?? '';
  }

  next(): string {
    return this.all[this.at++] ?? '';
  }
}

function parseList(tokens: Tokens): string[] {
  const values = new Set<string>();
  for (;;) {
    const token = tokens.next();
    if (isWord(token)) {
      values.add(token);
      if (tokens.peek() === ')') return [...values];
      if (tokens.peek() !== ',') throw new SelectorError(`found '${tokens.peek()}', expected: ',' or ')'`);
    } else if (token === ',') {
      if (values.size === 0) values.add('');
      if (tokens.peek() === ')') return [...values.add('')];
      if (tokens.peek() === ',') {
        tokens.next();
        values.add('');
      }
    } else throw new SelectorError(`found '${token}', expected: ',', or identifier`);
  }
}

function parseSet(tokens: Tokens): string[] {
  const open = tokens.next();
  if (open !== '(') throw new SelectorError(`found '${open}' expected: '('`);
  const first = tokens.peek();
  if (first === ')') {
    tokens.next();
    return [];
  }
  if (!isWord(first) && first !== ',')
    throw new SelectorError(`found '${first}', expected: ',', ')' or identifier`);
  const values = parseList(tokens);
  tokens.next();
  return values;
}

function parseExact(tokens: Tokens): string[] {
  const token = tokens.peek();
  if (token === '' || token === ',') return [''];
  if (!isWord(token)) throw new SelectorError(`found '${token}', expected: identifier`);
  return [tokens.next()];
}

function check(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const wrong: string[] = [];
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    wrong.push("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  }
  values.forEach((value, i) => {
    if ((operator === '>' || operator === '<') && !/^[+-]?\d+$/.test(value)) {
      wrong.push(
        `values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
  });
  values.forEach((value, i) => {
    const why = labelValue(value);
    if (why.length > 0)
      wrong.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${why.join('; ')}`);
  });
  if (wrong.length > 0) throw new SelectorError(wrong.length > 1 ? `[${wrong.join(', ')}]` : wrong[0]);
  return requirement;
}

function parseRequirement(tokens: Tokens): Requirement {
  const negated = tokens.peek() === '!';
  if (negated) tokens.next();
  const key = tokens.next();
  if (!isWord(key)) throw new SelectorError(`found '${key}', expected: identifier`);
  const why = qualifiedName(key);
  if (why.length > 0)
    throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${why.join('; ')}`);
  if (negated) return { key, operator: '!', values: [] };
  if (tokens.peek() === '' || tokens.peek() === ',') return { key, operator: 'exists', values: [] };
  const operator = tokens.next();
  if (!OPERATORS.has(operator))
    throw new SelectorError(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = operator === 'in' || operator === 'notin' ? parseSet(tokens) : parseExact(tokens);
  return check({ key, operator: operator as Operator, values: [...values].sort() });
}

/** The requirements of a selector. Throws SelectorError in the server's words. */
export function parseSelector(text: string): readonly Requirement[] {
  const tokens = new Tokens(text);
  const all: Requirement[] = [];
  for (;;) {
    const token = tokens.peek();
    if (token === '') return all;
    if (!isWord(token) && token !== '!')
      throw new SelectorError(`found '${token}', expected: !, identifier, or 'end of string'`);
    try {
      all.push(parseRequirement(tokens));
    } catch (error) {
      if (error instanceof SelectorError)
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
    const next = tokens.next();
    if (next === '') return all;
    if (next !== ',') throw new SelectorError(`found '${next}', expected: ',' or 'end of string'`);
    const after = tokens.peek();
    if (!isWord(after) && after !== '!')
      throw new SelectorError(`found '${after}', expected: identifier after ','`);
  }
}

/** Whether labels meet a requirement. */
export function holds(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values } = requirement;
  const value = labels[key];
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const [is, limit] = [Number(value), Number(values[0])];
      return operator === '>' ? is > limit : is < limit;
    }
  }
}
