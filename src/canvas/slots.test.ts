import { describe, expect, it } from 'vitest';
import type { PodView } from '../sim/view';
import { groupsOf } from './hop-ruler';
import { GONE_MS, nextClosing, nextSlots, type Slots } from './slots';
import { rulerScale, tickLabel } from './time-ruler';
import { fitOf, levelOf } from './view-fit';
import type { Hop } from '../sim/trace/hop';

function pod(name: string, node: string | null, createdNs: number): PodView {
  return { ref: `Pod/default/${name}`, name, node, createdNs } as PodView;
}

/** "a b! c" for three places of which the second one's pod is gone. */
function print(slots: Slots, node = 'node-1'): string {
  return (slots.get(node) ?? [])
    .map(({ pod: { name }, goneAtMs }) => (goneAtMs === null ? name : `${name}!`))
    .join(' ');
}

describe('nextSlots', () => {
  const [a, b, c, d] = [
    pod('a', 'node-1', 1),
    pod('b', 'node-1', 2),
    pod('c', 'node-1', 3),
    pod('d', 'node-1', 4),
  ];

  it('keeps a place for a moment, then closes it', () => {
    let slots = nextSlots(new Map(), [c, a, b], 0);
    expect(print(slots)).toBe('a b c');
    slots = nextSlots(slots, [a, c, d], 100);
    expect(print(slots)).toBe('a b! c d');
    expect(nextClosing(slots)).toBe(100 + GONE_MS);
    slots = nextSlots(slots, [a, c, d], 100 + GONE_MS);
    expect(print(slots)).toBe('a c d');
    expect(nextClosing(slots)).toBeNull();
  });

  it('is the same object when nothing changed', () => {
    const slots = nextSlots(new Map(), [a, b], 0);
    expect(nextSlots(slots, [a, b], 50)).toBe(slots);
  });

  it('leaves pods without a node out', () => {
    expect(nextSlots(new Map(), [pod('x', null, 1)], 0).size).toBe(0);
  });
});

describe('rulers', () => {
  it.each([
    [0, 200_000_000, '00:00', '00:20'],
    [54.2e9, 200_000_000, '00:42', '01:02'],
    [54.2e9, 1e9, '00:00', '01:40'],
    [22.1e9, 100_000, '00:10', '00:30'],
  ])('at %d ns with %d ns/s from %s to %s', (nowNs, speed, from, to) => {
    const { startNs, endNs } = rulerScale(nowNs, speed);
    expect([tickLabel(startNs), tickLabel(endNs)]).toEqual([from, to]);
    expect(nowNs).toBeGreaterThanOrEqual(startNs);
    expect(nowNs).toBeLessThan(endNs);
  });

  it('groups hops by where they happen', () => {
    const at = (machine: string, netns: string, station = 'hook'): Hop =>
      ({ place: { machine, netns }, station }) as Hop;
    const hops = [
      at('node-1', 'f'),
      at('node-1', 'host'),
      at('node-1', 'host'),
      at('underlay', '', 'wire'),
      at('node-2', 'host'),
    ];
    expect(groupsOf(hops, () => 'frontend')).toEqual([
      { name: 'frontend', from: 0, to: 0 },
      { name: 'node-1', from: 1, to: 2 },
      { name: 'wire', from: 3, to: 3 },
      { name: 'node-2', from: 4, to: 4 },
    ]);
  });
});

describe('the view', () => {
  it('has three distances', () => {
    expect([0.3, 0.5, 0.89, 0.9, 1.5].map(levelOf)).toEqual(['far', 'near', 'near', 'close', 'close']);
  });

  it('never enlarges, keeps phones at full width, and shows all where it can', () => {
    expect(fitOf({ w: 840, h: 716, narrow: false }, 1680, 1432).zoom).toBe(1);
    expect(fitOf({ w: 390, h: 1400, narrow: true }, 390, 500)).toMatchObject({ zoom: 1, y: 0 });
    expect(fitOf({ w: 1600, h: 716, narrow: false }, 800, 716).zoom).toBe(0.5);
  });
});
