import { describe, expect, it } from 'vitest';
import { MS, SECOND, US } from '../clock/clock';
import type { AppPayload } from '../trace/packet';
import { TwoMachines } from '../testing/two-machines';

const say = (summary: string, bytes = 100): AppPayload => ({
  type: 'app',
  protocol: 'http',
  summary,
  bytes,
  body: summary,
});

/** When the packets with a label were born, in seconds. */
function births(t: TwoMachines, label: string): number[] {
  return [...t.trace.packets.values()]
    .filter((packet) => packet.label === label)
    .map(({ bornNs }) => Math.round(bornNs / SECOND));
}

function withoutArp(ends: readonly string[]): string[] {
  return ends.filter((line) => !line.startsWith('ARP'));
}

describe('opening a connection', () => {
  it('is refused with a RST where nobody listens', () => {
    const t = new TwoMachines();
    t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 81 }, t.owner('c'), 3);
    t.run();
    expect(withoutArp(t.ends(3))).toEqual([
      'SYN request: rejected no-listener',
      'RST error: delivered socket',
    ]);
    expect(t.news).toEqual([{ kind: 'error', socket: 1, errno: 'ECONNREFUSED' }]);
  });

  it('is tried at 0, 1, 3, 7, 15, 31 and 63 s, and given up at 127 s, when nothing comes back', () => {
    const t = new TwoMachines();
    t.m2.setSysctl('host', 'net.ipv4.ip_forward', 0);
    t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('c'), 4);
    t.run(126 * SECOND);
    expect(births(t, 'SYN')).toEqual([0, 1, 3, 7, 15, 31, 63]);
    expect(t.news).toEqual([]);
    t.run(128 * SECOND);
    expect(t.news).toEqual([{ kind: 'error', socket: 1, errno: 'ETIMEDOUT' }]);
  });

  it('ends after the timeout that the program asked for', () => {
    const t = new TwoMachines();
    t.underlay.setLoss(1);
    t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('c'), 3, { timeoutNs: 2 * SECOND });
    t.run(10 * SECOND);
    expect(t.news).toEqual([{ kind: 'error', socket: 1, errno: 'ETIMEDOUT' }]);
    expect(t.m1.sockets.byId.size).toBe(0);
  });

  it('fails at once without a route, and on routes that refuse', () => {
    const t = new TwoMachines();
    t.m1.addRoute('host', { prefix: '10.9.0.0/16', device: '', type: 'unreachable' });
    t.m1.addRoute('host', { prefix: '10.8.0.0/16', device: '', type: 'blackhole' });
    const open = (ip: string) => t.m1.connect('host', 'tcp', { ip, port: 80 }, t.owner('c'), 3);
    expect(open('8.8.8.8')).toBe('ENETUNREACH');
    expect(open('10.9.1.1')).toBe('EHOSTUNREACH');
    expect(open('10.8.1.1')).toBe('EINVAL');
  });

  it.each([
    ['10.9.1.1', 'EHOSTUNREACH', 'SYN request: dropped no-route'],
    ['8.8.8.8', 'ENETUNREACH', 'SYN request: dropped no-route'],
    ['10.244.1.99', 'EHOSTUNREACH', 'SYN request: dropped no-neighbour'],
  ])('to %s hears %s from the host behind which there is nothing', (ip, errno, end) => {
    const t = new TwoMachines();
    t.m1.addRoute('host', { prefix: '10.9.0.0/16', device: '', type: 'unreachable' });
    t.m1.connect('a', 'tcp', { ip, port: 80 }, t.owner('c'), 3);
    t.run(10 * SECOND);
    expect(t.ends(3)[0]).toBe(end);
    expect(t.ends(3)).toContain('ICMP error: delivered socket');
    expect(t.news).toEqual([{ kind: 'error', socket: 1, errno }]);
  });

  it('asks for a neighbour three times, a second apart, before it fails', () => {
    const t = new TwoMachines();
    t.m1.connect('host', 'tcp', { ip: '192.168.0.99', port: 80 }, t.owner('c'), 3);
    t.run(10 * SECOND);
    expect(births(t, 'ARP')).toEqual([0, 1, 2]);
    // Each SYN that waited is reported.
    expect(births(t, 'ICMP')).toEqual([3, 3, 3]);
    expect(t.news).toEqual([{ kind: 'error', socket: 1, errno: 'EHOSTUNREACH' }]);
  });

  it('ends silently when a blackhole route takes the packets', () => {
    const t = new TwoMachines();
    t.m1.addRoute('host', { prefix: '10.8.0.0/16', device: '', type: 'blackhole' });
    t.m1.connect('a', 'tcp', { ip: '10.8.1.1', port: 80 }, t.owner('c'), 3, { timeoutNs: 500 * MS });
    t.run(10 * SECOND);
    expect(withoutArp(t.ends(3))).toEqual(['SYN request: dropped no-route']);
  });
});

