import { describe, expect, it } from 'vitest';
import type { Action, Hop, PacketTrace, Station } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { PodView, ServiceView } from '../sim/view';
import { focusOf, type Directory } from './focus';
import { layoutOf } from './layout';
import { tetherOf } from './tether';

function packet(dst: string): Packet {
  return { ip: { version: 4, src: '10.244.1.2', dst, ttl: 64, protocol: 'tcp', df: true } };
}
const [vip, pod] = [packet('10.96.0.42'), packet('10.244.2.3')];

function hop(
  where: string,
  station: Station,
  name: string,
  action: Action,
  before: Packet,
  after = before,
): Hop {
  const [machine = '', netns = ''] = where.split('/');
  return { atNs: 0, durationNs: 0, place: { machine, netns }, station, name, action, before, after };
}

const backend = {
  ref: 'Service/default/backend',
  clusterIPs: ['10.96.0.42'],
  externalAddresses: [],
  ports: [{ port: 80, nodePort: 30080 }],
  endpoints: [
    { ip: '10.244.1.3', podRef: 'Pod/default/near' },
    { ip: '10.244.2.3', podRef: 'Pod/default/far' },
  ],
} as unknown as ServiceView;

const directory: Directory = {
  podOfNetns: (netns) => ({ f: 'Pod/default/frontend', b: 'Pod/default/far' })[netns] ?? null,
  nicOf: () => 'eth0',
  pods: [] as PodView[],
  services: [backend],
};

const trace = {
  hops: [
    hop('node-1/f', 'socket', 'curl', 'send', vip),
    hop('node-1/host', 'chain', 'KUBE-SERVICES', 'dnat', vip, pod),
    hop('node-1/host', 'tunnel', 'flannel.1', 'encapsulate', pod),
    hop('node-2/b', 'socket', 'nginx', 'deliver', pod),
  ],
} as unknown as PacketTrace;

describe('focusOf', () => {
  it('lights the Service at once, and the chosen pod with its tether when the rules have chosen', () => {
    const before = focusOf(trace, 0, directory);
    expect(before.lit.has('Service/default/backend')).toBe(true);
    expect(before.tether).toBeNull();
    const after = focusOf(trace, 1, directory);
    expect(after.tether).toEqual({ service: backend.ref, pod: 'Pod/default/far', ip: '10.244.2.3' });
    expect(after.lit.has('Pod/default/far')).toBe(true);
  });

  it('knows a Service by its node port', () => {
    const l4 = { kind: 'tcp' as const, srcPort: 40000, dstPort: 30080, seq: 0, ack: 0, flags: [] };
    const asked = { ...packet('192.168.0.11'), l4 };
    const hops = [hop('node-1/host', 'chain', 'KUBE-SERVICES', 'dnat', asked, pod)];
    expect(focusOf({ hops } as unknown as PacketTrace, 0, directory).tether?.service).toBe(backend.ref);
  });

  it('lights machines, pods and devices on the way, and nothing else', () => {
    expect([...focusOf(trace, 3, directory).lit].sort()).toEqual([
      'Pod/default/far',
      'Pod/default/frontend',
      'Service/default/backend',
      'nic:node-1',
      'node-1',
      'node-2',
      'tunnel:node-1',
    ]);
  });
});

describe('tetherOf', () => {
  const layout = layoutOf({
    width: 840,
    height: 716,
    services: [backend.ref],
    machines: [
      { name: 'node-1', slots: ['Pod/default/near'], hasBridge: true, hasTunnel: true },
      { name: 'node-2', slots: ['Pod/default/far'], hasBridge: true, hasTunnel: true },
    ],
    pending: [],
    outside: [],
  });

  it('leads from the chosen dot to the upper edge of the pod, orthogonally', () => {
    const line = tetherOf(layout, backend, 'Pod/default/far', '10.244.2.3');
    const target = layout.pods.get('Pod/default/far')!;
    expect(line.at(-1)).toEqual({ x: target.x + target.w / 2, y: target.y });
    for (let i = 1; i < line.length; i++) {
      expect(line[i]!.x === line[i - 1]!.x || line[i]!.y === line[i - 1]!.y).toBe(true);
    }
  });

  it('is not drawn to a pod that has no place', () => {
    expect(tetherOf(layout, backend, 'Pod/default/nobody', '10.0.0.1')).toEqual([]);
  });
});
