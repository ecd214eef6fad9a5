/** Checks of single values that all kinds need, in the words of core validation (pkg/apis/core/validation). */
import { duplicate, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import type { NameCheck } from '../names';

/** One error for each complaint a name check has. */
export function checkName(field: string, value: string, check: NameCheck): FieldError[] {
  return check(value).map((message) => invalidValue(field, value, message));
}

/** Required and one of `allowed`, in the order in which the server lists them. */
export function checkOneOf(
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] {
  if (!value) return [required(field)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

/** Where the server counts to: an int32. */
const INT32_MAX = 2_147_483_647;

/** A whole number from `least` on that an int32 can hold. */
export function checkInt32(field: string, value: number | undefined, least = 0): FieldError[] {
  if (value === undefined || (value >= least && value <= INT32_MAX)) return [];
  return [invalidValue(field, value, `must be between ${least} and ${INT32_MAX}, inclusive`)];
}

/** One of `allowed`, in the order in which the server lists them, when it is there at all. */
export function checkChoice(
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] {
  return value === undefined || allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

/** Zero or more. */
export function checkNonNegative(field: string, value: number | undefined): FieldError[] {
  return value === undefined || value >= 0
    ? []
    : [invalidValue(field, value, 'must be greater than or equal to 0')];
}

/** Duplicates in a list of texts, each at its own place; empty ones do not count. */
export function checkUnique(
  fields: readonly { readonly field: string; readonly value: string | undefined }[],
): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const { field, value } of fields) {
    if (!value) continue;
    if (seen.has(value)) errors.push(duplicate(field, value));
    seen.add(value);
  }
  return errors;
}
