/** What machines' tables are printed as, line by line with causes, in every mode. */
import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster';
import { printTool } from './shell/machine-tools';
import type { ClusterFacts, MachineTool } from './view';

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`;

function clusterIn(proxyMode: ClusterFacts['proxyMode']): Cluster {
  const cluster = Cluster.create({ proxyMode });
  cluster.apply([{ name: 'web.yaml', text: MANIFEST }]);
  cluster.runUntilSettled();
  return cluster;
}

const CASES: readonly (readonly [ClusterFacts['proxyMode'], MachineTool, readonly string[]])[] = [
  ['iptables', 'iptables-nat', ['iptables', '-t', 'nat', '-L', '-n', '-v']],
  ['nftables', 'nft', ['nft', 'list', 'ruleset']],
  ['ipvs', 'ipvsadm', ['ipvsadm', '-Ln']],
  ['ipvs', 'ipset', ['ipset', 'list']],
  ['ebpf', 'cilium-lb', ['cilium-dbg', 'bpf', 'lb', 'list']],
];

describe('tables line by line', () => {
  it.each(CASES)('%s: %s is what the tool prints, and knows its Service', (mode, what, argv) => {
    const cluster = clusterIn(mode);
    const answer = cluster.probe({ what, node: 'node-1' });
    const { machine } = cluster.nodeOf('node-1')!;
    const printed = printTool(machine, 'host', argv, { files: {}, nowNs: cluster.clock.nowNs })!.stdout;
    expect(`${answer.text}\n`).toBe(printed);
    const own = answer.rows!.filter(
      (row) => row.ref === 'Service/default/web' || row.service === 'Service/default/web',
    );
    const vip = cluster.store.get('Service', 'default', 'web')!['spec'] as { clusterIP: string };
    const naming = answer.rows!.filter((row) => row.text.includes(vip.clusterIP));
    expect(naming.length).toBeGreaterThan(0);
    expect(own.length).toBeGreaterThanOrEqual(naming.length);
    // An nft set of plain addresses holds two to a line, which can be of two Services.
    const lost = naming.filter((row) => row.ref === null);
    expect(lost.map((row) => row.text)).toEqual([]);
  });

  it('says which slice of which Service a rule for an endpoint is for', () => {
    const { rows } = clusterIn('iptables').probe({ what: 'iptables-save', node: 'node-1' });
    const endpoint = rows!.find((row) => row.ref?.startsWith('EndpointSlice/default/web-'));
    expect(endpoint?.service ?? endpoint?.ref).toBe(
      endpoint === undefined ? undefined : 'Service/default/web',
    );
    expect(
      rows!.filter((row) => row.service === 'Service/default/web' || row.ref === 'Service/default/web')
        .length,
    ).toBeGreaterThan(6);
  });

  it('gives the parts of a connection beside its line', () => {
    const cluster = clusterIn('iptables');
    cluster.exec('1', 'kubectl exec deploy/web -- curl -s http://web');
    cluster.runUntilExit('1');
    const rows = cluster.nodes.flatMap(
      ({ machine }) => cluster.probe({ what: 'conntrack', node: machine.name }).rows!,
    );
    const flow = rows.find(
      (row) => row.flow?.original.dstPort === 80 && row.flow.reply.src !== row.flow.original.dst,
    )?.flow;
    expect(flow).toMatchObject({ seenReply: true, original: { protocol: 'tcp' } });
  });
});
