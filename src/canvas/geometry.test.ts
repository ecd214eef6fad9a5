import { describe, expect, it } from 'vitest';
import type { Action, Hop, Station } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import { journeyOf, type Atlas } from './geometry';
import { layoutOf } from './layout';
import { cut, DrawnClock, pointAlong, positionAt } from './motion';
import { sidingsOn } from './sidings';
import { lengthOf, wayBetween, wiresOf } from './wires';

const FRONTEND = 'Pod/default/frontend';
const BACKEND = 'Pod/default/backend';
const NEAR = 'Pod/default/near';

const layout = layoutOf({
  width: 840,
  height: 716,
  services: ['Service/default/backend'],
  machines: [
    { name: 'node-1', slots: [FRONTEND, NEAR], hasBridge: true, hasTunnel: true },
    { name: 'node-2', slots: [null, BACKEND], hasBridge: true, hasTunnel: true },
  ],
  pending: [],
  outside: [],
});
const wires = wiresOf(layout);
const PODS: Readonly<Record<string, string>> = { 'ns-f': FRONTEND, 'ns-b': BACKEND, 'ns-n': NEAR };
const atlas: Atlas = {
  wires,
  podOf: (netns) => PODS[netns] ?? null,
  machineOf: (ip) => ({ '192.168.0.11': 'node-1', '192.168.0.12': 'node-2' })[ip] ?? null,
  devices: () => ({ bridge: 'cni0', tunnel: 'flannel.1', nic: 'eth0' }),
};

function packet(src: string, dst: string): Packet {
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: 40000, dstPort: 80, seq: 0, ack: 0, flags: ['SYN'] },
  };
}
const vip = packet('10.244.1.2', '10.96.0.42');
const pod = packet('10.244.1.2', '10.244.2.3');
const outer: Packet = {
  ip: { version: 4, src: '192.168.0.11', dst: '192.168.0.12', ttl: 64, protocol: 'udp', df: false },
  payload: { type: 'vxlan', vni: 1, inner: pod },
};

/** "node-1/ns-f device eth0 send" with the packet before and after; 1 µs each. */
function road(...lines: [string, Packet, Packet?, Partial<Hop>?][]): Hop[] {
  return lines.map(([line, before, after = before, more = {}], i) => {
    const [where = '', station = '', name = '', action = ''] = line.split(' ');
    const [machine = '', netns = ''] = where.split('/');
    return {
      atNs: i * 1000,
      durationNs: 1000,
      place: { machine, netns },
      station: station as Station,
      name,
      action: action as Action,
      before,
      after,
      ...more,
    };
  });
}

const acrossNodes = road(
  ['node-1/ns-f socket curl send', vip],
  ['node-1/ns-f route main lookup', vip],
  ['node-1/ns-f device eth0 send', vip],
  ['node-1/host device veth1 pass', vip],
  ['node-1/host chain KUBE-SERVICES dnat', vip, pod],
  ['node-1/host bridge cni0 deliver', pod],
  ['node-1/host route main lookup', pod],
  ['node-1/host hook FORWARD pass', pod],
  ['node-1/host hook POSTROUTING pass', pod],
  ['node-1/host device flannel.1 send', pod],
  ['node-1/host tunnel flannel.1 encapsulate', pod, outer],
  ['node-1/host route main lookup', outer],
  ['node-1/host hook OUTPUT pass', outer],
  ['node-1/host hook POSTROUTING pass', outer],
  ['node-1/host device eth0 send', outer],
  ['underlay/ wire underlay cross', outer, outer, { facts: { from: 'node-1', to: 'node-2' } }],
  ['node-2/host device eth0 pass', outer],
  ['node-2/host hook PREROUTING pass', outer],
  ['node-2/host route local lookup', outer],
  ['node-2/host hook INPUT pass', outer],
  ['node-2/host tunnel flannel.1 decapsulate', outer, pod],
  ['node-2/host device flannel.1 pass', pod],
  ['node-2/host hook PREROUTING pass', pod],
  ['node-2/host route main lookup', pod],
  ['node-2/host hook FORWARD pass', pod],
  ['node-2/host hook POSTROUTING pass', pod],
  ['node-2/host neighbour 10.244.2.3 lookup', pod],
  ['node-2/host device cni0 send', pod],
  ['node-2/host bridge cni0 forward', pod],
  ['node-2/host device veth9 send', pod],
  ['node-2/ns-b device eth0 pass', pod],
  ['node-2/ns-b socket nginx deliver', pod],
);

