/** What the API server knows of Gateway API's kinds: they are custom resources, so their schema and CEL rules decide. */
import type { FieldError } from '../field-error';
import type { ApiObject } from '../object';
import type { Draft, KindRules } from '../rules';
import { validateRules } from './gateway-cel';
import { blocksRules, defaultBySchema, validateBySchema } from './gateway-walk';

/** Schema errors keep the CEL rules from running, and the server says so. */
export const UNCHECKED: FieldError = {
  field: '<nil>',
  type: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

function validate(object: ApiObject): FieldError[] {
  const errors = validateBySchema(object);
  return blocksRules(errors) ? [...errors, UNCHECKED] : [...errors, ...validateRules(object)];
}

/** Until a controller has looked at it, nothing is known: the schema's default for the whole status. */
function waiting(...types: readonly string[]): (object: Draft<ApiObject>) => void {
  return (object) => {
    defaultBySchema(object as ApiObject);
    const conditions = types.map((type) => ({
      type,
      status: 'Unknown',
      reason: 'Pending',
      message: 'Waiting for controller',
      lastTransitionTime: '1970-01-01T00:00:00Z',
    }));
    (object as { status?: object }).status ??= { conditions };
  };
}

export const GATEWAY_RULES: KindRules = { default: waiting('Accepted', 'Programmed'), validate };
export const GATEWAYCLASS_RULES: KindRules = { default: waiting('Accepted'), validate };
export const ROUTE_RULES: KindRules = { default: (object) => defaultBySchema(object as ApiObject), validate };
