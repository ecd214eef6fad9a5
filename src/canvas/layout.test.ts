import { describe, expect, it } from 'vitest';
import { layoutOf, type CanvasLayout, type LayoutInput } from './layout';
import type { Rect } from './road';

function input(machines: number, podsEach: number, more: Partial<LayoutInput> = {}): LayoutInput {
  return {
    width: 840,
    height: 716,
    services: ['Service/default/backend', 'Service/kube-system/kube-dns'],
    machines: Array.from({ length: machines }, (_, m) => ({
      name: `node-${m + 1}`,
      slots: Array.from({ length: podsEach }, (_, p) => `Pod/default/p-${m}-${p}`),
      hasBridge: true,
      hasTunnel: true,
    })),
    pending: [],
    outside: [],
    ...more,
  };
}

function overlapping(rects: readonly Rect[]): number {
  let count = 0;
  rects.forEach((a, i) =>
    rects.slice(i + 1).forEach((b) => {
      if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) count++;
    }),
  );
  return count;
}

/** A layout in words: machine boxes as "x,y wxh", then the heights of the road. */
function print(layout: CanvasLayout): string[] {
  return [...layout.machines.values()].map(
    ({ name, rect, busY, roadY, tunnelY, nicY, underlayY }) =>
      `${name} ${rect.x},${rect.y} ${rect.w}x${rect.h} bus ${busY} road ${roadY} tunnel ${tunnelY} nic ${nicY} underlay ${underlayY}`,
  );
}

const OUTSIDE = [
  { name: 'outside', role: 'router' },
  { name: 'client', role: 'client' },
  { name: 'balancer', role: 'balancer' },
] as const;

