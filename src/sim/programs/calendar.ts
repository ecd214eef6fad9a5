/** Calendar of virtual time: second 0 is Thursday, 1 January 2026, 00:00:00 UTC. The clock's range ends within April. */
import type { Ns } from '../clock/clock';

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS: readonly (readonly [string, number])[] = [
  ['Jan', 31],
  ['Feb', 28],
  ['Mar', 31],
  ['Apr', 30],
  ['May', 31],
];
/** 2026-01-01T00:00:00Z in Unix time. */
const START = 1767225600;

/** The moment by strftime's letters: a, b, m, d, e, H, M, S, Y, s, N. */
export function calendarOf(
  nowNs: Ns,
): Readonly<Record<'a' | 'b' | 'm' | 'd' | 'e' | 'H' | 'M' | 'S' | 'Y' | 's' | 'N', string>> {
  const total = Math.floor(nowNs / 1e9);
  const days = Math.floor(total / 86400);
  let day = days;
  let month = 0;
  while (month < MONTHS.length - 1 && day >= MONTHS[month]![1]) day -= MONTHS[month++]![1];
  const two = (n: number) => String(n).padStart(2, '0');
  return {
    a: WEEKDAYS[days % 7]!,
    b: MONTHS[month]![0],
    m: two(month + 1),
    d: two(day + 1),
    e: String(day + 1).padStart(2),
    H: two(Math.floor(total / 3600) % 24),
    M: two(Math.floor(total / 60) % 60),
    S: two(total % 60),
    Y: '2026',
    s: String(START + total),
    N: String(Math.floor(nowNs % 1e9)).padStart(9, '0'),
  };
}

/** RFC 9110 HTTP-date. */
export function httpDate(nowNs: Ns): string {
  const now = calendarOf(nowNs);
  return `${now.a}, ${now.d} ${now.b} ${now.Y} ${now.H}:${now.M}:${now.S} GMT`;
}
