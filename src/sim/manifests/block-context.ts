/** Where in a YAML text a parser of go-yaml's kind stands: inside which block or flow collection (libyaml's indents). */

interface Level {
  readonly kind: 'map' | 'list';
  readonly indent: number;
}

const KEY = /^(?:"[^"]*"|'[^']*'|[^\s#"'[{][^#]*?)\s*:(?:\s|$)/;

/** Opens what the words of one line open, from a column on. */
function open(levels: Level[], line: string): void {
  let at = line.search(/\S/);
  const top = () => levels.at(-1)?.indent ?? -1;
  while (/^-(?:\s|$)/.test(line.slice(at))) {
    if (top() < at) levels.push({ kind: 'list', indent: at });
    const next = line.slice(at + 1).search(/\S/);
    if (next < 0) return;
    at += 1 + next;
  }
  if (KEY.test(line.slice(at)) && top() < at) levels.push({ kind: 'map', indent: at });
}

function close(levels: Level[], column: number): void {
  while ((levels.at(-1)?.indent ?? -1) > column) levels.pop();
}

/** The innermost block collection that stands open before the word at an offset. */
export function blockAt(text: string, offset: number): 'map' | 'list' | null {
  const word = offset + Math.max(0, text.slice(offset).search(/[^ ]/));
  const before = text.slice(0, word).split('\n');
  const last = before.pop() ?? '';
  const levels: Level[] = [];
  for (const line of before) {
    const column = line.search(/\S/);
    if (column < 0 || line[column] === '#') continue;
    close(levels, column);
    open(levels, line);
  }
  if (last.trim() === '') close(levels, last.length);
  else {
    close(levels, last.search(/\S/));
    open(levels, last);
  }
  return levels.at(-1)?.kind ?? null;
}

/** The closing bracket that is awaited at an offset; null outside of flow collections. */
export function bracketAt(text: string, offset: number): ']' | '}' | null {
  const awaited: (']' | '}')[] = [];
  const tokens = /"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|(?<=^|\s)#.*|[[\]{}]/gm;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (index >= offset) break;
    if (token === '[') awaited.push(']');
    else if (token === '{') awaited.push('}');
    else if (token === ']' || token === '}') awaited.pop();
  }
  return awaited.at(-1) ?? null;
}

/** The line, counted from 1, of the first word after the line of an offset; past the end it is the line after the last. */
export function nextWordLine(text: string, offset: number): number {
  const lines = text.split('\n');
  const from = text.slice(0, offset).split('\n').length;
  for (let i = from; i < lines.length; i++) if (/^\s*[^\s#]/.test(lines[i]!)) return i + 1;
  return text.endsWith('\n') ? lines.length : lines.length + 1;
}
