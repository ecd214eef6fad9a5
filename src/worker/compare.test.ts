import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMPARE_MODES, CompareHost } from './compare';
import type { CompareCommand, CompareReport, ModeRun } from './compare-protocol';

type Compared = Extract<CompareReport, { type: 'compared' }>;

const text = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');
const files = [{ name: 'manifests.yaml', text }];
const reports: CompareReport[] = [];
let host: CompareHost;

beforeAll(() => {
  // What goes to the page must survive the way there.
  host = new CompareHost((report) => reports.push(structuredClone(report)));
});

function ask(question: CompareCommand['ask'] = {}, modes: CompareCommand['modes'] = COMPARE_MODES): Compared {
  host.receive({ type: 'compare', id: reports.length + 1, seed: 1, files, modes, ask: question });
  const report = reports.at(-1)!;
  if (report.type !== 'compared') throw new Error(report.message);
  return report;
}

const first = (run: ModeRun) => run.packets.find(({ role }) => role === 'request')!;
const byMode = <V>({ runs }: Compared, value: (run: ModeRun) => V): Record<string, V> =>
  Object.fromEntries(runs.map((run) => [run.mode, value(run)]));

describe('the same question in each mode', () => {
  it('fills the gaps of the question: a pod that calls, and the first Service', () => {
    const { ask: asked, places, targets } = ask();
    expect(asked.from).toMatch(/^Pod\/default\/frontend-/);
    expect(asked).toMatchObject({ tool: 'curl', target: 'http://backend' });
    expect(places.map(({ name }) => name)).toEqual(expect.arrayContaining(['node-1', 'client outside']));
    expect(targets[0]).toEqual({ value: 'http://backend', name: 'Service default/backend' });
  });

  it('comes to the same outcome everywhere', () => {
    const compared = ask();
    expect(compared.runs.map(({ mode }) => mode)).toEqual([...COMPARE_MODES]);
    for (const run of compared.runs) {
      expect(run.request?.outcome).toMatchObject({ ok: true });
      expect(first(run).end?.kind).toBe('delivered');
      expect(run.packets.some(({ role }) => role === 'arp')).toBe(false);
    }
  });

  it('counts rules, and what the deciding node holds, as each mode has it', () => {
    const compared = ask();
    const passed = byMode(compared, (run) => first(run).rulesPassed);
    expect(Math.min(...Object.values(passed).filter((count) => count > 0))).toBeGreaterThan(3);
    const holds = byMode(compared, (run) => run.holds.map(({ what }) => what).join(', '));
    expect(holds['iptables']).toBe('iptables rules');
    expect(holds['nftables']).toBe('iptables rules, nft rules, nft map and set elements');
    expect(passed['ebpf']).toBe(Math.min(...Object.values(passed)));
    expect(holds['ebpf']).toBe('iptables rules, entries of the service map, entries of the backend map');
    expect(holds['ipvs']).toBe('iptables rules, IPVS virtual servers, IPVS real servers, ipset entries');
  });

  it('shows the virtual server, the chosen real one and the set behind a step of IPVS', () => {
    const [run] = ask({}, ['ipvs']).runs;
    const step = first(run!).hops.find(({ hop }) => hop.name === 'IPVS')!;
    const [server, members] = step.behind;
    expect(server?.tool).toBe('ipvsadm -Ln');
    expect(server?.lines.filter(({ hit }) => hit)).toHaveLength(2);
    expect(server?.lines).toHaveLength(4);
    expect(members).toMatchObject({ tool: 'ipset list KUBE-CLUSTER-IP' });
    expect(members?.lines[0]?.text).toMatch(/,tcp:80$/);
  });

  it('shows the entries of the service map behind a step of eBPF', () => {
    const [run] = ask({}, ['ebpf']).runs;
    const step = first(run!).hops.find(({ hop }) => hop.action === 'translate')!;
    expect(step.behind[0]?.tool).toBe('cilium-dbg bpf lb list');
    expect(step.behind[0]?.lines.map(({ text }) => text.replace(/^\S+/, ''))[0]).toMatch(
      /^ \(0\) +0\.0\.0\.0:0 \(\d+\) \(0\) \[ClusterIP, non-routable\]$/,
    );
    expect(step.behind[0]?.lines.filter(({ hit }) => hit)).toHaveLength(2);
  });

  it('keeps its modes whatever mode a configuration among the manifests asks for', () => {
    const config = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\n';
    const withConfig = [...files, { name: 'config.yaml', text: config }];
    host.receive({ type: 'compare', id: 50, seed: 1, files: withConfig, modes: ['iptables'], ask: {} });
    const report = reports.at(-1) as Compared;
    expect(first(report.runs[0]!).hops.some(({ hop }) => hop.name === 'KUBE-SERVICES')).toBe(true);
    expect(report.runs[0]!.holds.map(({ what }) => what)).toEqual(['iptables rules']);
  });

  it('asks again from the same moment', () => {
    const [again] = ask({}, ['nftables']).runs;
    expect(JSON.stringify(ask({}, ['nftables']).runs[0])).toBe(JSON.stringify(again));
  });

  it('pings, and sends from a node and from outside', () => {
    const ping = ask({ tool: 'ping', target: 'http://backend:80' });
    expect(byMode(ping, (run) => run.request?.kind)['iptables']).toBe('ping');
    const node = ask({ from: 'Node//node-1', target: 'http://backend.default.svc.cluster.local' });
    expect(node.ask.from).toBe('Node//node-1');
    const outside = ask({}).places.find(({ name }) => name === 'client outside')!;
    const beyond = ask({ from: outside.value, target: 'http://192.168.0.11:8080' });
    for (const { request } of beyond.runs) expect(request?.outcome?.ok).toBe(false);
  });

  it('says so when it fails', () => {
    host.receive({ type: 'compare', id: 99, seed: 1, files, modes: [], ask: {} });
    expect(reports.at(-1)).toMatchObject({ type: 'failed', id: 99 });
  });
});
