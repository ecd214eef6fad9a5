/** Small questions about JSON values that the printers ask. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (const rune of text) {
    const code = rune.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Code-unit order, the order of Go's sort.Strings for ASCII. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** "key=value" pairs in key order joined by commas; `none` when there are none. */
export function pairs(map: Readonly<Record<string, string>>, none = '<none>'): string {
  const keys = Object.keys(map).sort(byText);
  return keys.length === 0 ? none : keys.map((key) => `${key}=${map[key]}`).join(',');
}
