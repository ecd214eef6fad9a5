/** Nodes with BPF maps in kube-proxy's place, asked from outside and from within. */
import { describe, expect, it } from 'vitest';
import { SECOND } from './clock/clock';
import type { Cluster } from './cluster';
import { netfilterState } from './kernel/netfilter/state';
import { printLbList } from './node/ebpf/print';
import {
  addressOf,
  applyTo,
  CLIENT,
  clusterWith,
  reach,
  reachMany,
  type,
  wait,
  webDeployment,
  webService,
} from './testing/outside-cluster';
import { explain } from './trace/explain';
import type { PacketTrace } from './trace/hop';

const ON_TWO = webDeployment(['node-1', 'node-2']);
const TOOLS = `apiVersion: v1
kind: Pod
metadata: {name: tools}
spec: {nodeName: node-3, containers: [{name: tools, image: curlimages/curl, command: [sleep, infinity]}]}
`;
const IN_POD = 'kubectl exec tools -- ';

function nodePortOf(cluster: Cluster): number {
  return cluster.store.get('Service', 'default', 'web')!.spec.ports![0]!.nodePort!;
}

function packetsOfLast(cluster: Cluster): readonly PacketTrace[] {
  const last = [...cluster.trace.requests.values()].filter(({ kind }) => kind === 'http').at(-1)!;
  return cluster.trace.packetsOf(last.id);
}

describe('from outside', () => {
  const cluster = clusterWith([ON_TWO, webService('type: NodePort')], { proxyMode: 'ebpf' });

  it('a node without endpoint sends the packet on by its map, and no hook sees it', () => {
    expect(reach(cluster, `192.168.0.13:${nodePortOf(cluster)}`).code).toBe(0);
    const syn = packetsOfLast(cluster).find(({ label }) => label === 'SYN')!;
    const there = syn.hops.filter(({ place }) => place.machine === 'node-3');
    const program = there.find(({ facts }) => facts?.['bpf'] !== undefined)!;
    expect(program).toMatchObject({ station: 'device', name: 'eth0', action: 'dnat' });
    expect(program.facts).toMatchObject({ bpf: 'tc/ingress', program: 'cil_from_netdev', backends: '2' });
    expect(program.origin?.ref).toMatch(/^EndpointSlice\/default\/web-/);
    expect(explain(program)).toMatch(
      /^The BPF program on eth0 rewrites the packet: source 203\.0\.113\.10:\d+ becomes 10\.244\.3\.0:\d+ and destination 192\.168\.0\.13:\d+ becomes 10\.244\.[12]\.\d+:80$/,
    );
    expect(there.slice(there.indexOf(program)).filter(({ station }) => station === 'chain')).toEqual([]);
    const back = packetsOfLast(cluster).find(({ label }) => label === 'SYNACK')!;
    const turned = back.hops.find(
      ({ action, place }) => action === 'untranslate' && place.machine === 'node-3',
    )!;
    expect(turned.after.ip).toMatchObject({ src: '192.168.0.13', dst: CLIENT });
  });

  it('leaves netfilter without a connection to a frontend', () => {
    const { conntrack } = netfilterState(cluster.nodes[2]!.machine.netfilter('host'));
    const port = nodePortOf(cluster);
    expect(conntrack.list().filter(({ original }) => original.dstPort === port)).toEqual([]);
  });

  it('an endpoint in the host’s own network answers as its frontend', () => {
    const host = clusterWith(
      [ON_TWO.replaceAll('  nodeName', '  hostNetwork: true\n  nodeName'), webService('type: NodePort')],
      { proxyMode: 'ebpf' },
    );
    const seen = ['192.168.0.11', '192.168.0.12', '192.168.0.13'].map((ip) =>
      reachMany(host, `${ip}:${nodePortOf(host)}`, 8),
    );
    expect(seen.map(({ failed }) => failed)).toEqual([0, 0, 0]);
  });

  it('works again after a node was switched off and on', () => {
    cluster.fault({ kind: 'power', node: 'node-3', on: false });
    wait(cluster, 5);
    cluster.fault({ kind: 'power', node: 'node-3', on: true });
    wait(cluster, 60);
    expect(reachMany(cluster, `192.168.0.13:${nodePortOf(cluster)}`, 6).failed).toBe(0);
  });

  it('cluster IPs are not for the wire', () => {
    const ip = cluster.store.get('Service', 'default', 'web')!.spec.clusterIP!;
    const maps = cluster.nodes[0]!.machine.bpf.tables.frontends;
    expect([...maps.values()].find(({ address }) => address === ip)?.routable).toBe(false);
  });
});

