/** The same cluster in all four modes, asked the same: the answers are the same, but for a written list of real differences. */
import { describe, expect, it } from 'vitest';
import { MODE_DIFFERENCES, type ModeName } from '../lib/mode-differences';
import type { Cluster } from './cluster';
import { addressOf, CLIENT, clusterWith, type, webDeployment } from './testing/outside-cluster';

const MODES: readonly ModeName[] = ['iptables', 'ipvs', 'nftables', 'ebpf'];

const TOOLS = `apiVersion: v1
kind: Pod
metadata: {name: tools}
spec: {nodeName: node-3, containers: [{name: tools, image: curlimages/curl, command: [sleep, infinity]}]}
`;

function service(name: string, selector: string, spec: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${selector}}, ports: [{port: 80}], ${spec}}
`;
}

const MANIFESTS = [
  webDeployment(['node-1', 'node-2']),
  TOOLS,
  service('any', 'web', 'type: NodePort'),
  service('local', 'web', 'type: NodePort, externalTrafficPolicy: Local'),
  service('inner', 'web', 'type: ClusterIP, internalTrafficPolicy: Local'),
  service('none', 'nobody', 'type: NodePort'),
  service('ranges', 'web', 'type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24]'),
  service('outer', 'web', 'type: ClusterIP, externalIPs: [198.51.100.200]'),
];

const FROM: Readonly<Record<string, string>> = {
  client: '',
  pod: 'kubectl exec tools -- ',
  node: 'node node-3 -- ',
};

/** Where the pods' answers say that they came from. */
function whose(ip: string): string {
  if (ip === CLIENT) return 'client';
  if (/^192\.168\.0\./.test(ip) || /\.[01]$/.test(ip)) return 'node';
  return /^10\.244\./.test(ip) ? 'pod' : ip;
}

/** "web-1 web-2 as client", or how curl failed. */
function ask(cluster: Cluster, from: string, target: string): string {
  const pods = new Set<string>();
  const seen = new Set<string>();
  for (let i = 0; i < 14; i++) {
    const { out, err, code } = type(cluster, `${FROM[from]}curl -v -m 3 http://${target}`);
    if (code !== 0) return /refused|unreachable|timed out|No route to host/.exec(err)?.[0] ?? err;
    pods.add(/^Hostname: (.*)$/m.exec(out)?.[1] ?? '?');
    seen.add(whose(/^RemoteAddr: (.*):\d+$/m.exec(out)?.[1] ?? ''));
  }
  return `${[...pods].sort().join(' ')} as ${[...seen].sort().join(' ')}`;
}

function ping(cluster: Cluster, from: string, target: string): string {
  const { out } = type(cluster, `${FROM[from]}ping -c 1 -W 2 ${target}`);
  return /bytes from|Port Unreachable|Net Unreachable/.exec(out)?.[0] ?? 'no answer';
}

/** What each row of the table is about, and the difference that it is an example of, if any. */
const DIFFERENCE_OF: Readonly<Record<string, string>> = {
  'node: ping a cluster IP': 'ping-cluster-ip',
  'pod: cluster IP, another port': 'cluster-ip-other-port',
  'node: cluster IP, another port': 'cluster-ip-other-port',
  'pod: cluster IP without endpoints': 'cluster-ip-no-endpoints',
  'node: cluster IP without endpoints': 'cluster-ip-no-endpoints',
  'pod: cluster IP, internal policy Local': 'internal-local-none-here',
  'node: cluster IP, internal policy Local': 'internal-local-none-here',
  'client: node port of 192.168.0.13, Local policy': 'external-local-none-here',
  'pod: node port, Local policy, of another node': 'other-node-port-local',
  'node: node port, Local policy, of another node': 'other-node-port-local',
  'node: load balancer IP with other ranges': 'ranges-from-inside',
  'pod: load balancer IP with other ranges': 'ranges-from-inside',
  'pod: external IP': 'external-ip-from-inside',
  'node: external IP': 'external-ip-from-inside',
  'node: node port on loopback': 'node-port-on-loopback',
  'client: node port of 192.168.0.11': 'source-with-local-endpoint',
};

