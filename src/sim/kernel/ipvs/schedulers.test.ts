import { describe, expect, it } from 'vitest';
import { chooseReal, FIRST_TURN, type Load } from './schedulers';

interface Server {
  readonly name: string;
  readonly weight: number;
}

/** "a:3" is server a with weight 3; every pick becomes an active connection unless `sticky` loads are given. */
function picks(
  scheduler: string,
  servers: string,
  count: number,
  start: Record<string, Load> = {},
  clients = ['10.0.0.1'],
) {
  const able: Server[] = servers
    .split(' ')
    .map((text) => ({ name: text.split(':')[0]!, weight: Number(text.split(':')[1] ?? 1) }));
  const loads = new Map(
    able.map((server) => [server.name, start[server.name] ?? { active: 0, inactive: 0 }]),
  );
  let turn = FIRST_TURN;
  let out = '';
  for (let i = 0; i < count; i++) {
    const chosen = chooseReal(scheduler, {
      able,
      client: clients[i % clients.length]!,
      destination: '10.96.0.1',
      turn,
      load: (server) => loads.get(server.name)!,
    });
    turn = chosen.turn;
    const load = loads.get(chosen.real.name)!;
    loads.set(chosen.real.name, { ...load, active: load.active + 1 });
    out += chosen.real.name;
  }
  return out;
}

describe('schedulers', () => {
  it.each([
    ['rr', 'a b c', 6, {}, 'abcabc'],
    // The document's own example: weights 4, 3 and 2 give the sequence AABABCABC.
    ['wrr', 'a:4 b:3 c:2', 9, {}, 'aababcabc'],
    ['wrr', 'a b', 4, {}, 'abab'],
    ['lc', 'a b c', 6, {}, 'abcabc'],
    ['lc', 'a b', 2, { a: { active: 2, inactive: 0 } }, 'bb'],
    ['lc', 'a b', 1, { a: { active: 0, inactive: 300 }, b: { active: 1, inactive: 0 } }, 'b'],
    ['wlc', 'a:1 b:3', 4, {}, 'abbb'],
    ['sed', 'a:1 b:2', 3, {}, 'bab'],
    ['nq', 'a:1 b:4', 3, {}, 'abb'],
    ['unknown', 'a b', 3, {}, 'aba'],
  ] as const)('%s over %s', (scheduler, servers, count, start, expected) => {
    expect(picks(scheduler, servers, count, start as Record<string, Load>)).toBe(expected);
  });

  it('keeps a client (sh) or a destination (dh) with one server', () => {
    expect(new Set(picks('sh', 'a b c', 9)).size).toBe(1);
    expect(new Set(picks('dh', 'a b c', 9, {}, ['10.0.0.1', '10.0.0.2', '10.0.0.3'])).size).toBe(1);
    const clients = Array.from({ length: 40 }, (_, i) => `10.0.0.${i}`);
    expect(new Set(picks('sh', 'a b c', 40, {}, clients)).size).toBe(3);
  });
});
