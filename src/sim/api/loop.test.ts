import { expect, it } from 'vitest';
import { Clock, MS, SECOND } from '../clock/clock';
import { ApiError } from './errors';
import { startLoop, type RunningLoop } from './loop';
import type { ApiObject } from './object';
import { Store } from './store';

const config = (name: string): ApiObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

function world() {
  const clock = new Clock(1);
  const store = new Store({ clock });
  const log: string[] = [];
  const refuse = new Set<string>();
  store.create(config('old'));
  const loop: RunningLoop = startLoop(
    { clock, store },
    {
      name: 'controllers/test',
      watches: ['ConfigMap'],
      keysFor: (event) => (event.object.metadata.name === 'dull' ? [] : [event.object.metadata.name]),
      reconcile: (key) => {
        log.push(`${clock.nowNs / MS} ${key}`);
        if (refuse.has(key)) throw new ApiError('Conflict', 409, 'busy');
        if (key === 'broken') throw new Error('ours');
      },
      onTimer: (event) => log.push(`timer ${event.type}`),
    },
    { lagNs: 2 * MS },
  );
  const run = (untilNs: number) => {
    while ((clock.peek()?.atNs ?? Infinity) <= untilNs) {
      const timer = clock.take()!;
      loop.handle(timer.event, timer);
    }
    clock.advanceTo(untilNs);
  };
  return { clock, store, log, refuse, loop, run };
}

it('lists first, then hears of changes, each key once', () => {
  const { store, log, run } = world();
  store.create(config('new'));
  store.create(config('dull'));
  store.update({ ...config('new'), data: { a: '1' } });
  store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other' } });
  run(SECOND);
  expect(log).toEqual(['2 old', '2 new']);
  store.delete('ConfigMap', '', 'new');
  run(2 * SECOND);
  expect(log.at(-1)).toBe('1002 new');
});

it('requeues later at the earliest wish, beside news', () => {
  const { log, loop, run, clock } = world();
  run(10 * MS);
  loop.requeue('k', 50 * MS);
  loop.requeue('k', 20 * MS);
  loop.requeue('k', 40 * MS);
  run(SECOND);
  expect(log).toEqual(['2 old', '30 k']);
  clock.schedule(0, 'controllers/test', { type: 'tick' });
  run(2 * SECOND);
  expect(log.at(-1)).toBe('timer tick');
});

it('backs off from refusals by doubling, and lets our own errors through', () => {
  const { log, refuse, loop, run } = world();
  refuse.add('k');
  run(10 * MS);
  loop.requeue('k', 0);
  run(40 * MS);
  expect(log.slice(1)).toEqual(['10 k', '15 k', '25 k']);
  refuse.clear();
  run(SECOND);
  expect(log.slice(4)).toEqual(['45 k']);
  loop.requeue('broken', 0);
  expect(() => run(2 * SECOND)).toThrow('ours');
});

it('goes on after a keyframe as it would have', () => {
  const { clock, store, log, loop, run } = world();
  store.create(config('new'));
  loop.requeue('k', 5 * MS);
  const frames = [clock.keyframe(), store.keyframe(), loop.keyframe()] as const;
  run(SECOND);
  const first = [...log];
  log.length = 0;
  clock.restore(frames[0]);
  store.restore(frames[1]);
  loop.restore(frames[2]);
  run(SECOND);
  expect(log).toEqual(first);
});
