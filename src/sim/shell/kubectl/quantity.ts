/** Resource amounts ("100m", "64Mi") to numbers and back (apimachinery pkg/api/resource), for the sums of describe node. */

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** The amount in base units; 0 for malformed text. */
export function quantityValue(text: string): number {
  const m = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(
    text,
  );
  return m === null ? 0 : Number(m[1]) * UNITS[m[2] ?? '']!;
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
