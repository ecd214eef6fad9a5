/** Texts that several tables and pages share: selectors, lists that are cut, labels, conditions, cells. */
import type { ApiObject } from '../../api/object';
import { pairs } from './plain-values';
import { list, map, str, strings } from './read';
import type { Fields } from './read';

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
