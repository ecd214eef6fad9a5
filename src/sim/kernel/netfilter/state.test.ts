import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import type { Packet } from '../../trace/packet';
import { addresses, echo, forwarded, host, load, tcp, through, udp } from '../../testing/netfilter-host';

const VIRTUAL = `
*nat
:PREROUTING ACCEPT [0:0]
:VIPS - [0:0]
:WEB - [0:0]
-A PREROUTING -m comment --comment "virtual addresses" -j VIPS
-A VIPS -d 10.9.0.1/32 -p tcp -m tcp --dport 80 -j WEB
-A VIPS -d 10.9.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.2.0.9:53
-A WEB ! -s 10.1.0.0/16 -j MARK --set-xmark 0x4000/0x4000
-A WEB -p tcp -m tcp -j DNAT --to-destination 10.2.0.9:8080
-A POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A POSTROUTING -j MASQUERADE
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -d 10.2.0.66/32 -j REJECT --reject-with icmp-port-unreachable
COMMIT`;

describe('the passage of a first packet', () => {
  it('tells each chain that did something, with the rules met', () => {
    const { netfilter } = host(VIRTUAL);
    const skb = { packet: tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'), mark: 0, inDevice: 'eth0' };
    const { steps } = netfilter.run('prerouting', skb);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ station: 'chain', name: 'VIPS', action: 'dnat', rulesPassed: 4 });
    expect(steps[0]!.rules.map((met) => `${met.rule} #${met.number}`)).toEqual([
      '-A PREROUTING -m comment --comment "virtual addresses" -j VIPS #1',
      '-A VIPS -d 10.9.0.1/32 -p tcp -m tcp --dport 80 -j WEB #1',
      '-A WEB -p tcp -m tcp -j DNAT --to-destination 10.2.0.9:8080 #2',
    ]);
    expect(addresses(steps[0]!.after)).toBe('10.1.0.4:4000 > 10.2.0.9:8080');
    expect(steps[0]!.costNs).toBe(24_000 + Math.round(4 * 13.3));
  });

  it('says that it passed when nothing came of a hook', () => {
    const { netfilter } = host(VIRTUAL);
    const skb = { packet: tcp('10.1.0.4:4000', '10.7.7.7:80', 'SYN'), mark: 0, inDevice: 'eth0' };
    expect(netfilter.run('prerouting', skb).steps).toMatchObject([
      { station: 'hook', name: 'PREROUTING', action: 'pass', rulesPassed: 3 },
    ]);
  });

  it('masquerades what was marked', () => {
    const result = forwarded(host(VIRTUAL), tcp('203.0.113.7:4000', '10.9.0.1:80', 'SYN'));
    expect(result.steps).toMatchObject([{ station: 'chain', action: 'masquerade' }]);
    expect(addresses(result.skb.packet)).toBe('192.168.0.2:4000 > 10.2.0.9:8080');
  });

  it('ends with the answer that the rule asks for', () => {
    const result = forwarded(host(VIRTUAL), tcp('10.1.0.4:4000', '10.2.0.66:80', 'SYN'));
    expect(result).toMatchObject({ verdict: 'reject', rejectWith: 'icmp-port-unreachable' });
  });

  it('leaves no trace of a packet that was dropped on the way', () => {
    const world = host(VIRTUAL);
    forwarded(world, tcp('10.1.0.4:4000', '10.2.0.66:80', 'SYN'));
    expect(world.netfilter.conntrack.list()).toEqual([]);
    expect(world.netfilter.conntrack.count).toBe(0);
  });
});

