/**
 * Virtual time as the API server writes it: RFC 3339 in whole seconds, UTC. Virtual second 0 is 2026-01-01T00:00:00Z.
 * Written without Date, which sim/ must not know: days are counted by the civil calendar (ISO 8601, proleptic Gregorian).
 */
import { MS, SECOND, type Ns } from '../clock/clock';

/** 2026-01-01T00:00:00Z in seconds since 1970; what `date +%s` of the cluster's first moment prints. */
export const EPOCH_SECONDS = 1_767_225_600;

const DAY_SECONDS = 86_400;

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function monthDays(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from 1970-01-01 to the first of January of a year. */
function daysBeforeYear(year: number): number {
  const y = year - 1;
  return 365 * (year - 1970) + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477;
}

function civil(days: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(days / 365.2425);
  while (daysBeforeYear(year) > days) year--;
  while (daysBeforeYear(year + 1) <= days) year++;
  let day = days - daysBeforeYear(year);
  let month = 1;
  while (day >= monthDays(year, month)) day -= monthDays(year, month++);
  return { year, month, day: day + 1 };
}

// One moment is asked for many times in a row (every object of an apply), so the last answer is kept. Pure memo.
let memoSeconds = -1;
let memoText = '';

/** RFC 3339 text of a virtual moment, rounded down to the second. */
export function toRfc3339(ns: Ns): string {
  const seconds = EPOCH_SECONDS + Math.floor(ns / SECOND);
  if (seconds === memoSeconds) return memoText;
  const { year, month, day } = civil(Math.floor(seconds / DAY_SECONDS));
  const rest = seconds % DAY_SECONDS;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60]
    .map((v) => pad(v, 2))
    .join(':');
  memoSeconds = seconds;
  memoText = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}Z`;
  return memoText;
}

/** The same with microseconds, as Lease and Event `eventTime` hold it (MicroTime). */
export function toRfc3339Micro(ns: Ns): string {
  const micros = pad(Math.floor((ns % SECOND) / (MS / 1000)), 6);
  return toRfc3339(ns).replace('Z', `.${micros}Z`);
}

/** Virtual moment of an RFC 3339 text (negative before the cluster's first second), or null when it is not one. */
export function fromRfc3339(text: string): Ns | null {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (m === null) return null;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  let days = daysBeforeYear(year) + day - 1;
  for (let i = 1; i < month; i++) days += monthDays(year, i);
  const zone = m[8]!;
  const sign = zone.startsWith('-') ? -1 : 1;
  const shift = zone === 'Z' ? 0 : sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60);
  const seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + second - shift - EPOCH_SECONDS;
  return seconds * SECOND + Math.round(Number(m[7] ?? 0) * SECOND);
}
