/**
 * Resource amounts ("100m", "64Mi") as kubectl reads them from flags, and their sums for describe node (apimachinery
 * pkg/api/resource).
 */
import { quantityValue as valueOf } from '../../api/quantity';
import { UsageError } from './api';

/** The amount in base units; 0 for malformed text. */
export function quantityValue(text: string): number {
  return valueOf(text) ?? 0;
}

/** The text, when it is an amount. Throws UsageError. */
export function checkedQuantity(text: string): string {
  if (valueOf(text) !== null) return text;
  throw new UsageError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function binary(value: number): string {
  const names = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let unit = '';
  let rest = value;
  for (const name of names) {
    if (rest === 0 || rest % 1024 !== 0) break;
    rest /= 1024;
    unit = name;
  }
  return `${rest}${unit}`;
}

function decimal(value: number): string {
  if (Math.abs(value - Math.round(value)) > 1e-9) return `${Math.ceil(value * 1000 - 1e-6)}m`;
  let unit = '';
  let rest = Math.round(value);
  for (const name of ['k', 'M', 'G', 'T', 'P', 'E']) {
    if (rest === 0 || rest % 1000 !== 0) break;
    rest /= 1000;
    unit = name;
  }
  return `${rest}${unit}`;
}

/** Canonical text; `like` is an amount whose style (binary or decimal suffixes) is kept. */
export function quantityText(value: number, like: string): string {
  return /i$/.test(like) ? binary(value) : decimal(value);
}

/** Sum of amounts, in the style of the first that is not zero; "0" for none. */
export function sumQuantities(texts: readonly string[]): string {
  const style = texts.find((text) => quantityValue(text) !== 0) ?? '';
  return quantityText(
    texts.reduce((sum, text) => sum + quantityValue(text), 0),
    style,
  );
}
