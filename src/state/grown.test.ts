import { beforeEach, describe, expect, it } from 'vitest';
import type { Hop, PacketTrace } from '../sim/trace/hop';
import type { ClusterFacts, ViewPatch } from '../sim/view';
import { applyPatch, clearMirror, mirror, rowsOf, tableOf, underWay } from './mirror';

const facts = { version: 'v1.35.0', proxyMode: 'iptables' } as unknown as ClusterFacts;
const hop = (name: string): Hop => ({ name }) as unknown as Hop;
const born: PacketTrace = {
  ...{ id: 7, requestId: 1, role: 'request', label: 'SYN', bornNs: 10, end: null },
  hops: [hop('eth0'), hop('veth')],
};
const hear = (part: Partial<ViewPatch>): void =>
  applyPatch({ nowNs: 20, settled: true, facts, ...part }, 0, 0);
const names = (): string[] =>
  tableOf('packets')
    .get('7')!
    .hops.map(({ name }) => name);

describe('a packet that goes on', () => {
  beforeEach(() => {
    clearMirror();
    hear({ packets: { set: [['7', born]], gone: [] } });
  });

  it('keeps what was told and takes in what came to it, as a new record', () => {
    const before = mirror.getState().revs.packets;
    hear({ grown: [{ id: 7, keep: 1, hops: [hop('cni0'), hop('PREROUTING')], end: null }] });
    expect(names()).toEqual(['eth0', 'cni0', 'PREROUTING']);
    expect(tableOf('packets').get('7')).not.toBe(born);
    expect(born.hops).toHaveLength(2);
    expect(mirror.getState().revs.packets).toBeGreaterThan(before);
    expect(rowsOf('packets')[0]!.hops).toHaveLength(3);
  });

  it('is no longer under way once its end lies behind', () => {
    expect(underWay.at(20)).toHaveLength(1);
    const end = { atNs: 25, kind: 'delivered', reason: 'socket', place: born.hops[0]!.place } as const;
    hear({ grown: [{ id: 7, keep: 2, hops: [], end }] });
    expect(underWay.at(24)).toHaveLength(1);
    expect(underWay.at(25)).toHaveLength(0);
    // Going back in what is drawn finds it again.
    expect(underWay.at(24)).toHaveLength(1);
  });

  it('is not made up when it is not known', () => {
    hear({ grown: [{ id: 8, keep: 0, hops: [hop('eth0')], end: null }] });
    expect(tableOf('packets').has('8')).toBe(false);
  });
});
