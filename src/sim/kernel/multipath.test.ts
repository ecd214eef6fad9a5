import { describe, expect, it } from 'vitest';
import { TwoMachines } from '../testing/two-machines';
import type { Packet } from '../trace/packet';
import type { NextHop, Route } from './machine-api';
import { wayFor } from './multipath';
import { ipRoute } from './print/routes';
import { lookup } from './route';

const DST = '198.51.100.1';

function packet(srcPort: number, src = '203.0.113.10'): Packet {
  return {
    ip: { version: 4, src, dst: DST, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort, dstPort: 80, seq: 1, ack: 0, flags: ['SYN'] },
  };
}

function hops(...weights: readonly number[]): NextHop[] {
  return weights.map((weight, i) => ({ via: `192.168.0.${20 + i}`, device: 'eth0', weight }));
}

/** Which next hops flows from these ports take, and how many each. */
function spread(t: TwoMachines, ports: readonly number[]): Record<string, number> {
  const netns = t.m1.netns('host');
  const count: Record<string, number> = {};
  for (const port of ports) {
    const via = wayFor(netns, lookup(netns, DST), packet(port))!.route.via!;
    count[via] = (count[via] ?? 0) + 1;
  }
  return count;
}

function machineWith(nexthops: readonly NextHop[], more: Partial<Route> = {}): TwoMachines {
  const t = new TwoMachines();
  t.m1.setSysctl('host', 'net.ipv4.fib_multipath_hash_policy', 1);
  t.m1.addRoute('host', { prefix: `${DST}/32`, device: 'eth0', proto: 'static', nexthops, ...more });
  return t;
}

const PORTS = Array.from({ length: 3_000 }, (_, i) => 32_768 + i);

describe('a route with several next hops', () => {
  it('spreads flows by weight', () => {
    const count = spread(machineWith(hops(1, 1, 2)), PORTS);
    const shares = Object.keys(count)
      .sort()
      .map((via) => count[via]! / PORTS.length);
    for (const [i, share] of [0.25, 0.25, 0.5].entries())
      expect(Math.abs(shares[i]! - share)).toBeLessThan(0.05);
  });

  it('sends all packets of a flow the same way, and with policy 0 all of two addresses', () => {
    const t = machineWith(hops(1, 1, 1));
    expect(
      spread(
        t,
        PORTS.map(() => 40_000),
      ),
    ).toEqual({ [Object.keys(spread(t, [40_000]))[0]!]: PORTS.length });
    t.m1.setSysctl('host', 'net.ipv4.fib_multipath_hash_policy', 0);
    expect(Object.keys(spread(t, PORTS))).toHaveLength(1);
    expect(Object.keys(spread(machineWith(hops(1, 1, 1), { hashPolicy: 0 }), PORTS))).toHaveLength(1);
  });

  it('sends ICMP errors the way of the packet that they quote', () => {
    const netns = machineWith(hops(1, 1, 1)).m1.netns('host');
    for (const port of PORTS.slice(0, 50)) {
      const error: Packet = {
        ip: { version: 4, src: '192.0.2.1', dst: DST, ttl: 64, protocol: 'icmp', df: false },
        l4: { kind: 'icmp', type: 'fragmentation-needed', mtuBytes: 1400, quoted: packet(port) },
      };
      const via = (of: Packet) => wayFor(netns, lookup(netns, DST), of)!.route.via;
      expect(via(error)).toBe(via(packet(port)));
    }
  });

  it('passes over failed neighbours only where fib_multipath_use_neigh says so', () => {
    const t = machineWith(hops(1, 1));
    const socket = t.m1.openUdp('host', t.owner('client'), 1) as number;
    t.m1.sendTo(
      socket,
      { ip: '192.168.0.20', port: 9 },
      {
        type: 'app',
        protocol: 'data',
        summary: 'x',
        bytes: 1,
        body: null,
      },
    );
    t.run(10e9);
    expect(Object.keys(spread(t, PORTS)).sort()).toEqual(['192.168.0.20', '192.168.0.21']);
    t.m1.setSysctl('host', 'net.ipv4.fib_multipath_use_neigh', 1);
    expect(Object.keys(spread(t, PORTS))).toEqual(['192.168.0.21']);
  });

  it('has no way when its devices are down', () => {
    const t = machineWith(hops(1, 1));
    t.m1.setUp('host', 'eth0', false);
    expect(lookup(t.m1.netns('host'), DST)).toBeNull();
  });

  it('prints as iproute2 prints it', () => {
    const text = ipRoute(machineWith(hops(1, 2)).m1, 'host');
    expect(text).toContain(
      `${DST} proto static \n\tnexthop via 192.168.0.20 dev eth0 weight 1 \n\tnexthop via 192.168.0.21 dev eth0 weight 2 \n`,
    );
    expect(ipRoute(machineWith(hops(1)).m1, 'host')).toContain(
      `${DST} via 192.168.0.20 dev eth0 proto static \n`,
    );
  });
});

describe('an address that a process answers ARP for', () => {
  it('is found by those who ask while it is announced, and no longer', () => {
    const t = new TwoMachines();
    t.m2.announce('host', 'eth0', '192.168.0.240', true);
    expect(t.m2.ownsAddress('192.168.0.240')).toBe(true);
    const ask = (): string | undefined => {
      const socket = t.m1.openUdp('host', t.owner('client'), 7) as number;
      const payload = { type: 'app', protocol: 'data', summary: 'x', bytes: 1, body: null } as const;
      t.m1.sendTo(socket, { ip: '192.168.0.240', port: 9 }, payload);
      t.run(t.clock.nowNs + 70e9);
      return t.m1.netns('host').neighbours.get('eth0')?.get('192.168.0.240')?.state;
    };
    expect(ask()).toBe('REACHABLE');
    t.m2.announce('host', 'eth0', '192.168.0.240', false);
    expect(t.m2.ownsAddress('192.168.0.240')).toBe(false);
    expect(ask()).toBe('FAILED');
  });

  it('is told to everybody, so that those who know it learn its new place', () => {
    const t = new TwoMachines();
    const known = () => t.m1.netns('host').neighbours.get('eth0')?.get('192.168.0.240')?.mac;
    const socket = t.m1.openUdp('host', t.owner('client'), 1) as number;
    const payload = { type: 'app', protocol: 'data', summary: 'x', bytes: 1, body: null } as const;
    t.m1.sendTo(socket, { ip: '192.168.0.240', port: 9 }, payload);
    expect(known()).toBe('');
    // The gratuitous reply is what answers the open question.
    t.m2.announce('host', 'eth0', '192.168.0.240', true);
    t.run(t.clock.nowNs + 1e6);
    expect(known()).toBe(t.m2.macOf('host', 'eth0'));
  });

  it('is gone with the power, and kept by keyframes', () => {
    const t = new TwoMachines();
    t.m2.announce('host', 'eth0', '192.168.0.240', true);
    const frame = t.m2.keyframe();
    t.m2.setPower(false);
    expect(t.m2.ownsAddress('192.168.0.240')).toBe(false);
    t.m2.restore(frame);
    expect(t.m2.ownsAddress('192.168.0.240')).toBe(true);
  });
});
