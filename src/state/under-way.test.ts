import { describe, expect, it } from 'vitest';
import type { PacketTrace } from '../sim/trace/hop';
import { UnderWay } from './under-way';

const place = { machine: 'node-1', netns: 'host' };
const trace = (id: number, bornNs: number, endNs: number | null, kind: 'delivered' | 'lost' = 'delivered') =>
  ({
    id,
    bornNs,
    end: endNs === null ? null : { atNs: endNs, kind, reason: '', place },
  }) as unknown as PacketTrace;

function kept(...traces: PacketTrace[]) {
  const all = new Map(traces.map((one) => [String(one.id), one]));
  const under = new UnderWay(all);
  for (const [key, one] of all) under.set(key, one);
  return { under, ids: (nowNs: number) => under.at(nowNs).map(({ id }) => id) };
}

describe('packets under way', () => {
  it('are born and not over, at any moment that is asked for, also an earlier one', () => {
    const { ids } = kept(trace(1, 0, 10), trace(2, 5, null), trace(3, 20, 30));
    expect(ids(7)).toEqual([1, 2]);
    expect(ids(25)).toEqual([2, 3]);
    expect(ids(40)).toEqual([2]);
    expect([...ids(7)].sort()).toEqual([1, 2]);
  });

  it('hear news at the same moment', () => {
    const { under, ids } = kept(trace(1, 0, null));
    expect(ids(7)).toEqual([1]);
    under.set('1', trace(1, 0, 6));
    under.set('2', trace(2, 7, null));
    expect(ids(7)).toEqual([2]);
    under.delete('2');
    expect(ids(7)).toEqual([]);
  });

  it('know the lost ones until they are forgotten', () => {
    const { under } = kept(trace(1, 0, 10), trace(2, 0, 10, 'lost'));
    expect([...under.lost()].map(({ id }) => id)).toEqual([2]);
    under.clear();
    expect([...under.lost()]).toEqual([]);
  });
});
