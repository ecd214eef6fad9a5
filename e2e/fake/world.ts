/** The objects of the fake cluster. */
import type { NodeView, PodView, ServiceView, ViewPatch, WorkloadView } from '../../src/sim/view';

const node = (n: number): NodeView => ({
  ref: `Node//node-${n}`,
  name: `node-${n}`,
  ip: `192.168.0.1${n}`,
  podCidr: `10.244.${n}.0/24`,
  ready: true,
  schedulable: true,
  poweredOn: true,
  devices: {
    bridge: { name: 'cni0', kind: 'bridge', address: `10.244.${n}.1`, up: true },
    tunnel: { name: 'flannel.1', kind: 'vxlan', address: `10.244.${n}.0`, up: true },
    nic: { name: 'eth0', kind: 'nic', address: `192.168.0.1${n}`, up: true },
  },
  ruleCount: 46,
  rulesSyncedNs: 2e9,
  rulesBehindSinceNs: null,
  conntrackCount: 7,
});

const pod = (name: string, workload: string, n: number, last: number, namespace = 'default'): PodView => ({
  ref: `Pod/${namespace}/${name}`,
  name,
  namespace,
  node: `node-${n}`,
  ip: `10.244.${n}.${last}`,
  look: 'ready',
  status: 'Running',
  reason: '',
  restarts: 0,
  labels: { app: workload },
  workload: `Deployment/${namespace}/${workload}`,
  hostNetwork: false,
  netns: `pod-${workload}${name.endsWith('p6d2s') ? '-b' : name.endsWith('w8rtd') ? '-a' : name}`
    .replace('pod-frontend6d9f8b4c5-kq2lm', 'pod-frontend')
    .replace(/^pod-frontend.*/, 'pod-frontend'),
  containers: [
    {
      name: 'app',
      image: workload === 'backend' ? 'traefik/whoami' : workload,
      ports: workload === 'backend' ? ['8080/TCP'] : [],
    },
  ],
  createdNs: 1e9,
  heldUnready: false,
});

export const PODS: PodView[] = [
  pod('frontend-6d9f8b4c5-kq2lm', 'frontend', 1, 2),
  pod('backend-7c8b5d6f4-4hx9z', 'backend', 1, 3),
  pod('coredns-5f69c8d7b-w8rtd', 'coredns', 1, 4, 'kube-system'),
  pod('coredns-5f69c8d7b-mz4kc', 'coredns', 2, 2, 'kube-system'),
  pod('backend-7c8b5d6f4-p6d2s', 'backend', 2, 3),
  pod('backend-7c8b5d6f4-t9vwq', 'backend', 2, 4),
];
export const NODES = [node(1), node(2)];

const service = (
  name: string,
  namespace: string,
  ip: string,
  port: number,
  target: string,
  workload: string,
): ServiceView => ({
  ref: `Service/${namespace}/${name}`,
  name,
  namespace,
  type: 'ClusterIP',
  clusterIPs: [ip],
  fqdn: `${name}.${namespace}.svc.cluster.local`,
  selector: { app: workload },
  ports: [{ name: '', port, protocol: port === 53 ? 'UDP' : 'TCP', targetPort: target, nodePort: null }],
  externalAddresses: [],
  endpoints: PODS.filter((one) => one.labels['app'] === workload).map((one) => ({
    ip: one.ip!,
    ports: [Number(target)],
    podRef: one.ref,
    node: one.node,
    ready: true,
    serving: true,
    terminating: false,
  })),
});
export const SERVICES = [
  service('backend', 'default', '10.96.0.42', 80, '8080', 'backend'),
  service('kube-dns', 'kube-system', '10.96.0.10', 53, '53', 'coredns'),
];
const workload = (name: string, namespace: string, many: number): WorkloadView => ({
  ref: `Deployment/${namespace}/${name}`,
  kind: 'Deployment',
  name,
  namespace,
  desired: many,
  ready: many,
  updated: many,
  available: many,
  scalable: true,
});
export const WORKLOADS = [
  workload('backend', 'default', 3),
  workload('frontend', 'default', 1),
  workload('coredns', 'kube-system', 2),
];

export const FACTS: ViewPatch['facts'] = {
  version: 'v1.35.0',
  seed: 1,
  serviceCidr: '10.96.0.0/12',
  podCidr: '10.244.0.0/16',
  underlayCidr: '192.168.0.0/24',
  proxyMode: 'iptables',
  cni: 'VXLAN',
  dnsServiceIp: '10.96.0.10',
};
