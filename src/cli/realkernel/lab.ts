/**
 * The little cluster that exists twice, simulated and as network namespaces of this machine: node n1, whose rules are under
 * test, with pods a, b, c; a plain router n2 with pods d, e, f; and the outside. Pods hang on routed veth pairs (as the
 * "ptp" CNI plugin makes them), so that no bridge has to know of netfilter.
 */
import type { EndpointSlice } from '../../sim/api/kinds/endpointslice';
import type { ApiObject } from '../../sim/api/object';
import type { ProxyConfig } from '../../sim/node/kube-proxy/config';
import type { ProxyMode } from '../../sim/node/kube-proxy/modes';

export interface LabHost {
  readonly name: string;
  readonly ip: string;
  /** The node that a pod runs on; absent for nodes and the outside. */
  readonly node?: 'n1' | 'n2';
}

export const HOSTS: readonly LabHost[] = [
  { name: 'n1', ip: '192.168.0.11' },
  { name: 'n2', ip: '192.168.0.12' },
  { name: 'out', ip: '192.168.0.1' },
  { name: 'a', ip: '10.244.1.11', node: 'n1' },
  { name: 'b', ip: '10.244.1.12', node: 'n1' },
  { name: 'c', ip: '10.244.1.13', node: 'n1' },
  { name: 'd', ip: '10.244.2.11', node: 'n2' },
  { name: 'e', ip: '10.244.2.12', node: 'n2' },
  { name: 'f', ip: '10.244.2.13', node: 'n2' },
];

/** Everything listens on these. */
export const TCP_PORTS = [8080, 8081];
export const UDP_PORTS = [5353];

/** Addresses of clients on the internet, and ranges that the outside and n2 send to n1. */
export const CLIENTS_OUTSIDE = ['203.0.113.10', '203.0.113.20'];
export const ROUTED_TO_N1 = ['198.51.100.0/24', '10.96.0.0/16', '10.244.1.0/24'];

export interface Client {
  readonly host: string;
  /** Address to bind, where the host has several. */
  readonly source?: string;
}

const CLIENTS: readonly Client[] = [
  { host: 'a' },
  { host: 'c' },
  { host: 'f' },
  { host: 'n1' },
  { host: 'n2' },
  { host: 'out', source: CLIENTS_OUTSIDE[0]! },
  { host: 'out', source: CLIENTS_OUTSIDE[1]! },
];

export interface Target {
  readonly what: string;
  readonly protocol: 'tcp' | 'udp';
  readonly ip: string;
  readonly port: number;
  /** Clients come back to the same endpoint. */
  readonly sticky?: boolean;
}

/** One question: who sends where. */
export interface Question {
  readonly client: Client;
  readonly target: Target;
}

interface ServiceCase {
  readonly name: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Hosts behind it, by their names. */
  readonly hosts: readonly string[];
  readonly ingress?: string;
  readonly conditions?: Readonly<Record<string, boolean>>;
  readonly udp?: boolean;
}

const nodePort = (port: number): Readonly<Record<string, unknown>> => ({
  type: 'NodePort',
  ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: port }],
});
const balanced = (port: number): Readonly<Record<string, unknown>> => ({
  ...nodePort(port),
  type: 'LoadBalancer',
});
const STICKY = { sessionAffinity: 'ClientIP' };
const LOCAL = { externalTrafficPolicy: 'Local' };
const LOCAL_INSIDE = { internalTrafficPolicy: 'Local' };
const DNS = { name: 'http', port: 80, protocol: 'UDP' };

const CASES: readonly ServiceCase[] = [
  { name: 'plain', hosts: ['a', 'b', 'd'] },
  { name: 'sticky', spec: { ...nodePort(30_001), ...STICKY }, hosts: ['a', 'b', 'd'] },
  { name: 'port', spec: nodePort(30_002), hosts: ['b', 'd'] },
  { name: 'local', spec: { ...nodePort(30_003), ...LOCAL }, hosts: ['b', 'e'] },
  { name: 'elsewhere', spec: { ...nodePort(30_004), ...LOCAL }, hosts: ['e'] },
  {
    name: 'ranges',
    spec: { ...balanced(30_005), loadBalancerSourceRanges: ['203.0.113.10/32', '10.244.1.13/32'] },
    ingress: '198.51.100.5',
    hosts: ['a', 'd'],
  },
  {
    name: 'lb-local',
    spec: { ...balanced(30_006), ...LOCAL, externalIPs: ['198.51.100.26'] },
    ingress: '198.51.100.6',
    hosts: ['b', 'd'],
  },
  { name: 'external', spec: { externalIPs: ['198.51.100.7'], ...LOCAL_INSIDE }, hosts: ['b', 'e'] },
  { name: 'inside-elsewhere', spec: LOCAL_INSIDE, hosts: ['e'] },
  {
    name: 'nobody',
    spec: { ...balanced(30_009), externalIPs: ['198.51.100.29'] },
    ingress: '198.51.100.9',
    hosts: [],
  },
  {
    name: 'dns',
    spec: { type: 'NodePort', ports: [{ ...DNS, nodePort: 30_010 }] },
    udp: true,
    hosts: ['b', 'd'],
  },
  { name: 'dns-nobody', spec: { ports: [DNS] }, udp: true, hosts: [] },
  { name: 'self', hosts: ['a'] },
  { name: 'leaving', hosts: ['b'], conditions: { ready: false, serving: true, terminating: true } },
  { name: 'unready', hosts: ['b'], conditions: { ready: false, serving: false, terminating: false } },
  { name: 'on-node', hosts: ['n1'] },
  { name: 'on-node-2', spec: nodePort(30_017), hosts: ['n2'] },
  {
    name: 'two-ports',
    spec: {
      ports: [
        { name: 'http', port: 80, protocol: 'TCP' },
        { name: 'more', port: 81, protocol: 'TCP' },
      ],
    },
    hosts: ['b', 'd'],
  },
];

