/** Clusters of both IP families and of IPv6 alone: who reaches what by which address, and what the tools print of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster';
import { SECOND } from './clock/clock';

const DEFAULT_WORKSPACE = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

const SERVER = (name: string, node: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: web, on: ${node} } }
spec: { nodeName: ${node}, containers: [{ name: c, image: nginx, ports: [{ containerPort: 80 }] }] }`;

const SERVICE = (name: string, rest: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ port: 80 }], ${rest} }`;

const WORLD = [
  SERVER('near', 'node-1'),
  SERVER('far', 'node-2'),
  `
apiVersion: v1
kind: Pod
metadata: { name: alpine }
spec: { nodeName: node-1, containers: [{ name: c, image: nicolaka/netshoot, command: [sleep, infinity] }] }`,
  SERVICE('both', 'selector: { app: web }, type: NodePort, ipFamilyPolicy: RequireDualStack'),
  SERVICE('near', 'selector: { on: node-1 }, ipFamilyPolicy: PreferDualStack'),
  SERVICE('far', 'selector: { on: node-2 }, ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6, IPv4]'),
  SERVICE('four', 'selector: { app: web }'),
  SERVICE('six', 'selector: { app: web }, ipFamilies: [IPv6]'),
  SERVICE('headless', 'selector: { app: web }, clusterIP: None, ipFamilyPolicy: PreferDualStack'),
  SERVICE('manual', 'ipFamilyPolicy: PreferDualStack'),
].join('\n---');

/** Endpoints of the Service without a selector, in IPv4 only. */
function manualSlice(cluster: Cluster): string {
  const ip = cluster.store.get('Pod', 'default', 'far')?.status?.podIP ?? '';
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: manual-1, labels: { kubernetes.io/service-name: manual } }
addressType: IPv4
ports: [{ port: 80, protocol: TCP }]
endpoints: [{ addresses: ["${ip}"] }]`;
}

function applied(cluster: Cluster, text: string): Cluster {
  const { diagnostics } = cluster.apply([{ name: 'all.yaml', text }]);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(cluster.runUntilSettled()).toBe(true);
  return cluster;
}

function dualStack(options: Parameters<typeof Cluster.create>[0] = {}): Cluster {
  const cluster = Cluster.create({ seed: 3, ipFamilies: ['IPv4', 'IPv6'], ...options });
  applied(cluster, WORLD);
  return applied(cluster, `${WORLD}\n---${manualSlice(cluster)}`);
}

let lastId = 0;
/** What a line prints, its errors included. */
function run(cluster: Cluster, line: string): string {
  const id = String(++lastId);
  cluster.takeOutput();
  cluster.exec(id, line);
  cluster.runUntilExit(id, 600 * SECOND);
  return cluster
    .takeOutput()
    .map((output) => (output.type === 'output' ? output.text : ''))
    .join('');
}

/** "200 to fd00:…" or curl's exit code. */
function curl(cluster: Cluster, from: string, args: string): string {
  const words = `curl -s -m 5 -o /dev/null -w '%{http_code} %{exitcode} %{remote_ip}' ${args}`;
  const where = from.startsWith('node-') ? `node ${from} --` : `kubectl exec ${from} --`;
  const [code = '', exit = '', ip = ''] = run(cluster, `${where} ${words}`).split(/\s/);
  return code === '200' ? `200 ${ip.includes(':') ? 'IPv6' : 'IPv4'}` : `exit ${exit}`;
}

function clusterIps(cluster: Cluster, name: string): readonly string[] {
  return cluster.store.get('Service', 'default', name)?.spec.clusterIPs ?? [];
}

describe('a dual-stack cluster', () => {
  const cluster = dualStack();
  const port = cluster.store.get('Service', 'default', 'both')?.spec.ports?.[0]?.nodePort ?? 0;

  it('gives nodes and pods an address of each family, the primary one first', () => {
    const node = cluster.store.get('Node', '', 'node-2')!;
    expect(node.spec?.podCIDRs).toEqual(['10.244.2.0/24', 'fd00:10:244:2::/64']);
    expect(node.status?.addresses?.map(({ address }) => address)).toEqual([
      '192.168.0.12',
      'fd00:192:168::12',
      'node-2',
    ]);
    const pod = cluster.store.get('Pod', 'default', 'far')!;
    expect(pod.status?.podIPs?.map(({ ip }) => ip)).toEqual([
      expect.stringMatching(/^10\.244\.2\./),
      expect.stringMatching(/^fd00:10:244:2::/),
    ]);
    expect(pod.status?.podIP).toBe(pod.status?.podIPs?.[0]?.ip);
    expect(pod.status?.hostIPs).toEqual([{ ip: '192.168.0.12' }, { ip: 'fd00:192:168::12' }]);
  });

  it('settles families by policy, as the API server does', () => {
    const rows = ['both', 'near', 'far', 'four', 'six', 'headless', 'manual'].map((name) => {
      const { ipFamilyPolicy, ipFamilies } = cluster.store.get('Service', 'default', name)!.spec;
      return `${name} ${ipFamilyPolicy} ${ipFamilies?.join(',')}`;
    });
    expect(rows).toEqual([
      'both RequireDualStack IPv4,IPv6',
      'near PreferDualStack IPv4,IPv6',
      'far PreferDualStack IPv6,IPv4',
      'four SingleStack IPv4',
      'six SingleStack IPv6',
      'headless PreferDualStack IPv4,IPv6',
      'manual PreferDualStack IPv4,IPv6',
    ]);
    for (const [namespace, name] of [
      ['default', 'kubernetes'],
      ['kube-system', 'kube-dns'],
    ] as const)
      expect(cluster.store.get('Service', namespace, name)?.spec.ipFamilies).toEqual(['IPv4']);
    expect(clusterIps(cluster, 'far')[0]).toMatch(/^fd00:10:96::/);
  });

  it.each([
    // from, what is asked, what comes of it
    ['alpine', '-4 http://both', '200 IPv4'],
    ['alpine', '-6 http://both', '200 IPv6'],
    ['alpine', '-4 http://near', '200 IPv4'],
    ['alpine', '-6 http://near', '200 IPv6'],
    ['alpine', '-4 http://far', '200 IPv4'],
    ['alpine', '-6 http://far', '200 IPv6'],
    ['alpine', '-4 http://headless', '200 IPv4'],
    ['alpine', '-6 http://headless', '200 IPv6'],
    ['near', '-6 http://near', '200 IPv6'],
    ['alpine', 'http://four', '200 IPv4'],
    ['alpine', '-6 http://four', 'exit 6'],
    ['alpine', 'http://six', '200 IPv6'],
    ['alpine', '-4 http://six', 'exit 6'],
    ['alpine', '-4 http://manual', '200 IPv4'],
    ['alpine', '-6 http://manual', 'exit 7'],
    ['node-1', 'http://[fd00:192:168::12]:PORT', '200 IPv6'],
    ['node-1', 'http://[fd00:192:168::11]:PORT', '200 IPv6'],
    ['node-1', 'http://192.168.0.12:PORT', '200 IPv4'],
    ['alpine', 'http://[fd00:192:168::12]:PORT', '200 IPv6'],
    // localhost node ports are a thing of IPv4 (route_localnet).
    ['node-1', 'http://127.0.0.1:PORT', '200 IPv4'],
    ['node-1', 'http://[::1]:PORT', 'exit 7'],
    ['alpine', '-6 http://example.com', '200 IPv6'],
  ])('from %s: curl %s: %s', (from, args, outcome) => {
    expect(curl(cluster, from, args.replace('PORT', String(port)))).toBe(outcome);
  });

  it('goes to both endpoints of an IPv6 Service, hairpin and all', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      run(cluster, 'kubectl exec near -- curl -s -6 http://both');
      for (const request of cluster.trace.packets.values())
        if (request.label === 'SYN') for (const hop of request.hops) seen.add(hop.after.ip?.dst ?? '');
    }
    const ips = ['near', 'far'].map(
      (name) => cluster.store.get('Pod', 'default', name)!.status!.podIPs![1]!.ip,
    );
    for (const ip of ips) expect([...seen]).toContain(ip);
  });

  it('tries addresses in the order of the C library', () => {
    expect(curl(cluster, 'alpine', 'http://both')).toBe('200 IPv4');
    expect(curl(cluster, 'near', 'http://both')).toBe('200 IPv6');
  });

  it('answers AAAA and reverse lookups', () => {
    const [, six = ''] = clusterIps(cluster, 'both');
    const name = 'both.default.svc.cluster.local';
    expect(run(cluster, `kubectl exec alpine -- dig +short AAAA ${name}`)).toBe(`${six}\n`);
    expect(run(cluster, `kubectl exec alpine -- dig +short -x ${six}`)).toBe(`${name}.\n`);
    const pods = run(cluster, 'kubectl exec alpine -- dig +short AAAA headless.default.svc.cluster.local');
    const wanted = ['near', 'far'].map(
      (pod) => cluster.store.get('Pod', 'default', pod)!.status!.podIPs![1]!.ip,
    );
    expect(pods.trim().split('\n').sort()).toEqual(wanted.sort());
  });

  it('writes one slice a family', () => {
    const types = (name: string) => cluster.store.slicesOf('default', name).map((slice) => slice.addressType);
    expect(types('both').sort()).toEqual(['IPv4', 'IPv6']);
    expect(types('six')).toEqual(['IPv6']);
    expect(types('headless').sort()).toEqual(['IPv4', 'IPv6']);
  });

  it('programs routes, neighbours and forwarding entries of the second tunnel', () => {
    expect(run(cluster, 'node node-1 -- ip -6 route')).toBe(
      [
        'fd00:10:244:1:: dev flannel-v6.1 proto kernel metric 256 pref medium',
        'fd00:10:244:1::/64 dev cni0 proto kernel metric 256 pref medium',
        'fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 metric 1024 onlink pref medium',
        'fd00:192:168::/64 dev eth0 proto kernel metric 256 pref medium',
        'default via fd00:192:168::1 dev eth0 proto static metric 1024 pref medium',
        '',
      ].join('\n'),
    );
    expect(run(cluster, 'node node-1 -- ip -6 neigh show dev flannel-v6.1')).toMatch(
      /^fd00:10:244:2:: lladdr \S+ PERMANENT \n$/,
    );
    expect(run(cluster, 'node node-1 -- bridge fdb show dev flannel-v6.1')).toMatch(
      / dst fd00:192:168::12 self/,
    );
    const rules = run(cluster, 'node node-1 -- ip6tables-save -t nat');
    expect(rules).toContain('-A FLANNEL-POSTRTG -s fd00:10:244::/56 ! -d ff00::/8 ');
    expect(rules).toContain(`-d ${clusterIps(cluster, 'six')[0]}/128 -p tcp`);
    expect(rules).not.toMatch(/ 10\.\d+\.\d+\.\d+/);
    expect(run(cluster, 'node node-1 -- iptables-save')).not.toContain('fd00:');
    expect(run(cluster, 'node node-1 -- ip -6 route get fd00:10:244:2::9')).toBe(
      'fd00:10:244:2::9 from :: via fd00:10:244:2:: dev flannel-v6.1 src fd00:10:244:1:: metric 1024 pref medium\n',
    );
  });

  it("carries packets up to the tunnel's MTU, and larger ones in fragments", () => {
    const ip = cluster.store.get('Pod', 'default', 'far')!.status!.podIPs![1]!.ip;
    const ping = (args: string) => run(cluster, `kubectl exec alpine -- ping -6 -c 1 ${args} ${ip}`);
    expect(ping('-M do -s 1382')).toContain(' 1 received');
    expect(ping('-M do -s 1383')).toContain('Message too long');
    expect(ping('-s 3000')).toContain(' 1 received');
  });

  it('keeps connections of both families in one table', () => {
    run(cluster, 'kubectl exec alpine -- curl -s -6 http://far');
    const six = run(cluster, 'node node-1 -- conntrack -L -f ipv6');
    const dst = clusterIps(cluster, 'far')[0]!;
    expect(six).toMatch(new RegExp(`tcp +6 .* dst=${dst} sport=\\d+ dport=80 src=fd00:10:244:2::`));
    expect(six).not.toContain('src=10.');
    expect(run(cluster, 'node node-1 -- conntrack -L -f ipv4')).not.toContain('src=fd00');
  });

  it('lets a Service go from one family to two and back', () => {
    const change = (rest: string) =>
      applied(
        cluster,
        `${WORLD.replace(SERVICE('four', 'selector: { app: web }'), SERVICE('four', rest))}\n---${manualSlice(cluster)}`,
      );
    const [first] = clusterIps(cluster, 'four');
    change('selector: { app: web }, ipFamilyPolicy: PreferDualStack');
    expect(clusterIps(cluster, 'four')).toEqual([first, expect.stringMatching(/^fd00:10:96::/)]);
    expect(curl(cluster, 'alpine', '-6 http://four')).toBe('200 IPv6');
    change('selector: { app: web }, ipFamilyPolicy: SingleStack');
    expect(clusterIps(cluster, 'four')).toEqual([first]);
    expect(cluster.store.get('Service', 'default', 'four')?.spec.ipFamilies).toEqual(['IPv4']);
    expect(cluster.store.slicesOf('default', 'four').map((slice) => slice.addressType)).toEqual(['IPv4']);
    expect(run(cluster, 'node node-1 -- ip6tables-save -t nat')).not.toContain('default/four');
  });
});

describe('other choices of families', () => {
  it('refuses a second family in a cluster of one', () => {
    const cluster = Cluster.create({ seed: 3 });
    const refusal = (rest: string) =>
      cluster
        .apply([{ name: 'a.yaml', text: SERVICE('web', rest) }])
        .diagnostics.map(({ message }) => message);
    expect(refusal('ipFamilyPolicy: RequireDualStack')).toEqual([
      expect.stringContaining('this cluster is not configured for dual-stack services'),
    ]);
    expect(refusal('ipFamilies: [IPv6]')).toEqual([
      expect.stringContaining('spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
    ]);
    expect(refusal('ipFamilyPolicy: PreferDualStack')).toEqual([]);
    expect(cluster.store.get('Service', 'default', 'web')?.spec.ipFamilies).toEqual(['IPv4']);
  });

  it('boots with IPv6 alone, and the default workspace works', () => {
    const cluster = applied(Cluster.create({ seed: 7, ipFamilies: ['IPv6'] }), DEFAULT_WORKSPACE);
    const start = cluster.clock.nowNs;
    cluster.runUntil(start + 20 * SECOND);
    const ended = [...cluster.trace.requests.values()].filter(
      ({ from, startNs, endNs }) =>
        from.startsWith('Pod/default/frontend') && startNs >= start && endNs !== null,
    );
    expect(ended.length).toBeGreaterThan(15);
    expect(ended.filter((request) => !request.outcome?.ok)).toEqual([]);
    expect(run(cluster, 'kubectl get svc kubernetes')).toContain('fd00:10:96::1 ');
    expect(run(cluster, 'node node-1 -- ip -4 route')).toBe('');
    expect(run(cluster, 'node node-1 -- iptables-save')).not.toContain('KUBE-SERVICES');
  });

  it('puts IPv6 first where it is the primary family', () => {
    const cluster = applied(
      Cluster.create({ seed: 3, ipFamilies: ['IPv6', 'IPv4'] }),
      SERVER('web', 'node-2'),
    );
    expect(cluster.store.get('Pod', 'default', 'web')?.status?.podIP).toMatch(/^fd00:10:244:2::/);
    expect(cluster.store.get('Service', 'kube-system', 'kube-dns')?.spec.clusterIPs).toEqual([
      'fd00:10:96::a',
    ]);
    expect(run(cluster, 'kubectl get node node-1 -o wide')).toContain(' fd00:192:168::11 ');
  });

  it.each(['ipvs', 'nftables', 'ebpf'] as const)('does the same with kube-proxy in %s mode', (proxyMode) => {
    const cluster = dualStack({ proxyMode });
    for (const [args, outcome] of [
      ['-4 http://both', '200 IPv4'],
      ['-6 http://both', '200 IPv6'],
      ['-6 http://far', '200 IPv6'],
      ['-6 http://manual', 'exit 7'],
    ] as const)
      expect(`${args}: ${curl(cluster, 'alpine', args)}`).toBe(`${args}: ${outcome}`);
    if (proxyMode === 'ebpf') return;
    const tables = run(
      cluster,
      `node node-1 -- ${proxyMode === 'ipvs' ? 'ipvsadm -Ln' : 'nft list ruleset ip6'}`,
    );
    expect(tables).toContain(clusterIps(cluster, 'six')[0]);
  });

  it('comes back in both families after a node was switched off', () => {
    const cluster = dualStack();
    const power = (on: boolean) => cluster.fault({ kind: 'power', node: 'node-1', on });
    power(false);
    cluster.runUntil(cluster.clock.nowNs + 5 * SECOND);
    power(true);
    cluster.runUntil(cluster.clock.nowNs + 30 * SECOND);
    expect(cluster.runUntilSettled()).toBe(true);
    expect(cluster.store.get('Pod', 'default', 'near')?.status?.podIPs).toHaveLength(2);
    expect(curl(cluster, 'alpine', '-4 http://both')).toBe('200 IPv4');
    expect(curl(cluster, 'alpine', '-6 http://far')).toBe('200 IPv6');
    const rules = run(cluster, 'node node-1 -- ip6tables-save -t nat').split('\n');
    expect(rules.filter((line) => line.startsWith('-A POSTROUTING'))).toHaveLength(2);
  });

  it('is the same again for the same seed, and from a keyframe', () => {
    const one = dualStack({ hashTrace: true });
    const frame = one.keyframe();
    const ask = (cluster: Cluster) => {
      run(cluster, 'kubectl exec alpine -- curl -s -6 http://both');
      cluster.runUntil(frame.clock.nowNs + 30 * SECOND);
      return cluster.hash();
    };
    const first = ask(one);
    one.restore(frame);
    expect(ask(one)).toBe(first);
    expect(ask(dualStack({ hashTrace: true }))).toBe(first);
  });
});