describe('a known connection', () => {
  it('is rewritten from its entry, both ways, without asking the nat table', () => {
    const world = host(VIRTUAL);
    forwarded(world, tcp('203.0.113.7:4000', '10.9.0.1:80', 'SYN'));
    load(world.netfilter, '*nat\n:VIPS - [0:0]\n:WEB - [0:0]\nCOMMIT');
    const reply = forwarded(world, tcp('10.2.0.9:8080', '192.168.0.2:4000', 'SYN', 'ACK'));
    expect(addresses(reply.skb.packet)).toBe('10.9.0.1:80 > 203.0.113.7:4000');
    const ack = forwarded(world, tcp('203.0.113.7:4000', '10.9.0.1:80', 'ACK'));
    expect(addresses(ack.skb.packet)).toBe('192.168.0.2:4000 > 10.2.0.9:8080');
    expect(ack.steps).toMatchObject([{ station: 'conntrack', action: 'snat' }]);
    expect(world.netfilter.conntrack.list()).toMatchObject([{ state: 'ESTABLISHED', assured: true }]);
  });

  it('gives another port to the second of two that would look alike to the peer', () => {
    const world = host(VIRTUAL);
    forwarded(world, tcp('203.0.113.7:4000', '10.9.0.1:80', 'SYN'));
    const other = forwarded(world, tcp('203.0.113.8:4000', '10.9.0.1:80', 'SYN'));
    const l4 = other.skb.packet.l4 as { srcPort: number };
    expect(other.skb.packet.ip?.src).toBe('192.168.0.2');
    expect(l4.srcPort).not.toBe(4000);
    expect(l4.srcPort).toBeGreaterThanOrEqual(1024);
    const reply = forwarded(world, tcp('10.2.0.9:8080', `192.168.0.2:${l4.srcPort}`, 'SYN', 'ACK'));
    expect(addresses(reply.skb.packet)).toBe('10.9.0.1:80 > 203.0.113.8:4000');
  });

  it('finds the port taken even when no rule translates the source', () => {
    const world = host(VIRTUAL);
    forwarded(world, udp('10.1.0.4:5353', '10.2.0.9:53'));
    const second = forwarded(world, udp('10.1.0.4:5353', '10.9.0.1:53'));
    expect((second.skb.packet.l4 as { srcPort: number }).srcPort).not.toBe(5353);
  });

  it('takes ICMP errors along, with the quoted packet translated too', () => {
    const world = host(VIRTUAL);
    const sent = forwarded(world, udp('10.1.0.4:5353', '10.9.0.1:53')).skb.packet;
    const error: Packet = {
      ip: { version: 4, src: '10.2.0.9', dst: '10.1.0.4', ttl: 64, protocol: 'icmp', df: true },
      l4: { kind: 'icmp', type: 'port-unreachable', quoted: { ip: sent.ip, l4: sent.l4 } },
    };
    const { skb } = forwarded(world, error);
    expect(skb.connection).toMatchObject({ state: 'RELATED', direction: 'reply' });
    expect(addresses(skb.packet)).toBe('10.9.0.1 > 10.1.0.4');
    const quoted = (skb.packet.l4 as { quoted: Packet }).quoted;
    expect(addresses(quoted)).toBe('10.1.0.4:5353 > 10.9.0.1:53');
  });

  it('keeps echo requests of two hosts apart by their identifiers', () => {
    const world = host('*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT');
    const one = forwarded(world, echo('10.1.0.4', '203.0.113.7', 9, 'echo-request')).skb.packet;
    const two = forwarded(world, echo('10.1.0.5', '203.0.113.7', 9, 'echo-request')).skb.packet;
    const id = (two.l4 as { id: number }).id;
    expect((one.l4 as { id: number }).id).toBe(9);
    expect(id).not.toBe(9);
    const reply = forwarded(world, echo('203.0.113.7', '192.168.0.2', id, 'echo-reply')).skb.packet;
    expect(addresses(reply)).toBe('203.0.113.7 > 10.1.0.5');
    expect((reply.l4 as { id: number }).id).toBe(9);
  });

  it('is gone at once when its only answer is a reset', () => {
    const world = host(VIRTUAL);
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    const reset = forwarded(world, tcp('10.2.0.9:8080', '10.1.0.4:4000', 'RST'));
    expect(addresses(reset.skb.packet)).toBe('10.9.0.1:80 > 10.1.0.4:4000');
    expect(world.netfilter.conntrack.list()).toEqual([]);
  });
});

describe('a packet that belongs to nothing', () => {
  it('is INVALID when it is a reset, and a rule may drop it for that', () => {
    const result = forwarded(host(VIRTUAL), tcp('10.2.0.9:8080', '10.1.0.4:4000', 'RST'));
    expect(result).toMatchObject({ verdict: 'drop', reason: 'conntrack-invalid' });
  });

  it('is picked up in mid-stream unless the kernel is strict', () => {
    const ack = tcp('10.2.0.9:8080', '10.1.0.4:4000', 'ACK');
    expect(forwarded(host(VIRTUAL), ack).verdict).toBe('accept');
    const strict = host(VIRTUAL, { 'net.netfilter.nf_conntrack_tcp_loose': 0 });
    expect(forwarded(strict, ack).verdict).toBe('drop');
  });
});