describe('datagrams', () => {
  it('to a bound port arrive, and the answer comes from where it was asked', () => {
    const t = new TwoMachines();
    t.m2.listen('b', 'udp', '0.0.0.0', 53, t.owner('s'));
    t.onNews = (event) => {
      if (event.kind !== 'datagram' || event.to.port !== 53) return;
      const answer: AppPayload = { type: 'app', protocol: 'dns', summary: 'A web', bytes: 60, body: null };
      t.m2.sendTo(event.socket, event.from, answer, { from: event.to, requestId: event.requestId });
    };
    const socket = t.m1.openUdp('a', t.owner('c'), 5) as number;
    const question: AppPayload = { type: 'app', protocol: 'dns', summary: 'A? web', bytes: 40, body: null };
    expect(t.m1.sendTo(socket, { ip: '10.244.2.3', port: 53 }, question)).toBeNull();
    t.run();
    expect(withoutArp(t.ends(5))).toEqual([
      'A? dns-query: delivered socket',
      'A dns-answer: delivered socket',
    ]);
    expect(t.news[1]).toMatchObject({ kind: 'datagram', from: { ip: '10.244.2.3', port: 53 }, requestId: 5 });
  });

  it('to a closed port come back as an error', () => {
    const t = new TwoMachines();
    const socket = t.m1.openUdp('a', t.owner('c'), 5) as number;
    t.m1.sendTo(socket, { ip: '10.244.2.3', port: 53 }, say('hello'));
    t.run();
    expect(withoutArp(t.ends(5))).toEqual([
      'hello request: rejected no-listener',
      'ICMP error: delivered socket',
    ]);
    expect(t.news).toMatchObject([{ kind: 'error', socket, errno: 'ECONNREFUSED' }]);
  });
});

