import { describe, expect, it } from 'vitest';
import type { Action, Hop, Station } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import { journeyOf, type Atlas } from './geometry';
import { layoutOf } from './layout';
import { wayBetween, wiresOf } from './wires';

const FRONTEND = 'Pod/default/frontend';
const BACKEND = 'Pod/default/backend';
const NEAR = 'Pod/default/near';

const OUTSIDE = [
  { name: 'outside', role: 'router' },
  { name: 'client', role: 'client' },
  { name: 'balancer', role: 'balancer' },
] as const;

const layout = layoutOf({
  width: 840,
  height: 716,
  services: ['Service/default/backend'],
  machines: [
    { name: 'node-1', slots: [FRONTEND, NEAR], hasBridge: true, hasTunnel: true },
    { name: 'node-2', slots: [null, BACKEND], hasBridge: true, hasTunnel: true },
  ],
  pending: [],
  outside: OUTSIDE,
});
const wires = wiresOf(layout);
const PODS: Readonly<Record<string, string>> = { 'ns-f': FRONTEND, 'ns-b': BACKEND, 'ns-n': NEAR };
const atlas: Atlas = {
  wires,
  podOf: (netns) => PODS[netns] ?? null,
  machineOf: (ip) => ({ '192.168.0.11': 'node-1', '192.168.0.12': 'node-2' })[ip] ?? null,
  devices: (machine) =>
    machine.startsWith('node')
      ? { bridge: 'cni0', tunnel: 'flannel.1', nic: 'eth0' }
      : { bridge: null, tunnel: null, nic: 'eth0', wan: 'eth1' },
};

function packet(src: string, dst: string): Packet {
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: 40000, dstPort: 80, seq: 0, ack: 0, flags: ['SYN'] },
  };
}
const vip = packet('10.244.1.2', '10.96.0.42');
const pod = packet('10.244.1.2', '10.244.2.3');

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

describe('wires', () => {
  it('leads from the client through the router to a node, along both wires', () => {
    const { router, client } = {
      router: layout.outside!.machines.get('outside')!,
      client: layout.outside!.machines.get('client')!,
    };
    const way = wayBetween(wires, 'socket:client', 'nic:node-1');
    for (const at of [client.wanTap!, router.wanTap!, router.core, router.lanTap!])
      expect(passes(way, at)).toBe(true);
  });

  it('comes back onto the road past FORWARD when the host itself sends', () => {
    const way = wayBetween(wires, 'local:node-1', 'nic:node-1');
    const { forward, postrouting } = layout.machines.get('node-1')!.stations;
    expect([passes(way, postrouting), passes(way, forward)]).toEqual([true, false]);
  });
});

function passes(way: readonly { x: number; y: number }[], { x, y }: { x: number; y: number }): boolean {
  return way.slice(1).some((b, i) => {
    const a = way[i]!;
    const [left, right] = [Math.min(a.x, b.x) - 0.5, Math.max(a.x, b.x) + 0.5];
    const [top, foot] = [Math.min(a.y, b.y) - 0.5, Math.max(a.y, b.y) + 0.5];
    return x >= left && x <= right && y >= top && y <= foot;
  });
}

describe('the outside', () => {
  const asked = packet('203.0.113.10', '192.168.0.11');
  const fromClient = road(
    ['client/host socket curl send', asked],
    ['client/host route main lookup', asked],
    ['client/host device eth0 send', asked],
    ['underlay/ wire underlay cross', asked, asked, { facts: { from: 'client', to: 'outside' } }],
    ['outside/host device eth1 pass', asked],
    ['outside/host route main lookup', asked],
    ['outside/host device eth0 send', asked],
    ['underlay/ wire underlay cross', asked, asked, { facts: { from: 'outside', to: 'node-1' } }],
    ['node-1/host device eth0 pass', asked],
  );

  it('places each hop of a request from the client', () => {
    expect(journeyOf({ hops: fromClient }, atlas).places).toEqual([
      'socket:client',
      'routes:client',
      'nic:client',
      'tap:client',
      'wan:outside',
      'routes:outside',
      'nic:outside',
      'tap:outside',
      'nic:node-1',
    ]);
  });

  it('leaves the router by the wire that the next machine hangs from', () => {
    const back = road(
      ['outside/host device eth1 send', asked],
      ['underlay/ wire underlay cross', asked, asked, { facts: { from: 'outside', to: 'client' } }],
    );
    const { places, ways } = journeyOf({ hops: back }, atlas);
    expect(places).toEqual(['wan:outside', 'wantap:outside']);
    expect(ways.at(-1)!.at(-1)).toMatchObject(layout.outside!.machines.get('client')!.wanTap!);
  });

  it('goes from the balancer by its rules, then its routes', () => {
    const hops = road(
      ['balancer/host device eth0 pass', asked],
      ['balancer/host chain LB-1 dnat', asked, pod],
      ['balancer/host route main lookup', pod],
      ['balancer/host device eth0 send', pod],
    );
    const { points, ways } = journeyOf({ hops }, atlas);
    const { rules, core, lan } = layout.outside!.machines.get('balancer')!;
    expect(points[1]).toEqual(rules);
    expect(points[2]).toEqual(core);
    expect(ways[2]!.at(-1)).toEqual(lan);
  });
});

describe('IPVS', () => {
  const ipvsWires = wiresOf(
    layoutOf({
      width: 840,
      height: 716,
      services: [],
      machines: [{ name: 'node-1', slots: [FRONTEND, NEAR], hasBridge: true, hasTunnel: true }],
      pending: [],
      outside: [],
      mode: 'ipvs',
    }),
  );
  const near = packet('10.244.1.2', '10.244.1.3');
  const hops = road(
    ['node-1/ns-f socket curl send', vip],
    ['node-1/host device veth1 pass', vip],
    ['node-1/host hook PREROUTING pass', vip],
    ['node-1/host route local lookup', vip],
    ['node-1/host chain IPVS dnat', vip, near],
    ['node-1/host route main lookup', near],
    ['node-1/host hook OUTPUT pass', near],
    ['node-1/host hook POSTROUTING pass', near],
    ['node-1/host bridge cni0 forward', near],
    ['node-1/ns-n socket app deliver', near],
  );

  it('goes by INPUT to IPVS and back by OUTPUT, and never by FORWARD', () => {
    const { places, ways } = journeyOf({ hops }, { ...atlas, wires: ipvsWires });
    expect(places.slice(2, 8)).toEqual([
      'prerouting:node-1',
      'routes:node-1',
      'services:node-1',
      'services:node-1',
      'output:node-1',
      'postrouting:node-1',
    ]);
    const way = ways.flat();
    expect(passes(way, ipvsWires.at.get('input:node-1')!)).toBe(true);
    expect(passes(way, ipvsWires.at.get('forward:node-1')!)).toBe(false);
  });
});
