import { describe, expect, it } from 'vitest';
import type { Packet } from '../sim/trace/packet';
import type { Hop } from '../sim/trace/hop';
import { headerRows, leavingOf } from './headers';

const syn: Packet = {
  eth: { src: '0a:58:0a:f4:01:02', dst: '0a:58:0a:f4:01:01', type: 'ipv4' },
  ip: { version: 4, src: '10.244.1.2', dst: '10.96.0.42', ttl: 64, protocol: 'tcp', df: true },
  l4: { kind: 'tcp', srcPort: 41532, dstPort: 80, seq: 1, ack: 0, flags: ['SYN'] },
};
const dnat: Packet = {
  ...syn,
  ip: { ...syn.ip!, dst: '10.244.2.3' },
  l4: { kind: 'tcp', srcPort: 41532, dstPort: 8080, seq: 1, ack: 0, flags: ['SYN'] },
};
const wrapped: Packet = {
  eth: { src: '52:54:00:00:00:11', dst: '52:54:00:00:00:12', type: 'ipv4' },
  ip: { version: 4, src: '192.168.0.11', dst: '192.168.0.12', ttl: 64, protocol: 'udp', df: false },
  l4: { kind: 'udp', srcPort: 50111, dstPort: 8472 },
  payload: { type: 'vxlan', vni: 1, inner: dnat },
};

/** "field: before > after" of the rows that changed. */
const changes = (before: Packet, after: Packet): string[] =>
  headerRows(before, after)
    .filter((row) => row.changed)
    .map((row) => `${row.section} / ${row.field}: ${row.before} > ${row.after}`);

describe('header rows', () => {
  it('names exactly the fields that DNAT rewrites', () => {
    expect(changes(syn, dnat)).toEqual([
      'IP / IP destination: 10.96.0.42 > 10.244.2.3',
      'TCP / Destination port: 80 > 8080',
    ]);
  });

  it('changes nothing when nothing changed, and keeps the wire order', () => {
    expect(changes(syn, syn)).toEqual([]);
    expect(headerRows(syn, syn).map((row) => row.field)).toEqual([
      'MAC source',
      'MAC destination',
      'EtherType',
      'IP source',
      'IP destination',
      'Protocol',
      'TTL',
      'Don’t fragment',
      'Source port',
      'Destination port',
      'Flags',
      'Sequence',
      'Acknowledges',
    ]);
  });

  it('sets a wrapped packet against itself and shows the outer headers as new', () => {
    const rows = headerRows(dnat, wrapped);
    expect(rows[0]).toMatchObject({ section: 'Outer Ethernet', field: 'Outer MAC source', before: null });
    expect(changes(dnat, wrapped).every((line) => line.startsWith('Outer '))).toBe(true);
    expect(changes(dnat, wrapped)).toContain('Outer IP / Outer IP destination: null > 192.168.0.12');
    expect(changes(dnat, wrapped)).toContain('Outer UDP / Outer destination port: null > 8472');
    expect(changes(dnat, wrapped)).toContain('Outer VXLAN / VXLAN VNI: null > 1');
    expect(changes(wrapped, dnat)).toContain('Outer IP / Outer IP destination: 192.168.0.12 > null');
  });

  it.each([
    [
      'DNS',
      { type: 'app', protocol: 'dns', summary: 'A? backend.', bytes: 33, body: null },
      ['DNS: A? backend.', 'Length: 33 bytes'],
    ],
    [
      'HTTP',
      { type: 'app', protocol: 'http', summary: 'GET / HTTP/1.1', bytes: 70, body: null },
      ['HTTP: GET / HTTP/1.1', 'Length: 70 bytes'],
    ],
  ] as const)('reads %s', (section, payload, expected) => {
    const rows = headerRows({ ...syn, payload }, { ...syn, payload }).filter(
      (row) => row.section === section,
    );
    expect(rows.map((row) => `${row.field}: ${row.after}`)).toEqual(expected);
  });

  it('says what an ICMP error is about', () => {
    const error: Packet = {
      ip: { version: 4, src: '10.96.0.42', dst: '10.244.1.2', ttl: 64, protocol: 'icmp', df: false },
      l4: { kind: 'icmp', type: 'port-unreachable', quoted: syn },
    };
    const rows = headerRows(error, error).filter((row) => row.section === 'ICMP');
    expect(rows.map((row) => `${row.field}: ${row.after}`)).toEqual([
      'ICMP type: port unreachable',
      'About: 10.244.1.2:41532 → 10.96.0.42:80',
    ]);
  });

  it('shows at the route that forwarding takes one off the TTL, and nowhere else', () => {
    const hop = (station: 'route' | 'hook', packet: Packet, netns = 'host'): Hop => ({
      ...{ atNs: 0, durationNs: 1, place: { machine: 'node-1', netns }, station, name: 'main' },
      ...{ action: 'lookup', before: packet, after: packet },
    });
    const less: Packet = { ...syn, ip: { ...syn.ip!, ttl: 63 } };
    const forward = hop('hook', less);
    expect(changes(syn, leavingOf(hop('route', syn), forward))).toEqual(['IP / TTL: 64 > 63']);
    expect(
      changes(syn, leavingOf({ ...hop('route', syn), details: [forward] }, hop('hook', less))),
    ).toHaveLength(1);
    expect(leavingOf(hop('route', syn), hop('hook', syn))).toBe(syn);
    expect(leavingOf(hop('route', syn, 'pod'), forward)).toBe(syn);
    expect(leavingOf(hop('hook', less), undefined)).toBe(less);
  });

  it('says flags in the order in which people do', () => {
    const flags = (...names: ('SYN' | 'ACK' | 'FIN' | 'PSH')[]): string => {
      const packet: Packet = {
        ...syn,
        l4: { kind: 'tcp', srcPort: 1, dstPort: 2, seq: 0, ack: 0, flags: names },
      };
      return headerRows(packet, packet).find((row) => row.field === 'Flags')!.after!;
    };
    expect([flags('ACK', 'FIN'), flags('ACK', 'SYN'), flags('ACK', 'PSH')]).toEqual([
      'FIN ACK',
      'SYN ACK',
      'PSH ACK',
    ]);
  });

  it('reads ARP', () => {
    const arp: Packet = {
      eth: { src: 'aa:aa:aa:aa:aa:aa', dst: 'ff:ff:ff:ff:ff:ff', type: 'arp' },
      arp: {
        operation: 'request',
        senderMac: 'aa:aa:aa:aa:aa:aa',
        senderIp: '10.0.0.1',
        targetMac: '00:00:00:00:00:00',
        targetIp: '10.0.0.2',
      },
    };
    expect(headerRows(arp, arp).map((row) => `${row.field}: ${row.after}`)).toContain('Target: 10.0.0.2');
  });
});
