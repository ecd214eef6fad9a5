import { describe, expect, it } from 'vitest';
import type { Hop, PacketEnd, PacketTrace, Role } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { EndpointView, EventView, PodView, ServiceView } from '../sim/view';
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
      'Selector app=backnd matches 0 of 3 pods in default. 3 of them carry app=backend, close to it.',
    );
    expect(found.fix).toEqual({
      ref: 'Service/default/backend',
      path: 'spec.selector.app',
      from: 'backnd',
      to: 'backend',
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

  it('leads from a port on which nobody listens to the targetPort behind it', () => {
    const wrong = { ...service({ app: 'backend' }, [{ ready: true }]) };
    const services = [{ ...wrong, ports: [{ ...wrong.ports[0]!, targetPort: '9090' }] }];
    const asked = packet('request', to('10.96.0.42', 80), {});
    const there = { ...asked.hops[0]!, after: to('10.244.1.3', 9090) };
    const end = { ...asked.end!, kind: 'rejected', reason: 'no-listener' } as const;
    const lost = { ...asked, hops: [asked.hops[0]!, there], end };
    const found = explainFailure(lost, world({ services, pods }));
    const field = { ref: 'Service/default/backend', path: 'spec.ports[0].targetPort' };
    expect(found.fix).toEqual({ ...field, from: '9090', to: '8080' });
    expect(found.rungs.map(({ state, title }) => `${state} ${title}`)).toEqual([
      ...['ok Address', 'ok Endpoints', 'bad Target port: nobody listens', 'stop a: refused'],
    ]);
    expect(found.rungs[2]?.origin).toEqual(field);
    // Two ports to choose from: nobody can tell which one was meant.
    const both = pods.map((one) => ({
      ...one,
      containers: [{ ...one.containers[0]!, ports: ['1/TCP', '2/TCP'] }],
    }));
    expect(explainFailure(lost, world({ services, pods: both })).fix).toBeNull();
  });

  it('leads from rules that find nobody on their own node to the policy that says so', () => {
    const rule = { table: 'filter', chain: 'KUBE-SERVICES', rule: '-j DROP', number: 1, passed: 1 };
    const origin = { ref: 'Service/default/backend', path: 'spec.ports[0]' };
    const dropped = packet(
      'request',
      to('10.96.0.42', 80),
      { kind: 'dropped', reason: 'rule' },
      { action: 'drop', rules: [{ ...rule, origin }] },
    );
    const on = (node: string) => ({ services: [service({ app: 'backend' }, [{ ready: true, node }])], pods });
    const [, rung] = explainFailure(dropped, world(on('node-2'))).rungs;
    expect(rung).toMatchObject({
      state: 'bad',
      title: 'Endpoints: none on node-1',
      origin: { ref: 'Service/default/backend', path: 'spec.internalTrafficPolicy' },
    });
    // With one here something else ended it.
    expect(titles(dropped, on('node-1'))[1]).toBe('ok Endpoints');
  });

  it('says which probe keeps a pod from being ready, and where it is written', () => {
    const event = {
      object: 'Pod/default/a',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: refused',
    };
    const owned = pods.map((one) => ({
      ...one,
      workload: 'Deployment/default/backend',
      heldUnready: false,
      reason: '',
    }));
    const found = explainFailure(
      refused,
      world({
        services: [service({ app: 'backend' }, [{ ready: false, podRef: 'Pod/default/a' }])],
        pods: owned,
        events: [event as unknown as EventView],
      }),
    );
    expect(found.rungs[1]).toMatchObject({
      text: 'None of 1 is ready. a: Readiness probe failed: refused',
      origin: { ref: 'Deployment/default/backend', path: 'spec.template.spec.containers[0].readinessProbe' },
    });
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
