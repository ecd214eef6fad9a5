/**
 * The objects that kubeadm leaves in a new cluster: namespaces, nodes, the API server's own Service, and CoreDNS with its
 * Service, configuration and two pods (kubeadm cmd/phases/addons/dns).
 */
import { nthAddress } from '../lib/ip';
import type { ApiObject } from './api/object';
import { apiServerOf, type ClusterSpec, type NodeSpec } from './cluster-spec';

const COREDNS_IMAGE = 'registry.k8s.io/coredns/coredns:v1.13.1';
const DNS_LABELS = { 'k8s-app': 'kube-dns' };

function namespace(name: string): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  };
}

function node(spec: NodeSpec): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        ...spec.labels,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: { podCIDR: spec.podCidr, podCIDRs: [...(spec.podCidrs ?? [spec.podCidr])] },
    status: {
      addresses: [
        ...(spec.ips ?? [spec.ip]).map((address) => ({ type: 'InternalIP', address })),
        { type: 'Hostname', address: spec.name },
      ],
      capacity: { cpu: '2', memory: '4028408Ki', pods: '110', 'ephemeral-storage': '61255492Ki' },
      allocatable: { cpu: '2', memory: '3926008Ki', pods: '110', 'ephemeral-storage': '56453061334' },
      conditions: [],
      nodeInfo: {
        architecture: 'amd64',
        operatingSystem: 'linux',
        kernelVersion: '6.12.48',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        containerRuntimeVersion: 'containerd://2.1.4',
        kubeletVersion: 'v1.35.0',
        kubeProxyVersion: '',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  };
}

/** The Service "kubernetes" and its slice, which the API server itself keeps (pkg/controlplane/reconcilers). */
function apiServerObjects(spec: ClusterSpec): ApiObject[] {
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default', labels },
      spec: {
        clusterIP: firstServiceIp(spec),
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: spec.ipFamilies[0],
      endpoints: [{ addresses: [apiServerOf(spec)], conditions: { ready: true } }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
  ];
}

function firstServiceIp(spec: ClusterSpec): string {
  return nthAddress(spec.serviceCidr, 1);
}

function corefile(spec: ClusterSpec): string {
  return [
    '.:53 {',
    '    errors',
    '    health {',
    '       lameduck 5s',
    '    }',
    '    ready',
    `    kubernetes ${spec.clusterDomain} in-addr.arpa ip6.arpa {`,
    '       pods insecure',
    '       fallthrough in-addr.arpa ip6.arpa',
    '       ttl 30',
    '    }',
    '    prometheus :9153',
    '    forward . /etc/resolv.conf {',
    '       max_concurrent 1000',
    '    }',
    '    cache 30 {',
    `       disable success ${spec.clusterDomain}`,
    `       disable denial ${spec.clusterDomain}`,
    '    }',
    '    loop',
    '    reload',
    '    loadbalance',
    '}',
    '',
  ].join('\n');
}

function corednsContainer(): object {
  return {
    name: 'coredns',
    image: COREDNS_IMAGE,
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
    ],
    livenessProbe: {
      httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
      initialDelaySeconds: 60,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 5,
    },
    readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' } },
    volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
  };
}

function dnsObjects(spec: ClusterSpec): ApiObject[] {
  const meta = { namespace: 'kube-system', labels: DNS_LABELS };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: { Corefile: corefile(spec) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...meta,
        name: 'kube-dns',
        labels: { ...DNS_LABELS, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      },
      spec: {
        clusterIP: spec.dnsServiceIp,
        selector: DNS_LABELS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...meta, name: 'coredns' },
      spec: {
        replicas: 2,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: DNS_LABELS },
        template: {
          metadata: { labels: DNS_LABELS },
          spec: {
            dnsPolicy: 'Default',
            containers: [corednsContainer()],
            volumes: [
              {
                name: 'config-volume',
                configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
              },
            ],
          },
        },
      },
    },
  ];
}

/** All of them, in the order they come to be. */
export function systemObjects(spec: ClusterSpec): ApiObject[] {
  return [
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(namespace),
    ...spec.nodes.map(node),
    ...apiServerObjects(spec),
    ...dnsObjects(spec),
  ];
}