describe('a packet that cannot go on', () => {
  it('dies when its TTL runs out, and its sender hears from the router', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    const hears = (ttl: number) => {
      t.m1.sendEcho(socket, '10.244.2.3', ttl, { ttl });
      t.run();
      const errors = [...t.trace.packets.values()].filter(({ label }) => label === 'ICMP');
      return errors.at(-1)?.hops[0]?.after.ip?.src;
    };
    expect(hears(1)).toBe('10.244.1.1');
    expect(hears(2)).toBe('10.244.2.0');
    hears(3);
    expect(t.news).toMatchObject([
      { kind: 'error', errno: 'EHOSTUNREACH', icmp: { from: '10.244.1.1', type: 'time-exceeded', seq: 1 } },
      { kind: 'error', errno: 'EHOSTUNREACH', icmp: { from: '10.244.2.0', type: 'time-exceeded', seq: 2 } },
      { kind: 'echo-reply', from: '10.244.2.3', seq: 3, ttl: 62 },
    ]);
    expect(t.ends(6)[0]).toBe('PING request: dropped ttl');
  });

  it('is too big for the tunnel and may not be fragmented', () => {
    const t = new TwoMachines();
    const origin = { ref: 'x' };
    t.m1.addVeth({ netns: 'a', device: 'big0' }, { netns: 'host', device: 'veth-big' }, 9_000, origin);
    t.m1.addAddress('a', 'big0', '10.7.0.2/24');
    t.m1.addAddress('host', 'veth-big', '10.7.0.1/24');
    t.m1.addRoute('a', { prefix: '10.244.2.0/24', via: '10.7.0.1', device: 'big0' });
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    expect(t.m1.sendEcho(socket, '10.244.2.3', 1, { bytes: 1_423, df: true })).toBeNull();
    t.run();
    expect(withoutArp(t.ends(6))).toEqual(['PING request: dropped mtu', 'ICMP error: delivered socket']);
    const error = [...t.trace.packets.values()].find(({ label }) => label === 'ICMP')!;
    expect(error.hops[0]!.after.l4).toMatchObject({ type: 'fragmentation-needed', mtuBytes: 1_450 });
    expect(t.news).toMatchObject([
      { kind: 'error', socket, errno: 'EMSGSIZE', icmp: { from: '10.7.0.1', mtuBytes: 1_450 } },
    ]);
    t.m1.sendEcho(socket, '10.244.2.3', 2, { bytes: 1_422, df: true });
    expect(t.m1.sendEcho(socket, '10.244.1.3', 3, { bytes: 1_423, df: true })).toBe('EMSGSIZE');
  });

  it('is lost with the netns it was on its way to', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '10.244.1.3', 1);
    t.run();
    const again = t.clock.nowNs;
    t.m1.sendEcho(socket, '10.244.1.3', 2);
    t.run(again + 4 * US);
    t.m1.deleteNetns('b');
    t.run();
    expect(t.ends(6).at(-1)).toBe('PING request: lost netns-gone');
    expect(t.m1.netns('host').devices.has('veth-b')).toBe(false);
  });

  it('ends at the bridge when the netns it is for has gone, while the host still believes in its MAC', () => {
    const t = new TwoMachines();
    t.addInner(t.m1, 1, 'c', 4);
    const socket = t.m1.openPing('host', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '10.244.1.3', 1);
    t.run();
    t.m1.deleteNetns('b');
    t.m1.sendEcho(socket, '10.244.1.3', 2);
    t.run(t.clock.nowNs + 10 * MS);
    expect(t.ends(6).slice(-1)).toEqual(['PING request: dropped not-for-us']);
    // A minute later it asks again, and nobody answers.
    t.run(t.clock.nowNs + 61 * SECOND);
    t.m1.sendEcho(socket, '10.244.1.3', 3);
    t.run(t.clock.nowNs + 10 * SECOND);
    expect(t.ends(6)).toContain('PING request: dropped no-neighbour');
    expect(t.news.at(-1)).toMatchObject({ kind: 'error', errno: 'EHOSTUNREACH' });
  });

  it('is lost with the power of the machine it was on its way to', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('host', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '192.168.0.12', 1);
    t.run();
    t.m1.sendEcho(socket, '192.168.0.12', 2);
    t.m2.setPower(false);
    t.run();
    expect(t.ends(6).at(-1)).toBe('PING request: lost host-down');
    expect(t.m2.hasNetns('a')).toBe(false);
    t.m2.setPower(true);
    t.news.length = 0;
    t.m1.sendEcho(socket, '192.168.0.12', 3);
    t.run();
    expect(t.news).toMatchObject([{ kind: 'echo-reply', seq: 3 }]);
  });

  it('waits in vain for a neighbour whose device is taken away', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '10.244.1.77', 1);
    t.run(100 * MS);
    t.m1.deleteDevice('a', 'eth0');
    t.run(10 * SECOND);
    expect(t.ends(6)[0]).toBe('PING request: lost device-down');
    expect(t.m1.sendEcho(socket, '10.244.1.77', 2)).toBe('ENETUNREACH');
  });

  it('is not forwarded by a host that is no router', () => {
    const t = new TwoMachines();
    t.m1.setSysctl('host', 'net.ipv4.ip_forward', 0);
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run();
    expect(withoutArp(t.ends(6))).toEqual(['PING request: dropped not-for-us']);
  });

  it('is not wrapped for ever when the way to the other machine leads into the tunnel', () => {
    const t = new TwoMachines();
    t.m1.addRoute('host', {
      prefix: '192.168.0.12/32',
      via: '10.244.2.0',
      device: 'flannel.1',
      onlink: true,
    });
    const socket = t.m1.openPing('a', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run();
    expect(withoutArp(t.ends(6))).toEqual(['PING request: dropped no-route']);
    expect(t.hops('PING').at(-1)).toBe('m1/host tunnel flannel.1 drop');
  });

  it('is refused as a martian when it claims to come from loopback or from ourselves', () => {
    const t = new TwoMachines();
    t.m1.addAddress('a', 'lo', '192.168.0.11/32');
    t.m1.connect('a', 'tcp', { ip: '10.244.1.1', port: 80 }, t.owner('c'), 8, { source: '192.168.0.11' });
    t.run(500 * MS);
    expect(withoutArp(t.ends(8))).toEqual(['SYN request: dropped martian']);
    const syn = [...t.trace.packets.values()].find(({ requestId }) => requestId === 8)!;
    expect(syn.hops.at(-1)!.facts).toEqual({
      reason: 'martian',
      log: 'martian source 10.244.1.1 from 192.168.0.11, on dev cni0',
    });
  });
});

describe('a packet that waits for a neighbour', () => {
  function waiting(): TwoMachines {
    const t = new TwoMachines();
    const socket = t.m1.openPing('host', t.owner('p'), 6) as number;
    t.m1.sendEcho(socket, '192.168.0.77', 1);
    t.run(t.clock.nowNs + 100 * MS);
    return t;
  }

  it('goes out when an agent writes the entry', () => {
    const t = waiting();
    t.m2.setSysctl('host', 'net.ipv4.ip_forward', 0);
    t.m1.addNeighbour('host', { device: 'eth0', ip: '192.168.0.77', mac: t.m2.macOf('host', 'eth0') });
    t.run();
    expect(t.ends(6)[0]).toBe('PING request: dropped not-for-us');
  });

  it('is lost when the entry is deleted, and nobody asks any more', () => {
    const t = waiting();
    t.m1.deleteNeighbour('host', 'eth0', '192.168.0.77');
    t.run(t.clock.nowNs + 10 * SECOND);
    expect(t.ends(6)[0]).toBe('PING request: lost no-neighbour');
    expect(births(t, 'ARP')).toEqual([0]);
  });

  it('does not wait without bounds', () => {
    const t = waiting();
    const socket = t.m1.openPing('host', t.owner('q'), 7) as number;
    for (let seq = 0; seq < 102; seq++) t.m1.sendEcho(socket, '192.168.0.77', seq);
    expect(t.ends(7).filter((line) => line.endsWith('buffer-full'))).toHaveLength(2);
  });
});
