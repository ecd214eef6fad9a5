/**
 * Times and ages as kubectl prints them (k8s.io/apimachinery pkg/util/duration HumanDuration; RFC 3339 and RFC 1123 dates).
 * Only arithmetic: the simulator has no wall clock and no Date.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DAY_SECONDS = 86_400;

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

interface CivilTime {
  year: number;
  month: number;
  day: number;
  weekday: number;
  clock: string;
}

function civil(seconds: number): CivilTime {
  const days = Math.floor(seconds / DAY_SECONDS);
  const rest = Math.floor(seconds - days * DAY_SECONDS);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const two = (n: number) => String(n).padStart(2, '0');
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    clock: `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`,
  };
}

/** Seconds since 1970 of an RFC 3339 time in UTC, fractions kept; null when it is not one. */
export function parseTime(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  if (m === null) return null;
  const offset =
    m[8] === undefined ? 0 : (Number(m[9]) * 3600 + Number(m[10]) * 60) * (m[8] === '-' ? -1 : 1);
  const day = daysOf(Number(m[1]), Number(m[2]), Number(m[3])) * DAY_SECONDS;
  return day + Number(m[4]) * 3600 + Number(m[5]) * 60 + Number(m[6]) + Number(m[7] ?? 0) - offset;
}

/** "2026-01-01T00:00:00Z" */
export function rfc3339(seconds: number): string {
  const t = civil(seconds);
  return `${t.year}-${String(t.month).padStart(2, '0')}-${String(t.day).padStart(2, '0')}T${t.clock}Z`;
}

/** "Fri, 20 Nov 2026 04:21:26 +0000", the dates of describe; '' for an absent time. */
export function rfc1123(time: unknown): string {
  const seconds = parseTime(time);
  if (seconds === null) return '';
  const t = civil(seconds);
  const day = String(t.day).padStart(2, '0');
  return `${DAYS[t.weekday]}, ${day} ${MONTHS[t.month - 1]} ${t.year} ${t.clock} +0000`;
}

/** "2026-11-20 04:21:26 +0000 UTC", Go's own form. */
export function goTime(time: unknown): string {
  const seconds = parseTime(time);
  return seconds === null ? '' : `${rfc3339(seconds).replace('T', ' ').replace('Z', '')} +0000 UTC`;
}

/** A span of seconds as AGE columns show it. */
export function humanDuration(span: number): string {
  if (Math.trunc(span) < -1) return '<invalid>';
  if (span < 0) return '0s';
  const seconds = Math.floor(span);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return join(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 8) return join(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
  const days = Math.floor(hours / 24);
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? join(years, 'y', days % 365, 'd') : `${years}y`;
}

function join(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

/** Age of a timestamp at `nowMs` (milliseconds since 1970); "<unknown>" when it is absent. */
export function age(time: unknown, nowMs: number): string {
  const seconds = parseTime(time);
  return seconds === null ? '<unknown>' : humanDuration(nowMs / 1000 - seconds);
}

/** Milliseconds of a Go duration such as "1m30s", "500ms" or "0"; null when it is not one. */
export function parseDurationMs(text: string): number | null {
  if (/^[+-]?0$/.test(text)) return 0;
  const units: Record<string, number> = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  };
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (!/^(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/.test(body))
    return null;
  let total = 0;
  for (const part of body.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(part[1]) * units[part[2]!]!;
  return sign * total;
}

/** Go's Duration.String for whole milliseconds: "1m30s", "5s", "1.5s". */
export function goDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 0) return `-${goDuration(-ms)}`;
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
