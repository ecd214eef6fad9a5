/** Checks of paths inside volumes and of file modes. Upstream: pkg/apis/core/validation/validation.go, validatePath*. */
import { invalidValue } from '../field-errors';
import type { FieldError } from '../field-error';

/** No step upwards; one complaint, however many there are. */
export function checkNoBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

/** A relative path that stays below its start. */
export function checkDescending(field: string, path: string): FieldError[] {
  const errors = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : [];
  return [...errors, ...checkNoBacksteps(field, path)];
}

/** As `checkDescending`, and not with a name that the kubelet keeps for itself ("..data"). */
export function checkNotReserved(field: string, path: string): FieldError[] {
  const errors = checkDescending(field, path);
  if (path.startsWith('..') && !path.startsWith('../'))
    errors.push(invalidValue(field, path, "must not start with '..'"));
  return errors;
}

/** Permission bits of a file. */
export function checkMode(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}
