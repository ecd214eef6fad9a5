/** From field paths, as the API server prints them, to places in the user's text. */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import type { SourceRange } from './result';

/** Line starts of one piece of text, to turn offsets into lines and columns. */
export class LineTable {
  private readonly starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.starts = starts;
  }

  /** Line and column of an offset, both counted from 1. */
  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.starts[low]! + 1 };
  }

  /** The range of two offsets in a text that begins `lineOffset` lines into its file. */
  range(file: string, lineOffset: number, from: number, to: number): SourceRange {
    const start = this.at(from);
    const end = this.at(Math.max(from, to));
    return {
      file,
      line: start.line + lineOffset,
      column: start.column,
      endLine: end.line + lineOffset,
      endColumn: end.column,
    };
  }
}

/**
 * The steps of a field path. Map keys may hold dots (metadata.annotations.example.com/x), so a step is found by asking
 * the map; `[key]` names a list index or a key.
 */
export function offsetsOf(tree: Document, path: string, part: 'value' | 'key'): [number, number] {
  let node = tree.contents as Node | null;
  let found = spanOf(node, part);
  let rest = path;
  while (rest !== '' && node !== null) {
    const step: Step | null = stepInto(node, rest, tree);
    if (step === null) break;
    node = step.node;
    rest = step.rest;
    const span: [number, number] | null =
      step.pair === null ? spanOf(node, part) : spanOfPair(step.pair, part);
    found = span ?? found;
  }
  return found ?? [0, 0];
}

interface Step {
  readonly node: Node | null;
  readonly pair: Pair | null;
  readonly rest: string;
}

function stepInto(start: Node, path: string, tree: Document): Step | null {
  const node = isAlias(start) ? (start.resolve(tree) ?? null) : start;
  if (isSeq(node)) {
    const m = /^\[(\d+)\]\.?/.exec(path);
    if (m === null || node.items[Number(m[1])] === undefined) return null;
    return { node: node.items[Number(m[1])] as Node | null, pair: null, rest: path.slice(m[0].length) };
  }
  if (!isMap(node)) return null;
  // The longest key that the path begins with; of two equal keys the last one counts.
  let best: { pair: Pair; length: number } | null = null;
  for (const pair of node.items) {
    const length = keyLength(isScalar(pair.key) ? String(pair.key.value) : '', path);
    if (length > 0 && (best === null || length >= best.length)) best = { pair, length };
  }
  if (best === null) return null;
  return { node: best.pair.value as Node | null, pair: best.pair, rest: path.slice(best.length) };
}

/** How much of the path this key takes up, its separator included; 0 when the path does not begin with it. */
function keyLength(key: string, path: string): number {
  if (key === '') return 0;
  if (path.startsWith(`[${key}]`)) return key.length + 2 + (path[key.length + 2] === '.' ? 1 : 0);
  if (!path.startsWith(key)) return 0;
  const next = path[key.length];
  if (next === undefined || next === '[') return key.length;
  return next === '.' ? key.length + 1 : 0;
}

/** A scalar is shown as itself, a collection by the key that holds it: marking a whole block helps nobody. */
function spanOfPair(pair: Pair, part: 'value' | 'key'): [number, number] | null {
  const value = pair.value as Node | null;
  const key = pair.key as Node | null;
  const keySpan: [number, number] | null = key?.range ? [key.range[0], key.range[1]] : null;
  if (part === 'key' || !isScalar(value) || !value.range || value.range[1] === value.range[0])
    return keySpan ?? spanOf(value, part);
  return [value.range[0], value.range[1]];
}

function spanOf(node: Node | null, part: 'value' | 'key'): [number, number] | null {
  if (node === null || !node.range) return null;
  if (isMap(node) && !node.flow && node.items[0] !== undefined) return spanOfPair(node.items[0], part);
  return [node.range[0], node.range[1]];
}
