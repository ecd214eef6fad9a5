/** Services as clients beyond the router see them: who answers, and which source address the backend is shown. */
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  applyTo,
  CLIENT,
  clusterWith,
  reach,
  reachMany,
  reasonsFor,
  type,
  wait,
  webDeployment,
  webService,
} from './testing/outside-cluster';

const ON_TWO = webDeployment(['node-1', 'node-2']);
const TOOLS = `apiVersion: v1
kind: Pod
metadata: {name: tools}
spec: {containers: [{name: tools, image: busybox, command: [sleep, infinity]}]}
`;

describe('node ports from outside', () => {
  it('with Cluster policy answer on every node, and the source is rewritten', () => {
    const cluster = clusterWith([ON_TWO, webService('type: NodePort')]);
    const port = cluster.store.get('Service', 'default', 'web')?.spec.ports?.[0]?.nodePort;
    const seen = ['192.168.0.11', '192.168.0.12', '192.168.0.13'].map((ip) => ({
      ip,
      ...reachMany(cluster, `${ip}:${port}`),
    }));
    for (const { pods, from, failed } of seen) {
      expect(failed).toBe(0);
      expect(pods).toEqual(['web-1', 'web-2']);
      expect(from).not.toContain(CLIENT);
    }
  });

  it('with Local policy keep the source, and drop where no endpoint is', () => {
    const cluster = clusterWith([ON_TWO, webService('type: NodePort, externalTrafficPolicy: Local')]);
    const port = cluster.store.get('Service', 'default', 'web')?.spec.ports?.[0]?.nodePort;
    expect(reachMany(cluster, `192.168.0.11:${port}`)).toEqual({
      pods: ['web-1'],
      from: [CLIENT],
      failed: 0,
    });
    expect(reachMany(cluster, `192.168.0.12:${port}`)).toEqual({
      pods: ['web-2'],
      from: [CLIENT],
      failed: 0,
    });
    expect(reach(cluster, `192.168.0.13:${port}`)).toEqual({ pod: '', from: '', code: 28 });
  });

  it('with client affinity send a client to the same pod', () => {
    const cluster = clusterWith([ON_TWO, webService('type: NodePort, sessionAffinity: ClientIP')]);
    const port = cluster.store.get('Service', 'default', 'web')?.spec.ports?.[0]?.nodePort;
    expect(reachMany(cluster, `192.168.0.13:${port}`).pods).toHaveLength(1);
  });
});

describe('load balancer addresses', () => {
  it.each([
    ['cloud', '198.51.100.1'],
    ['metallb-l2', '192.168.0.240'],
    ['metallb-bgp', '198.51.100.128'],
  ] as const)('of %s lead to all endpoints, with the source rewritten', (loadBalancer, address) => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')], { settings: { loadBalancer } });
    expect(addressOf(cluster)).toBe(address);
    const { pods, from, failed } = reachMany(cluster, address);
    expect(pods).toEqual(['web-1', 'web-2']);
    expect(from).not.toContain(CLIENT);
    expect(failed).toBe(0);
  });

  it.each(['cloud', 'metallb-l2', 'metallb-bgp'] as const)(
    'of %s with Local policy keep the source',
    (loadBalancer) => {
      const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
      const cluster = clusterWith([ON_TWO, local], { settings: { loadBalancer } });
      const { pods, from, failed } = reachMany(cluster, addressOf(cluster));
      expect(pods).toEqual(loadBalancer === 'metallb-l2' ? [expect.any(String)] : ['web-1', 'web-2']);
      expect(from).toEqual([CLIENT]);
      expect(failed).toBe(0);
    },
  );

  it.each(['cloud', 'metallb-l2', 'metallb-bgp'] as const)(
    'of %s let only the allowed ranges in',
    (loadBalancer) => {
      const ranges = (range: string): string =>
        webService(`type: LoadBalancer, loadBalancerSourceRanges: [${range}]`);
      const cluster = clusterWith([ON_TWO, ranges('203.0.113.0/24')], { settings: { loadBalancer } });
      expect(reach(cluster, addressOf(cluster)).code).toBe(0);
      applyTo(cluster, [ON_TWO, ranges('10.0.0.0/8')]);
      wait(cluster, 5);
      expect(reach(cluster, addressOf(cluster)).code).toBe(28);
    },
  );

  it.each(['cloud', 'metallb-l2', 'metallb-bgp'] as const)(
    'of %s are answered inside of the cluster without leaving it',
    (loadBalancer) => {
      const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
      const cluster = clusterWith([ON_TWO, local], { settings: { loadBalancer } });
      expect(reach(cluster, addressOf(cluster), 'node node-3 -- ').code).toBe(0);
    },
  );

  it('stay pending without a provider', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')], {
      settings: { loadBalancer: 'none' },
    });
    expect(type(cluster, 'kubectl get svc web').out).toMatch(/LoadBalancer +\S+ +<pending>/);
    expect(cluster.store.get('Service', 'default', 'web')?.metadata.finalizers).toBeUndefined();
  });

  it('are given to one Service each, and come free again', () => {
    const two = [webService('type: LoadBalancer', 'a'), webService('type: LoadBalancer', 'b')];
    for (const loadBalancer of ['cloud', 'metallb-l2', 'metallb-bgp'] as const) {
      const cluster = clusterWith([ON_TWO, ...two], { settings: { loadBalancer } });
      const [a, b] = [addressOf(cluster, 'a'), addressOf(cluster, 'b')];
      expect(a).not.toBe('');
      expect(b).not.toBe(a);
      type(cluster, 'kubectl delete svc a');
      wait(cluster, 2);
      expect(cluster.store.get('Service', 'default', 'a')).toBeUndefined();
      expect(reach(cluster, a).code).not.toBe(0);
      type(cluster, `kubectl patch svc b -p '{"spec":{"type":"ClusterIP"}}'`);
      wait(cluster, 2);
      expect(addressOf(cluster, 'b')).toBe('');
      expect(cluster.store.get('Service', 'default', 'b')?.metadata.finalizers ?? []).toEqual([]);
      expect(reach(cluster, b).code).not.toBe(0);
    }
  });

  it('of another class are left to somebody else', () => {
    const classy = webService('type: LoadBalancer, loadBalancerClass: example.com/other');
    const cluster = clusterWith([ON_TWO, classy]);
    wait(cluster, 20);
    expect(addressOf(cluster)).toBe('');
  });
});

