/** Validation of Jobs. Upstream: pkg/apis/batch/validation/validation.go. */
import { sameValue } from '../equal';
import { invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkNonNegative, checkOneOf } from './checks';
import { validatePodTemplate } from './validate-pod';
import type { Job } from './workload';

export function validateJob({ spec }: Job): FieldError[] {
  const at = 'spec';
  const errors: FieldError[] = [];
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit'] as const)
    errors.push(...checkNonNegative(`${at}.${field}`, spec?.[field]));
  errors.push(...checkNonNegative(`${at}.ttlSecondsAfterFinished`, spec?.ttlSecondsAfterFinished));
  if (spec?.completionMode !== undefined)
    errors.push(...checkOneOf(`${at}.completionMode`, spec.completionMode, ['Indexed', 'NonIndexed']));
  if (spec?.completionMode === 'Indexed' && spec.completions === undefined)
    errors.push(required(`${at}.completions`, 'when completion mode is Indexed'));
  errors.push(...validatePodTemplate(spec?.template, `${at}.template`));
  const policy = spec?.template?.spec?.restartPolicy;
  const field = `${at}.template.spec.restartPolicy`;
  if (policy === 'Always') errors.push(required(field, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    errors.push(notSupported(field, policy ?? '', ['OnFailure', 'Never']));
  if (spec?.backoffLimit !== undefined && spec.backoffLimit > 2_147_483_647)
    errors.push(
      invalidValue(`${at}.backoffLimit`, spec.backoffLimit, 'must be less than or equal to 2147483647'),
    );
  return errors;
}

/** A Job's pods are what they were. Not simulated: the server shows the template with its internal field names. */
export function validateJobUpdate(now: Job, old: Job): FieldError[] {
  const fixed = (['completions', 'selector', 'template', 'completionMode'] as const).filter(
    (field) => !sameValue(now.spec?.[field], old.spec?.[field]),
  );
  return fixed.map((field) => invalidValue(`spec.${field}`, now.spec?.[field] ?? null, 'field is immutable'));
}