describe('journeyOf', () => {
  it('places a request across nodes on the road of each machine', () => {
    const { places } = journeyOf({ hops: acrossNodes }, atlas);
    expect(places).toEqual([
      `pod:${FRONTEND}`,
      `pod:${FRONTEND}`,
      `pod:${FRONTEND}`,
      `foot:${FRONTEND}`,
      'services:node-1',
      // br_netfilter: the bridge hands it up after the hook; the packet does not go back.
      'services:node-1',
      'routes:node-1',
      'forward:node-1',
      'postrouting:node-1',
      'tunnelR:node-1',
      'tunnelR:node-1',
      'lap:node-1',
      'lap:node-1',
      'lap:node-1',
      'nic:node-1',
      'tap:node-1',
      'nic:node-2',
      'lap:node-2',
      'lap:node-2',
      'lap:node-2',
      'tunnelL:node-2',
      'tunnelL:node-2',
      'prerouting:node-2',
      'routes:node-2',
      'forward:node-2',
      'postrouting:node-2',
      'postrouting:node-2',
      `foot:${BACKEND}`,
      `foot:${BACKEND}`,
      `foot:${BACKEND}`,
      `pod:${BACKEND}`,
      `pod:${BACKEND}`,
    ]);
  });

  it('draws every way orthogonally but for its rounded corners, without a gap', () => {
    const { ways, points } = journeyOf({ hops: acrossNodes }, atlas);
    ways.forEach((way, i) => {
      expect(way[0]).toMatchObject({ x: points[i]!.x, y: points[i]!.y });
      expect(way.at(-1)).toMatchObject({ x: points[i + 1]!.x, y: points[i + 1]!.y });
      for (let j = 1; j < way.length; j++) {
        const [dx, dy] = [Math.abs(way[j]!.x - way[j - 1]!.x), Math.abs(way[j]!.y - way[j - 1]!.y)];
        expect(Math.min(dx, dy)).toBeLessThan(6);
      }
    });
  });

  it.each([
    [
      'a pod to a neighbour on the same bridge goes along the bridge',
      road(
        ['node-1/ns-f device eth0 send', pod],
        ['node-1/host device veth1 pass', pod],
        ['node-1/host bridge cni0 forward', pod],
        ['node-1/host device veth2 send', pod],
        ['node-1/ns-n device eth0 pass', pod],
      ),
      [`pod:${FRONTEND}`, `foot:${FRONTEND}`, `foot:${FRONTEND}`, `foot:${NEAR}`, `pod:${NEAR}`],
    ],
    [
      'a kubelet probe starts at the host and leaves by OUTPUT',
      road(
        ['node-1/host socket kubelet send', pod],
        ['node-1/host route main lookup', pod],
        ['node-1/host hook OUTPUT pass', pod],
        ['node-1/host hook POSTROUTING pass', pod],
        ['node-1/host device cni0 send', pod],
        ['node-1/host bridge cni0 forward', pod],
        ['node-1/host device veth1 send', pod],
        ['node-1/ns-f device eth0 pass', pod],
      ),
      [
        'local:node-1',
        'local:node-1',
        'output:node-1',
        'postrouting:node-1',
        `foot:${FRONTEND}`,
        `foot:${FRONTEND}`,
        `foot:${FRONTEND}`,
        `pod:${FRONTEND}`,
      ],
    ],
    [
      'conntrack puts the VIP back after routing and the pod address before it',
      road(
        ['node-1/host device flannel.1 pass', packet('10.244.2.3', '10.244.1.2')],
        [
          'node-1/host conntrack conntrack untranslate',
          packet('10.244.2.3', '192.168.0.11'),
          packet('10.244.2.3', '10.244.1.2'),
        ],
        ['node-1/host route main lookup', pod],
        [
          'node-1/host conntrack conntrack untranslate',
          packet('10.244.2.3', '10.244.1.2'),
          packet('10.96.0.42', '10.244.1.2'),
        ],
      ),
      ['tunnelR:node-1', 'prerouting:node-1', 'routes:node-1', 'postrouting:node-1'],
    ],
    [
      'a chain in FORWARD stands at FORWARD, not at the diamond',
      road(
        ['node-1/host route main lookup', vip],
        [
          'node-1/host chain KUBE-SERVICES reject',
          vip,
          vip,
          {
            rules: [
              {
                table: 'filter',
                chain: 'FORWARD',
                rule: '-A FORWARD -j KUBE-SERVICES',
                number: 1,
                passed: 1,
              },
            ],
          },
        ],
      ),
      ['routes:node-1', 'forward:node-1'],
    ],
    [
      'an ARP question stays on the bridge',
      road(
        [
          'node-1/ns-f device eth0 send',
          {
            arp: {
              operation: 'request',
              senderMac: 'a',
              senderIp: '10.244.1.2',
              targetMac: '',
              targetIp: '10.244.1.1',
            },
          },
        ],
        [
          'node-1/host device veth1 pass',
          {
            arp: {
              operation: 'request',
              senderMac: 'a',
              senderIp: '10.244.1.2',
              targetMac: '',
              targetIp: '10.244.1.1',
            },
          },
        ],
        [
          'node-1/host bridge cni0 deliver',
          {
            arp: {
              operation: 'request',
              senderMac: 'a',
              senderIp: '10.244.1.2',
              targetMac: '',
              targetIp: '10.244.1.1',
            },
          },
        ],
        [
          'node-1/host local arp deliver',
          {
            arp: {
              operation: 'request',
              senderMac: 'a',
              senderIp: '10.244.1.2',
              targetMac: '',
              targetIp: '10.244.1.1',
            },
          },
        ],
      ),
      [`pod:${FRONTEND}`, `foot:${FRONTEND}`, `foot:${FRONTEND}`, `foot:${FRONTEND}`],
    ],
    [
      'what nobody has drawn falls back to where the packet was',
      road(
        ['node-1/ns-f socket curl send', vip],
        ['node-9/host hook FORWARD pass', vip],
        ['node-1/gone socket x deliver', vip],
      ),
      [`pod:${FRONTEND}`, `pod:${FRONTEND}`, `pod:${FRONTEND}`],
    ],
  ])('%s', (_, hops, places) => {
    expect(journeyOf({ hops }, atlas).places).toEqual(places);
  });

  it('heads for the other end of a wire before it has arrived', () => {
    const hops = acrossNodes.slice(0, 16);
    const { ways } = journeyOf({ hops }, atlas);
    expect(ways).toHaveLength(16);
    expect(ways.at(-1)!.at(-1)).toMatchObject({ x: layout.machines.get('node-2')!.centre });
  });
});

