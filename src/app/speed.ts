/** The time dial's scale: seven decades, from 10 µs of cluster a second to 100 s a second. Pure. */

export const SLOWEST = 1e4;
export const FASTEST = 1e11;
const DECADES = Math.log10(FASTEST / SLOWEST);

/** The marks of the dial: 1, 2, 3, 5 in each decade; whole decades are long. */
export const MARKS: readonly { readonly speed: number; readonly long: boolean }[] = Array.from(
  { length: DECADES + 1 },
  (_, decade) => [1, 2, 3, 5].map((digit) => ({ speed: SLOWEST * 10 ** decade * digit, long: digit === 1 })),
)
  .flat()
  .filter((mark) => mark.speed <= FASTEST);

const STOPS: readonly number[] = Array.from({ length: DECADES + 1 }, (_, decade) =>
  [1, 2, 5].map((digit) => SLOWEST * 10 ** decade * digit),
)
  .flat()
  .filter((speed) => speed <= FASTEST);

/** Place of a speed on the dial, 0 to 1. */
export function toDial(nsPerSecond: number): number {
  return Math.min(1, Math.max(0, Math.log10(nsPerSecond / SLOWEST) / DECADES));
}

/** Speed at a place on the dial, to two figures. */
export function fromDial(place: number): number {
  const speed = SLOWEST * 10 ** (Math.min(1, Math.max(0, place)) * DECADES);
  return Number(speed.toPrecision(2));
}

/** The next stop of the 1-2-5 series in a direction. */
export function nextSpeed(nsPerSecond: number, direction: 1 | -1): number {
  if (direction > 0) return STOPS.find((stop) => stop > nsPerSecond * 1.001) ?? FASTEST;
  return STOPS.findLast((stop) => stop < nsPerSecond * 0.999) ?? SLOWEST;
}

/** What the speed is good for, in words. */
export function speedWords(nsPerSecond: number): string {
  if (nsPerSecond < 1e6) return 'packets crawl';
  if (nsPerSecond < 5e7) return 'packets fly';
  if (nsPerSecond < 2e9) return 'control loops run';
  return 'rollouts fly';
}
