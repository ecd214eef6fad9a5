import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { ApiObject } from '../../api/object';
import { Clock, SECOND } from '../../clock/clock';
import { createNetfilter, type NetfilterState } from '../../kernel/netfilter/state';
import type { HookName } from '../../kernel/netfilter/netfilter';
import { tcp, through } from '../../testing/netfilter-host';
import type { ProxyMode } from './modes';
import { KubeProxy } from './proxier';

const POD = '10.244.9.9';
const VIP = '10.96.0.10';
const NODE = '192.168.0.2';

/** What a differential world is made of. */
interface World {
  readonly endpoints: readonly {
    readonly ready: boolean;
    readonly terminating: boolean;
    readonly here: boolean;
  }[];
  readonly local: boolean;
}

function objects({ endpoints, local }: World): { service: ApiObject; slice: EndpointSlice } {
  const policy = local ? 'Local' : 'Cluster';
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      type: 'NodePort',
      clusterIP: VIP,
      ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 }],
      externalTrafficPolicy: policy,
    },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: endpoints.map(({ ready, terminating, here }, i) => ({
      addresses: [`10.244.1.${i + 1}`],
      conditions: { ready: ready && !terminating, serving: ready, terminating },
      nodeName: here ? 'node-1' : 'node-2',
    })),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  };
  return { service, slice: slice as EndpointSlice };
}

function netfilterOf(world: World, mode: ProxyMode): NetfilterState {
  const clock = new Clock(11);
  const facts = {
    label: 'node-1/host',
    // In IPVS mode the virtual address is one of the machine's own.
    isLocalAddress: (ip: string) => ip === NODE || (mode === 'ipvs' && ip === VIP),
    masqueradeAddress: () => NODE,
    sysctl: () => 0,
  };
  const netfilter = createNetfilter(facts, { clock });
  const { service, slice } = objects(world);
  const proxy = new KubeProxy({
    clock,
    store: {
      list: (kind) => (kind === 'Service' ? [service] : kind === 'EndpointSlice' ? [slice] : []),
      get: (kind) => (kind === 'Service' ? service : undefined),
      slicesOf: () => [slice],
    },
    machine: { netfilter: () => netfilter, setSysctl: () => undefined },
    nodeName: 'node-1',
    mode,
    configs: [
      {
        family: 'IPv4',
        nodeName: 'node-1',
        nodeIp: NODE,
        nodeIps: [NODE],
        localDetector: { type: 'clusterCIDR', cidr: '10.244.0.0/16' },
        masqueradeAll: false,
        masqueradeBit: 14,
        nodePortAddresses: null,
        localhostNodePorts: false,
        nfacct: false,
        dropInvalid: true,
        randomFully: false,
        serviceCidrs: ['10.96.0.0/16'],
      },
    ],
  });
  proxy.start();
  while (clock.peek() !== undefined && clock.peek()!.atNs < SECOND) proxy.onTimer(clock.take()!.event);
  return netfilter;
}

/** Where 60 connections end up: endpoints, or what the rules said. */
function reached(world: World, mode: ProxyMode, from: string, to: string): string {
  const netfilter = netfilterOf(world, mode);
  const isHere = mode === 'ipvs';
  const seen = new Set<string>();
  for (let port = 1000; port < 1060; port++) {
    const first = through(netfilter, tcp(`${from}:${port}`, to, 'SYN'), ['prerouting']);
    const toHere = first.skb.packet.ip!.dst === NODE || (isHere && first.skb.packet.ip!.dst === VIP);
    const rest: HookName[] = isHere
      ? ['input', 'output', 'postrouting']
      : toHere
        ? ['input']
        : ['forward', 'postrouting'];
    let result = first;
    for (const hook of rest) {
      if (result.verdict !== 'accept') break;
      result = netfilter.run(hook, { ...result.skb, outDevice: 'eth0' });
    }
    seen.add(result.verdict === 'accept' ? `${result.skb.packet.ip!.dst}` : result.verdict);
  }
  return [...seen].sort().join(' ');
}

const WORLDS = fc.record({
  endpoints: fc.array(fc.record({ ready: fc.boolean(), terminating: fc.boolean(), here: fc.boolean() }), {
    maxLength: 4,
  }),
  local: fc.boolean(),
});

describe('the three modes', () => {
  it('lead a pod to the same endpoints of a cluster IP, or refuse it alike', () => {
    fc.assert(
      fc.property(WORLDS, (world) => {
        const iptables = reached(world, 'iptables', POD, `${VIP}:80`);
        expect(reached(world, 'nftables', POD, `${VIP}:80`)).toBe(iptables);
        expect(reached(world, 'ipvs', POD, `${VIP}:80`)).toBe(iptables);
      }),
      { numRuns: 20 },
    );
  });

  it('lead an outside client alike through a node port, but that IPVS mode drops nothing for want of a local one', () => {
    fc.assert(
      fc.property(WORLDS, (world) => {
        const to = `${NODE}:30080`;
        const iptables = reached(world, 'iptables', '203.0.113.7', to);
        expect(reached(world, 'nftables', '203.0.113.7', to)).toBe(iptables);
        const expected =
          iptables === 'drop' ? reached({ ...world, local: false }, 'iptables', '203.0.113.7', to) : iptables;
        expect(reached(world, 'ipvs', '203.0.113.7', to)).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});
