/** Label selectors (meta/v1 LabelSelector). */
import type { LabelSelector, LabelSelectorRequirement } from '../api/kinds/meta';

type Labels = Readonly<Record<string, string>>;

/** True when every pair of a plain selector is among the labels. An empty selector matches everything. */
export function matchesLabels(selector: Labels, labels: Labels | undefined): boolean {
  for (const key in selector) if (labels?.[key] !== selector[key]) return false;
  return true;
}

/** True when the labels fulfil a LabelSelector. An absent one matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false;
  if (!matchesLabels(selector.matchLabels ?? {}, labels)) return false;
  return (selector.matchExpressions ?? []).every((row) => fulfils(row, labels));
}

function fulfils(row: LabelSelectorRequirement, labels: Labels | undefined): boolean {
  const value = labels?.[row.key];
  switch (row.operator) {
    case 'In':
      return value !== undefined && (row.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(row.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
