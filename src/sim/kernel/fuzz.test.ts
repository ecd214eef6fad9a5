import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../clock/random';
import { MS, SECOND } from '../clock/clock';
import { TwoMachines } from '../testing/two-machines';
import type { AppPayload } from '../trace/packet';
import type { Machine } from './machine';
import { createNetfilter, netfilterState } from './netfilter/state';
import { load } from '../testing/netfilter-host';

const RULES = `*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.96.0.9/32 -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:80
-A PREROUTING -d 10.96.0.9/32 -p tcp -j DNAT --to-destination 10.244.2.3:80
-A OUTPUT -d 10.96.0.9/32 -p tcp -j DNAT --to-destination 10.244.2.2:80
-A POSTROUTING -s 192.168.0.0/24 -d 10.244.0.0/16 -j MASQUERADE
COMMIT
`;

const IPS = ['10.96.0.9', '10.244.1.2', '10.244.1.3', '10.244.2.2', '10.244.2.3', '10.244.2.9', '127.0.0.1'];

/** Does something at random; returns what it did, for the message of a failure. */
function something(t: TwoMachines, random: RandomStreams, made: Map<number, Machine>): string {
  const pick = <T>(list: readonly T[]): T => list[random.below('pick', list.length)]!;
  const machine = pick([t.m1, t.m2]);
  const netns = pick(['a', 'b', 'host']);
  const ip = pick(IPS);
  const number = machine === t.m1 ? 1 : 2;
  const payload: AppPayload = {
    type: 'app',
    protocol: 'data',
    summary: 'x',
    bytes: 1 + random.below('bytes', 4_000),
    body: null,
  };
  const keep = (socket: number | string) => {
    if (typeof socket === 'number') made.set(socket * 2 + number, machine);
  };
  const socket = pick([...made.keys(), 3]);
  const what = random.below('what', 16);
  if (!machine.hasNetns(netns) && what < 14) {
    t.addInner(machine, number, netns, netns === 'a' ? 2 : 3);
    return `add ${machine.name}/${netns}`;
  }
  const doing: (() => unknown)[] = [
    () => keep(machine.listen(netns, 'tcp', '0.0.0.0', 80, t.owner('s'))),
    () => keep(machine.connect(netns, 'tcp', { ip, port: pick([80, 81]) }, t.owner('c'), 1)),
    () => keep(machine.connect(netns, 'tcp', { ip, port: 80 }, t.owner('c'), 1, { timeoutNs: 50 * MS })),
    () => keep(machine.connect(netns, 'sctp', { ip, port: 80 }, t.owner('c'), 1)),
    () => keep(machine.openUdp(netns, t.owner('u'), 1)),
    () => keep(machine.openPing(netns, t.owner('p'), 1)),
    () => made.get(socket)?.send(socket >> 1, payload),
    () => made.get(socket)?.sendTo(socket >> 1, { ip, port: 53 }, payload),
    () => made.get(socket)?.sendEcho(socket >> 1, ip, 1, { ttl: 1 + random.below('ttl', 5) }),
    () => made.get(socket)?.close(socket >> 1),
    () => machine.closeAllOf(t.owner(pick(['s', 'c']))),
    () => t.underlay.setCut('m2', random.next('cut') < 0.3),
    () => t.underlay.setLoss(pick([0, 0, 0.3])),
    () => machine.setUp('host', pick(['eth0', 'cni0', 'flannel.1']), random.next('up') < 0.8),
    () => netns !== 'host' && machine.deleteNetns(netns),
    () => {
      machine.setPower(false);
      machine.setPower(true);
    },
  ];
  doing[what]!();
  return `${what} on ${machine.name}/${netns}`;
}

describe('whatever happens', () => {
  it('every packet ends once, and the sockets that are left are in a state to be left in', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const t = new TwoMachines(seed, createNetfilter);
      for (const machine of [t.m1, t.m2]) {
        load(netfilterState(machine.netfilter('host')), RULES);
        machine.addRoute('host', { prefix: '0.0.0.0/0', via: '192.168.0.1', device: 'eth0' });
      }
      const random = new RandomStreams(seed);
      const made = new Map<number, Machine>();
      t.onNews = (event) => {
        for (const machine of [t.m1, t.m2]) {
          const socket = machine.sockets.byId.get(event.socket);
          const chance = random.next('program');
          if (socket?.kind === 'tcp' && event.kind === 'closed' && chance < 0.9) machine.close(event.socket);
          if (event.kind === 'accepted' && socket?.kind === 'tcp') made.set(event.socket * 2 + 1, machine);
        }
      };
      const did: string[] = [];
      for (let i = 0; i < 80; i++) {
        did.push(something(t, random, made));
        t.run(t.clock.nowNs + random.below('pause', 3) * random.below('pause', 1_000) * 1_000);
      }
      t.underlay.setCut('m2', false);
      t.underlay.setLoss(0);
      t.run(t.clock.nowNs + 3_600 * SECOND);
      const open = [...t.trace.packets.values()].filter(({ end }) => end === null);
      expect(open, `seed ${seed}: ${did.join('; ')}`).toEqual([]);
      const left = [...t.m1.sockets.byId.values(), ...t.m2.sockets.byId.values()];
      const states = new Set(left.map((socket) => ('state' in socket ? socket.state : socket.kind)));
      for (const state of ['SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'LAST-ACK', 'CLOSING'])
        expect(states, `seed ${seed}: ${did.join('; ')}`).not.toContain(state);
      expect(t.clock.pending).toBe(0);
    }
  });
});
