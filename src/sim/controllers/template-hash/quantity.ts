/**
 * A resource amount as the API's Go type holds it (apimachinery resource.Quantity), written for the hash dump. The text
 * is first brought into canonical form, because that is how it comes back from the API server's storage.
 */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

interface Parsed {
  readonly digits: string;
  readonly scale: number;
  readonly suffix: string;
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent';
}

function parse(text: string): Parsed {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+|[a-zA-Z]*)$/.exec(text.trim());
  if (match === null) return { digits: '0', scale: 0, suffix: '', format: 'DecimalSI' };
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const digits = `${sign === '-' ? '-' : ''}${whole}${fraction}` || '0';
  if (/^[eE][+-]?\d/.test(suffix)) {
    return { digits, scale: Number(suffix.slice(1)) - fraction.length, suffix, format: 'DecimalExponent' };
  }
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { digits, scale: -fraction.length, suffix, format: 'BinarySI' };
  return { digits, scale: (DECIMAL[suffix] ?? 0) - fraction.length, suffix, format: 'DecimalSI' };
}

/** The amount in its canonical text: the largest suffix that leaves no fraction, at nano precision ("0.5" is "500m"). */
export function canonicalQuantity(text: string): string {
  const { digits, scale, suffix, format } = parse(text);
  if (format === 'BinarySI') {
    const shifted = BigInt(digits) * 1024n ** BigInt(BINARY.indexOf(suffix));
    const unit = 10n ** BigInt(-scale);
    if (shifted % unit === 0n) return canonicalBinary(shifted / unit);
    return canonicalDecimal((shifted * 1_000_000_000n + unit - 1n) / unit, -9, 'DecimalSI');
  }
  return canonicalDecimal(BigInt(digits), scale, format);
}

function canonicalBinary(amount: bigint): string {
  let power = 0;
  let rest = amount;
  while (power < 6 && rest !== 0n && rest % 1024n === 0n) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${BINARY[power]}`;
}

function canonicalDecimal(amount: bigint, scale: number, format: Parsed['format']): string {
  if (amount === 0n) return '0';
  let digits = amount;
  let exponent = scale;
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0 || exponent > 18) {
    digits *= 10n;
    exponent--;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${digits}` : `${digits}e${exponent}`;
  const suffix = Object.keys(DECIMAL).find((name) => DECIMAL[name] === exponent) ?? '';
  return `${digits}${suffix}`;
}

/** The struct as the hash dump shows it. Its cached text stays empty where parsing does not prove it canonical. */
export function dumpQuantity(text: string): string {
  const canonical = canonicalQuantity(text);
  const { digits, scale, suffix, format } = parse(canonical);
  const binary = format === 'BinarySI';
  const factor = binary ? 1024n ** BigInt(BINARY.indexOf(suffix)) : 1n;
  const known = binary
    ? BigInt(digits) % 8n !== 0n
    : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  const amount = `value:(int64)${BigInt(digits) * factor} scale:(resource.Scale)${binary ? 0 : scale}`;
  return (
    `{i:(resource.int64Amount){${amount}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} ` +
    `s:(string)${known ? canonical : ''} Format:(resource.Format)${format}}`
  );
}
