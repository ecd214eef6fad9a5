/** Half-open range of the text and whether it was reached (1) or not (0). */
export type Counted = readonly [start: number, end: number, count: number];
export const CORE: string;
export function coldness(length: number, ranges: readonly Counted[]): (at: number) => boolean;
export function split(
  text: string,
  ast: unknown,
  isColdAt: (at: number) => boolean,
): { readonly core: string; readonly late: string };
