/**
 * Tables of `kubectl get`: columns by kind as data, each with the rule of its cell (server-side printers,
 * pkg/printers/internalversion; CRD printer columns for Gateway API).
 */
import type { ApiObject } from '../../api/object';
import { age } from './time';
import { pairs } from './plain-values';
import { at, list, map, num, str, strings } from './read';
import type { Fields } from './read';

/** What a cell may depend on besides its object. */
export interface CellContext {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export interface Column {
  readonly header: string;
  /** Only with `-o wide`. */
  readonly wide: boolean;
  readonly cell: (object: ApiObject, context: CellContext) => string | number;
}

export type Columns = readonly Column[];

type CellRule = Column['cell'];

export function column(header: string, cell: CellRule): Column {
  return { header, wide: false, cell };
}

export function wide(header: string, cell: CellRule): Column {
  return { header, wide: true, cell };
}

export const NAME = column('NAME', (object) => object.metadata.name);
export const AGE = column('AGE', (object, { nowMs }) => age(object.metadata.creationTimestamp, nowMs));
export const CREATED_AT = column('CREATED AT', (object) => object.metadata.creationTimestamp ?? '');

/** A column that shows one field as it is. */
export function field(header: string, path: string, absent = ''): Column {
  return column(header, (object) => str(object, path) || absent);
}

/** A column that shows a number, 0 when absent. */
export function count(header: string, path: string): Column {
  return column(header, (object) => num(object, path));
}

/** A label selector as kubectl writes it: "a=b,!c,d in (x,y)", keys sorted; "<none>" for the empty one. */
export function selectorText(selector: unknown): string {
  if (selector == null) return '<none>';
  const parts = Object.entries(map(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  for (const rule of list(selector, 'matchExpressions')) {
    parts.push({ key: str(rule, 'key'), text: expressionText(rule) });
  }
  parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return parts.map((part) => part.text).join(',') || '<none>';
}

function expressionText(rule: Fields): string {
  const key = str(rule, 'key');
  const values = [...strings(rule, 'values')].sort().join(',');
  const operator = str(rule, 'operator');
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values})`;
}

/** CONTAINERS, IMAGES and SELECTOR of a workload whose pod template is at `template`. */
export function templateColumns(
  template: string,
  selector: ((object: ApiObject) => string) | null = (o) => selectorText(at(o, 'spec.selector')),
): Columns {
  const containers = (o: ApiObject, name: string) =>
    list(o, `${template}.spec.containers`)
      .map((container) => str(container, name))
      .join(',');
  const columns = [
    wide('CONTAINERS', (o) => containers(o, 'name')),
    wide('IMAGES', (o) => containers(o, 'image')),
  ];
  return selector === null ? columns : [...columns, wide('SELECTOR', selector)];
}

/** At most `limit` texts joined by commas, then how many more. */
export function firstFew(all: readonly string[], limit: number): string {
  if (all.length <= limit) return all.join(',');
  return `${all.slice(0, limit).join(',')} + ${all.length - limit} more...`;
}

/** Labels for --show-labels. */
export function labelsText(object: ApiObject): string {
  return pairs(object.metadata.labels ?? {});
}

/** Status of the condition of that type, or undefined. */
export function conditionStatus(object: unknown, type: string): string | undefined {
  const found = list(object, 'status.conditions').find((condition) => condition['type'] === type);
  return found === undefined ? undefined : str(found, 'status');
}

/** What a cell prints: cut at its first line break, as kubectl does. */
export function cellText(value: string | number): string {
  const text = String(value);
  const cut = text.search(/[\n\r\f]/);
  return cut < 0 ? text : `${text.slice(0, cut)}...`;
}
