import { describe, expect, it } from 'vitest';
import type { PacketTrace } from '../sim/trace/hop';
import { boxOfBoard } from './draw-board';
import type { Board } from './board';
import type { Journey } from './geometry';
import { Pen, type Context, type Palette } from './ink';
import { layoutOf } from './layout';
import { crowdedWires, wireBetween } from './rates';

const MS = 1_000_000;

describe('wireBetween', () => {
  it.each([
    ['foot:Pod/a/b', 'prerouting:node-1', 'railL:node-1'],
    ['postrouting:node-1', 'busR:node-1', 'railR:node-1'],
    ['tap:node-1', 'nic:node-2', 'under:node-1>node-2'],
    ['wantap:outside', 'nic:client', 'under:outside>client'],
    ['routes:node-1', 'forward:node-1', null],
    ['nic:node-1', 'tap:node-1', null],
  ])('%s to %s', (from, to, wire) => {
    expect(wireBetween(from, to)).toBe(wire);
  });
});

describe('crowdedWires', () => {
  const places = ['tap:node-1', 'nic:node-2'];
  const journey = (): Journey => ({ places }) as unknown as Journey;
  const sent = (count: number, apartNs: number): PacketTrace[] =>
    Array.from(
      { length: count },
      (_, i) =>
        ({ id: i, role: 'request', bornNs: i * apartNs, hops: [], end: null }) as unknown as PacketTrace,
    );
  const crowded = (traces: readonly PacketTrace[], windowNs: number): string[] => [
    ...crowdedWires(traces, journey, 100 * MS, windowNs),
  ];

  it('begins above fifty packets in the time that a second of the visitor shows', () => {
    expect(crowded(sent(50, MS), 100 * MS)).toEqual([]);
    expect(crowded(sent(51, MS), 100 * MS)).toEqual(['under:node-1>node-2']);
  });

  it('goes by what is seen, not by how many there are: a slow clock spreads them', () => {
    expect(crowded(sent(90, MS), 20 * MS)).toEqual([]);
  });
});

describe('the board', () => {
  const ctx = { measureText: (text: string) => ({ width: text.length * 7 }) } as unknown as Context;
  const machines = [{ name: 'node-1', slots: ['a', 'b'], hasBridge: true, hasTunnel: true }];
  const input = { services: ['Service/d/x'], machines, pending: [], outside: [] };

  it.each([
    ['iptables', 500],
    ['iptables', 900],
    ['nftables', 500],
    ['ipvs', 500],
    ['ipvs', 900],
  ] as const)('stays between the road and the tunnel: %s, %i px high', (mode, height) => {
    for (const width of [390, 700, 840]) {
      const layout = layoutOf({ ...input, mode, width, height });
      const machine = layout.machines.get('node-1')!;
      for (const zoom of [0.5, 0.7, 0.9, 1, 1.5]) {
        const pen = new Pen(ctx, {} as Palette, { x: 0, y: 0, zoom, width: 2000, height: 2000 });
        const at = machine.stations.services;
        const board: Board = {
          verb: 'to',
          before: '10.96.120.60:80',
          after: '10.244.1.3:8080',
          cost: '12 rules',
          number: 3,
          role: 'request',
          at,
          atSocket: false,
          key: '1/3',
        };
        const box = boxOfBoard(pen, board, layout);
        expect(box.y + box.h).toBeLessThanOrEqual(machine.tunnel.y * zoom);
        expect(box.x).toBeGreaterThanOrEqual(machine.rect.x * zoom);
        expect(box.x + box.w).toBeLessThanOrEqual((machine.rect.x + machine.rect.w) * zoom + 0.5);
      }
    }
  });
});
