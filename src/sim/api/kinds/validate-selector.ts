/** Label selectors: what is wrong with one, and whether it matches. Upstream: apimachinery apis/meta/v1/validation, labels. */
import { forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { labelValue, qualifiedName } from '../names';
import { checkName } from './checks';
import type { LabelSelector } from './meta';
import { validateLabels } from './validate-meta';

type Labels = Readonly<Record<string, string>>;

export function validateSelector(selector: LabelSelector | undefined, field: string): FieldError[] {
  if (selector === undefined) return [];
  const errors = validateLabels(selector.matchLabels, `${field}.matchLabels`);
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    const { key, operator, values = [] } = expression;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(
          forbiddenField(
            `${at}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
    } else errors.push(invalidValue(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
    errors.push(...checkName(`${at}.key`, key ?? '', qualifiedName));
    for (const [j, value] of values.entries())
      errors.push(...checkName(`${at}.values[${j}]`, value, labelValue));
  }
  return errors;
}

/** True when a selector can be turned into a test at all; its values may still be odd. */
export function isUsable(selector: LabelSelector): boolean {
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    if (qualifiedName(key ?? '').length > 0) return false;
    if (operator === 'In' || operator === 'NotIn') return values.length > 0;
    return (operator === 'Exists' || operator === 'DoesNotExist') && values.length === 0;
  });
}

export function isEmpty(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  );
}

/** An absent selector matches nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false;
  const has: Labels = labels ?? {};
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (has[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = has[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const inside = value !== undefined && values.includes(value);
    return operator === 'In' ? inside : !inside;
  });
}

/** A selector as messages show it: matchLabels first, as the Go struct has it. */
export function shownSelector(selector: LabelSelector | undefined): object | null {
  if (selector === undefined) return null;
  const { matchLabels, matchExpressions } = selector;
  return { ...(matchLabels && { matchLabels }), ...(matchExpressions && { matchExpressions }) };
}
