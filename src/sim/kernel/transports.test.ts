import { describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../clock/clock';
import type { AppPayload } from '../trace/packet';
import { Trace } from '../trace/trace';
import { openNetfilter, TwoMachines } from '../testing/two-machines';
import { Machine } from './machine';

const message: AppPayload = { type: 'app', protocol: 'data', summary: 'hello', bytes: 5, body: 'hello' };

describe('SCTP', () => {
  it('opens with four messages, carries data, and shuts down', () => {
    const t = new TwoMachines();
    t.m2.listen('b', 'sctp', '0.0.0.0', 36_412, t.owner('s'));
    t.onNews = (event) => {
      if (event.kind === 'connected') t.m1.send(event.socket, message);
      if (event.kind === 'data') t.m2.close(event.socket);
    };
    t.m1.connect('a', 'sctp', { ip: '10.244.2.3', port: 36_412 }, t.owner('c'), 4);
    t.run();
    expect(t.ends(4).filter((line) => !line.startsWith('ARP'))).toEqual([
      'INIT request: delivered socket',
      'INIT-ACK reply: delivered socket',
      'COOKIE-ECHO request: delivered socket',
      'COOKIE-ACK reply: delivered socket',
      'hello request: delivered socket',
      'SACK reply: delivered socket',
      'SHUTDOWN reply: delivered socket',
      'SHUTDOWN-ACK request: delivered socket',
      'SHUTDOWN-COMPLETE reply: delivered socket',
    ]);
    expect(t.news.map(({ kind }) => kind)).toEqual(['accepted', 'connected', 'data', 'closed']);
  });

  it('is aborted where nobody listens', () => {
    const t = new TwoMachines();
    const socket = t.m1.connect('a', 'sctp', { ip: '10.244.2.3', port: 1 }, t.owner('c'), 4);
    t.run();
    expect(t.news).toEqual([{ kind: 'error', socket, errno: 'ECONNREFUSED' }]);
  });

  it('asks again from 3 s on, doubling', () => {
    const t = new TwoMachines();
    t.m2.setSysctl('host', 'net.ipv4.ip_forward', 0);
    t.m1.connect('a', 'sctp', { ip: '10.244.2.3', port: 1 }, t.owner('c'), 4, { timeoutNs: 30 * SECOND });
    t.run(60 * SECOND);
    const born = [...t.trace.packets.values()].filter(({ label }) => label === 'INIT');
    expect(born.map(({ bornNs }) => bornNs / SECOND)).toEqual([0, 3, 9, 21]);
    expect(t.news).toMatchObject([{ kind: 'error', errno: 'ETIMEDOUT' }]);
  });
});

describe('binding', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0', 'EADDRINUSE'],
    ['0.0.0.0', '10.244.1.2', 'EADDRINUSE'],
    ['10.244.1.2', '::', 'EADDRINUSE'],
    ['10.244.1.2', '127.0.0.1', 2],
    ['127.0.0.1', '10.9.9.9', 'EINVAL'],
  ])('%s and then %s on one port gives %s', (first, second, expected) => {
    const t = new TwoMachines();
    t.m1.listen('a', 'tcp', first, 80, t.owner('s'));
    expect(t.m1.listen('a', 'tcp', second, 80, t.owner('s'))).toBe(expected);
    const other = t.m1.listen('a', 'udp', second, 80, t.owner('s'));
    expect(typeof other).toBe(expected === 'EINVAL' ? 'string' : 'number');
  });

  it('frees the port when the listener closes', () => {
    const t = new TwoMachines();
    const socket = t.m1.listen('a', 'tcp', '0.0.0.0', 80, t.owner('s')) as number;
    t.m1.close(socket);
    expect(t.m1.listen('a', 'tcp', '0.0.0.0', 80, t.owner('s'))).toBe(2);
  });

  it('takes connections on loopback without leaving the netns', () => {
    const t = new TwoMachines();
    t.m1.listen('a', 'tcp', '127.0.0.1', 80, t.owner('s'));
    t.m1.connect('a', 'tcp', { ip: '127.0.0.1', port: 80 }, t.owner('c'), 4);
    t.m1.connect('a', 'tcp', { ip: '10.244.1.2', port: 80 }, t.owner('c'), 5);
    t.run();
    expect(t.ends(4)).toEqual([
      'SYN request: delivered socket',
      'SYNACK reply: delivered socket',
      'ACK request: delivered socket',
    ]);
    expect(t.ends(5)).toEqual(['SYN request: rejected no-listener', 'RST error: delivered socket']);
    expect(t.hops('SYN', 4)).toEqual([
      expect.stringMatching(/^m1.a socket 127.0.0.1:\d{5} send$/),
      'm1/a route local lookup',
      'm1/a device lo send',
      'm1/a device lo pass',
      'm1/a route local lookup',
      'm1/a socket 127.0.0.1:80 deliver',
    ]);
  });
});

