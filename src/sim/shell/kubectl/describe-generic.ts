/** The describe page of kinds without one of their own: every field, names split into words (kubectl genericDescriber). */
import type { ApiObject } from '../../api/object';
import { Page } from './describe-writer';
import { events } from './describe-events';
import { head } from './describe-parts';
import type { DescribeContext } from './describe-writer';
import { byText, isRecord } from './plain-values';

/** Words that stay in capitals. */
const ACRONYMS = new Set([
  'API',
  'CPU',
  'DNS',
  'HTTP',
  'HTTPS',
  'ID',
  'IP',
  'JSON',
  'TCP',
  'TLS',
  'UDP',
  'UID',
  'URI',
  'URL',
  'CIDR',
  'GRPC',
  'TTL',
]);

/** "gatewayClassName" to "Gateway Class Name". */
export function smartLabel(name: string): string {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+|[^A-Za-z0-9]+/g) ?? [name];
  return words
    .map((word) => {
      if (word.toUpperCase() === word && word.length > 1) return word;
      if (ACRONYMS.has(word.toUpperCase())) return word.toUpperCase();
      return word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join(' ')
    .replace(/ ([^A-Za-z0-9]+) /g, '$1');
}

function scalarText(value: unknown): string {
  return value === null ? '<nil>' : String(value);
}

function listLines(page: Page, label: string, value: readonly unknown[], level: number): void {
  page.line(level, `${label}:`);
  for (const item of value) {
    if (isRecord(item)) fields(page, item, level + 1, []);
    else page.line(level + 1, scalarText(item));
  }
}

function fields(
  page: Page,
  object: Record<string, unknown>,
  level: number,
  skip: readonly string[],
  path = '',
): void {
  for (const key of Object.keys(object).sort(byText)) {
    const value = object[key];
    const here = `${path}.${key}`;
    if (value === undefined || skip.includes(here)) continue;
    const label = smartLabel(key);
    if (isRecord(value)) {
      page.line(level, `${label}:`);
      fields(page, value, level + 1, skip, here);
    } else if (Array.isArray(value)) listLines(page, label, value, level);
    else page.line(level, `${label}:\t${scalarText(value)}`);
  }
}

const SKIP = [
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
  '.metadata.managedFields',
];

export function describeGeneric(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  const { apiVersion, kind, ...rest } = object;
  fields(page, { 'API Version': apiVersion, Kind: kind, ...rest }, 0, SKIP);
  events(page, context, object);
  return page.text();
}
