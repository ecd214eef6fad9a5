import { describe, expect, it } from 'vitest';
import type { NodeView, PodView, ServiceView } from '../sim/view';
import { workloadsOf } from './far';
import { shownOutside } from './outside';
import { outsideTargets, reachOf } from './reach';

function service(type: string, more: Partial<ServiceView> = {}, nodePort: number | null = null): ServiceView {
  return {
    ref: 'Service/default/web',
    name: 'web',
    namespace: 'default',
    type,
    clusterIPs: ['10.96.0.42'],
    fqdn: 'web.default.svc.cluster.local',
    selector: { app: 'web' },
    ports: [{ name: '', port: 80, protocol: 'TCP', targetPort: '8080', nodePort }],
    externalAddresses: [],
    endpoints: [],
    ...more,
  };
}

describe('reachOf', () => {
  const given = { externalAddresses: ['198.51.100.1', '192.0.2.7'] };
  it.each([
    ['ClusterIP stays inside', service('ClusterIP'), 'cloud', null, ''],
    ['node port', service('NodePort', {}, 30080), 'none', ':30080 on every node', 'port 30080'],
    [
      'nobody to give one',
      service('LoadBalancer', {}, 30080),
      'none',
      '<pending>',
      'no load balancer is installed',
    ],
    ['not yet', service('LoadBalancer', {}, 30080), 'metallb-l2', '<pending>', 'MetalLB has not given'],
    ['two addresses', service('LoadBalancer', given), 'cloud', '198.51.100.1 +1', '192.0.2.7'],
    ['a CNAME', service('ExternalName', given), 'cloud', null, ''],
  ] as const)('%s', (_, one, provider, text, why) => {
    const reach = reachOf(one, provider);
    expect(reach.text).toBe(text);
    expect(reach.why).toContain(why);
  });
});

describe('outsideTargets', () => {
  it('asks external addresses on their port and nodes on theirs', () => {
    const nodes = [{ ip: '192.168.0.11' }, { ip: 'fd00::12' }] as unknown as NodeView[];
    const web = service('LoadBalancer', { externalAddresses: ['198.51.100.1'] }, 30080);
    expect(outsideTargets([web, service('ClusterIP')], nodes)).toEqual([
      'http://198.51.100.1',
      'http://192.168.0.11:30080',
      'http://[fd00::12]:30080',
    ]);
  });
});

describe('shownOutside', () => {
  const views = (['router', 'client', 'balancer', 'internet'] as const).map((role) => ({
    ref: `Outside//${role}`,
    name: role,
    role,
    addresses: [],
    routes: [],
    health: [],
  }));
  const names = (...args: Parameters<typeof shownOutside>): string[] =>
    shownOutside(...args).map(({ name }) => name);

  it('draws what can be used, and what has been', () => {
    const none = new Set<string>();
    expect(names(views, [service('ClusterIP')], none, 'cloud')).toEqual([]);
    expect(names(views, [service('NodePort')], none, 'cloud')).toEqual(['router', 'client']);
    expect(names(views, [service('LoadBalancer')], none, 'cloud')).toEqual(['router', 'client', 'balancer']);
    expect(names(views, [service('LoadBalancer')], none, 'metallb-l2')).toEqual(['router', 'client']);
    expect(names(views, [], new Set(['internet']), 'none')).toEqual(['router', 'internet']);
  });
});

describe('workloadsOf', () => {
  it('counts pods by workload and shows the one that is furthest from ready', () => {
    const pod = (workload: string, look: string): PodView => ({ workload, look }) as PodView;
    const pods = [pod('a', 'ready'), pod('b', 'backoff'), pod('a', 'creating'), pod('b', 'ready')];
    expect(workloadsOf(pods)).toEqual([
      { workload: 'a', look: 'creating', count: 2 },
      { workload: 'b', look: 'backoff', count: 2 },
    ]);
  });
});