describe('the cloud', () => {
  it('reports what it does by Events and holds the Service by a finalizer', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')]);
    expect(reasonsFor(cluster)).toEqual(['EnsuringLoadBalancer', 'EnsuredLoadBalancer']);
    const { metadata, status } = cluster.store.get('Service', 'default', 'web')!;
    expect(metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    expect(status?.loadBalancer?.ingress).toEqual([{ ip: '198.51.100.1', ipMode: 'VIP' }]);
    type(cluster, 'kubectl delete svc web');
    wait(cluster, 1);
    expect(reasonsFor(cluster).slice(2)).toEqual(['DeletingLoadBalancer', 'DeletedLoadBalancer']);
  });

  it('in Proxy mode rewrites both addresses, so that the node port sees the balancer', () => {
    const proxy = (policy: string): string =>
      webService(
        `type: LoadBalancer, externalTrafficPolicy: ${policy}`,
        'web',
        '{hopyard.dev/cloud-ip-mode: Proxy}',
      );
    const cluster = clusterWith([ON_TWO, proxy('Local')]);
    const status = cluster.store.get('Service', 'default', 'web')?.status;
    expect(status?.loadBalancer?.ingress).toEqual([{ ip: '198.51.100.1', ipMode: 'Proxy' }]);
    const seen = reachMany(cluster, '198.51.100.1');
    expect(seen).toEqual({ pods: ['web-1', 'web-2'], from: ['192.168.0.2'], failed: 0 });
    const rules =
      cluster.nodes[0]!.machine.netns('host') && type(cluster, 'node node-1 -- iptables-save -t nat').out;
    expect(rules).not.toContain('198.51.100.1');
  });

  it('in Proxy mode is asked by pods, too, whose packets leave the cluster for it', () => {
    const proxy = webService('type: LoadBalancer', 'web', '{hopyard.dev/cloud-ip-mode: Proxy}');
    const cluster = clusterWith([ON_TWO, TOOLS, proxy]);
    const { out } = type(cluster, 'kubectl exec tools -- wget -qO- -T 3 http://198.51.100.1');
    expect(out).toMatch(/^Hostname: web-/);
    const machines = new Set(
      [...cluster.trace.packets.values()].flatMap(({ label, hops }) =>
        label === 'SYN' ? hops.map(({ place }) => place.machine) : [],
      ),
    );
    expect(machines).toContain('balancer');
  });

  it('follows a Service that changes, and tries again when an address was taken', () => {
    const b = (ip: string): string => webService(`type: LoadBalancer, loadBalancerIP: ${ip}`, 'b');
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer', 'a'), b('198.51.100.1')]);
    const holder = ['a', 'b'].find((name) => addressOf(cluster, name) === '198.51.100.1');
    expect(holder).toBeDefined();
    type(cluster, `kubectl patch svc a -p '{"spec":{"externalTrafficPolicy":"Local"}}'`);
    cluster.runUntilSettled();
    wait(cluster, 20);
    expect(reachMany(cluster, addressOf(cluster, 'a'), 6)).toMatchObject({ from: [CLIENT], failed: 0 });
    if (holder === 'b') return;
    expect(type(cluster, 'kubectl describe svc b').out).toContain('SyncLoadBalancerFailed');
    type(cluster, 'kubectl delete svc a');
    wait(cluster, 90);
    expect(addressOf(cluster, 'b')).toBe('198.51.100.1');
  });

  it('answers no ping: only the ports that were ordered are carried', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')]);
    expect(type(cluster, 'ping -c 1 -W 1 198.51.100.1').code).not.toBe(0);
    expect(reach(cluster, '198.51.100.1:81').code).toBe(28);
    const lost = [...cluster.trace.packets.values()].filter(({ end }) => end?.reason === 'ttl');
    expect(lost).toEqual([]);
  });

  it('may give a name, which the outside resolves', () => {
    const named = webService('type: LoadBalancer', 'web', '{hopyard.dev/cloud-address: hostname}');
    const cluster = clusterWith([ON_TWO, named]);
    const host = addressOf(cluster);
    expect(host).toMatch(/^a[0-9a-f]{24}\.lb\.example\.net$/);
    const seen = reachMany(cluster, host, 6);
    expect(seen.failed).toBe(0);
    expect(seen.from).not.toContain(CLIENT);
  });

  it('takes a node out that has lost its last local endpoint, and puts it back', () => {
    const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
    const cluster = clusterWith([ON_TWO, local]);
    const port = cluster.store.get('Service', 'default', 'web')?.spec.healthCheckNodePort;
    const health = (ip: string): string =>
      type(cluster, `curl -s -o /dev/null -w %{http_code} http://${ip}:${port}/healthz`).out;
    expect([health('192.168.0.11'), health('192.168.0.13')]).toEqual(['200', '503']);
    cluster.fault({ kind: 'hold-unready', ref: 'Pod/default/web-1', held: true });
    wait(cluster, 4);
    expect(health('192.168.0.11')).toBe('503');
    wait(cluster, 16);
    expect(reachMany(cluster, '198.51.100.1')).toEqual({ pods: ['web-2'], from: [CLIENT], failed: 0 });
    cluster.fault({ kind: 'hold-unready', ref: 'Pod/default/web-2', held: true });
    wait(cluster, 20);
    expect(reach(cluster, '198.51.100.1').code).toBe(28);
    cluster.fault({ kind: 'hold-unready', ref: 'Pod/default/web-2', held: false });
    wait(cluster, 20);
    expect(reach(cluster, '198.51.100.1').pod).toBe('web-2');
  });

  it('keeps a client at its pod when the Service asks for that', () => {
    const sticky = webService('type: LoadBalancer, sessionAffinity: ClientIP');
    const cluster = clusterWith([ON_TWO, sticky]);
    expect(reachMany(cluster, '198.51.100.1')).toMatchObject({ pods: [expect.any(String)], failed: 0 });
  });
});

