/** JSON-shaped data: what state, timers and messages are made of (law 4: no closures, no class instances). */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * JSON text with keys in code-unit order, so that equal data gives equal text wherever it was built.
 * `undefined` properties are left out, Maps are written as sorted entry lists.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Map) {
    const rows = [...value].map(([key, entry]) => [String(key), entry] as const);
    return canonicalJson(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  }
  const record = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(record).sort()) {
    if (record[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  }
  return `{${parts.join(',')}}`;
}
