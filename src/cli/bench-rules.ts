/** Bench of the proxy modes: how long rules take to be generated and written, and how fast first packets pass them. */
import { nthAddress } from '../lib/ip';
import { Clock } from '../sim/clock/clock';
import { chooseBackend, findFrontend } from '../sim/kernel/bpf/choose';
import { Bpf } from '../sim/kernel/bpf/maps';
import { createNetfilter, type NetfilterState } from '../sim/kernel/netfilter/state';
import { generateEbpf, NO_NUMBERS } from '../sim/node/ebpf/generate';
import type { ProxyConfig } from '../sim/node/kube-proxy/config';
import type { EndpointInfo } from '../sim/node/kube-proxy/endpoints';
import { commit, plan, type ProxyMode } from '../sim/node/kube-proxy/modes';
import type { ServicePortState } from '../sim/node/kube-proxy/service-ports';
import type { Packet } from '../sim/trace/packet';
import { cpuSeconds, figure, type Figure } from './bench-figure';

type BenchMode = ProxyMode | 'ebpf';
const MODES: readonly BenchMode[] = ['iptables', 'nftables', 'ipvs', 'ebpf'];
const NODE = '192.168.0.2';
const ENDPOINTS = 2;
const TOPOLOGY = { name: 'node-1', labels: {} };

const CONFIG: ProxyConfig = {
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
  randomFully: true,
  serviceCidrs: ['10.96.0.0/12'],
};

function clusterIp(n: number): string {
  return nthAddress('10.96.0.0/12', n + 1);
}

function endpoint(service: number, n: number): EndpointInfo {
  const ip = nthAddress('10.128.0.0/9', service * 8 + n + 1);
  const state = {
    local: n === 0,
    ready: true,
    serving: true,
    terminating: false,
    zoneHints: [],
    nodeHints: [],
  };
  const origin = { ref: `EndpointSlice/default/s${service}-1`, path: `endpoints[${n}]` };
  return { ip, port: 8080, text: `${ip}:8080`, ...state, origin };
}

function servicePort(n: number, endpoints: number): ServicePortState {
  return {
    info: {
      name: `default/s${n}:http`,
      namespace: 'default',
      service: `s${n}`,
      portName: 'http',
      protocol: 'TCP',
      clusterIp: clusterIp(n),
      port: 80,
      nodePort: 0,
      externalIps: [],
      loadBalancerVips: [],
      sourceRanges: [],
      affinitySeconds: 0,
      healthCheckNodePort: 0,
      externalPolicyLocal: false,
      internalPolicyLocal: false,
      origin: { ref: `Service/default/s${n}`, path: 'spec.ports[0]' },
    },
    endpoints: Array.from({ length: endpoints }, (_, i) => endpoint(n, i)),
  };
}

/** A node whose proxy has written the rules of so many Services, and the means to write again. */
class BenchNode {
  readonly netfilter: NetfilterState;
  private ports: ServicePortState[];
  private bound: readonly string[] = [];
  private readonly bpf = new Bpf();
  private numbers = NO_NUMBERS;
  private readonly random = new Clock(1).random;
  private readonly own = new Set([NODE]);

  constructor(
    readonly mode: BenchMode,
    readonly services: number,
  ) {
    const isLocalAddress = (ip: string): boolean => this.own.has(ip);
    const facts = { label: 'node-1/host', isLocalAddress, masqueradeAddress: () => NODE, sysctl: () => 0 };
    this.netfilter = createNetfilter(facts, { clock: new Clock(1) });
    this.ports = Array.from({ length: services }, (_, n) => servicePort(n, ENDPOINTS));
  }

  /** One sync: everything, or one Service that has got another number of endpoints. Returns the rules written. */
  sync(changed: { readonly service: number; readonly endpoints: number } | null): number {
    if (changed !== null)
      this.ports = this.ports.with(changed.service, servicePort(changed.service, changed.endpoints));
    const { netfilter, ports, mode } = this;
    if (mode === 'ebpf') return this.load();
    const names = changed === null ? null : new Set([`default/s${changed.service}`]);
    const input = { config: CONFIG, node: TOPOLOGY, ports, changed: names, netfilter, mayClean: true };
    const done = plan(mode, { ...input, stale: new Map(), nowNs: 0 });
    const devices = {
      addDummy: () => undefined,
      setUp: () => undefined,
      addAddress: (_netns: string, _device: string, cidr: string) => void this.own.add(cidr.split('/')[0]!),
      deleteAddress: () => undefined,
    };
    commit(done, { netfilter, devices, bound: this.bound }, ports);
    this.bound = done.ipvs?.addresses ?? [];
    return done.rulesWritten;
  }