function table(mode: ModeName): ReadonlyMap<string, string> {
  const cluster = clusterWith(MANIFESTS, { proxyMode: mode, settings: { loadBalancer: 'metallb-l2' } });
  const spec = (name: string) => cluster.store.get('Service', 'default', name)!.spec;
  const nodePort = (name: string) => spec(name).ports![0]!.nodePort;
  const rows = new Map<string, string>();
  const put = (what: string, from: string, target: string) =>
    rows.set(`${from}: ${what}`, ask(cluster, from, target));
  for (const from of ['pod', 'node']) {
    put('cluster IP', from, spec('any').clusterIP!);
    put('cluster IP, another port', from, `${spec('any').clusterIP}:81`);
    put('cluster IP, internal policy Local', from, spec('inner').clusterIP!);
    put('cluster IP without endpoints', from, spec('none').clusterIP!);
    put('load balancer IP with other ranges', from, addressOf(cluster, 'ranges'));
    put('external IP', from, '198.51.100.200');
    put('node port, Local policy, of a node without endpoint', from, `192.168.0.13:${nodePort('local')}`);
    put('node port, Local policy, of another node', from, `192.168.0.11:${nodePort('local')}`);
  }
  rows.set('node: ping a cluster IP', ping(cluster, 'node', spec('any').clusterIP!));
  put('node port on loopback', 'node', `127.0.0.1:${nodePort('any')}`);
  for (const ip of ['192.168.0.11', '192.168.0.13']) {
    put(`node port of ${ip}`, 'client', `${ip}:${nodePort('any')}`);
    put(`node port of ${ip}, Local policy`, 'client', `${ip}:${nodePort('local')}`);
  }
  put('node port without endpoints', 'client', `192.168.0.11:${nodePort('none')}`);
  put('load balancer IP with other ranges', 'client', addressOf(cluster, 'ranges'));
  return rows;
}

describe('four modes', () => {
  const tables = new Map(MODES.map((mode) => [mode, table(mode)]));
  const usual = tables.get('iptables')!;
  const byId = new Map(MODE_DIFFERENCES.map((one) => [one.id, one]));

  it.each([...usual.keys()])('%s: as written', (row) => {
    const otherwise = MODES.filter((mode) => tables.get(mode)!.get(row) !== usual.get(row));
    const id = DIFFERENCE_OF[row];
    expect({ row, otherwise }).toEqual({ row, otherwise: id === undefined ? [] : byId.get(id)!.modes });
  });

  it('answer in words as the list says', () => {
    const said = (row: string) => MODES.map((mode) => tables.get(mode)!.get(row));
    expect(said('pod: cluster IP')).toEqual(Array(4).fill('web-1 web-2 as pod'));
    expect(said('pod: cluster IP without endpoints')).toEqual([
      'refused',
      'refused',
      'refused',
      'No route to host',
    ]);
    expect(said('node: ping a cluster IP')).toEqual([
      'no answer',
      'Port Unreachable',
      'Port Unreachable',
      'no answer',
    ]);
    expect(said('client: node port of 192.168.0.13, Local policy')).toEqual([
      'timed out',
      'web-1 web-2 as node',
      'timed out',
      'refused',
    ]);
    expect(said('client: node port of 192.168.0.11')[3]).toBe('web-1 web-2 as client node');
  });

  it('are told apart by differences that have a source each', () => {
    expect(new Set(byId.keys()).size).toBe(MODE_DIFFERENCES.length);
    for (const id of Object.values(DIFFERENCE_OF)) expect(byId.has(id)).toBe(true);
    for (const { modes, why, source } of MODE_DIFFERENCES) {
      expect(modes.length).toBeGreaterThan(0);
      expect(why).not.toBe('');
      expect(source).not.toBe('');
    }
  });
});
