/** What the proxy writes in each mode, loaded into the real kernel of this machine and read back. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { ApiObject } from '../../api/object';
import { Clock, SECOND } from '../../clock/clock';
import { printTable } from '../../kernel/iptables/print';
import type { IpSet } from '../../kernel/netfilter/ipset';
import { createNetfilter, type NetfilterState } from '../../kernel/netfilter/state';
import { printNftCommands } from '../../kernel/nft/commands';
import { printNftTable } from '../../kernel/nft/print';
import type { Family } from './config';
import type { ProxyMode } from './modes';
import { KubeProxy } from './proxier';

const PORT = { name: 'http', port: 80, protocol: 'TCP' };

/** One Service of every kind; `n` makes its addresses. */
function everyKind(address: (n: number) => string): ApiObject[] {
  const specs: readonly object[] = [
    { type: 'ClusterIP' },
    { type: 'NodePort', ports: [{ ...PORT, nodePort: 30_001 }], sessionAffinity: 'ClientIP' },
    {
      type: 'NodePort',
      ports: [{ ...PORT, nodePort: 30_002, protocol: 'SCTP' }],
      externalTrafficPolicy: 'Local',
    },
    { type: 'ClusterIP', internalTrafficPolicy: 'Local', externalIPs: [address(90)] },
    {
      type: 'LoadBalancer',
      ports: [{ ...PORT, nodePort: 30_003 }],
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30_100,
      loadBalancerSourceRanges: [address(0) + (address(0).includes(':') ? '/120' : '/24')],
    },
    { type: 'ClusterIP', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
  ];
  return specs.map((spec, i) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${i}`, namespace: 'default' },
    spec: { clusterIP: address(10 + i), ports: [PORT], ...spec },
    status: { loadBalancer: i === 4 ? { ingress: [{ ip: address(80) }] } : {} },
  }));
}

function slicesOf(
  services: readonly ApiObject[],
  family: Family,
  address: (n: number) => string,
): EndpointSlice[] {
  // The last Service has no endpoints at all.
  return services.slice(0, -1).map((service, i) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.metadata.name}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': service.metadata.name },
    },
    addressType: family,
    endpoints: [1, 2, 3].map((n) => ({
      addresses: [address(100 + 10 * i + n)],
      nodeName: n === 1 && i !== 4 ? 'node-1' : 'node-2',
    })),
    ports: [{ name: 'http', port: 8080, protocol: i === 2 ? 'SCTP' : 'TCP' }],
  }));
}

function written(mode: ProxyMode, family: Family): NetfilterState {
  const address = (n: number) => (family === 'IPv4' ? `10.96.0.${n}` : `fd00:96::${n.toString(16)}`);
  const services = everyKind(address);
  const slices = slicesOf(services, family, address);
  const nodeIp = family === 'IPv4' ? '192.168.0.2' : '2001:db8::2';
  const clock = new Clock(1);
  const facts = { label: 'x', isLocalAddress: () => false, masqueradeAddress: () => null, sysctl: () => 0 };
  const netfilter = createNetfilter(facts, { clock });
  const named = (name: string) => services.find(({ metadata }) => metadata.name === name);
  const proxy = new KubeProxy({
    clock,
    store: {
      list: (kind) => (kind === 'Service' ? services : []),
      get: (_kind, _namespace, name) => named(name),
      slicesOf: (_namespace, name) => slices.filter(({ metadata }) => metadata.name === `${name}-1`),
    },
    machine: { netfilter: () => netfilter, setSysctl: () => undefined },
    nodeName: 'node-1',
    mode,
    configs: [
      {
        family,
        nodeName: 'node-1',
        nodeIp,
        nodeIps: [nodeIp],
        localDetector: { type: 'clusterCIDR', cidr: family === 'IPv4' ? '10.244.0.0/16' : 'fd00:244::/64' },
        masqueradeAll: false,
        masqueradeBit: 14,
        nodePortAddresses: null,
        localhostNodePorts: true,
        // Its counters would have to be made with a tool that is seldom there.
        nfacct: false,
        dropInvalid: true,
        randomFully: true,
        serviceCidrs: [address(0) + (family === 'IPv4' ? '/16' : '/112')],
      },
    ],
  });
  proxy.start();
  while (clock.peek() !== undefined && clock.peek()!.atNs < SECOND) proxy.onTimer(clock.take()!.event);
  return netfilter;
}

/** Runs a script in a network namespace of its own, with the text in a file named $IN and, for sets, $SETS. */
function inNetns(script: string, input: readonly string[], sets: readonly string[] = []): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hopyard-'));
  try {
    const env = { ...process.env, IN: join(folder, 'in'), SETS: join(folder, 'sets') };
    writeFileSync(env.IN, `${input.join('\n')}\n`);
    writeFileSync(env.SETS, `${sets.join('\n')}\n`);
    const out = execFileSync('unshare', ['-n', 'sh', '-ec', script], { env }).toString();
    return out
      .split('\n')
      .filter((line, i, all) => !line.startsWith('#') && (line !== '' || i < all.length - 1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function canRun(...tools: readonly string[]): boolean {
  try {
    execFileSync('unshare', ['-n', 'sh', '-ec', tools.join(' && ')], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const hasIpvsMatch = canRun('iptables -A OUTPUT -m ipvs --vaddr 192.0.2.1 -j DROP');

function setCommands(set: IpSet): string[] {
  const space =
    set.type === 'bitmap:port' ? 'range 0-65535' : `family ${set.family === 4 ? 'inet' : 'inet6'}`;
  return [
    `create ${set.name} ${set.type} ${space}`,
    ...[...set.entries.keys()].map((entry) => `add ${set.name} ${entry}`),
  ];
}

describe.each(['IPv4', 'IPv6'] as const)(
  '%s rules read back from the real kernel (skipped without root or tools)',
  (family) => {
    const six = family === 'IPv6' ? '6' : '';

    function iptablesText(netfilter: NetfilterState): string[] {
      const number = family === 'IPv4' ? 4 : 6;
      const { rules } = netfilter;
      return rules.names(number).flatMap((table) => printTable(table, rules.table(table, number), number));
    }

    it.skipIf(!canRun(`ip${six}tables-save`))('iptables', () => {
      const text = iptablesText(written('iptables', family));
      expect(inNetns(`ip${six}tables-restore < $IN; ip${six}tables-save`, text)).toEqual(text);
    });

    it.skipIf(!canRun('nft list ruleset'))('nftables', () => {
      const [table] = written('nftables', family).nft.list();
      const listing = inNetns('nft -f $IN; nft list ruleset', printNftCommands(table!));
      expect(listing).toEqual(printNftTable(table!));
    });

    it.skipIf(!canRun(`ip${six}tables-save`, 'ipset list'))('ipvs, with its ipsets', () => {
      const netfilter = written('ipvs', family);
      // A kernel without xt_ipvs cannot take the rules that ask for IPVS connections; they are left out there.
      const text = iptablesText(netfilter).filter((line) => hasIpvsMatch || !line.includes(' -m ipvs '));
      const script = `ipset restore < $SETS; ip${six}tables-restore < $IN; ip${six}tables-save`;
      expect(inNetns(script, text, netfilter.sets.list().flatMap(setCommands))).toEqual(text);
    });
  },
);
