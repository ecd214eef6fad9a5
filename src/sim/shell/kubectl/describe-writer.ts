/** Writing describe pages: two blanks per level, tab-separated cells, and the blocks that many kinds have (kubectl describe.go). */
import type { ApiObject } from '../../api/object';
import { DESCRIBE_TABS, layoutTabs } from '../tabwriter';
import { byText } from './plain-values';

/** What a describe page may look up besides its object. */
export interface DescribeContext {
  readonly nowMs: number;
  readonly showEvents: boolean;
  list(kind: string, namespace?: string): readonly ApiObject[];
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
}

export class Page {
  private out = '';
  private done = '';

  /** One line at a level; cells are separated by tabs. */
  line(level: number, text: string): void {
    this.out += `${'  '.repeat(level)}${text}\n`;
  }

  /** A line "Title:\tvalue" on the lowest level. */
  field(title: string, value: string | number): void {
    this.line(0, `${title}:\t${value}`);
  }

  /** Ends the alignment of what was written so far. */
  flush(): void {
    this.done += layoutTabs(this.out, DESCRIBE_TABS);
    this.out = '';
  }

  /** What was written, tabs and all. */
  raw(): string {
    return this.out;
  }

  text(): string {
    this.flush();
    return this.done;
  }

  /** One value per line under a title, "<none>" without any. `indent` stands before the title. */
  multi(title: string, values: readonly string[], indent = ''): void {
    if (values.length === 0) this.line(0, `${indent}${title}:\t<none>`);
    values.forEach((value, i) => this.line(0, `${i === 0 ? `${indent}${title}:` : ''}\t${value}`));
  }

  labels(title: string, map: Readonly<Record<string, string>>, indent = ''): void {
    this.multi(
      title,
      Object.keys(map)
        .sort(byText)
        .map((key) => `${key}=${map[key]}`),
      indent,
    );
  }

  annotations(title: string, map: Readonly<Record<string, string>>, indent = ''): void {
    const keys = Object.keys(map)
      .filter((key) => key !== LAST_APPLIED)
      .sort(byText);
    this.multi(
      title,
      keys.flatMap((key) => annotationLines(key, map[key]!)),
      indent,
    );
  }
}

/** The annotation that `kubectl apply` leaves; describe leaves it out. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const LONGEST_ANNOTATION = 140;

function annotationLines(key: string, given: string): string[] {
  const value = given.replace(/\n$/, '');
  if (value.length + key.length + 2 <= LONGEST_ANNOTATION && !value.includes('\n'))
    return [`${key}: ${value}`];
  const limit = LONGEST_ANNOTATION - 2;
  const lines = value.split('\n').map((line) => (line.length > limit ? `${line.slice(0, limit)}...` : line));
  return [`${key}:`, ...lines.map((line) => `  ${line}`)];
}
