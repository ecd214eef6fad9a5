/** What of a pod may change once it exists. Upstream: pkg/apis/core/validation/validation.go, ValidatePodUpdate. */
import { sameValue } from '../equal';
import { forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkInt32 } from './checks';
import type { Container } from './container';
import type { Pod, PodSpec } from './pod';

const FIXED_FIELDS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Containers may get another image, and none may come or go. */
function checkImages(now: readonly Container[], old: readonly Container[], at: string): FieldError[] {
  if (now.length !== old.length) return [forbiddenField(at, 'pod updates may not add or remove containers')];
  const errors: FieldError[] = [];
  for (const [i, { image = '' }] of now.entries()) {
    if (image === '') errors.push(required(`${at}[${i}].image`));
    if (image.trim() !== image)
      errors.push(invalidValue(`${at}[${i}].image`, image, 'must not have leading or trailing whitespace'));
  }
  return errors;
}

/** A deadline may be set, and be moved to an earlier moment. */
function checkDeadline(now: number | undefined, old: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined)
    return old === undefined
      ? []
      : [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  const wrong = checkInt32(field, now);
  if (wrong.length > 0) return wrong;
  if (old !== undefined && old < now)
    return [invalidValue(field, now, 'must be less than or equal to previous value')];
  return [];
}

/** A gate may be lifted and none be added. */
function checkGates(now: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  return (now.schedulingGates ?? []).flatMap(({ name }, i) => {
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return before.has(name) ? [] : [forbiddenField(`spec.schedulingGates[${i}].name`, why)];
  });
}

/** What must be the same before and after; a gated pod may still be steered to other nodes. */
function fixedPart(spec: PodSpec, old: PodSpec): object {
  const images = (list: readonly Container[] | undefined) => list?.map(({ image: _, ...rest }) => rest);
  const { activeDeadlineSeconds: _a, tolerations: _t, schedulingGates: _g, nodeName: _n, ...rest } = spec;
  const { terminationGracePeriodSeconds: grace, nodeSelector, ...fixed } = rest;
  const gated = (old.schedulingGates ?? []).length > 0;
  const saved = (old.terminationGracePeriodSeconds ?? 0) < 0 && grace === 1;
  return {
    ...fixed,
    terminationGracePeriodSeconds: saved ? old.terminationGracePeriodSeconds : grace,
    ...(gated ? {} : { nodeSelector }),
    containers: images(spec.containers),
    initContainers: images(spec.initContainers),
  };
}

/** A gated pod's nodeSelector may only grow. */
function checkSelectorGrows(now: PodSpec, old: PodSpec): FieldError[] {
  if ((old.schedulingGates ?? []).length === 0) return [];
  const grown = Object.entries(old.nodeSelector ?? {}).every(
    ([key, value]) => now.nodeSelector?.[key] === value,
  );
  if (grown) return [];
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalidValue('spec.nodeSelector', now.nodeSelector ?? null, why)];
}

/** Most of a pod is fixed once it exists. Not simulated: the Go diff that the server puts after the last message. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    const wrong = checkImages(pod.spec[list] ?? [], old.spec[list] ?? [], `spec.${list}`);
    errors.push(...wrong);
    if (wrong[0]?.field === `spec.${list}`) return errors;
  }
  const deadline = checkDeadline(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && pod.spec.activeDeadlineSeconds !== undefined) return errors;
  const kept = (old.spec.tolerations ?? []).every((one) =>
    (pod.spec.tolerations ?? []).some((other) =>
      sameValue({ ...one, tolerationSeconds: 0 }, { ...other, tolerationSeconds: 0 }),
    ),
  );
  if (!kept)
    errors.push(
      forbiddenField(
        'spec.tolerations',
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    );
  errors.push(...checkGates(pod.spec, old.spec), ...checkSelectorGrows(pod.spec, old.spec));
  const moved = old.spec.nodeName && pod.spec.nodeName !== old.spec.nodeName;
  if (moved || !sameValue(fixedPart(pod.spec, old.spec), fixedPart(old.spec, old.spec)))
    errors.push(forbiddenField('spec', FIXED_FIELDS));
  return errors;
}
