import { describe, expect, it } from 'vitest';
import { MS, SECOND } from '../clock/clock';
import type { AppPayload } from '../trace/packet';
import { TwoMachines } from '../testing/two-machines';

const say = (summary: string, bytes = 100): AppPayload => ({
  type: 'app',
  protocol: 'http',
  summary,
  bytes,
  body: summary,
});

describe('an open connection', () => {
  function open(t: TwoMachines): { client: number; server: number } {
    t.m2.listen('b', 'tcp', '0.0.0.0', 80, t.owner('s'));
    const client = t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('c'), 3) as number;
    t.run(10 * MS);
    const accepted = t.news.find((event) => event.kind === 'accepted')!;
    t.news.length = 0;
    return { client, server: accepted.socket };
  }

  it('is reset when its process is killed', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    t.m2.closeAllOf(t.owner('s'));
    t.run();
    expect(t.news).toEqual([{ kind: 'error', socket: client, errno: 'ECONNRESET' }]);
    expect(t.m1.send(client, say('GET /'))).toBe('EPIPE');
  });

  it('is reset when it sends to a netns that was made anew under the same address', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    t.m2.deleteNetns('b');
    t.addInner(t.m2, 2, 'c', 3);
    t.m2.connect('c', 'tcp', { ip: '10.244.2.2', port: 9 }, t.owner('x'), 0);
    t.run(20 * MS);
    t.news.length = 0;
    t.m1.send(client, say('GET /'));
    t.run(2 * SECOND);
    expect(t.news).toEqual([{ kind: 'error', socket: client, errno: 'ECONNRESET' }]);
  });

  it('retransmits from 200 ms on, doubling, and delivers once the wire is back', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    const start = t.clock.nowNs;
    t.underlay.setCut('m1', true);
    t.m1.send(client, say('GET /'));
    t.run(start + 2 * SECOND);
    const sent = [...t.trace.packets.values()].filter(({ label }) => label === 'GET');
    expect(sent.map(({ bornNs }) => Math.round((bornNs - start) / (100 * MS)))).toEqual([0, 2, 6, 14]);
    expect(sent.map(({ end }) => end?.reason)).toEqual(['wire-cut', 'wire-cut', 'wire-cut', 'wire-cut']);
    t.underlay.setCut('m1', false);
    t.run(start + 5 * SECOND);
    expect(t.news).toMatchObject([{ kind: 'data', payload: { summary: 'GET /', bytes: 100 } }]);
  });

  it('carries a large message whole, in order, over a lossy wire', () => {
    const t = new TwoMachines();
    const { client, server } = open(t);
    t.underlay.setLoss(0.2);
    t.m1.send(client, say('POST /', 50_000));
    t.m1.send(client, say('GET /2'));
    t.run(600 * SECOND);
    expect(t.news).toMatchObject([
      { kind: 'data', socket: server, payload: { summary: 'POST /', bytes: 50_000, body: 'POST /' } },
      { kind: 'data', socket: server, payload: { summary: 'GET /2', bytes: 100 } },
    ]);
  });

  it('times out when the peer stays away', () => {
    const t = new TwoMachines();
    t.m1.setSysctl('a', 'net.ipv4.tcp_retries2', 3);
    const { client } = open(t);
    t.underlay.setLoss(1);
    t.m1.send(client, say('GET /'));
    t.run(60 * SECOND);
    expect(t.news).toMatchObject([{ kind: 'error', socket: client, errno: 'ETIMEDOUT' }]);
  });

  it('is given up within two minutes by a kernel whose process has closed it', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    t.underlay.setLoss(1);
    t.m1.close(client);
    t.run(60 * SECOND);
    expect(t.m1.sockets.byId.size).toBe(1);
    t.run(120 * SECOND);
    expect(t.m1.sockets.byId.size).toBe(0);
  });

  it('shrinks its segments when the path turns out to be narrower', () => {
    const t = new TwoMachines();
    // Both ends have room for 9,000 bytes; the tunnel between their hosts has not.
    for (const [machine, net] of [
      [t.m1, '10.7.0'],
      [t.m2, '10.8.0'],
    ] as const) {
      machine.addNetns('wide');
      machine.addVeth({ netns: 'wide', device: 'eth0' }, { netns: 'host', device: 'veth-wide' }, 9_000);
      machine.addAddress('host', 'veth-wide', `${net}.1/24`);
      machine.addAddress('wide', 'eth0', `${net}.2/24`);
      machine.addRoute('wide', { prefix: '0.0.0.0/0', via: `${net}.1`, device: 'eth0' });
    }
    const tunnel = { device: 'flannel.1', onlink: true } as const;
    t.m1.addRoute('host', { prefix: '10.8.0.0/24', via: '10.244.2.0', ...tunnel });
    t.m2.addRoute('host', { prefix: '10.7.0.0/24', via: '10.244.1.0', ...tunnel });
    t.m2.listen('wide', 'tcp', '0.0.0.0', 80, t.owner('s'));
    const client = t.m1.connect('wide', 'tcp', { ip: '10.8.0.2', port: 80 }, t.owner('c'), 3) as number;
    t.run(10 * MS);
    t.m1.send(client, say('POST /', 4_000));
    t.run(SECOND);
    const posts = [...t.trace.packets.values()].filter(({ label }) => label === 'POST');
    const sizes = posts.map(({ hops, end }) => {
      const payload = hops[0]!.after.payload;
      return [payload?.type === 'app' ? payload.bytes : 0, end?.reason];
    });
    expect(sizes).toEqual([
      [4_000, 'mtu'],
      [1_410, 'socket'],
      [1_410, 'socket'],
      [1_180, 'socket'],
    ]);
    expect(t.news.at(-1)).toMatchObject({ kind: 'data', payload: { bytes: 4_000, body: 'POST /' } });
    // What comes later on this path is cut from the start.
    t.m1.connect('wide', 'tcp', { ip: '10.8.0.2', port: 80 }, t.owner('c'), 4);
    t.run(2 * SECOND);
    const syn = [...t.trace.packets.values()].find(({ requestId }) => requestId === 4)!;
    expect(syn.hops[0]!.after.l4).toMatchObject({ mssBytes: 1_410 });
  });

  it('shrinks them too when its own device gets a smaller MTU', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    t.m1.setMtu('a', 'eth0', 600);
    t.m1.send(client, say('POST /', 1_000));
    t.run(SECOND);
    const posts = [...t.trace.packets.values()].filter(({ label }) => label === 'POST');
    expect(posts.map(({ end }) => end?.reason)).toEqual(['mtu', 'socket', 'socket']);
    expect(t.news).toMatchObject([{ kind: 'data', payload: { bytes: 1_000 } }]);
  });

  it('hangs where frames are too big for a port in between that tells nobody', () => {
    const t = new TwoMachines();
    const { client } = open(t);
    t.m2.setMtu('host', 'veth-b', 600);
    t.m1.send(client, say('POST /', 1_000));
    t.run(3 * SECOND);
    const posts = [...t.trace.packets.values()].filter(({ label }) => label === 'POST');
    expect(new Set(posts.map(({ end }) => end?.reason))).toEqual(new Set(['mtu']));
    expect(posts.length).toBeGreaterThan(3);
    expect(t.news).toEqual([]);
  });
});
