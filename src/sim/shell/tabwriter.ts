/**
 * Columns of text the way Go's text/tabwriter lays them out (elastic tabstops): a column is a run of neighbouring lines that
 * have a tab-ended cell there, and only such a run shares a width. kubectl prints everything through it.
 */

export interface TabOptions {
  /** Smallest width of a column, padding included. */
  readonly minWidth: number;
  /** Blanks added after the longest cell. */
  readonly padding: number;
}

/** `kubectl get` and its relatives. */
export const GET_TABS: TabOptions = { minWidth: 6, padding: 3 };
/** `kubectl describe` and `rollout history`. */
export const DESCRIBE_TABS: TabOptions = { minWidth: 0, padding: 2 };

function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Text whose cells end in tabs, laid out. Ends with a newline exactly when the input does. */
export function layoutTabs(text: string, options: TabOptions): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((): number[] => []);
  measure(lines, widths, 0, 0, lines.length, options);
  return lines.map((cells, i) => padLine(cells, widths[i]!)).join('\n');
}

function measure(
  lines: readonly string[][],
  widths: number[][],
  column: number,
  from: number,
  to: number,
  options: TabOptions,
): void {
  let start = from;
  while (start < to) {
    if (column >= lines[start]!.length - 1) {
      start++;
      continue;
    }
    let end = start;
    let width = options.minWidth;
    for (; end < to && column < lines[end]!.length - 1; end++) {
      width = Math.max(width, runeCount(lines[end]![column]!) + options.padding);
    }
    for (let i = start; i < end; i++) widths[i]![column] = width;
    measure(lines, widths, column + 1, start, end, options);
    start = end;
  }
}

function padLine(cells: readonly string[], widths: readonly number[]): string {
  let out = '';
  cells.forEach((cell, i) => {
    const width = widths[i];
    out += width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - runeCount(cell)));
  });
  return out;
}

/**
 * Rows of equal length as a table. `remembered` holds column widths of earlier rows (a watch only ever widens) and is
 * returned grown.
 */
export function layoutRows(
  rows: readonly (readonly string[])[],
  remembered: readonly number[] = [],
): { text: string; widths: number[] } {
  const widths = [...remembered];
  for (const row of rows) {
    for (let i = 0; i < row.length - 1; i++) {
      widths[i] = Math.max(widths[i] ?? GET_TABS.minWidth, runeCount(row[i]!) + GET_TABS.padding);
    }
  }
  let text = '';
  for (const row of rows) text += padLine(row, widths.slice(0, row.length - 1)) + '\n';
  return { text, widths };
}