describe('wires', () => {
  it('goes left to right only: from FORWARD back to PREROUTING leads through the bridge', () => {
    const way = wayBetween(wires, 'forward:node-1', 'prerouting:node-1');
    const { busY } = layout.machines.get('node-1')!;
    expect(way.some((point) => point.y === busY)).toBe(true);
  });

  it('never leads through the tunnel plate a packet that was not wrapped', () => {
    const way = wayBetween(wires, 'postrouting:node-1', 'nic:node-1');
    const { tunnel } = layout.machines.get('node-1')!;
    const inside = way.filter(
      (p) => p.x > tunnel.x && p.x < tunnel.x + tunnel.w && p.y > tunnel.y && p.y < tunnel.y + tunnel.h,
    );
    expect(inside).toEqual([]);
  });
});

describe('sidings', () => {
  it('opens the host siding for probes and the way round the tunnel for unwrapped packets', () => {
    const probe = journeyOf({ hops: road(['node-1/host socket kubelet send', pod]) }, atlas);
    expect(sidingsOn(probe)).toEqual(['local:node-1']);
    const away = road(['node-1/host hook POSTROUTING pass', pod], ['node-1/host device eth0 send', pod]);
    expect(sidingsOn(journeyOf({ hops: away }, atlas))).toEqual(['bypass:node-1']);
    expect(sidingsOn(journeyOf({ hops: acrossNodes }, atlas))).toEqual([]);
  });
});

