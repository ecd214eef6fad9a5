import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import { addresses, forwarded, host, tcp, through, type TestHost } from '../../testing/netfilter-host';
import type { VirtualServer } from './ipvs';
import { printIpvs } from './print';

const REALS = [1, 2, 3].map((n) => ({ address: `10.2.0.${n}`, port: 8080, weight: 1 }));
const SERVER: VirtualServer = {
  address: '10.9.0.1',
  port: 80,
  protocol: 'tcp',
  scheduler: 'rr',
  realServers: REALS,
};

const MASQUERADE = '*nat\n-A POSTROUTING -s 203.0.113.0/24 -j MASQUERADE\nCOMMIT';

function balancer(server: VirtualServer = SERVER): TestHost {
  const world = host(MASQUERADE);
  world.netfilter.ipvs.put(server);
  return world;
}

/** The way of a packet to a virtual address: into the host, taken off INPUT, and out again. */
function balanced(world: TestHost, from: string, ...flags: Parameters<typeof tcp>[2][]) {
  return through(world.netfilter, tcp(from, '10.9.0.1:80', ...flags), [
    'prerouting',
    'input',
    'output',
    'postrouting',
  ]);
}

describe('IPVS', () => {
  it('gives new connections to the real servers in turn', () => {
    const world = balancer();
    const targets = [1, 2, 3, 4].map(
      (n) => balanced(world, `10.1.0.4:${4000 + n}`, 'SYN').skb.packet.ip!.dst,
    );
    expect(targets).toEqual(['10.2.0.1', '10.2.0.2', '10.2.0.3', '10.2.0.1']);
  });

  it('stands in INPUT: the packet keeps the virtual address until there', () => {
    const world = balancer();
    for (const flags of [['SYN'], ['ACK']] as const) {
      const pre = through(world.netfilter, tcp('10.1.0.4:4000', '10.9.0.1:80', ...flags), ['prerouting']);
      expect(pre.skb.packet.ip!.dst).toBe('10.9.0.1');
      const input = world.netfilter.run('input', pre.skb);
      expect(input.steps).toMatchObject([{ station: 'chain', name: 'IPVS', action: 'dnat' }]);
      expect(input.skb.packet.ip!.dst).toBe('10.2.0.1');
      const output = world.netfilter.run('output', { ...input.skb, outDevice: 'eth1' });
      world.netfilter.run('postrouting', output.skb);
      if (flags[0] === 'SYN') forwarded(world, tcp('10.2.0.1:8080', '10.1.0.4:4000', 'SYN', 'ACK'));
    }
    expect(world.netfilter.conntrack.list()).toMatchObject([{ state: 'ESTABLISHED', balanced: true }]);
  });

  it('leads the answer back, through masquerade as well', () => {
    const world = balancer();
    const sent = balanced(world, '203.0.113.7:4000', 'SYN').skb.packet;
    expect(addresses(sent)).toBe('192.168.0.2:4000 > 10.2.0.1:8080');
    const back = forwarded(world, tcp('10.2.0.1:8080', '192.168.0.2:4000', 'SYN', 'ACK'));
    expect(addresses(back.skb.packet)).toBe('10.9.0.1:80 > 203.0.113.7:4000');
  });

  it('refuses when there is no real server that takes connections', () => {
    const idle = REALS.map((real) => ({ ...real, weight: 0 }));
    expect(balanced(balancer({ ...SERVER, realServers: idle }), '10.1.0.4:4000', 'SYN')).toMatchObject({
      verdict: 'reject',
      rejectWith: 'icmp-port-unreachable',
    });
  });

  it('brings a client back to its server while it remembers', () => {
    const world = balancer({ ...SERVER, persistentSeconds: 60 });
    const ask = (port: number) => balanced(world, `10.1.0.4:${port}`, 'SYN').skb.packet.ip!.dst;
    expect([ask(1), ask(2), ask(3)]).toEqual(['10.2.0.1', '10.2.0.1', '10.2.0.1']);
    world.clock.advanceTo(61 * SECOND);
    expect(ask(4)).toBe('10.2.0.2');
  });

  it('balances what the host itself sends', () => {
    const world = balancer();
    const sent = through(world.netfilter, tcp('192.168.0.2:4000', '10.9.0.1:80', 'SYN'), [
      'output',
      'postrouting',
    ]);
    expect(sent.skb.packet.ip!.dst).toBe('10.2.0.1');
  });

  it('is listed as ipvsadm does', () => {
    expect(
      printIpvs([{ ...SERVER, persistentSeconds: 10_800, realServers: REALS.slice(0, 1) }]).slice(3),
    ).toEqual([
      'TCP  10.9.0.1:80 rr persistent 10800',
      '  -> 10.2.0.1:8080                Masq    1      0          0',
    ]);
  });
});
