import { describe, expect, it } from 'vitest';
import type { PacketTrace } from '../sim/trace/hop';
import { CalmCounts, countsOf, crowdOf, EVERYWHERE, groupOf, type Placed } from './crowd';
import type { Journey } from './geometry';
import type { Position } from './motion';

const at = (step: number, share: number): Position => ({ step, share, hop: step, point: { x: 0, y: 0 } });
const step = (station: string, facts?: Record<string, string>) => ({ station, facts });

describe('groupOf', () => {
  const steps = [step('device'), step('hook'), step('wire', { from: 'node-1', to: 'node-2' })];
  const places = ['foot:Pod/a/b', 'prerouting:node-1', 'tap:node-1'];
  const journey = { steps, places } as unknown as Journey;

  it.each([
    [0, 0, 'foot:Pod/a/b'],
    [0, 0.5, 'railL:node-1'],
    [1, 0, 'prerouting:node-1'],
    [1, 0.5, null],
    [2, 0, 'under:node-1>node-2'],
    [2, 0.9, 'under:node-1>node-2'],
  ])('step %i, %f of the way on: %s', (index, share, group) => {
    expect(groupOf(journey, at(index, share))).toBe(group);
  });
});

describe('crowdOf', () => {
  const placed = (groups: Record<string, number>): Placed[] =>
    Object.entries(groups).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, id) => ({
        trace: { id } as PacketTrace,
        journey: {} as Journey,
        position: at(0, 0),
        group: group === '' ? null : group,
      })),
    );
  const crowd = (groups: Record<string, number>, before: string[] = [], far = false): string[] => [
    ...crowdOf(placed(groups), new Set(before), far),
  ];

  it.each([
    [{ a: 6, b: 7 }, [], false, ['b']],
    [{ a: 6, b: 3 }, ['a', 'b'], false, ['a']],
    [{ '': 59 }, [], false, []],
    [{ '': 60 }, [], false, [EVERYWHERE]],
    [{ '': 45 }, [EVERYWHERE], false, [EVERYWHERE]],
    [{ '': 44 }, [EVERYWHERE], false, []],
    [{ '': 12 }, [], true, [EVERYWHERE]],
  ] as const)('%j after %j, far %s: %j', (groups, before, far, wanted) => {
    expect(crowd(groups, [...before], far)).toEqual(wanted);
  });

  it('counts everybody at a crowded place and nobody elsewhere', () => {
    const all = placed({ a: 9, b: 2, '': 3 });
    expect(countsOf(all, new Set(['a'])).map(({ group, count }) => [group, count])).toEqual([['a', 9]]);
  });
});

describe('numbers', () => {
  it('stand for a quarter of a second, and are exact when time stands still', () => {
    const numbers = new CalmCounts();
    const said = (count: number, atMs: number, exact = false): number =>
      numbers.calm([{ group: 'a', at: { x: 0, y: 0 }, count }], atMs, exact)[0]!.count;
    expect([said(20, 0), said(21, 100), said(22, 249), said(23, 250), said(24, 300)]).toEqual([
      20, 20, 20, 23, 23,
    ]);
    expect(said(25, 310, true)).toBe(25);
  });
});
