import { describe, expect, it } from 'vitest';
import type { Action, Hop, Station } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import { journeyOf, type Atlas } from './geometry';
import { layoutOf } from './layout';
import { wiresOf } from './wires';

const BACKEND = 'Pod/default/backend';
const packet: Packet = {
  ip: { version: 4, src: '10.244.1.2', dst: '10.244.2.3', ttl: 64, protocol: 'tcp', df: true },
};

const hops: Hop[] = [
  'host device eth0 pass',
  'host route main lookup',
  'host hook POSTROUTING pass',
  'host bridge cni0 forward',
  'host device veth9 send',
  'gone device eth0 pass',
  'gone socket 0.0.0.0:80 drop',
].map((line, i) => {
  const [netns = '', station = '', name = '', action = ''] = line.split(' ');
  const place = { machine: 'node-2', netns };
  const step = { station: station as Station, name, action: action as Action };
  return { atNs: i, durationNs: 1, place, ...step, before: packet, after: packet };
});

function placesWith(slots: readonly (string | null)[]): readonly string[] {
  const machines = [{ name: 'node-2', slots, hasBridge: true, hasTunnel: true }];
  const layout = layoutOf({ width: 840, height: 716, services: [], machines, pending: [], outside: [] });
  const atlas: Atlas = {
    wires: wiresOf(layout),
    // The trace still tells whose network it was.
    podOf: () => BACKEND,
    machineOf: () => null,
    devices: () => ({ bridge: 'cni0', tunnel: 'flannel.1', nic: 'eth0' }),
  };
  return journeyOf({ hops }, atlas).places;
}

describe('a pod that is gone', () => {
  it('leaves what was on its way to it at the bridge, not at the last hook of the road', () => {
    const bridge = 'busR:node-2';
    expect(placesWith([null, null])).toEqual([
      ...['nic:node-2', 'routes:node-2', 'postrouting:node-2'],
      ...[bridge, bridge, bridge, bridge],
    ]);
    expect(placesWith([null, BACKEND]).at(-1)).toBe(`pod:${BACKEND}`);
  });
});
