import { describe, expect, it } from 'vitest';
import { MS } from '../clock/clock';
import { load } from '../testing/netfilter-host';
import { TwoMachines } from '../testing/two-machines';
import type { AppPayload } from '../trace/packet';
import type { Machine } from './machine';
import { createNetfilter, netfilterState } from './netfilter/state';

/** The rules of one virtual address, with masquerade for those that reach themselves or come from outside. */
const rules = (target: string) => `*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:VIPS - [0:0]
:MASQ - [0:0]
:BACKEND - [0:0]
-A PREROUTING -j VIPS
-A OUTPUT -j VIPS
-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
-A VIPS ! -s 10.244.0.0/16 -d 10.96.0.9/32 -p tcp -m tcp --dport 80 -j MASQ
-A VIPS -d 10.96.0.9/32 -p tcp -m tcp --dport 80 -j BACKEND
-A BACKEND -s ${target}/32 -j MASQ
-A BACKEND -p tcp -m tcp -j DNAT --to-destination ${target}:8080
-A MASQ -j MARK --set-xmark 0x4000/0x4000
COMMIT
*filter
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:REJECTS - [0:0]
-A FORWARD -j REJECTS
-A OUTPUT -j REJECTS
-A REJECTS -d 10.96.0.10/32 -p tcp -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;

const say = (summary: string): AppPayload => ({
  type: 'app',
  protocol: 'http',
  summary,
  bytes: 90,
  body: null,
});

/** A whole exchange with the virtual address, from a netns of m1; each machine is asked what its sockets saw. */
function exchange(from: string, target: string, hairpin = true) {
  return run(new TwoMachines(1, createNetfilter), from, target, hairpin);
}

function run(t: TwoMachines, from: string, target: string, hairpin: boolean) {
  for (const machine of [t.m1, t.m2]) {
    load(netfilterState(machine.netfilter('host')), rules(target));
    machine.addRoute('host', { prefix: '0.0.0.0/0', via: '192.168.0.1', device: 'eth0' });
  }
  t.m1.setMaster('host', 'veth-a', 'cni0', hairpin);
  return talk(t, from, target);
}

/** A client and a server that ask, answer and close; what they saw, and the packets that did not arrive. */
function talk(t: TwoMachines, from: string, target: string) {
  const servers: Record<string, readonly [Machine, string]> = {
    '10.244.1.2': [t.m1, 'a'],
    '10.244.1.3': [t.m1, 'b'],
    '10.244.2.3': [t.m2, 'b'],
    '192.168.0.11': [t.m1, 'host'],
    '192.168.0.12': [t.m2, 'host'],
  };
  const [machine, netns] = servers[target]!;
  machine.listen(netns, 'tcp', '0.0.0.0', 8_080, t.owner('s'));
  const log: string[] = [];
  t.onNews = (event) => {
    if (event.kind === 'accepted') log.push(`accepted from ${event.peer.ip}`);
    if (event.kind === 'connected') t.m1.send(event.socket, say('GET / HTTP/1.1'));
    if (event.kind === 'data') {
      log.push(event.payload.summary);
      if (event.payload.summary.startsWith('GET')) machine.send(event.socket, say('HTTP/1.1 200 OK'));
      else t.m1.close(event.socket);
    }
    if (event.kind === 'closed') machine.close(event.socket);
    if (event.kind === 'error') log.push(event.errno);
  };
  t.m1.connect(from, 'tcp', { ip: '10.96.0.9', port: 80 }, t.owner('c'), 1);
  // Short of the first retransmission of a SYN that got lost.
  t.run(t.clock.nowNs + 900 * MS);
  const ends = t.ends(1).filter((line) => !line.startsWith('ARP') && !line.endsWith('delivered socket'));
  return { t, log, ends };
}

describe('a virtual IP with real rules', () => {
  it.each([
    ['a', '10.244.2.3', '10.244.1.2'],
    ['a', '10.244.1.3', '10.244.1.2'],
    ['a', '10.244.1.2', '10.244.1.1'],
    ['a', '192.168.0.12', '10.244.1.2'],
    ['host', '10.244.1.3', '10.244.1.1'],
    ['host', '10.244.2.3', '10.244.1.0'],
    ['host', '192.168.0.12', '192.168.0.11'],
  ])('from %s to %s: the server sees %s, and every packet arrives', (from, target, seen) => {
    const { log, ends } = exchange(from, target);
    expect(log).toEqual([`accepted from ${seen}`, 'GET / HTTP/1.1', 'HTTP/1.1 200 OK']);
    expect(ends).toEqual([]);
  });

  it('is answered past the rules on the same bridge when bridged frames do not pass the hooks', () => {
    const t = new TwoMachines(1, createNetfilter);
    t.m1.setSysctl('host', 'net.bridge.bridge-nf-call-iptables', 0);
    const { log, ends } = run(t, 'a', '10.244.1.3', true);
    // The reply comes straight from the backend, which the client has never heard of.
    expect(log).toEqual([]);
    expect(ends).toContain('SYNACK reply: rejected no-listener');
  });

  it('does not lead back to its own sender without hairpin mode', () => {
    const { log, ends } = exchange('a', '10.244.1.2', false);
    expect(log).toEqual([]);
    expect(ends).toEqual(['SYN request: dropped no-hairpin']);
  });

  // These two were seen on Linux 6: with bridge-nf-call-iptables the rewritten frame stays in the bridge and needs hairpin
  // mode; without it the host routes the packet out of the bridge device itself, one off its TTL, and needs none.
  it('leads back to its own sender by way of the host when bridged frames do not pass the hooks', () => {
    const t = new TwoMachines(1, createNetfilter);
    t.m1.setSysctl('host', 'net.bridge.bridge-nf-call-iptables', 0);
    const { log } = run(t, 'a', '10.244.1.2', false);
    expect(log).toEqual(['accepted from 10.244.1.1', 'GET / HTTP/1.1', 'HTTP/1.1 200 OK']);
    const syn = [...t.trace.packets.values()].find(({ label }) => label === 'SYN')!;
    expect(syn.hops.at(-1)!.after.ip).toMatchObject({ ttl: 63 });
  });

  it('that has nothing behind it is refused at once, for netns and host alike', () => {
    for (const from of ['a', 'host']) {
      const { t, log } = exchange(from, '10.244.2.3');
      log.length = 0;
      t.m1.connect(from, 'tcp', { ip: '10.96.0.10', port: 80 }, t.owner('c'), 2);
      t.run();
      expect(log).toEqual(['ECONNREFUSED']);
    }
  });
});

describe('a virtual IP balanced by IPVS', () => {
  it.each([
    ['a', '10.244.2.3', '10.244.1.2'],
    ['a', '10.244.1.3', '10.244.1.2'],
    ['a', '192.168.0.12', '10.244.1.2'],
    ['a', '192.168.0.11', '10.244.1.2'],
    ['host', '10.244.2.3', '10.244.1.0'],
  ])('from %s to %s: the server sees %s, and every packet arrives', (from, target, seen) => {
    const t = new TwoMachines(1, createNetfilter);
    const state = netfilterState(t.m1.netfilter('host'));
    t.m1.addDummy('host', 'ipvs0');
    t.m1.addAddress('host', 'ipvs0', '10.96.0.9/32');
    const realServers = [{ address: target, port: 8_080, weight: 1 }];
    state.ipvs.put({ address: '10.96.0.9', port: 80, protocol: 'tcp', scheduler: 'rr', realServers });
    // As agents do: what the host itself sends to a virtual address must not keep that address as its source.
    const masquerade = '-A POSTROUTING -s 10.96.0.9/32 -d 10.244.0.0/16 -j MASQUERADE';
    load(state, `*nat\n:POSTROUTING ACCEPT [0:0]\n${masquerade}\nCOMMIT\n`);
    const { log, ends } = talk(t, from, target);
    expect(log).toEqual([`accepted from ${seen}`, 'GET / HTTP/1.1', 'HTTP/1.1 200 OK']);
    expect(ends).toEqual([]);
  });
});
