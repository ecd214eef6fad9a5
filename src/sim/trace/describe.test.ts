import { describe, expect, it } from 'vitest';
import { describePayload } from './describe';
import type { Packet, TcpFlag } from './packet';

const ip = { version: 4, src: '10.96.0.10', dst: '10.244.1.2', ttl: 64, protocol: 'udp', df: false } as const;

function answer(summary: string, type: string): Packet {
  const body = { question: { type, name: 'backend.default.svc.cluster.local.' } };
  return { ip, payload: { type: 'app', protocol: 'dns', summary, bytes: 60, body } };
}
const tcp = (...flags: TcpFlag[]): Packet => ({
  ip,
  l4: { kind: 'tcp', srcPort: 80, dstPort: 40000, seq: 0, ack: 0, flags },
});

describe('describePayload', () => {
  it.each([
    ['NODATA', 'AAAA', 'NODATA (backend.default.svc.cluster.local. has no AAAA record)'],
    ['NXDOMAIN', 'A', 'NXDOMAIN (there is no backend.default.svc.cluster.local.)'],
    ['SERVFAIL', 'A', 'SERVFAIL (to A? backend.default.svc.cluster.local.)'],
    ['A 10.96.0.42', 'A', 'A 10.96.0.42'],
    ['A? backend.default.svc.cluster.local.', 'A', 'A? backend.default.svc.cluster.local.'],
  ])('says of %s what was asked', (summary, type, words) => {
    expect(describePayload(answer(summary, type))).toBe(words);
  });

  it.each([
    [['SYN'], 'SYN'],
    [['SYN', 'ACK'], 'SYN-ACK'],
    [['ACK', 'FIN'], 'FIN-ACK'],
    [['ACK', 'RST'], 'RST-ACK'],
    [[], 'a segment'],
  ] as const)('says flags %j in the usual order', (flags, words) => {
    expect(describePayload(tcp(...flags))).toBe(words);
  });
});
