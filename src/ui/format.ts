/** Virtual time and speed in words and digits, the same everywhere on the page. */
import type { Ns } from '../sim/clock/clock';

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

function clockParts(ns: Ns): { minutes: string; seconds: string; rest: number } {
  const whole = Math.max(0, Math.floor(ns));
  const totalSeconds = Math.floor(whole / 1e9);
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = pad(Math.floor(totalSeconds / 60) % 60, 2);
  return {
    minutes: hours > 0 ? `${hours}:${minutes}` : minutes,
    seconds: pad(totalSeconds % 60, 2),
    rest: whole % 1e9,
  };
}

/** "00:12.004 318": minutes, seconds, milliseconds and, after a gap, microseconds. */
export function formatTime(ns: Ns): string {
  const { minutes, seconds, rest } = clockParts(ns);
  return `${minutes}:${seconds}.${pad(Math.floor(rest / 1e6), 3)} ${pad(Math.floor(rest / 1e3) % 1000, 3)}`;
}

/** "00:53.9", for lists. */
export function formatClock(ns: Ns): string {
  const { minutes, seconds, rest } = clockParts(ns);
  return `${minutes}:${seconds}.${Math.floor(rest / 1e8)}`;
}

/** Two or three figures, without trailing zeros: 0.92, 9.2, 92, 920. */
function figures(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(2)));
}

/** A span of virtual time: "600 ns", "92 µs", "1.5 ms", "10 s", "3 min". */
export function formatSpan(ns: Ns): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${figures(ns / 1e3)} µs`;
  if (ns < 1e9) return `${figures(ns / 1e6)} ms`;
  if (ns < 120e9) return `${figures(ns / 1e9)} s`;
  if (ns < 7200e9) return `${Math.floor(ns / 60e9)} min`;
  return `${Math.floor(ns / 3600e9)} h`;
}

/** Speed of virtual time: "100 µs/s". */
export function formatSpeed(nsPerSecond: number): string {
  return `${formatSpan(nsPerSecond)}/s`;
}

/** "1 object", "3 objects". */
export function count(many: number, one: string, more = `${one}s`): string {
  return `${many} ${many === 1 ? one : more}`;
}
