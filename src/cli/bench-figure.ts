/** What the bench prints: figures, and how CPU time is taken. */

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

/** CPU seconds of this process, all threads, that the work took. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

/** A figure with three significant digits. */
export function figure(what: string, value: number, unit: string): Figure {
  return { what, value: Number(value.toPrecision(3)), unit };
}
