/** One thing wrong in one field of an object, as validation finds it (apimachinery pkg/util/validation/field). */

/** `type` of a field error, as validation writes it into a cause. */
export type FieldErrorType =
  | 'FieldValueInvalid'
  | 'FieldValueRequired'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One thing wrong in one field. `message` is the whole text after the field path, for example `Required value`. */
export interface FieldError {
  readonly field: string;
  readonly type: FieldErrorType;
  readonly message: string;
}
