import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { ApiObject } from '../../api/object';
import { Clock, MS, SECOND } from '../../clock/clock';
import { printTable } from '../../kernel/iptables/print';
import { createNetfilter, type NetfilterState } from '../../kernel/netfilter/state';
import { forwarded, tcp, udp } from '../../testing/netfilter-host';
import type { ProxyConfig } from './config';
import { KubeProxy, type SyncInfo } from './proxier';

const CONFIG: ProxyConfig = {
  family: 'IPv4',
  nodeName: 'node-1',
  nodeIp: '192.168.0.2',
  nodeIps: ['192.168.0.2'],
  localDetector: { type: 'clusterCIDR', cidr: '10.244.0.0/16' },
  masqueradeAll: false,
  masqueradeBit: 14,
  nodePortAddresses: null,
  localhostNodePorts: true,
  nfacct: true,
  dropInvalid: true,
  randomFully: true,
};

function service(name: string, spec: object = {}): ApiObject {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
  const clusterIP = `10.96.0.${10 + name.charCodeAt(0) - 97}`;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'ClusterIP', clusterIP, ports, ...spec },
  };
}

function slice(name: string, hosts: readonly number[], ports: object[] = []): ApiObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: hosts.map((host) => ({ addresses: [`10.244.1.${host}`], conditions: { ready: true } })),
    ports: ports.length > 0 ? ports : [{ name: 'http', port: 8080, protocol: 'TCP' }],
  };
}

class Node1 {
  readonly clock = new Clock(3);
  readonly netfilter: NetfilterState;
  readonly proxy: KubeProxy;
  readonly syncs: SyncInfo[] = [];
  readonly sysctls = new Map<string, number>();
  objects: readonly ApiObject[] = [];

  constructor() {
    const facts = {
      label: 'node-1/host',
      isLocalAddress: (ip: string) => ip === '192.168.0.2',
      masqueradeAddress: () => '192.168.0.2',
      sysctl: () => 0,
    };
    this.netfilter = createNetfilter(facts, { clock: this.clock });
    const list = (kind: string) => this.objects.filter((object) => object.kind === kind);
    const find = (kind: string, namespace: string, name: string) =>
      list(kind).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace);
    this.proxy = new KubeProxy({
      clock: this.clock,
      store: {
        list,
        get: find,
        slicesOf: (_namespace, name) =>
          list('EndpointSlice').filter(
            ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
          ) as EndpointSlice[],
      },
      machine: {
        netfilter: () => this.netfilter,
        setSysctl: (_netns, name, value) => this.sysctls.set(name, value),
      },
      nodeName: 'node-1',
      configs: [CONFIG],
      onSynced: (info) => this.syncs.push(info),
    });
  }

  set(...objects: ApiObject[]): void {
    const named = new Map(this.objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
    for (const object of objects) {
      named.set(`${object.kind}/${object.metadata.name}`, object);
      this.objects = [...named.values()];
      this.proxy.keysFor({ type: 'MODIFIED', object }).forEach((key) => this.proxy.reconcile(key));
    }
  }

  remove(object: ApiObject): void {
    this.objects = this.objects.filter(
      ({ kind, metadata }) => kind !== object.kind || metadata.name !== object.metadata.name,
    );
    this.proxy.keysFor({ type: 'DELETED', object }).forEach((key) => this.proxy.reconcile(key));
  }

  runUntil(atNs: number): void {
    for (let next = this.clock.peek(); next !== undefined && next.atNs <= atNs; next = this.clock.peek()) {
      this.proxy.onTimer(this.clock.take()!.event);
    }
    this.clock.advanceTo(atNs);
  }

  rules(): string {
    return (['filter', 'nat'] as const)
      .flatMap((table) => printTable(table, this.netfilter.rules.table(table)))
      .join('\n');
  }
}

