import { describe, expect, it } from 'vitest';
import { MS, SECOND } from '../clock/clock';
import type { AppPayload } from '../trace/packet';
import { TwoMachines } from '../testing/two-machines';

const say = (summary: string, bytes: number): AppPayload => ({
  type: 'app',
  protocol: 'http',
  summary,
  bytes,
  body: null,
});

/** Clients that ask, a server that answers. */
function programs(t: TwoMachines): void {
  t.onNews = (event) => {
    if (event.kind === 'connected') t.m1.send(event.socket, say('GET / HTTP/1.1', 2_000));
    if (event.kind === 'data' && event.payload.summary.startsWith('GET'))
      t.m2.send(event.socket, say('HTTP/1.1 200 OK', 5_000));
    else if (event.kind === 'data') t.m1.close(event.socket);
    if (event.kind === 'closed') t.m2.close(event.socket);
  };
}

/** A busy quarter of a second: connections in all states, lost packets. */
function busy(t: TwoMachines): void {
  programs(t);
  t.underlay.setLoss(0.1);
  t.m2.listen('b', 'tcp', '0.0.0.0', 80, t.owner('server'));
  for (let i = 0; i < 20; i++) {
    const ip = i % 4 === 3 ? '10.244.2.77' : '10.244.2.3';
    t.m1.connect(i % 2 === 0 ? 'a' : 'b', 'tcp', { ip, port: 80 }, t.owner('client'), i + 1);
  }
}

/** And then a netns goes and another one comes. */
function later(t: TwoMachines): void {
  t.m2.deleteNetns('a');
  t.m1.addNetns('late');
  t.m1.addVeth({ netns: 'late', device: 'eth0' }, { netns: 'host', device: 'veth-late' }, 1_450);
  t.m1.setMaster('host', 'veth-late', 'cni0', true);
  t.m1.addAddress('late', 'eth0', '10.244.1.9/24');
  t.m1.addRoute('late', { prefix: '0.0.0.0/0', via: '10.244.1.1', device: 'eth0' });
  t.m1.connect('late', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('client'), 50);
  const socket = t.m1.openPing('late', t.owner('ping'), 51) as number;
  t.m1.sendEcho(socket, '10.244.2.2', 1);
  t.run(60 * SECOND);
}

function keyframe(t: TwoMachines) {
  return {
    clock: t.clock.keyframe(),
    trace: t.trace.keyframe(),
    underlay: t.underlay.keyframe(),
    m1: t.m1.keyframe(),
    m2: t.m2.keyframe(),
  };
}

function restore(t: TwoMachines, from: ReturnType<typeof keyframe>): void {
  t.clock.restore(from.clock);
  t.trace.restore(from.trace);
  t.underlay.restore(from.underlay);
  t.m1.restore(from.m1);
  t.m2.restore(from.m2);
}

describe('a run', () => {
  it('is the same for the same seed and another for another', () => {
    const hashOf = (seed: number) => {
      const t = new TwoMachines(seed);
      busy(t);
      t.run(10 * SECOND);
      return t.trace.hash;
    };
    expect(hashOf(3)).toBe(hashOf(3));
    expect(hashOf(3)).not.toBe(hashOf(4));
  });

  it('goes on from a keyframe exactly as it went on the first time', () => {
    const t = new TwoMachines(3);
    busy(t);
    t.run(250 * MS);
    const frame = keyframe(t);
    later(t);
    const first = t.trace.hash;
    expect(t.m2.hasNetns('a')).toBe(false);
    restore(t, frame);
    expect(t.m2.hasNetns('a')).toBe(true);
    expect(t.m1.hasNetns('late')).toBe(false);
    later(t);
    expect(t.trace.hash).toBe(first);
    // And so does a cluster that has never seen any of it.
    const fresh = new TwoMachines(3);
    programs(fresh);
    restore(fresh, frame);
    later(fresh);
    expect(fresh.trace.hash).toBe(first);
  });

  it('leaves no packet without an end once everything has come to rest', () => {
    const t = new TwoMachines(5);
    busy(t);
    t.run(250 * MS);
    later(t);
    t.run(3_600 * SECOND);
    expect([...t.trace.packets.values()].filter(({ end }) => end === null)).toEqual([]);
    expect(t.m1.sockets.byId.size + t.m2.sockets.byId.size).toBe(2);
  });
});