describe('a load balancer with Local policy and ranges', () => {
  const spec = 'type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [203.0.113.0/24]';

  it.each(['cloud', 'metallb-l2'] as const)('of %s shows the client to its endpoints', (loadBalancer) => {
    const options = { proxyMode: 'ebpf', settings: { loadBalancer } } as const;
    const cluster = clusterWith([ON_TWO, webService(spec)], options);
    const { from, failed, pods } = reachMany(cluster, addressOf(cluster));
    expect({ from, failed }).toEqual({ from: [CLIENT], failed: 0 });
    expect(pods.length).toBeGreaterThan(0);
    const check = cluster.nodes[0]!.proxy.healthChecks();
    expect([...check.values()]).toMatchObject([{ status: 200, weight: 1 }]);
  });
});

describe('from a pod', () => {
  it('keeps to one backend with client affinity, until the time is over', () => {
    const sticky = 'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}';
    const cluster = clusterWith([ON_TWO, TOOLS, webService(sticky)], { proxyMode: 'ebpf' });
    const pods = () => new Set(Array.from({ length: 8 }, () => reach(cluster, 'web', IN_POD).pod));
    expect(pods().size).toBe(1);
    const after = new Set<string>();
    for (let i = 0; i < 8; i++) {
      wait(cluster, 61);
      after.add(reach(cluster, 'web', IN_POD).pod);
    }
    expect(after.size).toBe(2);
  });

  it('is not led to an endpoint that is gone', () => {
    const cluster = clusterWith([ON_TWO, TOOLS, webService('type: ClusterIP')], { proxyMode: 'ebpf' });
    const [first, second] = ['web-1', 'web-2'].map(
      (name) => cluster.store.get('Pod', 'default', name)?.status?.podIP,
    );
    applyTo(cluster, [webDeployment(['node-1']), TOOLS, webService('type: ClusterIP')]);
    const seen = Array.from({ length: 8 }, () => reach(cluster, 'web', IN_POD));
    expect(new Set(seen.map(({ pod }) => pod))).toEqual(new Set(['web-1']));
    const left = printLbList(cluster.nodes[0]!.machine.bpf.tables).join('\n');
    const gone = (ip: string | undefined) => ip !== undefined && left.includes(`${ip}:80`);
    expect([gone(first), gone(second)]).toEqual([true, false]);
  });
});

describe('two families', () => {
  it('are served alike, from a pod, a node and the outside', () => {
    const spec = 'type: NodePort, ipFamilyPolicy: RequireDualStack';
    const options = { proxyMode: 'ebpf', ipFamilies: ['IPv4', 'IPv6'] } as const;
    const cluster = clusterWith([ON_TWO, TOOLS, webService(spec)], options);
    const { clusterIPs = [] } = cluster.store.get('Service', 'default', 'web')!.spec;
    const six = clusterIPs.find((ip) => ip.includes(':'))!;
    expect(clusterIPs).toHaveLength(2);
    const port = nodePortOf(cluster);
    for (const via of [IN_POD, 'node node-3 -- '])
      for (const target of [`${clusterIPs[0]}`, `[${six}]`, `[fd00:192:168::12]:${port}`])
        expect(reach(cluster, target, via)).toMatchObject({ code: 0 });
    expect(reach(cluster, `[fd00:192:168::13]:${port}`)).toMatchObject({ code: 0 });
  });
});

describe('the tool', () => {
  it('lists the maps on a node, and has nothing to list where kube-proxy works', () => {
    const cluster = clusterWith([ON_TWO, webService('type: ClusterIP')], { proxyMode: 'ebpf' });
    const ip = cluster.store.get('Service', 'default', 'web')!.spec.clusterIP!;
    const { out } = type(cluster, 'node node-1 -- cilium-dbg bpf lb list');
    expect(out).toMatch(/^SERVICE ADDRESS +BACKEND ADDRESS \(REVNAT_ID\) \(SLOT\)\n/);
    expect(out).toMatch(
      new RegExp(`${ip}:80/TCP \\(0\\) +0\\.0\\.0\\.0:0 \\(\\d+\\) \\(0\\) \\[ClusterIP, non-routable\\]`),
    );
    expect(type(cluster, 'node node-1 -- cilium service list').out).toMatch(
      /1 => 10\.244\.\d\.\d+:80\/TCP \(active\)/,
    );
    cluster.setProxyMode('nftables');
    cluster.runUntil(cluster.clock.nowNs + 20 * SECOND);
    expect(type(cluster, 'node node-1 -- cilium-dbg bpf lb list').code).toBe(1);
  });
});