describe('when the proxy syncs', () => {
  it('writes everything at start, then no sooner than a second after the end of the last sync', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(SECOND);
    expect(node.syncs).toMatchObject([{ full: true }]);
    const end = node.syncs[0]!.atNs;
    expect(end).toBeGreaterThan(0);
    node.set(slice('a', [4, 5]));
    node.set(slice('a', [4, 5, 6]));
    expect(node.proxy.status.behindSinceNs).toBe(SECOND);
    node.runUntil(3 * SECOND);
    expect(node.syncs).toHaveLength(2);
    const second = node.syncs[1]!;
    expect(second).toMatchObject({ full: false, services: ['default/a'] });
    expect(second.atNs - second.tookNs).toBe(end + SECOND);
    expect(node.proxy.status).toEqual({ syncedNs: second.atNs, behindSinceNs: null });
  });

  it('writes what was true when the sync began, and comes again for what changed meanwhile', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(1 * MS);
    node.set(slice('a', [5]));
    node.runUntil(500 * MS);
    expect(node.rules()).toContain('10.244.1.4:8080');
    expect(node.rules()).not.toContain('10.244.1.5:8080');
    node.runUntil(3 * SECOND);
    expect(node.rules()).toContain('10.244.1.5:8080');
    expect(node.rules()).not.toContain('10.244.1.4:8080');
  });

  it('does not sync for news that change no rule', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(SECOND);
    const { metadata, ...rest } = service('a');
    node.set({ ...rest, metadata: { ...metadata, resourceVersion: '77' } } as ApiObject);
    node.runUntil(5 * SECOND);
    expect(node.syncs).toHaveLength(1);
  });

  it('writes all again when somebody has flushed its chains', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(SECOND);
    const before = node.rules();
    node.netfilter.rules.flushAll();
    node.runUntil(29 * SECOND);
    expect(node.rules()).not.toBe(before);
    node.runUntil(32 * SECOND);
    expect(node.rules()).toBe(before);
    expect(node.syncs.at(-1)).toMatchObject({ full: true });
  });

  it('writes nothing after its machine has lost power', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(1 * MS);
    node.proxy.stop();
    node.runUntil(60 * SECOND);
    expect(node.syncs).toEqual([]);
    node.proxy.start();
    node.runUntil(61 * SECOND);
    expect(node.syncs).toMatchObject([{ full: true }]);
  });

  it('looks at all again when the node moves to another zone', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(SECOND);
    const labels = { 'topology.kubernetes.io/zone': 'zone-b' };
    node.set({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels } });
    node.runUntil(3 * SECOND);
    expect(node.syncs.at(-1)).toMatchObject({ full: true });
  });
});

