/** The outside in IPv6: the same ways in, with addresses of the other family. */
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  clusterWith,
  reachMany,
  reach,
  webDeployment,
  webService,
} from './testing/outside-cluster';

const ON_TWO = webDeployment(['node-1', 'node-2']);
const CLIENT6 = '[2001:db8:203:113::10]';

describe.each([
  [['IPv6'] as const, ''],
  [['IPv4', 'IPv6'] as const, ', ipFamilies: [IPv6]'],
])('IPv6 Services of a cluster with %s', (ipFamilies, field) => {
  it.each([
    ['cloud', '2001:db8:198:51::1'],
    ['metallb-l2', 'fd00:192:168::240'],
    ['metallb-bgp', '2001:db8:198:51::8000'],
  ] as const)('get addresses of %s that keep the source with Local policy', (loadBalancer, address) => {
    const service = webService(`type: LoadBalancer, externalTrafficPolicy: Local${field}`);
    const cluster = clusterWith([ON_TWO, service], { ipFamilies, settings: { loadBalancer } });
    expect(addressOf(cluster)).toBe(address);
    const { pods, from, failed } = reachMany(cluster, `[${address}]`);
    expect({ from, failed }).toEqual({ from: [CLIENT6], failed: 0 });
    expect(pods.length).toBe(loadBalancer === 'metallb-l2' ? 1 : 2);
  });

  it('are reached in Proxy mode by their node ports', () => {
    const service = webService(`type: LoadBalancer${field}`, 'web', '{hopyard.dev/cloud-ip-mode: Proxy}');
    const cluster = clusterWith([ON_TWO, service], { ipFamilies });
    expect(reachMany(cluster, '[2001:db8:198:51::1]')).toMatchObject({ pods: ['web-1', 'web-2'], failed: 0 });
  });

  it('answer on node ports of every node', () => {
    const cluster = clusterWith([ON_TWO, webService(`type: NodePort${field}`)], { ipFamilies });
    const port = cluster.store.get('Service', 'default', 'web')?.spec.ports?.[0]?.nodePort;
    expect(reach(cluster, `[fd00:192:168::13]:${port}`).code).toBe(0);
  });
});

describe('a dual-stack Service', () => {
  it.each(['cloud', 'metallb-l2', 'metallb-bgp'] as const)(
    'gets an address of each family from %s',
    (loadBalancer) => {
      const dual = webService(
        'type: LoadBalancer, ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4]',
      );
      const cluster = clusterWith([ON_TWO, dual], {
        ipFamilies: ['IPv4', 'IPv6'],
        settings: { loadBalancer },
      });
      const ingress = cluster.store.get('Service', 'default', 'web')?.status?.loadBalancer?.ingress ?? [];
      expect(ingress).toHaveLength(2);
      expect(ingress[0]?.ip).toContain(':');
      expect(reachMany(cluster, `[${ingress[0]?.ip}]`, 4).failed).toBe(0);
      expect(reachMany(cluster, ingress[1]?.ip ?? '', 4).failed).toBe(0);
    },
  );
});