describe('a node that loses power', () => {
  it.each([
    ['cloud', 25],
    ['metallb-l2', 8],
    ['metallb-bgp', 95],
  ] as const)('no longer gets packets from %s after %i s', (loadBalancer, seconds) => {
    const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
    const cluster = clusterWith([ON_TWO, local], { settings: { loadBalancer } });
    const address = addressOf(cluster);
    const before = loadBalancer === 'metallb-l2' ? reach(cluster, address).pod : 'web-1';
    const [node, other] = before === 'web-1' ? ['node-1', 'web-2'] : ['node-2', 'web-1'];
    cluster.fault({ kind: 'power', node: node!, on: false });
    expect(reachMany(cluster, address, 4).failed).toBeGreaterThan(0);
    wait(cluster, seconds);
    expect(reachMany(cluster, address)).toEqual({ pods: [other], from: [CLIENT], failed: 0 });
    cluster.fault({ kind: 'power', node: node!, on: true });
    wait(cluster, 60);
    expect(reachMany(cluster, address).failed).toBe(0);
  });
});

describe('external IPs', () => {
  it('reach a node only where the router has been told so', () => {
    const cluster = clusterWith([ON_TWO, webService('externalIPs: [192.0.2.44]')]);
    expect(reach(cluster, '192.0.2.44').code).not.toBe(0);
    cluster.fault({ kind: 'route-external-ips', on: true });
    wait(cluster, 1);
    const { pods, from, failed } = reachMany(cluster, '192.0.2.44');
    expect({ pods, failed }).toEqual({ pods: ['web-1', 'web-2'], failed: 0 });
    expect(from).not.toContain(CLIENT);
    expect(reach(cluster, '192.0.2.44:81').code).not.toBe(0);
  });
});