describe('addresses and links', () => {
  it('work the same in IPv6', () => {
    const t = new TwoMachines();
    for (const [machine, other, number] of [
      [t.m1, t.m2, 1],
      [t.m2, t.m1, 2],
    ] as const) {
      const far = 3 - number;
      machine.setSysctl('host', 'net.ipv6.conf.all.forwarding', 1);
      machine.addAddress('host', 'cni0', `fd00:0:0:${number}::1/64`);
      machine.addAddress('a', 'eth0', `fd00:0:0:${number}::2/64`);
      machine.addRoute('a', { prefix: '::/0', via: `fd00:0:0:${number}::1`, device: 'eth0' });
      machine.addRoute('host', {
        prefix: `fd00:0:0:${far}::/64`,
        via: `fd00:0:0:${far}::`,
        device: 'flannel.1',
        onlink: true,
      });
      const mac = other.macOf('host', 'flannel.1');
      machine.addNeighbour('host', { device: 'flannel.1', ip: `fd00:0:0:${far}::`, mac });
    }
    t.m2.listen('a', 'tcp', '0.0.0.0', 80, t.owner('s'));
    t.m1.connect('a', 'tcp', { ip: 'fd00:0:0:2:0:0:0:2', port: 80 }, t.owner('c'), 4);
    t.run();
    expect(t.news).toMatchObject([
      { kind: 'connected' },
      { kind: 'accepted', peer: { ip: 'fd00:0:0:1::2' } },
    ]);
  });

  it('carry packets over IPIP, twenty bytes larger', () => {
    const t = new TwoMachines();
    for (const [machine, number] of [
      [t.m1, 1],
      [t.m2, 2],
    ] as const) {
      const far = 3 - number;
      machine.addIpip('host', 'tunl0', { local: `192.168.0.1${number}`, mtuBytes: 1_480 });
      machine.addRoute('host', {
        prefix: `10.244.${far}.0/24`,
        via: `192.168.0.1${far}`,
        device: 'tunl0',
        onlink: true,
        proto: 'bird',
      });
    }
    const socket = t.m1.openPing('a', t.owner('p'), 4) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run();
    expect(t.hops('PING', 4)).toContain('m1/host tunnel tunl0 encapsulate');
    expect(t.hops('PING', 4)).toContain('m2/host tunnel tunl0 decapsulate');
    expect(t.news).toMatchObject([{ kind: 'echo-reply', ttl: 62 }]);
  });

  it('answer for others with proxy_arp, as agents without a bridge use it', () => {
    const t = new TwoMachines();
    t.m1.addNetns('p');
    t.m1.addVeth({ netns: 'p', device: 'eth0' }, { netns: 'host', device: 'cali1' }, 1_450);
    t.m1.addAddress('p', 'eth0', '10.244.1.50/32');
    t.m1.addRoute('p', { prefix: '169.254.1.1/32', device: 'eth0', scope: 'link' });
    t.m1.addRoute('p', { prefix: '0.0.0.0/0', via: '169.254.1.1', device: 'eth0' });
    t.m1.addRoute('host', { prefix: '10.244.1.50/32', device: 'cali1', scope: 'link' });
    t.m1.addRoute('host', { prefix: '0.0.0.0/0', via: '192.168.0.1', device: 'eth0' });
    const socket = t.m1.openPing('p', t.owner('p'), 4) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run(5 * SECOND);
    expect(t.news).toMatchObject([{ kind: 'error', errno: 'EHOSTUNREACH' }]);
    t.news.length = 0;
    t.m1.setSysctl('host', 'net.ipv4.conf.cali1.proxy_arp', 1);
    t.m1.sendEcho(socket, '10.244.2.3', 2);
    t.run(10 * SECOND);
    expect(t.news).toMatchObject([{ kind: 'echo-reply', seq: 2 }]);
  });

  it.each([
    [0, 'echo-reply'],
    [1, 'error'],
  ])('with arp_ignore %d, addresses of other devices are answered for: %s', (value, expected) => {
    const t = new TwoMachines();
    t.m2.addDummy('host', 'ipvs0');
    t.m2.addAddress('host', 'ipvs0', '192.168.0.200/32');
    t.m2.setSysctl('host', 'net.ipv4.conf.all.arp_ignore', value);
    const socket = t.m1.openPing('host', t.owner('p'), 4) as number;
    t.m1.sendEcho(socket, '192.168.0.200', 1);
    t.run(5 * SECOND);
    expect(t.news.map(({ kind }) => kind)).toEqual([expected]);
  });

  it('come and go: a route through a device that is down does not count', () => {
    const t = new TwoMachines();
    t.m1.addRoute('host', { prefix: '0.0.0.0/0', via: '192.168.0.12', device: 'eth0' });
    t.m1.setUp('host', 'flannel.1', false);
    const socket = t.m1.openPing('a', t.owner('p'), 4) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run();
    expect(t.hops('PING', 4)).toContain('underlay/ wire underlay cross');
    expect(t.hops('PING', 4)).not.toContain('m1/host tunnel flannel.1 encapsulate');
    expect(() => t.m1.addAddress('nowhere', 'eth0', '10.0.0.1/8')).toThrow('no netns nowhere on m1');
    expect(
      new Machine('alone', {
        clock: new Clock(1),
        trace: new Trace(),
        wire: t.underlay,
        netfilterFor: openNetfilter,
      }).hasNetns('host'),
    ).toBe(true);
  });
});
