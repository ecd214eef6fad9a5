/** Programs and maps on two bare machines: sockets that are led to backends, and packets from the wire. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import { chooseBackend, findFrontend } from './choose';
import { endsOfPacket, flowOf, flowOfReply, isTaken, keepFlow } from './flows';
import { Bpf, frontendKey, type Backend, type Frontend } from './maps';
import type { Packet } from '../../trace/packet';

function frontend(address: string, slots: readonly number[], more: Partial<Frontend> = {}): Frontend {
  return {
    ...{ address, port: 80, protocol: 'tcp', scope: 'ext', twoScopes: false, id: 1, slots },
    ...{ routable: true, ownAddressOnly: false, affinitySeconds: 0, ranges: [], flags: [] },
    ...more,
  };
}

function backend(id: number): Backend {
  return { id, address: `10.0.0.${id}`, port: 8080, protocol: 'tcp', local: false, state: 'active' };
}

function loaded(frontends: readonly Frontend[]): Bpf {
  const bpf = new Bpf();
  bpf.load({
    programs: new Map(),
    frontends: new Map(frontends.map((f) => [frontendKey(f.address, f.port, f.protocol, f.scope), f])),
    backends: new Map([1, 2, 3].map((id) => [id, backend(id)])),
    addresses: new Map([
      ['192.168.0.1', 'host'],
      ['192.168.0.2', 'remote-node'],
    ]),
  });
  return bpf;
}

function asks(address: string, inside = true, inHost = false) {
  return { address, port: 80, protocol: 'tcp', inside, inHost } as const;
}

function syn(src: string, srcPort: number, dst: string): Packet {
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort, dstPort: 80, seq: 0, ack: 0, flags: ['SYN'] },
  };
}

describe('looking a frontend up', () => {
  const bpf = loaded([
    frontend('10.96.0.1', [1], { id: 1 }),
    frontend('0.0.0.0', [1, 2], { id: 2, twoScopes: true }),
    frontend('0.0.0.0', [3], { id: 3, twoScopes: true, scope: 'int' }),
  ]);
  it.each([
    ['its address', asks('10.96.0.1'), 1],
    ['another address', asks('10.96.0.2'), undefined],
    ['this machine, from inside', asks('192.168.0.1'), 3],
    ['another machine, from inside', asks('192.168.0.2'), 3],
    ['this machine, by the wire: there is no wildcard', asks('192.168.0.1', false), undefined],
    ['loopback, in the host netns', asks('127.0.0.1', true, true), 3],
    ['loopback, elsewhere', asks('127.0.0.1'), undefined],
  ])('%s', (_name, question, id) => {
    expect(findFrontend(bpf, question)?.id).toBe(id);
  });
});

describe('choosing a backend', () => {
  it('keeps a client at its backend until it has been away for the timeout', () => {
    const bpf = loaded([]);
    const sticky = frontend('10.96.0.1', [1, 2, 3], { affinitySeconds: 10 });
    let turn = 0;
    const next = () => turn++ % 3;
    const at = (seconds: number, client = 'a') =>
      chooseBackend(bpf, sticky, client, seconds * SECOND, next)?.id;
    expect([at(0), at(9), at(18)]).toEqual([1, 1, 1]);
    expect(at(18, 'b')).toBe(2);
    expect(at(28)).toBe(3);
    const fewer = { ...sticky, slots: [1, 2] };
    expect(chooseBackend(bpf, fewer, 'a', 29 * SECOND, () => 0)?.id).toBe(1);
  });

  it('finds none where there is none', () => {
    expect(chooseBackend(loaded([]), frontend('10.96.0.1', []), 'a', 0, () => 0)).toBeNull();
  });
});

describe('flows', () => {
  it('are found again from both ends, each by no other packet', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60_000 }), { maxLength: 30 }), (ports) => {
        const bpf = new Bpf();
        for (const port of ports) {
          const client = { ip: '203.0.113.1', port };
          const [front, back] = [
            { ip: '192.168.0.1', port: 80 },
            { ip: '10.0.0.1', port: 8080 },
          ];
          const seenAs = { ip: '10.0.1.0', port };
          const flow = { protocol: 'tcp', client, frontend: front, backend: back } as const;
          keepFlow(bpf, { ...flow, backendId: 1, frontendId: 1, seenAs }, syn(client.ip, port, front.ip), 0);
        }
        for (const port of ports) {
          const ends = endsOfPacket(syn('203.0.113.1', port, '192.168.0.1'))!;
          expect(flowOf(bpf, ends, 1)?.client.port).toBe(port);
          const reply = {
            protocol: 'tcp',
            from: { ip: '10.0.0.1', port: 8080 },
            to: { ip: '10.0.1.0', port },
          } as const;
          expect(flowOfReply(bpf, reply, 1)?.client.port).toBe(port);
          expect(isTaken(bpf, 'tcp', reply.from, reply.to)).toBe(true);
        }
        expect(
          flowOfReply(
            bpf,
            { protocol: 'tcp', from: { ip: '10.0.0.1', port: 8080 }, to: { ip: '10.0.1.0', port: 60_001 } },
            1,
          ),
        ).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('end when nothing comes any more', () => {
    const bpf = new Bpf();
    const client = { ip: '203.0.113.1', port: 5 };
    const to = { ip: '192.168.0.1', port: 80 };
    const packet = syn(client.ip, client.port, to.ip);
    const flow = {
      protocol: 'tcp',
      client,
      frontend: to,
      backend: to,
      backendId: 1,
      frontendId: 1,
      seenAs: client,
    } as const;
    keepFlow(bpf, flow, packet, 0);
    const ends = endsOfPacket(packet)!;
    expect(flowOf(bpf, ends, 59 * SECOND)).toBeDefined();
    expect(flowOf(bpf, ends, 61 * SECOND)).toBeUndefined();
  });
});