  private load(): number {
    const families = [{ config: CONFIG, ports: this.ports }];
    const addresses = new Map([[NODE, 'host' as const]]);
    const devices = { wire: ['eth0'], inside: [] };
    const { tables, numbers } = generateEbpf({ families, addresses, devices, numbers: this.numbers });
    this.bpf.load(tables);
    this.numbers = numbers;
    return tables.frontends.size + tables.backends.size;
  }

  /** What the program at a socket does before there is any packet. */
  private socketChooses(address: string): boolean {
    const asked = { address, port: 80, protocol: 'tcp', inside: true, inHost: false } as const;
    const frontend = findFrontend(this.bpf, asked);
    const draw = (bound: number) => this.random.below('bpf', bound);
    return frontend !== undefined && chooseBackend(this.bpf, frontend, 'netns a', 0, draw) !== null;
  }

  /** Takes a first packet to a Service through the hooks that choose its endpoint. True when one was chosen. */
  firstPacket(service: number, port: number): boolean {
    if (this.mode === 'ebpf') return this.socketChooses(clusterIp(service));
    const packet: Packet = {
      ip: { version: 4, src: '10.244.9.9', dst: clusterIp(service), ttl: 64, protocol: 'tcp', df: true },
      l4: { kind: 'tcp', srcPort: port, dstPort: 80, seq: 1, ack: 0, flags: ['SYN'] },
    };
    const before = this.netfilter.run('prerouting', { packet, mark: 0, inDevice: 'eth0' });
    const { skb } = this.mode === 'ipvs' ? this.netfilter.run('input', before.skb) : before;
    return skb.packet.ip!.dst !== packet.ip!.dst;
  }
}

const text = (count: number): string => count.toLocaleString('en-US');

/** Generating and writing the rules of 1,000 and 10,000 Services: all, and after one has changed. */
export function ruleGeneration(): Figure[] {
  return [1_000, 10_000].flatMap((count) =>
    MODES.flatMap((mode) => {
      const node = new BenchNode(mode, count);
      const written = mode === 'ebpf' ? 'maps' : 'rules';
      const all = cpuSeconds(() => node.sync(null));
      const changes = 10;
      const one = cpuSeconds(() => {
        for (let i = 0; i < changes; i++) node.sync({ service: (i * 97) % count, endpoints: 1 + (i % 3) });
      });
      return [
        figure(`${mode}: ${written} of ${text(count)} Services, all`, all * 1e3, 'CPU ms'),
        figure(
          `${mode}: ${written} of ${text(count)} Services, one changed`,
          (one / changes) * 1e3,
          'CPU ms',
        ),
      ];
    }),
  );
}

/** Looks for the Service of a packet as the simplest program would: one entry after the other. */
function arrayScan(count: number, packets: number): number {
  const services = Array.from({ length: count }, (_, n) => ({ ip: clusterIp(n), port: 80, protocol: 'tcp' }));
  let found = 0;
  const seconds = cpuSeconds(() => {
    for (let i = 0; i < packets; i++) {
      const ip = services[targetOf(i, count)]!.ip;
      found +=
        services.findIndex((one) => one.ip === ip && one.port === 80 && one.protocol === 'tcp') >= 0 ? 1 : 0;
    }
  });
  return found / seconds;
}

/** Spreads packets over all Services without favour. */
function targetOf(i: number, count: number): number {
  return (i * 7_919) % count;
}

/** First packets a second at 1, 1,000 and 10,000 Services, each beside a plain scan over an array of as many. */
export function firstPackets(): Figure[] {
  return [1, 1_000, 10_000].flatMap((count) => {
    const scan = arrayScan(count, count === 1 ? 2_000_000 : 2e7 / count);
    const rows = MODES.flatMap((mode) => {
      const node = new BenchNode(mode, count);
      node.sync(null);
      const packets = 20_000;
      let chosen = 0;
      const run = () => {
        for (let i = 0; i < packets; i++)
          chosen += node.firstPacket(targetOf(i, count), 1024 + (i % 60_000)) ? 1 : 0;
      };
      run();
      chosen = 0;
      const rate = packets / cpuSeconds(run);
      const share = chosen === packets ? '' : `, ${chosen} of ${packets} CHOSEN`;
      return [
        figure(
          `${mode}: ${mode === 'ebpf' ? 'lookups of sockets' : 'first packets'} at ${text(count)} Services${share}`,
          rate,
          'per CPU second',
        ),
        figure(`${mode}: against a plain array scan of ${text(count)}`, rate / scan, 'times as fast'),
      ];
    });
    return [figure(`plain array scan of ${text(count)}: lookups`, scan, 'per CPU second'), ...rows];
  });
}
