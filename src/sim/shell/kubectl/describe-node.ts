/** The describe page of a node: conditions, capacity, the pods on it and what they ask for. */
import type { ApiObject } from '../../api/object';
import { Page } from './describe-writer';
import { events } from './describe-events';
import type { DescribeContext } from './describe-writer';
import { byText } from './plain-values';
import { quantityValue, sumQuantities } from './quantity';
import { at, list, map, str, strings } from './read';
import { nodeRoles } from './table-cluster';
import { age, rfc1123 } from './time';

function taintTexts(node: ApiObject): string[] {
  return list(node, 'spec.taints').map((taint) => {
    const value = str(taint, 'value');
    return `${str(taint, 'key')}${value === '' ? '' : `=${value}`}:${str(taint, 'effect')}`;
  });
}

function lease(page: Page, context: DescribeContext, name: string): void {
  const found = context.get('Lease', 'kube-node-lease', name);
  page.line(0, 'Lease:');
  const time = (path: string) => rfc1123(at(found, path)?.toString().replace(/\.\d+/, '')) || '<unset>';
  page.line(1, `HolderIdentity:\t${str(found, 'spec.holderIdentity') || '<unset>'}`);
  page.line(1, `AcquireTime:\t${time('spec.acquireTime')}`);
  page.line(1, `RenewTime:\t${time('spec.renewTime')}`);
}

function nodeConditions(page: Page, node: ApiObject): void {
  const all = list(node, 'status.conditions');
  if (all.length === 0) return;
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
  page.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const c of all) {
    const times = `${rfc1123(at(c, 'lastHeartbeatTime'))} \t${rfc1123(at(c, 'lastTransitionTime'))} `;
    page.line(
      1,
      `${str(c, 'type')} \t${str(c, 'status')} \t${times}\t${str(c, 'reason')} \t${str(c, 'message')}`,
    );
  }
}

function amounts(page: Page, title: string, all: Readonly<Record<string, string>>): void {
  const names = Object.keys(all).sort(byText);
  if (names.length === 0) return;
  page.line(0, `${title}:`);
  for (const name of names) page.line(1, `${name}:\t${all[name]}`);
}

const INFO: readonly (readonly [string, string])[] = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
  ['Kube-Proxy Version', 'kubeProxyVersion'],
];

/** What a pod asks for or is limited to: containers together. */
function podAmount(pod: ApiObject, kind: 'requests' | 'limits', resource: string): string {
  return sumQuantities(list(pod, 'spec.containers').map((c) => map(c, `resources.${kind}`)[resource] ?? '0'));
}

function share(amount: string, of: string | undefined): string {
  const whole = quantityValue(of ?? '0');
  return `${amount} (${whole === 0 ? 0 : Math.trunc((quantityValue(amount) * 100) / whole)}%)`;
}

function podsOn(page: Page, context: DescribeContext, node: ApiObject): void {
  const pods = context.list('Pod').filter((pod) => {
    const phase = str(pod, 'status.phase');
    return str(pod, 'spec.nodeName') === node.metadata.name && phase !== 'Succeeded' && phase !== 'Failed';
  });
  const allocatable = map(node, 'status.allocatable');
  page.field('Non-terminated Pods', `(${pods.length} in total)`);
  page.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  page.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  for (const pod of pods) {
    const cells = (['cpu', 'memory'] as const).flatMap((resource) =>
      (['requests', 'limits'] as const).map((kind) =>
        share(podAmount(pod, kind, resource), allocatable[resource]),
      ),
    );
    const name = `${pod.metadata.namespace}\t${pod.metadata.name}\t`;
    page.line(1, `${name}\t${cells.join('\t')}\t${age(pod.metadata.creationTimestamp, context.nowMs)}`);
  }
  page.line(0, 'Allocated resources:');
  page.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)');
  page.line(1, 'Resource\tRequests\tLimits');
  page.line(1, '--------\t--------\t------');
  for (const resource of ['cpu', 'memory', 'ephemeral-storage']) {
    const total = (kind: 'requests' | 'limits') =>
      share(sumQuantities(pods.map((pod) => podAmount(pod, kind, resource))), allocatable[resource]);
    page.line(1, `${resource}\t${total('requests')}\t${total('limits')}`);
  }
}

export function describeNode(node: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', node.metadata.name);
  page.field('Roles', nodeRoles(node));
  page.labels('Labels', node.metadata.labels ?? {});
  page.annotations('Annotations', node.metadata.annotations ?? {});
  page.field('CreationTimestamp', rfc1123(node.metadata.creationTimestamp));
  page.multi('Taints', taintTexts(node));
  page.field('Unschedulable', String(at(node, 'spec.unschedulable') === true));
  lease(page, context, node.metadata.name);
  nodeConditions(page, node);
  page.line(0, 'Addresses:');
  for (const address of list(node, 'status.addresses')) {
    page.line(1, `${str(address, 'type')}:\t${str(address, 'address')}`);
  }
  amounts(page, 'Capacity', map(node, 'status.capacity'));
  amounts(page, 'Allocatable', map(node, 'status.allocatable'));
  page.line(0, 'System Info:');
  for (const [title, key] of INFO) page.line(1, `${title}:\t${str(node, `status.nodeInfo.${key}`)}`);
  if (str(node, 'spec.podCIDR') !== '') page.field('PodCIDR', str(node, 'spec.podCIDR'));
  const cidrs = strings(node, 'spec.podCIDRs');
  if (cidrs.length > 0) page.field('PodCIDRs', cidrs.join(','));
  if (str(node, 'spec.providerID') !== '') page.field('ProviderID', str(node, 'spec.providerID'));
  podsOn(page, context, node);
  events(page, context, node);
  return page.text();
}
