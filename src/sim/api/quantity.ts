/** Resource quantities: 500m, 64Mi, 1e3. Ruled by apimachinery pkg/api/resource, the page "Resource units in Kubernetes". */

const SUFFIX: Readonly<Record<string, number>> = {
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
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Value in units (cores, bytes), or null when the text is no quantity. */
export function quantityValue(quantity: string | number): number | null {
  if (typeof quantity === 'number') return quantity;
  const m = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkKMGTPE]i?)?)$/.exec(quantity);
  if (m === null) return null;
  if (m[2] !== undefined) return Number(m[1] + m[2]);
  const factor = SUFFIX[m[3] ?? ''];
  return factor === undefined ? null : Number(m[1]) * factor;
}

/**
 * The text the server stores: a whole number in the largest suffix that keeps it whole, decimal or binary as it was given.
 * What is canonical already stays as it is.
 */
export function canonicalQuantity(quantity: string | number): string {
  const value = quantityValue(quantity);
  const text = String(quantity);
  if (value === null || !Number.isFinite(value)) return text;
  if (value === 0) return '0';
  const binary = /i$/.test(text) && Math.abs(value) >= 1024;
  if (/[eE][+-]?\d+$/.test(text)) return text;
  const steps = binary
    ? ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki', '']
    : ['E', 'P', 'T', 'G', 'M', 'k', '', 'm', 'u', 'n'];
  for (const suffix of steps) {
    const scaled = value / SUFFIX[suffix]!;
    const rounded = Math.round(scaled);
    if (rounded !== 0 && Math.abs(scaled - rounded) < 1e-9 * Math.abs(scaled) + 1e-12)
      return `${rounded}${suffix}`;
  }
  return text;
}