describe('time', () => {
  it('forgets connections by the timeouts of their state', () => {
    const world = host(VIRTUAL);
    const { conntrack } = world.netfilter;
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    world.clock.advanceTo(119 * SECOND);
    expect(conntrack.list()).toHaveLength(1);
    forwarded(world, tcp('10.2.0.9:8080', '10.1.0.4:4000', 'SYN', 'ACK'));
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'ACK'));
    world.clock.advanceTo(400_000 * SECOND);
    expect(conntrack.list()).toHaveLength(1);
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'FIN', 'ACK'));
    forwarded(world, tcp('10.2.0.9:8080', '10.1.0.4:4000', 'FIN', 'ACK'));
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'ACK'));
    expect(conntrack.list()).toMatchObject([{ state: 'TIME_WAIT' }]);
    world.clock.advanceTo(400_121 * SECOND);
    expect(conntrack.list()).toEqual([]);
    conntrack.collect();
    expect(conntrack.count).toBe(0);
  });

  it('gives UDP that is answered for a while the longer timeout', () => {
    const world = host(VIRTUAL);
    forwarded(world, udp('10.1.0.4:5353', '10.9.0.1:53'));
    forwarded(world, udp('10.2.0.9:53', '10.1.0.4:5353'));
    world.clock.advanceTo(3 * SECOND);
    forwarded(world, udp('10.1.0.4:5353', '10.9.0.1:53'));
    expect(world.netfilter.conntrack.list()).toMatchObject([{ assured: true, expiresNs: 123 * SECOND }]);
  });
});

describe('entries that ran out', () => {
  it('are cleared away by later traffic', () => {
    const world = host(VIRTUAL);
    for (let port = 1; port <= 50; port++) forwarded(world, udp(`10.1.0.4:${port}`, '10.9.0.1:53'));
    expect(world.netfilter.conntrack.count).toBe(50);
    world.clock.advanceTo(60 * SECOND);
    forwarded(world, udp('10.1.0.4:99', '10.9.0.1:53'));
    expect(world.netfilter.conntrack.count).toBe(1);
  });
});

describe('limits and clashes', () => {
  it('drops new packets when the table is full of assured connections only', () => {
    const world = host(VIRTUAL, { 'net.netfilter.nf_conntrack_max': 1 });
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    expect(forwarded(world, tcp('10.1.0.4:4001', '10.9.0.1:80', 'SYN')).verdict).toBe('accept');
    forwarded(world, tcp('10.2.0.9:8080', '10.1.0.4:4001', 'SYN', 'ACK'));
    forwarded(world, tcp('10.1.0.4:4001', '10.9.0.1:80', 'ACK'));
    const third = forwarded(world, tcp('10.1.0.4:4002', '10.9.0.1:80', 'SYN'));
    expect(third).toMatchObject({ verdict: 'drop', reason: 'conntrack-full' });
  });

  it('settles two first packets of one connection that were on the way together', () => {
    const world = host(VIRTUAL);
    const first = through(world.netfilter, udp('10.1.0.4:5353', '10.9.0.1:53'), ['prerouting']);
    const second = through(world.netfilter, udp('10.1.0.4:5353', '10.9.0.1:53'), ['prerouting']);
    for (const { skb } of [first, second]) {
      expect(world.netfilter.run('postrouting', { ...skb, outDevice: 'eth1' }).verdict).toBe('accept');
    }
    expect(world.netfilter.conntrack.list()).toHaveLength(1);
  });
});

describe('keyframes', () => {
  it('bring back rules, connections, counters and what was recently seen', () => {
    const world = host(VIRTUAL);
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    const frame = world.netfilter.keyframe();
    forwarded(world, tcp('10.1.0.4:4001', '10.9.0.1:80', 'SYN'));
    world.netfilter.rules.flushAll();
    world.netfilter.restore(frame);
    expect(world.netfilter.conntrack.list()).toHaveLength(1);
    expect(world.netfilter.rules.countersOf(4, 'nat', 'VIPS', 0)).toEqual([1, 40]);
    expect(world.netfilter.idle).toBe(false);
  });
});

describe('whatever is translated', () => {
  it('is put back by the reply, for any clients, ports and order', () => {
    const clients = fc.array(
      fc.record({
        host: fc.integer({ min: 1, max: 3 }),
        port: fc.integer({ min: 1000, max: 1004 }),
        outside: fc.boolean(),
        datagram: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(clients, (list) => {
        const world = host(VIRTUAL);
        for (const { host: n, port, outside, datagram } of list) {
          const from = `${outside ? '203.0.113' : '10.1.0'}.${n}:${port}`;
          const to = datagram ? '10.9.0.1:53' : '10.9.0.1:80';
          const sent = datagram ? udp(from, to) : tcp(from, to, 'SYN');
          const out = forwarded(world, sent).skb.packet;
          const [source = '', target = ''] = addresses(out).split(' > ');
          const back = datagram ? udp(target, source) : tcp(target, source, 'SYN', 'ACK');
          expect(addresses(forwarded(world, back).skb.packet)).toBe(`${to} > ${from}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
