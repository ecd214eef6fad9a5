import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hop, Place } from './hop';
import type { Packet } from './packet';
import { Trace } from './trace';

const PLACES: readonly Place[] = [
  { machine: 'node-1', netns: 'host' },
  { machine: 'node-1', netns: 'pod', device: 'eth0' },
  { machine: 'underlay', netns: '' },
];
const FACTS = [undefined, { route: 'default' }, { port: 'veth1' }, { state: 'ESTAB' }];
const STATIONS = ['socket', 'device', 'hook', 'chain', 'conntrack', 'route', 'tunnel', 'wire'] as const;

const ip = (ttl: number) =>
  ({ version: 4, src: '10.0.0.1', dst: '10.0.0.2', ttl, protocol: 'udp', df: true }) as const;
const PACKETS: Packet[] = [{ ip: ip(64), l4: { kind: 'udp', srcPort: 1, dstPort: 2 } }];
const [first] = PACKETS as [Packet];
PACKETS.push({ ...first, eth: { src: 'a', dst: 'b', type: 'ipv4' } });
PACKETS.push({ ...first, ip: ip(63) });
PACKETS.push({ ...first, ip: ip(63), eth: { src: 'c', dst: 'd', type: 'ipv4' } });
PACKETS.push({ ip: ip(64), payload: { type: 'vxlan', vni: 1, inner: first } });

const hop: fc.Arbitrary<Hop> = fc
  .record({
    atNs: fc.nat(3),
    durationNs: fc.constantFrom(0, 100, 350),
    place: fc.constantFrom(...PLACES),
    station: fc.constantFrom(...STATIONS),
    name: fc.constantFrom('eth0', 'PREROUTING'),
    action: fc.constantFrom('pass', 'send', 'dnat'),
    before: fc.constantFrom(...PACKETS),
    after: fc.constantFrom(...PACKETS),
    facts: fc.constantFrom(...FACTS),
    rulesPassed: fc.constantFrom(undefined, 3),
  })
  .map((made) => ({ ...made, rules: undefined, origin: undefined }) as Hop);

/** Times as packets have them: each step begins when the one before ended, or some time later. */
function inOrder(hops: readonly Hop[]): Hop[] {
  let nowNs = 1_000;
  return hops.map((one) => {
    const atNs = nowNs + (one.atNs === 0 ? one.atNs : one.atNs * 10);
    nowNs = atNs + one.durationNs;
    return { ...one, atNs };
  });
}

describe('what the recorder keeps', () => {
  it('gives back every hop of every packet as it was', () => {
    const packets = fc.array(fc.array(hop, { maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(packets, (lists) => {
        const trace = new Trace();
        const ways = lists.map(inOrder);
        const ids = ways.map(() => trace.begin(1_000, 0, 'request', 'GET'));
        // All packets take turns, as they do on the way.
        for (let i = 0; i < 12; i++)
          ways.forEach((way, n) => way.slice(i, i + 1).forEach((step) => trace.hop(ids[n]!, step)));
        expect(ids.map((id) => trace.packets.get(id)!.hops)).toEqual(ways);
        const same = ({ before, after }: Hop): boolean => before === after;
        expect(ids.map((id) => trace.packets.get(id)!.hops.map(same))).toEqual(
          ways.map((way) => way.map(same)),
        );
      }),
    );
  });

  it('gives the hops of a packet under way as the same objects again', () => {
    const trace = new Trace();
    const id = trace.begin(0, 0, 'request', 'GET');
    const step = {
      durationNs: 10,
      place: PLACES[0]!,
      station: 'device',
      name: 'eth0',
      action: 'pass',
    } as const;
    trace.hop(id, { ...step, atNs: 0, before: first, after: PACKETS[1]! });
    const [known] = trace.packets.get(id)!.hops;
    trace.hop(id, { ...step, atNs: 10, before: first, after: PACKETS[3]! });
    trace.end(id, { atNs: 20, kind: 'lost', reason: 'wire-loss', place: PLACES[2]! });
    const [again, ...rest] = trace.packets.get(id)!.hops;
    expect(again).toBe(known);
    expect(rest).toEqual([{ ...step, atNs: 10, before: first, after: PACKETS[3] }]);
  });

  it('does not grow in a keyframe', () => {
    const trace = new Trace();
    const id = trace.begin(0, 0, 'request', 'GET');
    const step = {
      durationNs: 10,
      place: PLACES[0]!,
      station: 'device',
      name: 'eth0',
      action: 'pass',
    } as const;
    trace.hop(id, { ...step, atNs: 0, before: first, after: first });
    const frame = trace.keyframe();
    trace.hop(id, { ...step, atNs: 10, before: first, after: first });
    trace.end(id, { atNs: 20, kind: 'lost', reason: 'wire-loss', place: PLACES[2]! });
    expect(trace.packets.get(id)!.hops).toHaveLength(2);
    trace.restore(frame);
    expect(trace.packets.get(id)!.hops).toHaveLength(1);
    expect(trace.packets.get(id)!.end).toBeNull();
  });
});
