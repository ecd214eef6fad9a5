/** Validation of affinity and topology spread. Upstream: pkg/apis/core/validation/validation.go, validateAffinity. */
import { duplicate, forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { qualifiedName } from '../names';
import { checkName, checkOneOf } from './checks';
import type { PodSpec } from './pod';
import type { Affinity, NodeSelectorTerm, PodAffinityRules, PodAffinityTerm } from './scheduling';
import { validateSelector } from './validate-selector';

export function validateAffinity(affinity: Affinity | undefined, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  const must = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const mustAt = `${at}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (must && (must.nodeSelectorTerms ?? []).length === 0)
    errors.push(required(mustAt, 'must have at least one node selector term'));
  for (const [i, term] of (must?.nodeSelectorTerms ?? []).entries())
    errors.push(...validateTerm(term, `${mustAt}[${i}]`));
  for (const [i, one] of (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${at}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(
      ...validateWeight(one.weight, path),
      ...validateTerm(one.preference ?? {}, `${path}.preference`),
    );
  }
  for (const name of ['podAffinity', 'podAntiAffinity'] as const)
    errors.push(...validatePodRules(affinity?.[name], `${at}.${name}`));
  return errors;
}

function validateWeight(weight: number | undefined, at: string): FieldError[] {
  const value = weight ?? 0;
  return value >= 1 && value <= 100
    ? []
    : [invalidValue(`${at}.weight`, value, 'must be in the range 1-100')];
}

function validateTerm(term: NodeSelectorTerm, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { key = '', operator, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const path = `${at}.matchExpressions[${i}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(
          forbiddenField(
            `${path}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1)
        errors.push(
          required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        );
    } else errors.push(invalidValue(`${path}.operator`, operator ?? '', 'not a valid selector operator'));
    errors.push(...checkName(`${path}.key`, key, qualifiedName));
  }
  return errors;
}

function validatePodRules(rules: PodAffinityRules | undefined, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, term] of (rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    errors.push(...validatePodTerm(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`));
  for (const [i, one] of (rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(...validateWeight(one.weight, path));
    errors.push(...validatePodTerm(one.podAffinityTerm ?? { topologyKey: '' }, `${path}.podAffinityTerm`));
  }
  return errors;
}

function validatePodTerm(term: PodAffinityTerm, at: string): FieldError[] {
  const errors = validateSelector(term.labelSelector, `${at}.labelSelector`);
  errors.push(...validateSelector(term.namespaceSelector, `${at}.namespaceSelector`));
  if (!term.topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
  else errors.push(...checkName(`${at}.topologyKey`, term.topologyKey, qualifiedName));
  return errors;
}

export function validateSpread(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, one] of (spec.topologySpreadConstraints ?? []).entries()) {
    const path = `${at}[${i}]`;
    if (!(one.maxSkew > 0))
      errors.push(invalidValue(`${path}.maxSkew`, one.maxSkew ?? 0, 'must be greater than zero'));
    if (!one.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    errors.push(
      ...checkOneOf(`${path}.whenUnsatisfiable`, one.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
    );
    const pair = `{${one.topologyKey}, ${one.whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    errors.push(...validateSelector(one.labelSelector, `${path}.labelSelector`));
  }
  return errors;
}
