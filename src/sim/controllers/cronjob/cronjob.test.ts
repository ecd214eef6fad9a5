/** CronJobs: when their times are, which Jobs they make and keep. */
import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../../api/object';
import { fromRfc3339, toRfc3339 } from '../../api/time';
import { ControlPlane } from '../../testing/control-plane';
import { nextTime, parseSchedule } from './schedule';

describe('schedules', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00Z'],
    ['5 4 * * *', '2026-01-01T05:00:00Z', '2026-01-02T04:05:00Z'],
    ['0 9-17/4 * * MON-FRI', '2026-01-02T17:00:00Z', '2026-01-05T09:00:00Z'],
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['0 0 13 * *', '2026-01-01T00:00:00Z', '2026-01-13T00:00:00Z'],
    ['0 0 29 FEB *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['0,30 * ? * *', '2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z'],
  ])('%s after %s', (text, after, expected) => {
    const next = nextTime(parseSchedule(text)!, fromRfc3339(after)!);
    expect(next === null ? null : toRfc3339(next)).toBe(expected);
  });
  it.each(['', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'x * * * *'])(
    'refuses "%s"',
    (text) => {
      expect(parseSchedule(text)).toBeNull();
    },
  );
  it('knows times that never come', () => {
    expect(nextTime(parseSchedule('0 0 31 2 *')!, 0)).toBeNull();
  });
});

const cron = (more: object = {}): ApiObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '* * * * *',
    jobTemplate: {
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'acme/etl' }] } },
      },
    },
    ...more,
  },
});

function jobsAfter(seconds: number, more: object = {}, ends = true): string[] {
  const plane = new ControlPlane(1);
  plane.runtime.behave = () => (ends ? { exitAfterMs: 500 } : { termMs: 10 });
  plane.api.create(cron(more));
  plane.run(seconds);
  return plane.store.list('Job', 'default').map((job) => job.metadata.name);
}

it('makes a Job each minute, named after it', () => {
  expect(jobsAfter(150)).toEqual(['tick-29453761', 'tick-29453762']);
});

it('keeps three that succeeded', () => {
  expect(jobsAfter(390)).toEqual(['tick-29453764', 'tick-29453765', 'tick-29453766']);
});

it('waits for the one that runs where that is forbidden, and makes none while suspended', () => {
  expect(jobsAfter(200, { concurrencyPolicy: 'Forbid' }, false)).toEqual(['tick-29453761']);
  expect(jobsAfter(200, { concurrencyPolicy: 'Replace' }, false)).toEqual(['tick-29453763']);
  expect(jobsAfter(200, { suspend: true })).toEqual([]);
});
