import { describe, expect, it } from 'vitest';
import type { Action, Hop, Station } from './hop';
import { foldedAt, foldHops } from './fold';
import type { Packet } from './packet';

const inner: Packet = {
  ip: { version: 4, src: '10.244.1.2', dst: '10.96.0.42', ttl: 64, protocol: 'tcp', df: true },
  l4: { kind: 'tcp', srcPort: 40000, dstPort: 80, seq: 0, ack: 0, flags: ['SYN'] },
};
const outer: Packet = {
  ip: { version: 4, src: '192.168.0.11', dst: '192.168.0.12', ttl: 64, protocol: 'udp', df: false },
  l4: { kind: 'udp', srcPort: 40000, dstPort: 8472 },
  payload: { type: 'vxlan', vni: 1, inner },
};

/** "machine/netns station name action", outer packets marked with a star. */
function hops(lines: readonly string[]): Hop[] {
  return lines.map((line, i) => {
    const [where = '', station, name = '', action, star] = line.split(' ');
    const [machine = '', netns = ''] = where.split('/');
    const packet = star === '*' ? outer : inner;
    return {
      atNs: i * 1000,
      durationNs: 1000,
      place: { machine, netns },
      station: station as Station,
      name,
      action: action as Action,
      before: packet,
      after: packet,
    };
  });
}

const ACROSS = [
  'node-1/pod socket pod send',
  'node-1/pod route main lookup',
  'node-1/pod neighbour eth0 lookup',
  'node-1/pod device eth0 send',
  'node-1/host device veth1 pass',
  'node-1/host chain KUBE-SERVICES dnat',
  'node-1/host bridge cni0 deliver',
  'node-1/host route main lookup',
  'node-1/host hook FORWARD pass',
  'node-1/host hook POSTROUTING pass',
  'node-1/host tunnel flannel.1 encapsulate',
  'node-1/host route main lookup *',
  'node-1/host hook OUTPUT pass *',
  'node-1/host hook POSTROUTING pass *',
  'node-1/host device eth0 send *',
  'underlay/ wire underlay cross *',
  'node-2/host device eth0 pass *',
  'node-2/host hook PREROUTING pass *',
  'node-2/host tunnel flannel.1 decapsulate *',
  'node-2/host hook PREROUTING pass',
  'node-2/host route main lookup',
  'node-2/host hook FORWARD pass',
  'node-2/host bridge cni0 forward',
  'node-2/host device veth2 send',
  'node-2/pod device eth0 pass',
  'node-2/pod socket pod deliver',
];

describe('foldHops', () => {
  it('leaves the fourteen steps that a person counts', () => {
    const names = foldHops(hops(ACROSS)).map(({ number, main }) => `${number} ${main.name}`);
    expect(names).toEqual([
      '1 pod',
      '2 veth1',
      '3 KUBE-SERVICES',
      '4 main',
      '5 FORWARD',
      '6 POSTROUTING',
      '7 flannel.1',
      '8 eth0',
      '9 underlay',
      '10 eth0',
      '11 flannel.1',
      '12 main',
      '13 cni0',
      '14 pod',
    ]);
  });

  it('keeps every step once, in order', () => {
    const all = hops(ACROSS);
    expect(foldHops(all).flatMap(({ main, details }) => [main, ...details])).toEqual(all);
  });

  it('never hides what a program at a device did', () => {
    const [crossed, came, rewritten] = hops([
      'underlay/ wire underlay cross',
      'node-1/host device eth0 pass',
      'node-1/host device eth0 dnat',
    ]);
    const by = { ...rewritten!, facts: { bpf: 'tc/eth0/ingress' } };
    expect(foldHops([crossed!, came!, by]).map(({ main }) => main.action)).toEqual(['cross', 'pass', 'dnat']);
  });

  it('never hides an end', () => {
    const lost = hops(['node-1/pod socket pod send', 'node-1/pod neighbour eth0 drop']);
    expect(foldHops(lost)).toHaveLength(2);
  });

  it('finds the step of a moment', () => {
    const folded = foldHops(hops(ACROSS));
    expect(foldedAt(folded, -1)).toBeNull();
    expect(foldedAt(folded, 5_500)?.number).toBe(3);
    expect(foldedAt(folded, 1e9)?.number).toBe(14);
  });
});
