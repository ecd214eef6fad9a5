/**
 * What the API server answers when it refuses: a Status object (meta/v1) with reason, code, message and details.
 * The wording rules are those of apimachinery's pkg/api/errors; restated, and compared with conformance/api.
 */

import type { FieldError } from './field-error';

export type StatusReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Forbidden'
  | 'MethodNotAllowed'
  | 'TooManyRequests'
  | 'InternalError';

/** `details` of a Status. `kind` is the resource for NotFound and the like, the kind for Invalid, as in life. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly FieldError[];
}

/** A refused request. `message` is the Status message word for word. */
export class ApiError extends Error {
  constructor(
    readonly reason: StatusReason,
    readonly code: number,
    message: string,
    readonly details: StatusDetails = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** `services`, or `deployments.apps` for a resource of a named group. */
function qualified(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

export function notFound(resource: string, group: string, name: string): ApiError {
  return new ApiError('NotFound', 404, `${qualified(resource, group)} "${name}" not found`, {
    name,
    group,
    kind: resource,
  });
}

export function alreadyExists(resource: string, group: string, name: string): ApiError {
  return new ApiError('AlreadyExists', 409, `${qualified(resource, group)} "${name}" already exists`, {
    name,
    group,
    kind: resource,
  });
}

/** A write that was based on an object that has changed since (optimistic concurrency). */
export function conflict(resource: string, group: string, name: string, why = STALE): ApiError {
  return new ApiError(
    'Conflict',
    409,
    `Operation cannot be fulfilled on ${qualified(resource, group)} "${name}": ${why}`,
    { name, group, kind: resource },
  );
}

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(resource: string, group: string, name: string, why: string): ApiError {
  return new ApiError('Forbidden', 403, `${qualified(resource, group)} "${name}" is forbidden: ${why}`, {
    name,
    group,
    kind: resource,
  });
}

/** All field errors of one object together; equal messages are listed once, as the server's aggregate does. */
export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const text = lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`;
  return new ApiError('Invalid', 422, `${qualified(kind, group)} "${name}" is invalid: ${text}`, {
    name,
    group,
    kind,
    causes: errors,
  });
}

/** A patch whose result cannot be decoded: an Invalid about no object, because there is none yet. */
export function badPatch(patch: string, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(patch)}: ${why}`;
  const causes: readonly FieldError[] = [{ field: 'patch', type: 'FieldValueInvalid', message }];
  return new ApiError('Invalid', 422, ` "" is invalid: patch: ${message}`, { causes });
}
