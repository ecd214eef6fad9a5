import { describe, expect, it } from 'vitest';
import type { AppPayload } from '../trace/packet';
import { TwoMachines } from '../testing/two-machines';

const say = (summary: string, bytes = 100): AppPayload => ({
  type: 'app',
  protocol: 'http',
  summary,
  bytes,
  body: summary,
});

describe('ping', () => {
  it('reaches a neighbour on the same bridge', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('a', t.owner('p'), 7) as number;
    expect(t.m1.sendEcho(socket, '10.244.1.3', 1)).toBeNull();
    t.run();
    expect(t.ends(7)).toMatchInlineSnapshot(`
      [
        "PING request: delivered echo",
        "ARP arp: delivered arp",
        "ARP arp: dropped not-for-us",
        "ARP arp: delivered arp",
        "PONG reply: delivered socket",
      ]
    `);
    expect(t.hops('PING', 7)).toMatchInlineSnapshot(`
      [
        "m1/a socket icmp send",
        "m1/a route main lookup",
        "m1/a neighbour 10.244.1.3 queue",
        "m1/a neighbour 10.244.1.3 lookup",
        "m1/a device eth0 send",
        "m1/host device veth-a pass",
        "m1/host bridge cni0 forward",
        "m1/host device veth-b send",
        "m1/b device eth0 pass",
        "m1/b route local lookup",
        "m1/b local icmp deliver",
      ]
    `);
    expect(t.news).toMatchInlineSnapshot(`
      [
        {
          "from": "10.244.1.3",
          "kind": "echo-reply",
          "rttNs": 22800,
          "seq": 1,
          "socket": 1,
          "ttl": 64,
        },
      ]
    `);
  });

  it('crosses to the other machine through VXLAN', () => {
    const t = new TwoMachines();
    const socket = t.m1.openPing('a', t.owner('p'), 7) as number;
    t.m1.sendEcho(socket, '10.244.2.3', 1);
    t.run();
    expect(t.ends(7)).toMatchInlineSnapshot(`
      [
        "PING request: delivered echo",
        "ARP arp: delivered arp",
        "ARP arp: dropped not-for-us",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: dropped not-for-us",
        "ARP arp: delivered arp",
        "PONG reply: delivered socket",
      ]
    `);
    expect(t.hops('PING', 7)).toMatchInlineSnapshot(`
      [
        "m1/a socket icmp send",
        "m1/a route main lookup",
        "m1/a neighbour 10.244.1.1 queue",
        "m1/a neighbour 10.244.1.1 lookup",
        "m1/a device eth0 send",
        "m1/host device veth-a pass",
        "m1/host bridge cni0 deliver",
        "m1/host route main lookup",
        "m1/host neighbour 10.244.2.0 lookup",
        "m1/host tunnel flannel.1 encapsulate",
        "m1/host route main lookup",
        "m1/host neighbour 192.168.0.12 queue",
        "m1/host neighbour 192.168.0.12 lookup",
        "m1/host device eth0 send",
        "underlay/ wire underlay cross",
        "m2/host device eth0 pass",
        "m2/host route local lookup",
        "m2/host tunnel flannel.1 decapsulate",
        "m2/host device flannel.1 pass",
        "m2/host route main lookup",
        "m2/host neighbour 10.244.2.3 queue",
        "m2/host neighbour 10.244.2.3 lookup",
        "m2/host bridge cni0 forward",
        "m2/host device veth-b send",
        "m2/b device eth0 pass",
        "m2/b route local lookup",
        "m2/b local icmp deliver",
      ]
    `);
    expect(t.news).toMatchInlineSnapshot(`
      [
        {
          "from": "10.244.2.3",
          "kind": "echo-reply",
          "rttNs": 455370,
          "seq": 1,
          "socket": 1,
          "ttl": 62,
        },
      ]
    `);
  });
});

describe('TCP', () => {
  it('connects, exchanges and closes across machines', () => {
    const t = new TwoMachines();
    t.m2.listen('b', 'tcp', '0.0.0.0', 80, t.owner('server'));
    t.onNews = (event) => {
      if (event.kind === 'connected') t.m1.send(event.socket, say('GET / HTTP/1.1'));
      if (event.kind === 'data' && event.payload.summary.startsWith('GET'))
        t.m2.send(event.socket, say('HTTP/1.1 200 OK', 3_000));
      else if (event.kind === 'data') t.m1.close(event.socket);
      if (event.kind === 'closed') t.m2.close(event.socket);
    };
    t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('client'), 9);
    t.run();
    expect(t.ends(9)).toMatchInlineSnapshot(`
      [
        "SYN request: delivered socket",
        "ARP arp: delivered arp",
        "ARP arp: dropped not-for-us",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: delivered arp",
        "ARP arp: dropped not-for-us",
        "ARP arp: delivered arp",
        "SYNACK reply: delivered socket",
        "ACK request: delivered socket",
        "GET request: delivered socket",
        "ACK reply: delivered socket",
        "200 reply: delivered socket",
        "200 reply: delivered socket",
        "200 reply: delivered socket",
        "ACK request: delivered socket",
        "ACK request: delivered socket",
        "ACK request: delivered socket",
        "FIN request: delivered socket",
        "ACK reply: delivered socket",
        "FIN reply: delivered socket",
        "ACK request: delivered socket",
      ]
    `);
    expect(t.news.map((event) => event.kind)).toMatchInlineSnapshot(`
      [
        "connected",
        "accepted",
        "data",
        "data",
        "closed",
      ]
    `);
    expect(t.m1.sockets.byId.size).toBe(0);
    expect(t.m2.sockets.byId.size).toBe(1);
    expect(t.clock.nowNs).toBeGreaterThan(0);
  });
});
