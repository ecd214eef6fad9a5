/** Entries of conntrack: what NAT changed, and whose packets are whose. */
import { describe, expect, it } from 'vitest';
import type { PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { FlowTuple, FlowView } from '../sim/view';
import { endText, flowOf, isOfFlow, natOf } from './flows';

const tuple = (src: string, srcPort: number, dst: string, dstPort: number): FlowTuple => ({
  protocol: 'tcp',
  src,
  srcPort,
  dst,
  dstPort,
});
const flow = (id: number, original: FlowTuple, reply: FlowTuple): FlowView => ({
  id,
  original,
  reply,
  state: 'ESTABLISHED',
  seenReply: true,
  assured: true,
  expiresNs: 0,
});
const POD = '10.244.2.3';
const toVip = tuple(POD, 40001, '10.96.0.42', 80);
const dnat = flow(1, toVip, tuple('10.244.1.5', 8080, POD, 40001));
const plain = flow(2, tuple(POD, 40002, '10.244.1.5', 8080), tuple('10.244.1.5', 8080, POD, 40002));

function packet(t: FlowTuple): Packet {
  return {
    ip: { version: 4, src: t.src, dst: t.dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: t.srcPort, dstPort: t.dstPort, seq: 0, ack: 0, flags: ['ACK'] },
  } as Packet;
}

function trace(before: Packet, machine = 'node-1', netns = 'host'): PacketTrace {
  const hop = {
    atNs: 0,
    durationNs: 1,
    place: { machine, netns },
    station: 'hook',
    name: '',
    action: 'pass',
    before,
    after: before,
  };
  return {
    id: 7,
    requestId: 0,
    role: 'request',
    label: 'ACK',
    bornNs: 0,
    hops: [hop],
    end: null,
  } as PacketTrace;
}

describe('NAT of an entry', () => {
  it.each([
    ['none', plain, { dnat: false, snat: false }],
    ['a Service', dnat, { dnat: true, snat: false }],
    [
      'a masqueraded Service',
      flow(3, toVip, tuple('10.244.1.5', 8080, '192.168.0.11', 61000)),
      { dnat: true, snat: true },
    ],
    ['another source port', flow(4, toVip, tuple('10.96.0.42', 80, POD, 9)), { dnat: false, snat: true }],
  ])('%s', (_name, given, wanted) => {
    expect(natOf(given)).toEqual(wanted);
  });

  it('writes IPv6 ends with brackets', () => {
    expect(endText({ ...toVip, dst: 'fd00::1' }, 'dst')).toBe('[fd00::1]:80');
  });
});

describe('packets of an entry', () => {
  it('have its original or its reply tuple, on that node', () => {
    expect(isOfFlow(trace(packet(toVip)), dnat, 'node-1')).toBe(true);
    expect(isOfFlow(trace(packet(dnat.reply)), dnat, 'node-1')).toBe(true);
    expect(isOfFlow(trace(packet(toVip)), dnat, 'node-2')).toBe(false);
    expect(isOfFlow(trace(packet(toVip), 'node-1', 'pod'), dnat, 'node-1')).toBe(false);
    expect(isOfFlow(trace(packet(toVip)), plain, 'node-1')).toBe(false);
  });

  it('are recognised inside a tunnel', () => {
    const outer = {
      ...packet(tuple('192.168.0.12', 1, '192.168.0.11', 8472)),
      payload: { type: 'vxlan', vni: 1, inner: packet(toVip) },
    };
    expect(flowOf(trace(outer as Packet), [plain, dnat], 'node-1')?.id).toBe(1);
  });
});
