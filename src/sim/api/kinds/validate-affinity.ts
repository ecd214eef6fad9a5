/** Validation of affinity and topology spread. Upstream: pkg/apis/core/validation/validation.go, validateAffinity. */
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../names';
import { checkName } from './checks';
import type { LabelSelector } from './meta';
import type { PodSpec } from './pod';
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityRules,
  PodAffinityTerm,
} from './scheduling';
import { validateSelector } from './validate-selector';

/** Node and pod affinity, must and may; weights are 1 to 100. */
export function validateAffinity(affinity: Affinity | undefined, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  const must = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const mustAt = `${at}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (must && (must.nodeSelectorTerms ?? []).length === 0)
    errors.push(required(mustAt, 'must have at least one node selector term'));
  for (const [i, term] of (must?.nodeSelectorTerms ?? []).entries())
    errors.push(...validateTerm(term, `${mustAt}[${i}]`, true));
  for (const [i, one] of (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${at}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(
      ...validateWeight(one.weight, path),
      ...validateTerm(one.preference ?? {}, `${path}.preference`, false),
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

/** Values that no label can have are refused only where the term is a must. */
function validateTerm(term: NodeSelectorTerm, at: string, strict: boolean): FieldError[] {
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
    for (const [j, value] of values.entries())
      if (strict) errors.push(...checkName(`${path}.values[${j}]`, value, labelValue));
  }
  for (const [i, field] of (term.matchFields ?? []).entries())
    errors.push(...validateField(field, `${at}.matchFields[${i}]`));
  return errors;
}

/** Of a node's fields only its name may be asked for, one at a time. */
function validateField(
  { key = '', operator, values = [] }: NodeSelectorRequirement,
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalidValue(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(
      required(
        `${at}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      ),
    );
  if (key !== 'metadata.name') errors.push(invalidValue(`${at}.key`, key, 'not a valid field selector key'));
  else
    for (const [i, value] of values.entries())
      errors.push(...checkName(`${at}.values[${i}]`, value, dnsSubdomain));
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
  // The field is called namespaces, the error says namespace: the server's own slip.
  for (const name of term.namespaces ?? []) errors.push(...checkName(`${at}.namespace`, name, dnsLabel));
  errors.push(...validateLabelKeys(term, at));
  const key = term.topologyKey ?? '';
  if (key === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
  return [...errors, ...checkName(`${at}.topologyKey`, key, qualifiedName)];
}

interface LabelKeys {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** Keys whose values are taken from the pod itself (KEP-3633). */
function validateLabelKeys(term: LabelKeys, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = term[field] ?? [];
    if (keys.length > 0 && term.labelSelector === undefined)
      errors.push(forbiddenField(`${at}.${field}`, 'must not be specified when labelSelector is not set'));
    else
      for (const [i, key] of keys.entries())
        errors.push(...checkName(`${at}.${field}[${i}]`, key, qualifiedName));
  }
  for (const [i, key] of (term.matchLabelKeys ?? []).entries())
    if (term.mismatchLabelKeys?.includes(key))
      errors.push(
        invalidValue(
          `${at}.matchLabelKeys[${i}]`,
          key,
          'exists in both matchLabelKeys and mismatchLabelKeys',
        ),
      );
  return errors;
}

type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number] & {
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
};

/** How a spread counts nodes and domains. */
function validateCounting(one: Spread, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minDomains, whenUnsatisfiable: action = '' } = one;
  if (minDomains !== undefined) {
    if (minDomains <= 0)
      errors.push(invalidValue(`${at}.minDomains`, minDomains, 'must be greater than zero'));
    if (action !== 'DoNotSchedule')
      errors.push(
        invalidValue(
          `${at}.minDomains`,
          minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`,
        ),
      );
  }
  for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = one[field];
    if (policy !== undefined && policy !== 'Honor' && policy !== 'Ignore')
      errors.push(notSupported(`${at}.${field}`, policy, ['Honor', 'Ignore']));
  }
  return errors;
}

/** The list `topologySpreadConstraints`; `at` is its field path. */
export function validateSpread(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const all = spec.topologySpreadConstraints ?? [];
  const pairOf = (one: Spread) => `{${one.topologyKey ?? ''}, ${one.whenUnsatisfiable ?? ''}}`;
  for (const [i, one] of all.entries()) {
    const path = `${at}[${i}]`;
    const { topologyKey, whenUnsatisfiable: action = '' } = one;
    if (!(one.maxSkew > 0))
      errors.push(invalidValue(`${path}.maxSkew`, one.maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    if (action !== 'DoNotSchedule' && action !== 'ScheduleAnyway')
      errors.push(notSupported(`${path}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']));
    // The first of a pair is complained of.
    if (all.slice(i + 1).some((other) => pairOf(other) === pairOf(one)))
      errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pairOf(one)));
    errors.push(...validateCounting(one, path), ...validateLabelKeys(one, path));
    errors.push(...validateSelector(one.labelSelector, `${path}.labelSelector`));
  }
  return errors;
}
