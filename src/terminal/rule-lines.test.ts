/** Lines of the rules view: what a packet met, what belongs to a Service, what is searched for. */
import { describe, expect, it } from 'vitest';
import type { Hop } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { ProbeRow } from '../worker/protocol';
import { findLines, isOf, metLines, toolsOf } from './rule-lines';

const row = (text: string, more: Partial<ProbeRow> = {}): ProbeRow => ({
  text,
  ref: null,
  path: null,
  ...more,
});
const nat = (text: string, chain: string): ProbeRow => row(text, { table: 'nat', chain });

function packetTo(dst: string, dstPort: number): Packet {
  return {
    ip: { version: 4, src: '10.244.2.3', dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: 40001, dstPort, seq: 0, ack: 0, flags: ['SYN'] },
  } as Packet;
}

function hop(more: Partial<Hop>): Hop {
  const before = packetTo('10.96.0.42', 80);
  return {
    atNs: 0,
    durationNs: 1,
    place: { machine: 'node-1', netns: 'host' },
    station: 'chain',
    name: 'KUBE-SERVICES',
    action: 'dnat',
    before,
    after: packetTo('10.244.1.5', 8080),
    ...more,
  };
}

const step = (table: string, chain: string, rule: string, number: number) => ({
  table,
  chain,
  rule,
  number,
  passed: number,
});

describe('lines that a packet met', () => {
  const rows = [
    nat('-A KUBE-SERVICES -d 10.96.0.10/32 -j KUBE-SVC-A', 'KUBE-SERVICES'),
    nat('-A KUBE-SERVICES -d 10.96.0.42/32 -j KUBE-SVC-B', 'KUBE-SERVICES'),
    nat('-A KUBE-SVC-B -j KUBE-SEP-1', 'KUBE-SVC-B'),
  ];

  it('are the rules of its steps, by place and by text', () => {
    const rules = [step('nat', 'KUBE-SERVICES', rows[1]!.text, 2), step('nat', 'KUBE-SVC-B', 'gone', 1)];
    expect([...metLines(rows, [hop({ rules })])]).toEqual([rows[1]]);
  });

  it('are found in -L, too, which spells rules otherwise', () => {
    const listed = [
      nat('    0     0 KUBE-SVC-A', 'KUBE-SERVICES'),
      nat('    5   300 KUBE-SVC-B', 'KUBE-SERVICES'),
    ];
    const rules = [step('nat', 'KUBE-SERVICES', rows[1]!.text, 2)];
    expect([...metLines(listed, [hop({ rules })])]).toEqual([listed[1]]);
  });

  it('are the rule and the element that was looked up in nft', () => {
    const table = 'ip kube-proxy';
    const nft = [
      row('\t\telements = { 10.96.0.10 . udp . 53 : goto service-A,'),
      row('\t\t\t     10.96.0.42 . tcp . 80 : goto service-B }'),
      row('\t\tip daddr . meta l4proto . th dport vmap @service-ips', { table, chain: 'services' }),
    ];
    const rule =
      'ip daddr . meta l4proto . th dport vmap @service-ips  # 10.96.0.42 . tcp . 80 : goto service-B';
    expect([...metLines(nft, [hop({ rules: [step(table, 'services', rule, 1)] })])]).toEqual([
      nft[1],
      nft[2],
    ]);
  });

  it('are the virtual and the real server in IPVS', () => {
    const ipvs = [
      row('TCP  10.96.0.10:80 rr'),
      row('  -> 10.244.1.5:8080               Masq    1      0          0'),
      row('TCP  10.96.0.42:80 rr'),
      row('  -> 10.244.1.4:8080               Masq    1      0          0'),
      row('  -> 10.244.1.5:8080               Masq    1      0          0'),
    ];
    expect([...metLines(ipvs, [hop({ name: 'IPVS' })])]).toEqual([ipvs[2], ipvs[4]]);
  });

  it('are the frontend and its slot in BPF maps', () => {
    const bpf = [
      row('10.96.0.42:80/TCP (0)    0.0.0.0:0 (3) (0) [ClusterIP, non-routable]'),
      row('10.96.0.42:80/TCP (1)    10.244.1.4:8080/TCP (3) (1)'),
      row('10.96.0.42:80/TCP (2)    10.244.1.5:8080/TCP (3) (2)'),
    ];
    const translated = hop({ station: 'socket', action: 'translate', name: 'cgroup/connect4' });
    expect([...metLines(bpf, [translated])]).toEqual([bpf[0], bpf[2]]);
  });

  it('are none for a reply that is only put back', () => {
    expect(metLines([row('TCP  10.96.0.42:80 rr')], [hop({ action: 'untranslate' })]).size).toBe(0);
  });
});

describe('lines', () => {
  const rows = [
    row('a', { ref: 'Service/default/web' }),
    row('b', { ref: 'EndpointSlice/default/web-x1', service: 'Service/default/web' }),
    row('c'),
  ];

  it('belong to a Service by themselves or by its slice', () => {
    expect(rows.filter((one) => isOf(one, 'Service/default/web')).map((one) => one.text)).toEqual(['a', 'b']);
  });

  it('are found by every word, also by their cause', () => {
    expect(findLines(rows, 'Slice web').map((one) => one.text)).toEqual(['b']);
    expect(findLines(rows, 'nothing')).toEqual([]);
  });
});

it.each([
  ['iptables', 'iptables-save'],
  ['ipvs', 'ipvsadm'],
  ['nftables', 'nft'],
  ['ebpf', 'cilium-lb'],
] as const)('begins with what matters in %s', (mode, tool) => {
  expect(toolsOf(mode)[0]![0]).toBe(tool);
});
