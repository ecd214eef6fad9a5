/** curl's URL globbing: one URL stands for many, "[1-9]", "[a-c]", "[0-10:5]" or "{a,b}". */

/** Not simulated: more than this many URLs from one pattern of curl's. */
const LIMIT = 1000;

/** The URLs that a pattern stands for, in curl's order, or its complaint. */
export function globUrls(pattern: string): string[] | string {
  let made = [''];
  // An IPv6 address in brackets is none of this.
  const parts = /(\[[\da-fA-F]*:[\da-fA-F:.%]*\])|\[([^\]]*)\]|\{([^}]*)\}|([^[{]+|[[{])/g;
  for (const [text, address, range, list] of pattern.matchAll(parts)) {
    let choices: string[] | null = [text];
    if (address === undefined && range !== undefined) choices = rangeOf(range);
    else if (list !== undefined) choices = list.split(',');
    else if (text === '[' || text === '{') choices = null;
    if (choices === null) {
      const position = pattern.indexOf(text) + 2;
      const what = text.startsWith('{') ? 'unmatched brace' : 'bad range';
      return `(3) ${what} in URL position ${position}:\n${pattern}\n${' '.repeat(position - 1)}^`;
    }
    const wanted = choices;
    made = made.flatMap((left) => wanted.map((right) => left + right));
    if (made.length > LIMIT)
      return `(3) range overflow in URL position ${pattern.indexOf(text) + 2}:\n${pattern}`;
  }
  return made;
}

function rangeOf(text: string): string[] | null {
  const letters = /^([a-zA-Z])-([a-zA-Z])(?::(\d+))?$/.exec(text);
  const numbers = /^(\d+)-(\d+)(?::(\d+))?$/.exec(text);
  const [, from, to, by] = letters ?? numbers ?? [];
  if (from === undefined || to === undefined) return null;
  const value = (word: string) => (letters === null ? Number(word) : word.charCodeAt(0));
  const step = Number(by ?? 1);
  if (value(from) > value(to) || step < 1) return null;
  const out: string[] = [];
  for (let at = value(from); at <= value(to) && out.length <= LIMIT; at += step)
    out.push(
      letters === null
        ? String(at).padStart(/^0/.test(from) ? from.length : 0, '0')
        : String.fromCharCode(at),
    );
  return out;
}
