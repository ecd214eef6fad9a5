/** Reading fields out of API objects whose shape kubectl does not know, as its printers do. */
import { isRecord } from './plain-values';

/** Any API object, or a part of one. */
export type Fields = { readonly [field: string]: unknown };

/** The value at a dotted path of plain field names; undefined when a step is missing. */
export function at(from: unknown, path: string): unknown {
  let value = from;
  for (const step of path.split('.')) {
    if (!isRecord(value)) return undefined;
    value = value[step];
  }
  return value;
}

/** A text field; numbers and booleans as text; '' when absent. */
export function str(from: unknown, path: string): string {
  const value = at(from, path);
  return typeof value === 'string' ? value : value == null || typeof value === 'object' ? '' : String(value);
}

/** A number field; 0 when absent or not a number. */
export function num(from: unknown, path: string): number {
  const value = at(from, path);
  return typeof value === 'number' ? value : 0;
}

export function bool(from: unknown, path: string): boolean {
  return at(from, path) === true;
}

/** A list of objects; empty when absent. */
export function list(from: unknown, path: string): readonly Fields[] {
  const value = at(from, path);
  return Array.isArray(value) ? (value as Fields[]) : [];
}

/** A list of scalars as texts; empty when absent. */
export function strings(from: unknown, path: string): readonly string[] {
  const value = at(from, path);
  return Array.isArray(value) ? value.map(String) : [];
}

/** A map of texts (labels, selectors, data); empty when absent. */
export function map(from: unknown, path: string): Readonly<Record<string, string>> {
  const value = at(from, path);
  return isRecord(value) ? (value as Record<string, string>) : {};
}