describe('layoutOf', () => {
  it('is screen A of the look at its size', () => {
    expect(print(layoutOf(input(2, 3)))).toEqual([
      'node-1 16,142 396x504 bus 302 road 424 tunnel 564 nic 646 underlay 690',
      'node-2 428,142 396x504 bus 302 road 424 tunnel 564 nic 646 underlay 690',
    ]);
  });

  it('puts stations where the look puts them', () => {
    const { stations, tunnel, nic } = layoutOf(input(2, 3)).machines.get('node-1')!;
    const xs = ['prerouting', 'services', 'routes', 'forward', 'postrouting'] as const;
    expect(xs.map((name) => stations[name].x)).toEqual([88, 151, 214, 277, 340]);
    expect(tunnel).toEqual({ x: 140, y: 549, w: 148, h: 30 });
    expect(nic).toEqual({ x: 138, y: 631, w: 152, h: 30 });
  });

  it('tightens when the window is low, and never below the tightest', () => {
    const low = layoutOf(input(2, 3, { height: 600 }));
    expect(low.height).toBeLessThan(716);
    expect(layoutOf(input(2, 3, { height: 300 })).height).toBe(layoutOf(input(2, 3, { height: 200 })).height);
  });

  it.each([
    ['one machine', 1, 3, 840, 1],
    ['three side by side', 3, 3, 1300, 3],
    ['four in a row where that shows them largest', 4, 3, 1300, 4],
    ['four two by two in a high window', 4, 3, 900, 2],
    ['six in two rows', 6, 3, 1300, 3],
    ['two stacked on a phone', 2, 3, 390, 1],
    ['no pods at all', 2, 0, 840, 2],
  ])('%s', (_, machines, pods, width, columns) => {
    const layout = layoutOf(input(machines, pods, { width }));
    const rects = [...layout.machines.values()].map((machine) => machine.rect);
    expect(new Set(rects.map((rect) => rect.x)).size).toBe(columns);
    expect(overlapping(rects)).toBe(0);
    expect(overlapping([...layout.pods.values()])).toBe(0);
    expect(layout.underlays).toHaveLength(Math.ceil(machines / columns));
    expect(layout.spineX === null).toBe(layout.underlays.length === 1);
  });

  it('keeps machines side by side on a large screen, where two rows would fit as well', () => {
    expect(layoutOf(input(2, 3, { width: 1700, height: 1250 })).underlays).toHaveLength(1);
    expect(layoutOf(input(6, 3, { width: 1700, height: 1250 })).underlays).toHaveLength(2);
  });

  it('keeps every pod inside its machine, above the bridge', () => {
    const layout = layoutOf(input(2, 11));
    for (const machine of layout.machines.values()) {
      for (const [ref, rect] of layout.pods) {
        if (!ref.startsWith(`Pod/default/p-${machine.name === 'node-1' ? 0 : 1}-`)) continue;
        expect(rect.x).toBeGreaterThanOrEqual(machine.rect.x + 16);
        expect(rect.x + rect.w).toBeLessThanOrEqual(machine.rect.x + machine.rect.w - 15.9);
        expect(rect.y + rect.h).toBeLessThan(machine.busY);
      }
    }
  });

  it('leads the veths of upper rows round the cards below, each on its own line', () => {
    const layout = layoutOf(input(2, 9));
    const { veths } = layout.machines.get('node-1')!;
    const feet = [...veths.values()].map((veth) => veth.foot.x);
    expect(new Set(feet.map((x) => x.toFixed(2))).size).toBe(9);
    for (const [ref, { points }] of veths) {
      for (let i = 1; i < points.length; i++) {
        const [a, b] = [points[i - 1]!, points[i]!];
        expect(a.x === b.x || a.y === b.y).toBe(true);
        for (const [other, rect] of layout.pods) {
          const crosses =
            other !== ref &&
            Math.max(a.x, b.x) > rect.x + 0.5 &&
            Math.min(a.x, b.x) < rect.x + rect.w - 0.5 &&
            Math.max(a.y, b.y) > rect.y + 0.5 &&
            Math.min(a.y, b.y) < rect.y + rect.h - 0.5;
          expect(crosses, `${ref} through ${other}`).toBe(false);
        }
      }
    }
  });

  it('leaves everybody where he is when a place becomes free', () => {
    const full = input(1, 4);
    const freed = { ...full, machines: [{ ...full.machines[0]!, slots: ['a', null, 'c', 'd'] }] };
    const kept = { ...full, machines: [{ ...full.machines[0]!, slots: ['a', 'b', 'c', 'd'] }] };
    const [before, after] = [layoutOf(kept), layoutOf(freed)];
    for (const ref of ['a', 'c', 'd']) expect(after.pods.get(ref)).toEqual(before.pods.get(ref));
  });

  it('puts pending pods in a tray below, so that they move nobody', () => {
    const without = layoutOf(input(2, 3));
    const tray = layoutOf(input(2, 3, { pending: ['Pod/default/waits'], height: 900 }));
    expect(tray.tray!.y).toBeGreaterThanOrEqual(690);
    expect(tray.pods.get('Pod/default/p-0-0')).toEqual(without.pods.get('Pod/default/p-0-0'));
  });

  it('gives pods on the host network no wire', () => {
    const layout = layoutOf(input(1, 2, { hostPods: new Set(['Pod/default/p-0-1']) }));
    expect([...layout.machines.get('node-1')!.veths.keys()]).toEqual(['Pod/default/p-0-0']);
  });

  it('draws the outside below the last underlay when asked', () => {
    expect(layoutOf(input(2, 3)).outside).toBeNull();
    const drawn = layoutOf(input(2, 3, { outside: OUTSIDE }));
    const { machines, segment } = drawn.outside!;
    const [router, client, balancer] = OUTSIDE.map(({ name }) => machines.get(name)!);
    expect(router!.rect.y).toBeGreaterThan(drawn.underlays[0]!.y);
    // The router joins both wires, the balancer hangs from the upper one, the client from the lower.
    expect(router).toMatchObject({ lanTap: { y: drawn.underlays[0]!.y }, wanTap: { y: segment!.y } });
    expect(balancer).toMatchObject({ lanTap: { y: drawn.underlays[0]!.y }, wanTap: null });
    expect(client).toMatchObject({ lanTap: null, wanTap: { y: segment!.y } });
  });

  it.each([390, 840, 1400])('keeps the cards of the outside apart and in view at %i px', (width) => {
    const all = [...OUTSIDE, { name: 'internet', role: 'internet' } as const];
    const drawn = layoutOf(input(2, 3, { outside: all, width }));
    const rects = [...drawn.outside!.machines.values()].map(({ rect }) => rect);
    for (const [i, a] of rects.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.w).toBeLessThanOrEqual(drawn.width);
      expect(a.y + a.h).toBeLessThanOrEqual(drawn.height);
      for (const b of rects.slice(i + 1))
        expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y).toBe(true);
    }
  });

  it('does not let pending pods change the fit', () => {
    const without = layoutOf(input(2, 3));
    const tray = layoutOf(input(2, 3, { pending: ['Pod/default/waits'] }));
    expect(tray.fitHeight).toBe(without.fitHeight);
    expect(tray.height).toBeGreaterThan(tray.fitHeight);
    expect(tray.machines).toEqual(without.machines);
  });

  it('puts IPVS between INPUT and OUTPUT, below the road', () => {
    const {
      input: before,
      services,
      output,
      routes,
    } = layoutOf(input(2, 3, { mode: 'ipvs' })).machines.get('node-1')!.stations;
    expect([before.x < services.x, services.x < output.x]).toEqual([true, true]);
    expect(services.y).toBe(before.y);
    expect(services.y).toBeGreaterThan(routes.y + 40);
  });
});