describe('what stands in the kernel', () => {
  it('is for every rule of a Service traced to its object', () => {
    const node = new Node1();
    node.set(service('a', { type: 'NodePort', externalTrafficPolicy: 'Local' }), slice('a', [4, 5]));
    node.proxy.start();
    node.runUntil(SECOND);
    const chains = [...node.netfilter.rules.table('nat').values()].filter(({ name }) =>
      /-[A-Z0-9]{16}$/.test(name),
    );
    expect(chains.length).toBeGreaterThan(2);
    for (const { rules } of chains) {
      for (const { origin } of rules)
        expect(origin?.ref).toMatch(/^(Service\/default\/a|EndpointSlice\/default\/a-1)$/);
    }
  });

  it('leads packets to the endpoints and their replies back', () => {
    const node = new Node1();
    node.set(service('a'), slice('a', [4]));
    node.proxy.start();
    node.runUntil(SECOND);
    const sent = forwarded(node, tcp('10.244.2.7:4000', '10.96.0.10:80', 'SYN'));
    expect(sent.skb.packet.ip?.dst).toBe('10.244.1.4');
    const back = forwarded(node, tcp('10.244.1.4:8080', '10.244.2.7:4000', 'SYN', 'ACK'));
    expect(back.skb.packet.ip?.src).toBe('10.96.0.10');
  });

  it('forgets UDP connections to endpoints that serve no more, and leaves TCP alone', () => {
    const dns = [{ name: 'dns', port: 53, protocol: 'UDP' }];
    const node = new Node1();
    node.set(service('a'), slice('a', [4]), service('b', { ports: dns }), slice('b', [5], dns));
    node.proxy.start();
    node.runUntil(SECOND);
    forwarded(node, tcp('10.244.2.7:4000', '10.96.0.10:80', 'SYN'));
    forwarded(node, udp('10.244.2.7:4000', '10.96.0.11:53'));
    expect(node.netfilter.conntrack.list()).toHaveLength(2);
    node.set(slice('a', [6]), slice('b', [7], dns));
    node.runUntil(3 * SECOND);
    expect(node.syncs.at(-1)?.staleConnections).toBe(1);
    expect(node.netfilter.conntrack.list()).toMatchObject([{ original: { protocol: 'tcp' } }]);
    const again = forwarded(node, udp('10.244.2.7:4000', '10.96.0.11:53'));
    expect(again.skb.packet.ip?.dst).toBe('10.244.1.7');
  });

  it('answers health checks for the endpoints of this node only', () => {
    const node = new Node1();
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_000 };
    const base = slice('a', [4, 5]) as EndpointSlice;
    const endpoints = base.endpoints.map((endpoint, i) => ({ ...endpoint, nodeName: `node-${i + 1}` }));
    node.set(service('a', spec), { ...base, endpoints } as ApiObject);
    node.proxy.start();
    node.runUntil(SECOND);
    expect(node.proxy.healthChecks().get(30_000)).toMatchObject({ status: 200, weight: 1 });
    node.set({ ...base, endpoints: endpoints.slice(1) } as ApiObject);
    node.runUntil(3 * SECOND);
    expect(node.proxy.healthChecks().get(30_000)).toMatchObject({ status: 503, body: { localEndpoints: 0 } });
  });

  it('is the same whether it came at once or by any series of changes', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      hosts: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }),
      kind: fc.constantFrom('cluster', 'nodeport', 'local', 'sticky', 'gone'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const grown = new Node1();
        grown.proxy.start();
        steps.forEach(({ name, hosts, kind }, i) => {
          if (kind === 'gone') grown.remove(service(name));
          else grown.set(service(name, SPECS[kind]), slice(name, hosts));
          grown.runUntil((i + 1) * 700 * MS);
        });
        grown.runUntil(20 * SECOND);
        const fresh = new Node1();
        fresh.set(...grown.objects);
        fresh.proxy.start();
        fresh.runUntil(SECOND);
        expect(grown.rules()).toBe(fresh.rules());
      }),
      { numRuns: 25 },
    );
  });

  it('gives each of n endpoints the same chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (n) => {
        const node = new Node1();
        node.set(
          service('a'),
          slice(
            'a',
            Array.from({ length: n }, (_, i) => i + 1),
          ),
        );
        node.proxy.start();
        node.runUntil(SECOND);
        const chain = [...node.netfilter.rules.table('nat').values()].find(({ name }) =>
          name.startsWith('KUBE-SVC-'),
        );
        let left = 1;
        const shares = (chain?.rules ?? [])
          .filter(({ target }) => target?.kind === 'jump' && target.chain.startsWith('KUBE-SEP-'))
          .map(({ matches }) => {
            const dice = matches.find((match) => match.kind === 'statistic');
            const share = left * (dice === undefined ? 1 : dice.chance / 0x80000000);
            left -= share;
            return share;
          });
        expect(shares).toHaveLength(n);
        for (const share of shares) expect(share).toBeCloseTo(1 / n, 8);
      }),
      { numRuns: 15 },
    );
  });
});

const SPECS: Readonly<Record<string, object>> = {
  cluster: {},
  nodeport: { type: 'NodePort', ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 }] },
  local: { internalTrafficPolicy: 'Local' },
  sticky: { sessionAffinity: 'ClientIP' },
};
