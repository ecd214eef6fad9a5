/** Plus and minus of a workload. The cluster answers a moment later; a second press until then counts from the first. */
import { sendFault } from './wire';

/** How long an answer may take, in ms, before a press counts from what is shown again. */
const PATIENCE_MS = 5_000;

const asked = new Map<string, { readonly replicas: number; readonly atMs: number }>();

/**
 * The count that a press means.
 * @param shown replicas wanted as the page shows them
 * @param by 1 or -1
 */
export function replicasAfter(ref: string, shown: number, by: number, nowMs: number): number {
  const before = asked.get(ref);
  const isRecent = before !== undefined && nowMs - before.atMs < PATIENCE_MS;
  const replicas = Math.max(0, (isRecent ? before.replicas : shown) + by);
  asked.set(ref, { replicas, atMs: nowMs });
  return replicas;
}

/** One replica more or less of a workload. */
export function scaleBy(ref: string, shown: number, by: number): void {
  sendFault({ kind: 'scale', ref, replicas: replicasAfter(ref, shown, by, performance.now()) });
}
