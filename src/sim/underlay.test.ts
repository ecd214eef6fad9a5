import { describe, expect, it } from 'vitest';
import { MS, US } from './clock/clock';
import { TwoMachines } from './testing/two-machines';

/** Pings m2 from m1 and gives the hops and ends of the request. */
function ping(t: TwoMachines, requestId: number, to = '192.168.0.12'): { wireNs: number; end: string } {
  const socket = t.m1.openPing('host', t.owner('p'), requestId) as number;
  t.m1.sendEcho(socket, to, 1);
  t.run(t.clock.nowNs + 50 * MS);
  const packet = [...t.trace.packets.values()].find(
    (candidate) => candidate.requestId === requestId && candidate.label === 'PING',
  )!;
  const wire = packet.hops.find(({ station }) => station === 'wire');
  return { wireNs: wire?.durationNs ?? 0, end: `${packet.end?.kind} ${packet.end?.reason}` };
}

describe('a wire', () => {
  it('takes 100 us and up to 5 us more', () => {
    const t = new TwoMachines();
    const times = Array.from({ length: 50 }, (_, i) => ping(t, i + 1).wireNs);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(100 * US);
    expect(Math.max(...times)).toBeLessThanOrEqual(105 * US);
    expect(new Set(times).size).toBeGreaterThan(40);
  });

  it('takes as long as it is told, the larger of two machines’ own times', () => {
    const t = new TwoMachines();
    t.underlay.setLatency(2 * MS);
    expect(ping(t, 1).wireNs).toBeGreaterThanOrEqual(2 * MS);
    t.underlay.setLatency(10 * US, 'm1');
    t.underlay.setLatency(1 * MS, 'm2');
    const { wireNs } = ping(t, 2);
    expect(wireNs).toBeGreaterThanOrEqual(1 * MS);
    expect(wireNs).toBeLessThan(1.1 * MS);
    for (const machine of ['', 'm1', 'm2']) t.underlay.setLatency(null, machine);
    expect(ping(t, 3).wireNs).toBeLessThan(106 * US);
  });

  it('does not reorder: a frame sent later arrives later', () => {
    const t = new TwoMachines();
    ping(t, 1);
    const socket = t.m1.openPing('host', t.owner('p'), 2) as number;
    for (let seq = 0; seq < 40; seq++) t.m1.sendEcho(socket, '192.168.0.12', seq);
    t.news.length = 0;
    t.run();
    const order = t.news.map((event) => (event.kind === 'echo-reply' ? event.seq : -1));
    expect(order).toEqual(order.slice().sort((a, b) => a - b));
    expect(order).toHaveLength(40);
  });

  it('loses frames with the probability it is given', () => {
    const t = new TwoMachines();
    ping(t, 1);
    t.underlay.setLoss(0.25, 'm2');
    const ends = Array.from({ length: 200 }, (_, i) => ping(t, i + 2).end);
    const lost = ends.filter((end) => end === 'lost wire-loss').length;
    expect(lost).toBeGreaterThan(30);
    expect(lost).toBeLessThan(70);
    t.underlay.setLoss(0, 'm2');
    expect(ping(t, 500).end).toBe('delivered echo');
  });

  it('that is cut loses what is sent and what is on its way', () => {
    const t = new TwoMachines();
    ping(t, 1);
    const socket = t.m1.openPing('host', t.owner('p'), 2) as number;
    t.m1.sendEcho(socket, '192.168.0.12', 1);
    t.run(t.clock.nowNs + 20 * US);
    t.underlay.setCut('m2', true);
    expect(t.underlay.isCut('m2')).toBe(true);
    t.m1.sendEcho(socket, '192.168.0.12', 2);
    t.run();
    expect(t.ends(2)).toEqual(['PING request: lost wire-cut', 'PING request: lost wire-cut']);
    t.underlay.setCut('m2', false);
    expect(ping(t, 3).end).toBe('delivered echo');
  });

  it('ends frames for cards that are not plugged in', () => {
    const t = new TwoMachines();
    ping(t, 1);
    t.underlay.detach('m2');
    expect(ping(t, 2).end).toBe('lost no-fdb-entry');
  });
});

describe('a broadcast', () => {
  it('keeps one trace for the copy that is answered, and every other copy ends too', () => {
    const t = new TwoMachines();
    const third = t.another('m3', 3);
    expect(third.ownsAddress('192.168.0.13')).toBe(true);
    ping(t, 1, '192.168.0.13');
    const arps = [...t.trace.packets.values()].filter(({ label }) => label === 'ARP');
    expect(arps.map(({ end }) => `${end?.place.machine} ${end?.reason}`)).toEqual([
      'm3 arp',
      'm2 not-for-us',
      'm1 arp',
    ]);
    expect(arps[0]!.hops.map(({ station }) => station)).toEqual(['device', 'wire', 'device', 'local']);
  });
});
