/**
 * Waits between tries that double from 10 s to 300 s and are forgotten after twice the limit of quiet: for crashing
 * containers and failing image pulls (client-go util/flowcontrol Backoff, kubelet containerBackOffPeriod).
 */
import { SECOND, type Ns } from '../../clock/clock';

const FIRST: Ns = 10 * SECOND;
const LIMIT: Ns = 300 * SECOND;

export interface Backoff {
  readonly delayNs: Ns;
  /** When the delay was last raised. */
  readonly updatedNs: Ns;
}

/** The entry after one more try at `nowNs`; `eventNs` is when the thing failed. */
export function raise(entry: Backoff | null, eventNs: Ns, nowNs: Ns): Backoff {
  const fresh = entry === null || eventNs - entry.updatedNs > 2 * LIMIT;
  return { delayNs: fresh ? FIRST : Math.min(entry.delayNs * 2, LIMIT), updatedNs: nowNs };
}

/** When the next try may be made after a failure at `eventNs`; a first failure may be retried at once. */
export function retryAt(entry: Backoff | null, eventNs: Ns): Ns {
  if (entry === null || eventNs - entry.updatedNs > 2 * LIMIT) return eventNs;
  return eventNs + entry.delayNs;
}

/** A duration as Go prints it: "10s", "1m20s", "5m0s". */
export function goDuration(ns: Ns): string {
  const seconds = Math.round(ns / SECOND);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
