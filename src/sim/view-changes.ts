/**
 * What the control plane just did, one line each, for the time ruler and the list of changes. Only what a learner would
 * point at: replicas, pods coming and going, endpoints, nodes. Status counters and heartbeats stay out.
 */
import type { Endpoint, EndpointSlice } from './api/kinds/endpointslice';
import { SERVICE_NAME_LABEL } from './api/kinds/endpointslice';
import type { Node } from './api/kinds/cluster';
import type { Pod } from './api/kinds/pod';
import type { ApiObject } from './api/object';
import type { WatchEvent } from './api/watch';
import type { ChangeView } from './view';

export type ChangeText = Pick<ChangeView, 'text' | 'kind'>;

/** The line for one write, or null when it is not worth one. */
export function changeOf({ type, object, previous }: WatchEvent): ChangeText | null {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadChange(type, object, previous);
    case 'Pod':
      return podChange(type, object as Pod, previous as Pod | undefined);
    case 'EndpointSlice':
      return sliceChange(type, object as EndpointSlice, previous as EndpointSlice | undefined);
    case 'Node':
      return nodeChange(type, object as Node, previous as Node | undefined);
    case 'Service':
      return serviceChange(type, object, previous);
    case 'Event':
    case 'Lease':
    case 'ReplicaSet':
    case 'ControllerRevision':
      return null;
    default:
      return type === 'MODIFIED' ? null : { kind: 'object', text: type === 'ADDED' ? 'created' : 'deleted' };
  }
}

function replicasOf(object: ApiObject | undefined): number | undefined {
  return (object?.['spec'] as { replicas?: number } | undefined)?.replicas;
}

function templateOf(object: ApiObject | undefined): string {
  return JSON.stringify((object?.['spec'] as { template?: unknown } | undefined)?.template);
}

function workloadChange(type: WatchEvent['type'], now: ApiObject, before?: ApiObject): ChangeText | null {
  if (type === 'ADDED') return { kind: 'workload', text: `created, replicas ${replicasOf(now) ?? 1}` };
  if (type === 'DELETED') return { kind: 'workload', text: 'deleted' };
  if (replicasOf(now) !== replicasOf(before)) {
    return { kind: 'workload', text: `replicas ${replicasOf(before) ?? 1} to ${replicasOf(now) ?? 1}` };
  }
  if (templateOf(now) !== templateOf(before)) return { kind: 'workload', text: 'new pod template' };
  return null;
}

function ready(pod: Pod | undefined): boolean {
  return pod?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

function restarts(pod: Pod | undefined): number {
  return (pod?.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}

function podChange(type: WatchEvent['type'], now: Pod, before?: Pod): ChangeText | null {
  const pod = (text: string): ChangeText => ({ kind: 'pod', text });
  if (type === 'ADDED') return pod('created');
  if (type === 'DELETED') return pod('gone');
  if (now.metadata.deletionTimestamp && !before?.metadata.deletionTimestamp) return pod('terminating');
  if (now.spec.nodeName && !before?.spec.nodeName) return pod(`bound to ${now.spec.nodeName}`);
  if (restarts(now) > restarts(before)) return pod(`container restarted (${restarts(now)})`);
  if (ready(now) && !ready(before)) return pod(`ready at ${now.status?.podIP ?? ''}`);
  if (!ready(now) && ready(before) && !now.metadata.deletionTimestamp) return pod('not ready');
  return null;
}

function byAddress(slice: EndpointSlice | undefined): Map<string, Endpoint> {
  return new Map((slice?.endpoints ?? []).map((endpoint) => [endpoint.addresses[0] ?? '', endpoint]));
}

function lookOf(endpoint: Endpoint | undefined): string {
  if (endpoint === undefined) return 'removed';
  if (endpoint.conditions?.terminating) return 'terminating';
  return (endpoint.conditions?.ready ?? true) ? 'ready' : 'not ready';
}

function sliceChange(
  type: WatchEvent['type'],
  now: EndpointSlice,
  before?: EndpointSlice,
): ChangeText | null {
  const after = type === 'DELETED' ? new Map<string, Endpoint>() : byAddress(now);
  const earlier = byAddress(before);
  const lines = [...new Set([...earlier.keys(), ...after.keys()])].flatMap((ip) => {
    const [was, is] = [lookOf(earlier.get(ip)), lookOf(after.get(ip))];
    return was === is ? [] : [`${ip} ${is}`];
  });
  if (lines.length === 0) return null;
  const service = now.metadata.labels?.[SERVICE_NAME_LABEL];
  const head = service ? `${service}: ` : '';
  const shown = lines.length > 3 ? `${lines.length} endpoints changed` : lines.join(', ');
  return { kind: 'endpoints', text: head + shown };
}

function nodeReady(node: Node | undefined): boolean {
  return node?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

function nodeChange(type: WatchEvent['type'], now: Node, before?: Node): ChangeText | null {
  const node = (text: string): ChangeText => ({ kind: 'node', text });
  if (type !== 'MODIFIED') return node(type === 'ADDED' ? 'joined' : 'removed');
  if (now.spec?.unschedulable !== before?.spec?.unschedulable) {
    return node(now.spec?.unschedulable ? 'cordoned' : 'uncordoned');
  }
  if (nodeReady(now) !== nodeReady(before)) return node(nodeReady(now) ? 'Ready' : 'NotReady');
  return null;
}

function serviceChange(type: WatchEvent['type'], now: ApiObject, before?: ApiObject): ChangeText | null {
  if (type !== 'MODIFIED') return { kind: 'service', text: type === 'ADDED' ? 'created' : 'deleted' };
  if (JSON.stringify(now['spec']) === JSON.stringify(before?.['spec'])) return null;
  const selector = (object: ApiObject | undefined): string =>
    Object.entries((object?.['spec'] as { selector?: Record<string, string> } | undefined)?.selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  return selector(now) === selector(before)
    ? { kind: 'service', text: 'changed' }
    : { kind: 'service', text: `selector ${selector(before)} to ${selector(now)}` };
}
