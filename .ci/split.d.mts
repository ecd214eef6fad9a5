/** Half-open range of the text and whether it was reached (1) or not (0). */
export type Counted = readonly [start: number, end: number, count: number];
export const CORE: string;
export function reached(
  length: number,
  counted: { readonly loading: readonly Counted[]; readonly running: readonly Counted[] },
): Uint8Array;
export function split(
  text: string,
  ast: unknown,
  places: Uint8Array,
): { readonly core: string; readonly late: string };