describe('motion', () => {
  const trace = {
    id: 1,
    requestId: 0,
    role: 'request' as const,
    label: 'SYN',
    bornNs: 0,
    hops: acrossNodes,
    end: null,
  };
  const journey = journeyOf(trace, atlas);

  it('keeps the way through the details that the view folds below a hop', () => {
    const [first, ...rest] = acrossNodes.slice(0, 10);
    const folded = [
      { ...first!, details: rest.slice(0, 3) },
      { ...rest[3]!, details: rest.slice(4) },
    ];
    const path = journeyOf({ hops: folded }, atlas);
    expect(path.places).toEqual(journeyOf({ hops: acrossNodes.slice(0, 10) }, atlas).places);
    expect(path.stepOfHop).toEqual([0, 4]);
    expect(positionAt(path, 6_500)).toMatchObject({ hop: 1, step: 6 });
  });

  it('is linear between hops and stands at each station when its hop begins', () => {
    acrossNodes.forEach((hop, i) => {
      const at = positionAt(journey, hop.atNs)!;
      expect(at.hop).toBe(i);
      expect(at.point).toMatchObject({ x: journey.points[i]!.x, y: journey.points[i]!.y });
    });
    const half = positionAt(journey, 3_500)!;
    expect(half.share).toBeCloseTo(0.5);
    expect(half.point).toEqual(pointAlong(journey.ways[3]!, 0.5));
  });

  it('is nowhere before it is born and stays at the last known station', () => {
    expect(positionAt(journey, -1)).toBeNull();
    expect(positionAt(journey, 1e9)!.point).toMatchObject({ x: journey.points.at(-1)!.x });
  });

  it('waits out a hop that is shorter than the time to the next one', () => {
    const hops = [acrossNodes[0]!, { ...acrossNodes[3]!, atNs: 10_000 }];
    const slow = { ...trace, hops };
    const path = journeyOf(slow, atlas);
    expect(positionAt(path, 900)!.share).toBe(0);
    expect(positionAt(path, 5_500)!.share).toBeCloseTo(0.5);
  });

  it('cuts a path without losing length', () => {
    const way = journey.ways[3]!;
    const { behind, ahead } = cut(way, 0.3);
    expect(lengthOf(behind) + lengthOf(ahead)).toBeCloseTo(lengthOf(way));
    expect(lengthOf(behind)).toBeCloseTo(lengthOf(way) * 0.3);
  });
});

describe('DrawnClock', () => {
  it('runs on between patches, never past the newest, and jumps when it must', () => {
    const clock = new DrawnClock();
    expect(clock.advance(0, 1_000, 10_000, false)).toBe(1_000);
    expect(clock.advance(10, 1_500, 10_000, false)).toBeCloseTo(1_100);
    expect(clock.advance(100, 1_500, 10_000, false)).toBe(1_500);
    expect(clock.advance(110, 90_000, 10_000, false)).toBe(88_000);
    expect(clock.advance(120, 500, 10_000, false)).toBe(500);
    expect(clock.advance(130, 700, 10_000, true)).toBe(700);
  });
});
