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

const step = { durationNs: 10, place: PLACES[0]!, station: 'device', name: 'eth0', action: 'pass' } as const;
const lost = { atNs: 20, kind: 'lost', reason: 'wire-loss', place: PLACES[2]! } as const;

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
    trace.hop(id, { ...step, atNs: 0, before: first, after: PACKETS[1]! });
    const [known] = trace.packets.get(id)!.hops;
    trace.hop(id, { ...step, atNs: 10, before: first, after: PACKETS[3]! });
    trace.end(id, lost);
    const [again, ...rest] = trace.packets.get(id)!.hops;
    expect(again).toBe(known);
    expect(rest).toEqual([{ ...step, atNs: 10, before: first, after: PACKETS[3] }]);
  });

  it('does not grow in a keyframe', () => {
    const trace = new Trace();
    const id = trace.begin(0, 0, 'request', 'GET');
    trace.hop(id, { ...step, atNs: 0, before: first, after: first });
    const frame = trace.keyframe();
    trace.hop(id, { ...step, atNs: 10, before: first, after: first });
    trace.end(id, lost);
    expect(trace.packets.get(id)!.hops).toHaveLength(2);
    trace.restore(frame);
    expect(trace.packets.get(id)!.hops).toHaveLength(1);
    expect(trace.packets.get(id)!.end).toBeNull();
  });

  it('goes on from a keyframe by itself, whatever the packet did meanwhile', () => {
    const trace = new Trace();
    const id = trace.begin(0, 0, 'request', 'GET');
    const others = { before: first, after: PACKETS[2]! };
    trace.hop(id, { ...step, atNs: 0, before: first, after: first });
    const frame = trace.keyframe();
    trace.hop(id, { ...step, ...others, atNs: 10, name: 'eth1' });
    expect(trace.packets.get(id)!.hops.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
    trace.restore(frame);
    trace.hop(id, { ...step, ...others, atNs: 15, name: 'eth2' });
    const again = trace.packets.get(id)!.hops;
    expect(again.map(({ name, atNs, after }) => [name, atNs, after.ip?.ttl])).toEqual([
      ['eth0', 0, 64],
      ['eth2', 15, 63],
    ]);
    trace.restore(frame);
    expect(trace.packets.get(id)!.hops).toHaveLength(1);
  });

  it('keeps what is over as it was, in the trace and in keyframes', () => {
    const trace = new Trace();
    const id = trace.begin(0, 0, 'request', 'GET');
    trace.hop(id, { ...step, atNs: 0, before: first, after: first });
    trace.end(id, lost);
    const frame = trace.keyframe();
    trace.hop(id, { ...step, atNs: 30, before: first, after: first });
    expect(trace.packets.get(id)!.hops).toHaveLength(1);
    trace.restore(frame);
    expect(trace.packets.get(id)!.hops).toHaveLength(1);
  });

  it('keeps packets whole when there are too many paths to remember', () => {
    const trace = new Trace();
    const walked = (n: number): number => {
      const id = trace.begin(0, 0, 'request', 'GET');
      // No two of these packets go the same way.
      for (let i = 0; i < 50; i++)
        trace.hop(id, { ...step, atNs: i * 10, name: `${n}/${i}`, before: first, after: first });
      return id;
    };
    const early = walked(0);
    for (let n = 1; n < 2_050; n++) walked(n);
    const late = walked(2_050);
    const names = (id: number) => trace.packets.get(id)!.hops.map(({ name }) => name);
    const wanted = (n: number) => Array.from({ length: 50 }, (_, i) => `${n}/${i}`);
    expect([names(early), names(late)]).toEqual([wanted(0), wanted(2_050)]);
  });

  it('tells the same of a packet whichever trace walked the way first', () => {
    const told = (traces: readonly Trace[]): string => {
      const ids = traces.map((trace) => {
        const id = trace.begin(0, 0, 'request', 'GET');
        for (const [i, facts] of [{ route: 'a' }, { route: 'b' }, { route: 'a' }].entries())
          trace.hop(id, { ...step, atNs: i * 10, facts, before: first, after: first });
        trace.end(id, lost);
        return id;
      });
      return traces.map((trace, i) => `${trace.hash} ${JSON.stringify(trace.packets.get(ids[i]!))}`).join();
    };
    const hashed = () => new Trace({ hashing: true });
    const alone = told([hashed()]);
    expect(told([hashed(), hashed()])).toBe(`${alone},${alone}`);
  });
});
