import { describe, expect, it } from 'vitest';
import { MS, SECOND } from '../sim/clock/clock';
import type { Hop, PacketTrace } from '../sim/trace/hop';
import { easedSpeed, wantedSpeed, type Activity } from './pace';
import type { Pace } from './protocol';

const pace: Pace = { paused: false, nsPerSecond: 100_000, auto: true, watchedPacket: null };
const quiet: Activity = {
  ...{ nowNs: 0, packetsInFlight: 0, openRequests: 0, quietNs: 0, nextEventNs: SECOND, watched: null },
};
const hop = (atNs: number, durationNs: number): Hop => ({
  atNs,
  durationNs,
  place: { machine: 'node-1', netns: 'host' },
  station: 'route',
  name: 'main',
  action: 'lookup',
  before: {},
  after: {},
});

describe('wantedSpeed', () => {
  it.each([
    ['stands still while paused', { ...pace, paused: true }, quiet, 0],
    ['hurries while nothing is asked for', pace, quiet, SECOND],
    ['keeps to the dial while a packet flies', pace, { ...quiet, packetsInFlight: 1 }, 100_000],
    ['passes a wait of one second in 0.4 s', pace, { ...quiet, openRequests: 1 }, SECOND / 0.4],
    ['obeys the dial without auto', { ...pace, auto: false }, { ...quiet, openRequests: 1 }, 100_000],
  ])('%s', (_, wish, activity, speed) => {
    expect(wantedSpeed(wish, activity)).toBe(speed);
  });

  it('gets through a wait that other timers break up, in a time that one stays for', () => {
    // A retransmission is due in a second; leases and probes keep the next timer a millisecond away.
    let [virtual, real] = [0, 0];
    for (; virtual < SECOND && real < 10; real += 0.016) {
      const activity = {
        ...quiet,
        openRequests: 1,
        quietNs: virtual,
        nowNs: virtual,
        nextEventNs: virtual + MS,
      };
      virtual += wantedSpeed(pace, activity) * 0.016;
    }
    expect(real).toBeLessThan(1.6);
    expect(real).toBeGreaterThan(0.3);
  });

  it('holds each hop of a watched packet for 600 ms', () => {
    const watched: PacketTrace = {
      id: 1,
      requestId: 1,
      role: 'request',
      label: 'SYN',
      bornNs: 0,
      hops: [hop(0, 1_000), hop(1_000, 300)],
      end: null,
    };
    expect(wantedSpeed(pace, { ...quiet, packetsInFlight: 1, watched, nowNs: 1_100 })).toBeCloseTo(500, 6);
    expect(wantedSpeed(pace, { ...quiet, packetsInFlight: 1, watched, nowNs: 2_000 })).toBe(100_000);
  });
});

describe('easedSpeed', () => {
  it('brakes at once and gathers speed step by step', () => {
    expect(easedSpeed(SECOND, 100_000, 16)).toBe(100_000);
    expect(easedSpeed(MS, SECOND, 60)).toBe(2 * MS);
    expect(easedSpeed(0, SECOND, 16)).toBe(MS);
  });
});
