/** The four modes in a whole cluster: a request's road in each, and switching from one to another while traffic flows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SECOND } from './clock/clock';
import { Cluster } from './cluster';
import type { ProxyModeName } from './cluster-mode';
import type { BpfTables } from './kernel/bpf/maps';
import { printTable } from './kernel/iptables/print';
import { netfilterState } from './kernel/netfilter/state';
import { explain } from './trace/explain';
import type { PacketTrace, RequestTrace } from './trace/hop';

const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

function running(proxyMode: ProxyModeName): Cluster {
  const cluster = Cluster.create({ seed: 7, proxyMode, hashTrace: true });
  expect(cluster.apply([{ name: 'm.yaml', text: MANIFESTS }]).diagnostics).toEqual([]);
  expect(cluster.runUntilSettled()).toBe(true);
  return cluster;
}

function requestsOver(cluster: Cluster, seconds: number): RequestTrace[] {
  const start = cluster.clock.nowNs;
  cluster.runUntil(start + seconds * SECOND);
  return [...cluster.trace.requests.values()].filter(
    ({ from, startNs, endNs }) =>
      from.startsWith('Pod/default/frontend') && startNs >= start && endNs !== null,
  );
}

/** Connections of a node that began towards a virtual address. */
function connections(cluster: Cluster): number[] {
  const { conntrack } = netfilterState(cluster.nodes[0]!.machine.netfilter('host'));
  return conntrack
    .list()
    .filter(({ original }) => original.dst.startsWith('10.96.') && original.protocol === 'tcp')
    .map(({ id }) => id);
}

function failed(requests: readonly RequestTrace[]): number {
  return requests.filter(({ outcome }) => !outcome?.ok).length;
}

/** Which backends stand behind which frontend; numbers depend on what came first. */
function withoutNumbers({ programs, frontends, backends, addresses }: BpfTables) {
  const named = [...frontends].map(([key, { id: _id, slots, ...frontend }]) => ({
    key,
    ...frontend,
    backends: slots.map((slot) => ({ ...backends.get(slot)!, id: 0 })),
  }));
  return { programs: [...programs.values()], addresses, frontends: named, backends: backends.size };
}

/** Everything of the four modes that stands in a node's kernel. */
function standing(cluster: Cluster, node: number) {
  const { machine, proxy } = cluster.nodes[node]!;
  const { rules, nft, ipvs, sets } = netfilterState(machine.netfilter('host'));
  return {
    mode: proxy.mode,
    rules: rules.names().map((name) => [name, printTable(name, rules.table(name))]),
    nft: nft.list(),
    ipvs: ipvs.list(),
    sets: sets.list(),
    bpf: withoutNumbers(machine.bpf.tables),
    dummy: machine.hasDevice('host', 'kube-ipvs0'),
  };
}

describe('a cluster without kube-proxy', () => {
  const cluster = running('ebpf');
  const requests = requestsOver(cluster, 10);
  const first = requests[0]!;
  const packets = cluster.trace.packetsOf(first.id);
  const virtual = cluster.store.get('Service', 'default', 'backend')!.spec.clusterIP!;

  it('answers every request', () => {
    expect(requests.length).toBeGreaterThanOrEqual(8);
    expect(failed(requests)).toBe(0);
  });

  it('translates at the socket, so that no packet carries the virtual address', () => {
    const syn = packets.find(({ label }) => label === 'SYN')!;
    const [send, translate, ...rest] = syn.hops;
    expect(send).toMatchObject({ station: 'socket', action: 'send', after: { ip: { dst: virtual } } });
    expect(translate).toMatchObject({ station: 'socket', action: 'translate', name: 'cgroup/connect4' });
    expect(explain(translate!)).toMatch(
      /^The socket is connected to 10\.244\.\d+\.\d+:\d+ instead of 10\.96\./,
    );
    expect(rest.every(({ before }) => before.ip?.dst !== virtual)).toBe(true);
    const passed = (packet: PacketTrace) => packet.hops.flatMap(({ rules }) => rules ?? []);
    expect(passed(syn).filter(({ rule }) => rule.includes('KUBE-'))).toEqual([]);
  });

  it('shows the name server by its virtual address, though a pod answered', () => {
    const answer = packets.find(({ role }) => role === 'dns-answer')!;
    const read = answer.hops.at(-1)!;
    expect(read).toMatchObject({ station: 'socket', action: 'untranslate', name: 'cgroup/recvmsg4' });
    expect(read.after.ip?.src).toBe('10.96.0.10');
    expect(read.before.ip?.src).toMatch(/^10\.244\./);
  });

  it('leaves no rule of kube-proxy on a node', () => {
    expect(JSON.stringify(standing(cluster, 0).rules)).not.toMatch(
      /KUBE-(SERVICES|SVC|SEP|MARK|POST|FORWARD)/,
    );
  });
});

const ROUND: readonly ProxyModeName[] = [
  'nftables',
  'ipvs',
  'iptables',
  'ebpf',
  'ipvs',
  'ebpf',
  'nftables',
  'iptables',
];

