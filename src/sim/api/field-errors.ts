/** Builders for field errors, in the wording of apimachinery's pkg/util/validation/field since 1.34 (values as JSON). */
import type { FieldError } from './field-error';

/** A value as messages show it: texts quoted, numbers bare, everything else as JSON. */
function shown(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (value === null || value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Go's %q: JSON's escapes, and \u for what does not print. */
export function goQuote(text: string): string {
  return JSON.stringify(text).replace(/\u00a0/g, '\\u00a0');
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  const message =
    detail === '' ? `Invalid value: ${shown(value)}` : `Invalid value: ${shown(value)}: ${detail}`;
  return { field, type: 'FieldValueInvalid', message };
}

export function required(field: string, detail = ''): FieldError {
  return {
    field,
    type: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return {
    field,
    type: 'FieldValueForbidden',
    message: detail === '' ? 'Forbidden' : `Forbidden: ${detail}`,
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, type: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

/** `allowed` is shown in the order given; most lists of the server are sorted, some are not. */
export function notSupported(field: string, value: unknown, allowed: readonly string[]): FieldError {
  const list = allowed.map((one) => `"${one}"`);
  const message = `Unsupported value: ${shown(value)}${list.length > 0 ? `: supported values: ${list.join(', ')}` : ''}`;
  return { field, type: 'FieldValueNotSupported', message };
}

export function tooLong(field: string, max: number): FieldError {
  const unit = max === 1 ? 'byte' : 'bytes';
  return { field, type: 'FieldValueTooLong', message: `Too long: may not be more than ${max} ${unit}` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const unit = max === 1 ? 'item' : 'items';
  return {
    field,
    type: 'FieldValueTooMany',
    message: `Too many: ${actual}: must have at most ${max} ${unit}`,
  };
}
