import { describe, expect, it } from 'vitest';
import type { Hop, PacketEnd, PacketTrace, Role } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { EndpointView, PodView, ServiceView } from '../sim/view';
import { distance, explainFailure, nearMiss, type FailureWorld } from './failure';

const service = (selector: Record<string, string>, endpoints: Partial<EndpointView>[] = []): ServiceView =>
  ({
    ref: 'Service/default/backend',
    name: 'backend',
    namespace: 'default',
    type: 'ClusterIP',
    clusterIPs: ['10.96.0.42'],
    externalAddresses: [],
    selector,
    ports: [{ name: '', port: 80, protocol: 'TCP', targetPort: '8080', nodePort: null }],
    endpoints,
  }) as unknown as ServiceView;
const pod = (name: string, labels: Record<string, string>, ip: string): PodView =>
  ({
    ref: `Pod/default/${name}`,
    name,
    namespace: 'default',
    labels,
    ip,
    hostNetwork: false,
    containers: [{ name: 'app', image: 'x', ports: ['8080/TCP'] }],
  }) as unknown as PodView;
const to = (dst: string, port: number, summary?: string): Packet => ({
  ip: { version: 4, src: '10.244.1.2', dst, ttl: 64, protocol: 'tcp', df: true },
  l4: { kind: 'tcp', srcPort: 4000, dstPort: port, seq: 0, ack: 0, flags: ['SYN'] },
  ...(summary === undefined
    ? {}
    : { payload: { type: 'app', protocol: 'dns', summary, bytes: 40, body: null } }),
});
const packet = (
  role: Role,
  header: Packet,
  end: Partial<PacketEnd>,
  hop: Partial<Hop> = {},
): PacketTrace => ({
  id: 1,
  requestId: 9,
  role,
  label: 'SYN',
  bornNs: 0,
  hops: [
    {
      atNs: 0,
      durationNs: 1,
      place: { machine: 'node-1', netns: 'host' },
      station: 'chain',
      name: 'KUBE-SERVICES',
      action: 'send',
      before: header,
      after: header,
      ...hop,
    },
  ],
  end: {
    atNs: 92_000,
    kind: 'delivered',
    reason: 'socket',
    place: { machine: 'node-1', netns: 'host' },
    ...end,
  },
});
const world = (part: Partial<FailureWorld>): FailureWorld => ({
  packets: [],
  services: [],
  pods: [],
  nameOf: () => null,
  ...part,
});
const titles = (lost: PacketTrace | null, part: Partial<FailureWorld>): string[] =>
  explainFailure(lost, world(part)).rungs.map((rung) => `${rung.state} ${rung.title}`);

describe('why a request failed', () => {
  const pods = ['a', 'b', 'c'].map((name, i) => pod(name, { app: 'backend' }, `10.244.1.${i + 3}`));
  const refused = packet(
    'request',
    to('10.96.0.42', 80),
    { kind: 'rejected', reason: 'rule' },
    { action: 'reject' },
  );
  const query = packet('dns-query', to('10.96.0.10', 53, 'A? backend.default.svc.cluster.local.'), {});

  it('tells a selector that matches nobody, with the word it is close to', () => {
    const answer = packet('dns-answer', to('10.244.1.2', 4000, 'A 10.96.0.42'), {});
    const found = explainFailure(
      refused,
      world({ packets: [query, answer, refused], services: [service({ app: 'backnd' })], pods }),
    );
    expect(found.rungs.map((rung) => `${rung.state} ${rung.title}`)).toEqual([
      'ok Name',
      'ok Address',
      'bad Endpoints: none',
      'stop Rules: refused',
    ]);
    expect(found.rungs[2]?.text).toBe(
      'Selector app=backnd matches 0 of 3 pods in default. 3 carry app=backend, close to it.',
    );
    expect(found.near).toEqual({
      service: 'Service/default/backend',
      key: 'app',
      from: 'backnd',
      to: 'backend',
      pods: 3,
    });
  });

  it('stops at a name that nobody knows', () => {
    const answer = packet('dns-answer', to('10.244.1.2', 4000, 'NXDOMAIN'), {});
    expect(titles(null, { packets: [query, answer] })).toEqual(['bad Name: unknown']);
    expect(titles(null, { packets: [query] })).toEqual(['bad Name: no answer']);
  });

  it('tells a port that the Service does not offer', () => {
    const lost = packet('request', to('10.96.0.42', 81), { kind: 'dropped', reason: 'no-route' });
    expect(titles(lost, { services: [service({ app: 'backend' }, [{ ready: true }])] })).toEqual([
      'bad Port: not offered',
      'ok Endpoints',
      'stop node-1: dropped',
    ]);
  });

  it('names the ports of a pod on which nobody listens', () => {
    const lost = packet('request', to('10.244.1.3', 9), { kind: 'rejected', reason: 'no-listener' });
    const found = explainFailure(lost, world({ pods, nameOf: () => 'a' }));
    expect(found.rungs.at(-1)?.text).toBe(
      'Nobody listens on that port. It is 9/TCP, and a declares 8080/TCP.',
    );
  });

  it('tells endpoints that exist and are not ready', () => {
    expect(titles(refused, { services: [service({ app: 'backend' }, [{ ready: false }])], pods })[1]).toBe(
      'bad Endpoints: none ready',
    );
  });
});

describe('near misses', () => {
  it.each([
    ['backnd', 'backend', 1],
    ['', 'ab', 2],
    ['web', 'web', 0],
    ['frontend', 'backend', 5],
  ])('%s to %s is %d', (a, b, steps) => {
    expect(distance(a, b)).toBe(steps);
  });

  it('needs every other label to fit', () => {
    const pods = [pod('a', { app: 'backend', tier: 'x' }, '10.244.1.3')];
    expect(nearMiss(service({ app: 'backnd', tier: 'y' }), pods)).toBeNull();
    expect(nearMiss(service({ app: 'other' }), pods)).toBeNull();
    expect(nearMiss(service({ app: 'backnd', tier: 'x' }), pods)?.to).toBe('backend');
  });
});