describe('a switch of modes while traffic flows', () => {
  it('leaves each time what a fresh cluster of that mode would have, and nothing else', () => {
    const cluster = running('iptables');
    const fresh = new Map([...new Set(ROUND)].map((mode) => [mode, standing(running(mode), 0)]));
    for (const mode of ROUND) {
      const known = connections(cluster);
      cluster.setProxyMode(mode);
      expect(cluster.facts.proxyMode).toBe(mode);
      expect(cluster.settled).toBe(false);
      const during = requestsOver(cluster, 12);
      expect(cluster.runUntilSettled()).toBe(true);
      // A lost SYN is tried again after a second, so hardly a request fails.
      expect(failed(during)).toBeLessThanOrEqual(2);
      expect(failed(requestsOver(cluster, 5))).toBe(0);
      const now = standing(cluster, 0);
      // What conntrack knew it still knows: connections that were made in the old mode go on.
      if (known.length > 0) expect(connections(cluster).some((id) => known.includes(id))).toBe(true);
      expect(now).toEqual(fresh.get(mode));
      const others = {
        nft: now.nft.length > 0,
        ipvs: now.ipvs.length > 0 || now.sets.length > 0 || now.dummy,
        bpf: now.bpf.programs.length > 0,
        chains: JSON.stringify(now.rules).includes('KUBE-SERVICES'),
      };
      expect(others).toEqual({
        nft: mode === 'nftables',
        ipvs: mode === 'ipvs',
        bpf: mode === 'ebpf',
        chains: mode === 'iptables' || mode === 'ipvs',
      });
    }
  });

  it('can be rewound into, and comes out the same', () => {
    const once = (): string => {
      const cluster = running('iptables');
      cluster.keepKeyframe();
      const start = cluster.clock.nowNs;
      cluster.setProxyMode('ebpf');
      cluster.runUntil(start + 2 * SECOND);
      cluster.keepKeyframe();
      cluster.runUntil(start + 9 * SECOND);
      const straight = cluster.hash();
      cluster.rewind(start + 3 * SECOND);
      cluster.runUntil(start + 9 * SECOND);
      expect(cluster.hash()).toBe(straight);
      expect(cluster.nodes.map(({ proxy }) => proxy.mode)).toEqual(['ebpf', 'ebpf']);
      return straight;
    };
    expect(once()).toBe(once());
  });
});

describe('kube-proxy’s configuration in the workspace', () => {
  it('sets the mode, says so in a row, and is refused at its line', () => {
    const cluster = running('iptables');
    const config = (mode: string) =>
      `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ${mode}\nipvs:\n  scheduler: sh\n`;
    const apply = (text: string) =>
      cluster.apply([
        { name: 'm.yaml', text: MANIFESTS },
        { name: 'p.yaml', text },
      ]);
    const row = (text: string) => apply(text).rows.find(({ name }) => name === 'kubeproxyconfiguration');
    expect(row(config('ipvs'))).toMatchObject({ result: 'configured' });
    expect(row(config('ipvs'))).toMatchObject({ result: 'unchanged' });
    expect(cluster.runUntilSettled()).toBe(true);
    expect(standing(cluster, 1).ipvs[0]).toMatchObject({ scheduler: 'sh' });
    const wrong = apply(config('userspace'));
    expect(wrong.diagnostics).toMatchObject([
      {
        severity: 'error',
        range: { file: 'p.yaml', line: 3, column: 7 },
        message:
          'KubeProxyConfiguration.Mode: Invalid value: "userspace": must be iptables,ipvs,nftables or blank (blank means the best-available proxy [currently iptables])',
      },
    ]);
    expect(cluster.facts.proxyMode).toBe('ipvs');
    expect(row(config('""'))).toMatchObject({ result: 'configured' });
    expect(cluster.facts.proxyMode).toBe('iptables');
    apply('apiVersion: hopyard.dev/v1\nkind: ClusterSettings\nspec: {proxyMode: ebpf}\n');
    expect(cluster.facts.proxyMode).toBe('ebpf');
    apply('');
    expect(cluster.facts.proxyMode).toBe('iptables');
  });
});

describe('a machine that loses power in the middle of a switch', () => {
  it('comes back in the mode that was asked for', () => {
    const cluster = running('iptables');
    cluster.setProxyMode('ipvs');
    cluster.runUntil(cluster.clock.nowNs + 3 * SECOND);
    cluster.fault({ kind: 'power', node: 'node-2', on: false });
    cluster.runUntil(cluster.clock.nowNs + 5 * SECOND);
    expect(standing(cluster, 1).mode).toBe('iptables');
    cluster.fault({ kind: 'power', node: 'node-2', on: true });
    cluster.runUntil(cluster.clock.nowNs + 60 * SECOND);
    const { mode, ipvs, rules } = standing(cluster, 1);
    expect({ mode, servers: ipvs.length > 0 }).toEqual({ mode: 'ipvs', servers: true });
    expect(JSON.stringify(rules)).not.toContain('KUBE-SVC-');
    // Once more in the same mode, with the device already there.
    cluster.fault({ kind: 'power', node: 'node-2', on: false });
    cluster.fault({ kind: 'power', node: 'node-2', on: true });
    cluster.runUntil(cluster.clock.nowNs + 60 * SECOND);
    expect(failed(requestsOver(cluster, 5))).toBe(0);
  });
});

describe('the gap of a switch', () => {
  it('is there between what the new proxy takes away and what it writes', () => {
    const cluster = running('iptables');
    const virtual = cluster.store.get('Service', 'default', 'backend')!.spec.clusterIP!;
    const ask = (id: string): number | null => {
      cluster.exec(id, `node node-1 -- curl -s -m 3 http://${virtual}`);
      return cluster.runUntilExit(id, 10 * SECOND);
    };
    const hasRules = () => JSON.stringify(standing(cluster, 0).rules).includes('KUBE-SERVICES');
    expect(ask('901')).toBe(0);
    cluster.setProxyMode('nftables');
    // The old process is gone and its rules go on working.
    cluster.runUntil(cluster.clock.nowNs + SECOND / 2);
    expect(ask('902')).toBe(0);
    while (hasRules()) cluster.step();
    expect(ask('903')).not.toBe(0);
    expect(cluster.runUntilSettled()).toBe(true);
    expect(ask('904')).toBe(0);
  });
});