describe('Services without a selector', () => {
  const NODE_PORT = 'kind: Service, apiVersion: v1, metadata: {name: manual}';
  const SERVICE = `{${NODE_PORT}, spec: {type: NodePort, ports: [{port: 80, nodePort: 30123}]}}\n`;

  it('send to what a slice written by hand says, also outside of the cluster', () => {
    const slice = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: manual-1, labels: {kubernetes.io/service-name: manual}}
addressType: IPv4
ports: [{port: 80, protocol: TCP, name: ''}]
endpoints: [{addresses: [203.0.113.80]}]
`;
    const cluster = clusterWith([SERVICE, slice]);
    const { out } = type(cluster, 'curl -s http://192.168.0.11:30123');
    expect(out).toContain('A page outside of the cluster.');
  });

  it('send to what an Endpoints object says, through the mirrored slice', () => {
    const endpoints = `apiVersion: v1
kind: Endpoints
metadata: {name: manual}
subsets: [{addresses: [{ip: 203.0.113.81}], ports: [{port: 80}]}]
`;
    const cluster = clusterWith([SERVICE, endpoints]);
    const [slice] = cluster.store.slicesOf('default', 'manual');
    expect(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe(
      'endpointslicemirroring-controller.k8s.io',
    );
    expect(type(cluster, 'curl -s http://192.168.0.12:30123').out).toContain(
      'A page outside of the cluster.',
    );
  });
});

describe('ExternalName', () => {
  it('is a CNAME that leads to a host on the internet', () => {
    const alias = `{apiVersion: v1, kind: Service, metadata: {name: away}, spec: {type: ExternalName, externalName: shop.example.com}}\n`;
    const cluster = clusterWith([TOOLS, alias]);
    const { out } = type(cluster, 'kubectl exec tools -- nslookup away.default.svc.cluster.local');
    expect(out).toContain('away.default.svc.cluster.local\tcanonical name = shop.example.com');
    expect(out).toContain('203.0.113.80');
    const page = type(cluster, 'kubectl exec tools -- wget -qO- http://away').out;
    expect(page).toContain('A page outside of the cluster.');
  });
});

describe('keyframes', () => {
  it.each(['cloud', 'metallb-l2', 'metallb-bgp'] as const)(
    'of a cluster with %s go on as it went on',
    (loadBalancer) => {
      const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
      const run = (rewound: boolean): string => {
        const cluster = clusterWith([ON_TWO, local], { settings: { loadBalancer }, hashTrace: true });
        cluster.fault({ kind: 'power', node: 'node-1', on: false });
        wait(cluster, 3);
        const frame = cluster.keyframe();
        if (rewound) {
          cluster.fault({ kind: 'load-balancer', provider: 'none' });
          wait(cluster, 30);
          cluster.restore(frame);
        }
        wait(cluster, 20);
        reach(cluster, addressOf(cluster));
        return `${cluster.hash()} ${JSON.stringify(cluster.facts.outside)}`;
      };
      expect(run(true)).toBe(run(false));
    },
  );
});

describe('requests from the page', () => {
  it('start at the client beyond the router', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')]);
    cluster.fault({ kind: 'request', ref: 'Outside//203.0.113.10', url: 'http://198.51.100.1/' });
    wait(cluster, 2);
    const request = [...cluster.trace.requests.values()].findLast(
      ({ from }) => from === 'Outside//203.0.113.10',
    );
    expect(request?.outcome).toMatchObject({ ok: true });
    const syn = cluster.trace.packetsOf(request!.id).find(({ label }) => label === 'SYN')!;
    const machines = [...new Set(syn.hops.map(({ place }) => place.machine))].filter(
      (name) => name !== 'underlay',
    );
    expect(machines.slice(0, 3)).toEqual(['client', 'outside', 'balancer']);
  });
});
