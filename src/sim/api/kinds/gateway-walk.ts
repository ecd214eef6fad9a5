/**
 * Defaults and validates custom resources by a table of constraints, as apiextensions does from the OpenAPI schema of a
 * CustomResourceDefinition (structural defaulting, kube-openapi validation).
 */
import { copy } from '../decode';
import { duplicate, invalidValue, notSupported, required, tooLong, tooMany } from '../field-errors';
import type { FieldError } from '../field-error';
import type { ApiObject } from '../object';
import { schemaOf, type FieldType, type KindSchema } from '../schema/types';
import { GATEWAY_CONSTRAINTS, type FieldConstraint } from './gateway-schema';

type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fills in defaults from the outside in, so that a default that is an object gets its own defaults too. */
export function defaultBySchema(object: ApiObject): void {
  const schema = schemaOf(object.kind, object.apiVersion);
  if (schema !== null) fillStruct(schema, object.kind, object as unknown as Json);
}

function fillStruct(schema: KindSchema, name: string, value: Json): void {
  const fields = schema.structs.get(name)?.fields;
  for (const [field, constraint] of Object.entries(GATEWAY_CONSTRAINTS[name] ?? {}))
    if (constraint.default !== undefined && value[field] === undefined && fields?.has(field))
      value[field] = copy(constraint.default);
  for (const [field, type] of fields ?? []) fillValue(schema, type, value[field]);
}

function fillValue(schema: KindSchema, type: FieldType, value: unknown): void {
  if (type.shape === 'struct' && isRecord(value)) fillStruct(schema, type.code, value);
  if (type.shape === 'list' && Array.isArray(value))
    for (const item of value) fillValue(schema, type.of!, item);
}

/** Every violation, parents before children. */
export function validateBySchema(object: ApiObject): FieldError[] {
  const schema = schemaOf(object.kind, object.apiVersion);
  const errors: FieldError[] = [];
  if (schema !== null) checkStruct(schema, object.kind, object as unknown as Json, '', errors);
  return errors;
}

/** Types after which the server does not run the CEL rules any more. */
const BLOCKING = new Set([
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

export function blocksRules(errors: readonly FieldError[]): boolean {
  return errors.some((error) => BLOCKING.has(error.type));
}

function checkStruct(
  schema: KindSchema,
  name: string,
  value: Json,
  path: string,
  errors: FieldError[],
): void {
  const constraints = GATEWAY_CONSTRAINTS[name] ?? {};
  const join = (field: string) => (path === '' ? field : `${path}.${field}`);
  for (const [field, constraint] of Object.entries(constraints))
    if (constraint.required && value[field] === undefined) errors.push(required(join(field)));
  for (const [field, type] of schema.structs.get(name)?.fields ?? []) {
    if (value[field] === undefined || field === 'metadata') continue;
    checkValue(schema, type, value[field], join(field), constraints[field] ?? {}, errors);
  }
}

function checkValue(
  schema: KindSchema,
  type: FieldType,
  value: unknown,
  path: string,
  constraint: FieldConstraint,
  errors: FieldError[],
): void {
  if (type.shape === 'struct' && isRecord(value)) return checkStruct(schema, type.code, value, path, errors);
  if (type.shape === 'list' && Array.isArray(value)) {
    checkList(value, path, constraint, errors);
    value.forEach((item, i) =>
      checkValue(schema, type.of!, item, `${path}[${i}]`, constraint.items ?? {}, errors),
    );
    return;
  }
  if (typeof value === 'string') checkText(value, path, constraint, errors);
  if (typeof value === 'number') checkNumber(value, path, constraint, errors);
}

function checkList(
  value: readonly unknown[],
  path: string,
  constraint: FieldConstraint,
  errors: FieldError[],
): void {
  const { minItems = 0, maxItems, listKey } = constraint;
  if (value.length < minItems) {
    const items = `${minItems} item${minItems === 1 ? 's' : 's'}`;
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${items}`));
  }
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (constraint.isSet === true) {
    value.forEach((item, i) => {
      if (value.indexOf(item) < i) errors.push(duplicate(`${path}[${i}]`, item));
    });
  }
  if (listKey === undefined) return;
  const seen = new Set<unknown>();
  for (const [i, item] of value.entries()) {
    const key = isRecord(item) ? item[listKey] : undefined;
    if (key === undefined) continue;
    if (seen.has(key)) errors.push(duplicate(`${path}[${i}]`, { [listKey]: key }));
    seen.add(key);
  }
}

function checkText(value: string, path: string, constraint: FieldConstraint, errors: FieldError[]): void {
  const { enum: allowed, also = [], minLength = 0, maxLength, pattern } = constraint;
  if (allowed !== undefined && !allowed.includes(value) && !also.includes(value))
    errors.push(notSupported(path, value, allowed));
  if (value.length < minLength)
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  else if (maxLength !== undefined && value.length > maxLength) errors.push(tooLong(path, maxLength));
  else if (pattern !== undefined && !new RegExp(pattern).test(value))
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
}

function checkNumber(value: number, path: string, constraint: FieldConstraint, errors: FieldError[]): void {
  const { enum: allowed, also = [], minimum, maximum } = constraint;
  const text = String(value);
  if (allowed !== undefined && !allowed.includes(text) && !also.includes(text))
    errors.push(notSupported(path, value, allowed));
  if (minimum !== undefined && value < minimum)
    errors.push(invalidValue(path, value, `${path} in body should be greater than or equal to ${minimum}`));
  if (maximum !== undefined && value > maximum)
    errors.push(invalidValue(path, value, `${path} in body should be less than or equal to ${maximum}`));
}
