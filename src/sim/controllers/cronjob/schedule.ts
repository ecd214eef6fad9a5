/**
 * Cron schedules: five fields, names, lists, ranges, steps and @words. Upstream: github.com/robfig/cron, which the CronJob
 * controller parses with.
 *
 * Not simulated: time zones; all schedules are UTC.
 */
import { SECOND, type Ns } from '../../clock/clock';
import { toRfc3339 } from '../../api/time';

/** Which minutes, hours, days, months and weekdays fit. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** With both restricted, a day that fits one of them is enough. */
  readonly eitherDay: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

export const MINUTE: Ns = 60 * SECOND;
const DAY: Ns = 24 * 60 * MINUTE;
/** Virtual time begins on a Thursday, 2026-01-01. */
const FIRST_WEEKDAY = 4;
/** The rarest day, the 29th of February, comes within eight years. */
const LOOK_AHEAD_DAYS = 8 * 366;

/** A schedule, or null when the text is none. */
export function parseSchedule(text: string): Schedule | null {
  const fields = (WORDS[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minutes, hours, days, months, weekdays] = [
    field(fields[0]!, 0, 59),
    field(fields[1]!, 0, 23),
    field(fields[2]!, 1, 31),
    field(fields[3]!, 1, 12, MONTHS, 1),
    field(fields[4]!, 0, 6, WEEKDAYS),
  ];
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  const eitherDay = !/^[*?]/.test(fields[2]!) && !/^[*?]/.test(fields[4]!);
  return { minutes, hours, days, months, weekdays, eitherDay };
}

/** The numbers of one field; `names` count from `base`. */
function field(text: string, low: number, high: number, names: readonly string[] = [], base = 0) {
  const found = new Set<number>();
  const number = (word: string) => {
    const at = names.indexOf(word.toLowerCase());
    return at >= 0 ? at + base : /^\d+$/.test(word) ? Number(word) : NaN;
  };
  for (const part of text.split(',')) {
    const [range = '', stepText] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    const [from = '', to] = range.split('-');
    const isAll = range === '*' || range === '?';
    const first = isAll ? low : number(from);
    const last = isAll ? high : to !== undefined ? number(to) : stepText === undefined ? first : high;
    if (!(step > 0) || !(first >= low) || !(last <= high) || first > last) return null;
    for (let value = first; value <= last; value += step) found.add(value);
  }
  return found;
}

/** The first time of a schedule after a moment, in virtual nanoseconds; null when there is none. */
export function nextTime(schedule: Schedule, afterNs: Ns): Ns | null {
  const firstDay = Math.floor(afterNs / DAY);
  for (let day = firstDay; day < firstDay + LOOK_AHEAD_DAYS; day++) {
    if (!fitsDay(schedule, day)) continue;
    for (const hour of [...schedule.hours].sort((a, b) => a - b))
      for (const minute of [...schedule.minutes].sort((a, b) => a - b)) {
        const atNs = day * DAY + (hour * 60 + minute) * MINUTE;
        if (atNs > afterNs) return atNs;
      }
  }
  return null;
}

function fitsDay(schedule: Schedule, day: number): boolean {
  const [, month = 0, date = 0] = toRfc3339(day * DAY)
    .slice(0, 10)
    .split('-')
    .map(Number);
  if (!schedule.months.has(month)) return false;
  const byDate = schedule.days.has(date);
  const byWeekday = schedule.weekdays.has((FIRST_WEEKDAY + day) % 7);
  return schedule.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}
