/** Reads timings.json: what can be run of it. Rollout tables go through the real Deployment controller, waits through the kubelet's rules. */
import { SECOND } from '../../sim/clock/clock';
import { DEFAULT_TIMINGS } from '../../sim/node/kubelet/config';
import { goDuration, raise, retryAt, type Backoff } from '../../sim/node/kubelet/backoff';
import { allocatorCases } from './allocator-bands';
import { attempt, check } from './case-check';
import { rolloutSteps } from './rollout-table';
import { statefulSetOrder } from './statefulset-order';
import type { CaseResult, Format } from './result';

/* eslint-disable @typescript-eslint/no-explicit-any -- case files are data of many shapes */

/** Seconds that a container which crashes at once is held back before each restart. */
function crashDelays(count: number): number[] {
  let entry: Backoff | null = null;
  let nowNs = 0;
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const atNs = retryAt(entry, nowNs);
    out.push((atNs - nowNs) / SECOND);
    entry = raise(entry, nowNs, atNs);
    nowNs = atNs;
  }
  return out;
}

function crashLoop(data: any): CaseResult[] {
  const rows = data.delaysBeforeRestart as { restart: number; seconds: number }[];
  const delays = crashDelays(Math.max(...rows.map((row) => row.restart)));
  const waits = [...new Set(delays.filter((seconds) => seconds > 0))].map((seconds) =>
    goDuration(seconds * SECOND),
  );
  return [
    ...rows.map((row) => check(`crash-loop/restart-${row.restart}`, row.seconds, delays[row.restart - 1])),
    check('crash-loop/messages', data.durationsInMessage, waits),
  ];
}

/** Waits named in the rule's own text, "waits 10, 20, 40 … s". */
function imagePull(data: any): CaseResult[] {
  const wanted = (/waits ([\d, ]+) s/.exec(data.rule)?.[1] ?? '').split(', ').map(Number);
  let entry: Backoff | null = null;
  let nowNs = 0;
  const got = wanted.map(() => {
    const next: Backoff = raise(entry, nowNs, nowNs);
    entry = next;
    nowNs += next.delayNs;
    return next.delayNs / SECOND;
  });
  return [check('image-pull/waits', wanted, got)];
}

function rollouts(data: any): CaseResult[] {
  return (data.tables as any[]).map((row) => {
    const id = `rolling-update/${row.title}`;
    return attempt(id, () => check(id, { bounds: boundsOf(row), steps: row.steps }, rolloutSteps(row)));
  });
}

function boundsOf(row: any): unknown {
  const { surgePods, unavailablePods, maxTotal, minAvailable } = row;
  return { surgePods, unavailablePods, maxTotal, minAvailable };
}

/** Constants that the simulator holds itself. */
const HELD: Readonly<Record<string, number>> = {
  'kubelet-pleg': DEFAULT_TIMINGS.relistNs / SECOND,
  'kubelet-lease-renew': DEFAULT_TIMINGS.heartbeatNs / SECOND,
  'kubelet-min-grace': DEFAULT_TIMINGS.minGraceNs / SECOND,
  'kubelet-sync-error-backoff': DEFAULT_TIMINGS.retryNs / SECOND,
};

function constants(data: any): CaseResult[] {
  return (data as any[])
    .filter((row) => HELD[row.id] !== undefined)
    .map((row) => check(`constants/${row.id}`, row.value, HELD[row.id]));
}

function statefulSets(data: any): CaseResult[] {
  return (data.examples as any[]).map((row) => {
    const id = `statefulset/${row.case}`;
    const order = statefulSetOrder(row.case);
    return order === null ? { id, status: 'not-run' as const } : check(id, row.order, order);
  });
}

const timingsFormat: Format = (data: any) => [
  ...constants(data.constants ?? []),
  ...crashLoop(data.crashLoop),
  ...imagePull(data.imagePull),
  ...rollouts(data.rollingUpdate),
  ...statefulSets(data.statefulSet),
  ...allocatorCases(data.allocators),
];

export const formats: Readonly<Record<string, Format>> = { 'timings.json': timingsFormat };
