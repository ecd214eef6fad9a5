/** MetalLB's addresses, elections and routes, and changing from one provider to another. */
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  applyTo,
  clusterWith,
  reach,
  reachMany,
  type,
  wait,
  webDeployment,
  webService,
} from './testing/outside-cluster';

const ON_TWO = webDeployment(['node-1', 'node-2']);

describe('MetalLB', () => {
  it('gives and keeps the address that was asked for, once', () => {
    const asked = '{metallb.universe.tf/loadBalancerIPs: 192.168.0.245}';
    const settings = { loadBalancer: 'metallb-l2' } as const;
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer', 'a', asked)], { settings });
    expect(addressOf(cluster, 'a')).toBe('192.168.0.245');
    const { annotations } = cluster.store.get('Service', 'default', 'a')!.metadata;
    expect(annotations?.['metallb.io/ip-allocated-from-pool']).toBe('default-pool');
    applyTo(cluster, [
      ON_TWO,
      webService('type: LoadBalancer', 'a', asked),
      webService('type: LoadBalancer, loadBalancerIP: 192.168.0.245', 'b'),
      webService('type: LoadBalancer, loadBalancerIP: 10.1.2.3', 'c'),
    ]);
    expect([addressOf(cluster, 'b'), addressOf(cluster, 'c')]).toEqual(['', '']);
    expect(type(cluster, 'kubectl describe svc b').out).toContain(
      `Failed to allocate IP for "default/b": can't change sharing key for "default/b", address also in use by default/a`,
    );
    expect(type(cluster, 'kubectl describe svc c').out).toContain('["10.1.2.3"] is not allowed in config');
    type(cluster, 'kubectl delete svc a');
    wait(cluster, 2);
    expect(addressOf(cluster, 'b')).toBe('192.168.0.245');
  });

  it('on layer 2 has one node answer, and the router learn of a take-over without asking', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')], {
      settings: { loadBalancer: 'metallb-l2' },
    });
    const told = cluster.facts.announcements!;
    expect(told).toHaveLength(1);
    const holder = told[0]!.node;
    expect(reach(cluster, '192.168.0.240').code).toBe(0);
    const mac = (): string =>
      /192\.168\.0\.240 dev eth0 lladdr (\S+)/.exec(type(cluster, 'node outside -- ip neigh').out)?.[1] ?? '';
    const macOf = (node: string): string => cluster.nodeOf(node)!.machine.macOf('host', 'eth0');
    expect(mac()).toBe(macOf(holder));
    const arp = cluster.trace.packets.size;
    expect(arp).toBeGreaterThan(0);
    cluster.fault({ kind: 'power', node: holder, on: false });
    wait(cluster, 8);
    const heir = cluster.facts.announcements!.map(({ node }) => node);
    expect(heir).toHaveLength(1);
    expect(heir).not.toContain(holder);
    expect(mac()).toBe(macOf(heir[0]!));
    expect(reachMany(cluster, '192.168.0.240', 6).failed).toBe(0);
    const { out } = type(cluster, 'kubectl describe svc web');
    expect(out).toContain('Assigned IP ["192.168.0.240"]');
    for (const node of [holder, heir[0]])
      expect(out).toContain(`announcing from node "${node}" with protocol "layer2"`);
  });

  it.each(['iptables', 'ipvs', 'nftables', 'ebpf'] as const)(
    'works with the proxy in mode %s',
    (proxyMode) => {
      const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')], {
        proxyMode,
        settings: { loadBalancer: 'metallb-l2' },
      });
      expect(reachMany(cluster, '192.168.0.240', 8)).toMatchObject({ failed: 0 });
    },
  );

  it('announces nothing for a Service without endpoints', () => {
    const cluster = clusterWith([webService('type: LoadBalancer')], {
      settings: { loadBalancer: 'metallb-l2' },
    });
    expect(addressOf(cluster)).toBe('192.168.0.240');
    expect(cluster.facts.announcements).toEqual([]);
    expect(reach(cluster, '192.168.0.240').code).not.toBe(0);
  });

  it('with BGP gives the router one next hop for each node that may take traffic', () => {
    const routes = (policy: string): string => {
      const service = webService(`type: LoadBalancer, externalTrafficPolicy: ${policy}`);
      const cluster = clusterWith([ON_TWO, service], { settings: { loadBalancer: 'metallb-bgp' } });
      const { out } = type(cluster, 'node outside -- ip route');
      return out.slice(out.indexOf('198.51')).split('203.0')[0]!.trim();
    };
    const head = '198.51.100.128 proto bird \n';
    const hop = (n: number): string => `\tnexthop via 192.168.0.1${n} dev eth0 weight 1`;
    expect(routes('Cluster')).toBe(`${head}${hop(1)} \n${hop(2)} \n${hop(3)}`);
    expect(routes('Local')).toBe(`${head}${hop(1)} \n${hop(2)}`);
  });

  it('with BGP withdraws a route at once when the last local endpoint goes', () => {
    const local = webService('type: LoadBalancer, externalTrafficPolicy: Local');
    const cluster = clusterWith([ON_TWO, local], { settings: { loadBalancer: 'metallb-bgp' } });
    cluster.fault({ kind: 'hold-unready', ref: 'Pod/default/web-1', held: true });
    wait(cluster, 2);
    expect(type(cluster, 'node outside -- ip route').out).toContain(
      '198.51.100.128 via 192.168.0.12 dev eth0',
    );
  });
});

describe('changing the provider while the cluster runs', () => {
  it('takes back what the old one gave, and the new one gives its own', () => {
    const cluster = clusterWith([ON_TWO, webService('type: LoadBalancer')]);
    const seen = (['metallb-l2', 'metallb-bgp', 'none', 'cloud'] as const).map((provider) => {
      cluster.fault({ kind: 'load-balancer', provider });
      cluster.runUntilSettled();
      const address = addressOf(cluster);
      return `${provider} ${address} ${address === '' ? '' : reach(cluster, address).code}`;
    });
    expect(seen).toEqual([
      'metallb-l2 192.168.0.240 0',
      'metallb-bgp 198.51.100.128 0',
      'none  ',
      'cloud 198.51.100.1 0',
    ]);
    expect(cluster.facts.loadBalancer).toBe('cloud');
  });
});