export interface LabOptions {
  /** False where the kernel has no xt_recent. */
  readonly affinity: boolean;
  /** How nftables mode lays its table out. */
  readonly nftLayout?: 'B' | 'C';
}

function casesFor({ affinity }: LabOptions): readonly ServiceCase[] {
  return CASES.filter((one) => affinity || one.spec?.['sessionAffinity'] === undefined);
}

function clusterIp(name: string): string {
  return `10.96.0.${10 + CASES.findIndex((one) => one.name === name)}`;
}

function serviceOf({ name, spec = {}, ingress }: ServiceCase): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp(name),
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      ...spec,
    },
    status: { loadBalancer: ingress === undefined ? {} : { ingress: [{ ip: ingress }] } },
  } as ApiObject;
}

function sliceOf({ name, hosts, conditions = { ready: true }, udp }: ServiceCase): EndpointSlice {
  const known = HOSTS.filter((host) => hosts.includes(host.name));
  const ports = udp
    ? [{ name: 'http', port: UDP_PORTS[0]!, protocol: 'UDP' as const }]
    : [
        { name: 'http', port: TCP_PORTS[0]!, protocol: 'TCP' as const },
        { name: 'more', port: TCP_PORTS[1]!, protocol: 'TCP' as const },
      ];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: known.map((host) => ({ addresses: [host.ip], conditions, nodeName: host.node ?? host.name })),
    ports,
  };
}

export function objects(options: LabOptions): { services: ApiObject[]; slices: EndpointSlice[] } {
  const cases = casesFor(options);
  return { services: cases.map(serviceOf), slices: cases.map(sliceOf) };
}

/** Every address that a Service of the lab answers on, and some that nobody does. */
function targets(mode: ProxyMode, options: LabOptions): Target[] {
  const found: Target[] = [];
  for (const { name, spec = {}, ingress, udp } of casesFor(options)) {
    const protocol = udp ? 'udp' : 'tcp';
    const sticky = spec['sessionAffinity'] !== undefined;
    const add = (what: string, ip: string, port: number) =>
      found.push({ what: `${name} ${what}`, protocol, ip, port, sticky });
    const ports = (spec['ports'] ?? [{ port: 80 }]) as { port: number; nodePort?: number }[];
    for (const { port, nodePort: number } of ports) {
      add('cluster IP', clusterIp(name), port);
      if (number !== undefined) {
        add('node port', '192.168.0.11', number);
        add('node port on the pods’ gateway', '10.244.1.1', number);
      }
    }
    for (const ip of (spec['externalIPs'] ?? []) as string[]) add('external IP', ip, 80);
    if (ingress !== undefined) add('load balancer IP', ingress, 80);
  }
  const nobody = (what: string, ip: string, port: number): Target => ({ what, protocol: 'tcp', ip, port });
  return [
    ...found,
    nobody('plain wrong port of a cluster IP', clusterIp('plain'), 81),
    nobody('an address of the cluster IP range that is nobody’s', '10.96.9.9', 80),
    nobody('a node port that is nobody’s', '192.168.0.11', 30_999),
    nobody('ranges wrong port of a load balancer IP', '198.51.100.5', 81),
    { ...nobody('plain wrong protocol of a cluster IP', clusterIp('plain'), 80), protocol: 'udp' },
    ...(mode === 'iptables' ? [nobody('port node port on loopback', '127.0.0.1', 30_002)] : []),
  ];
}

/**
 * Who can send where: loopback is asked on the node itself only. Pod f gets no answer from endpoints beside it, whose
 * replies do not pass n1; where it also sticks to one endpoint, chance would decide what it hears.
 */
export function questions(mode: ProxyMode, options: LabOptions): Question[] {
  const all = CLIENTS.flatMap((client) => targets(mode, options).map((target) => ({ client, target })));
  return all.filter(
    ({ client, target }) =>
      (!target.ip.startsWith('127.') || client.host === 'n1') && !(target.sticky && client.host === 'f'),
  );
}

export function proxyConfig({ nftLayout = 'B' }: LabOptions): ProxyConfig {
  return {
    family: 'IPv4',
    nodeName: 'n1',
    nodeIp: '192.168.0.11',
    nodeIps: ['192.168.0.11', '10.244.1.1'],
    localDetector: { type: 'clusterCIDR', cidr: '10.244.0.0/16' },
    masqueradeAll: false,
    masqueradeBit: 14,
    nodePortAddresses: null,
    localhostNodePorts: true,
    // Its counters would have to be made with a tool that is seldom there.
    nfacct: false,
    dropInvalid: true,
    randomFully: true,
    serviceCidrs: ['10.96.0.0/16'],
    nftLayout,
  };
}
