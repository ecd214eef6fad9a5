/** Pods and workloads as the page shows them. */
import type { Pod } from './api/kinds/pod';
import type { ApiObject } from './api/object';
import { refOf } from './api/object';
import type { Store } from './api/store';
import { fromRfc3339 } from './api/time';
import { netnsOf } from './node/cni/bridge-plugin';
import type { PodLook, PodView, WorkloadView } from './view';

/** Annotation by which the page keeps a pod out of its Services; the kubelet reads it. */
export const HOLD_UNREADY = 'hopyard.dev/hold-unready';

const BACK_OFF = new Set(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull', 'InvalidImageName']);

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

function waitingOf(statuses: readonly ContainerStatus[]): { reason?: string; message?: string } | undefined {
  return statuses.find((status) => status.state?.waiting?.reason !== undefined)?.state?.waiting;
}

function statusesOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function lookOf(pod: Pod): PodLook {
  const phase = pod.status?.phase;
  if (pod.metadata.deletionTimestamp !== undefined) return 'terminating';
  if (phase === 'Succeeded') return 'completed';
  if (phase === 'Failed') return 'failed';
  if (pod.spec.nodeName === undefined) return 'pending';
  if (BACK_OFF.has(waitingOf(statusesOf(pod))?.reason ?? '')) return 'backoff';
  if (phase === 'Running') return isReady(pod) ? 'ready' : 'running';
  return 'creating';
}

/** STATUS as `kubectl get pods` sums it up (pkg/printers/internalversion printPod, the common cases). */
function statusText(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = waitingOf(statusesOf(pod));
  if (waiting?.reason) return waiting.reason;
  const ended = statusesOf(pod).find((status) => status.state?.terminated?.reason && !status.state.running);
  const phase = pod.status?.phase ?? 'Pending';
  if (ended?.state?.terminated?.reason && phase !== 'Running') return ended.state.terminated.reason;
  if (phase === 'Pending' && pod.spec.nodeName !== undefined) return 'ContainerCreating';
  return phase;
}

/** Why a pod is not further than it is; empty when all is well. */
function reasonOf(pod: Pod): string {
  if (pod.metadata.annotations?.[HOLD_UNREADY] === 'true') return 'Held unready by hand';
  const waiting = waitingOf(statusesOf(pod));
  if (waiting?.message) return waiting.message;
  const conditions = pod.status?.conditions ?? [];
  const unscheduled = conditions.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled) return unscheduled.message ?? '';
  const unready = conditions.find((c) => c.type === 'Ready' && c.status === 'False');
  return pod.status?.phase === 'Running' ? (unready?.message ?? '') : (pod.status?.message ?? '');
}

/** Follows controllers upwards: a pod's ReplicaSet, and that one's Deployment. */
export function topOwner(store: Store, object: ApiObject): string {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller);
  if (owner === undefined) return refOf(object);
  const parent = store.get(owner.kind, object.metadata.namespace ?? '', owner.name);
  return parent ? topOwner(store, parent) : `${owner.kind}/${object.metadata.namespace ?? ''}/${owner.name}`;
}

export function podView(store: Store, pod: Pod): PodView {
  const ip = pod.status?.podIP ?? null;
  const uid = pod.metadata.uid ?? '';
  return {
    ref: refOf(pod),
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    node: pod.spec.nodeName ?? null,
    ip,
    ips: (pod.status?.podIPs ?? []).map((row) => row.ip),
    look: lookOf(pod),
    status: statusText(pod),
    reason: reasonOf(pod),
    restarts: statusesOf(pod).reduce((sum, status) => sum + status.restartCount, 0),
    labels: pod.metadata.labels ?? {},
    workload: topOwner(store, pod),
    hostNetwork: pod.spec.hostNetwork === true,
    netns: ip === null ? null : pod.spec.hostNetwork ? 'host' : netnsOf(uid),
    containers: pod.spec.containers.map((container) => ({
      name: container.name,
      image: container.image ?? '',
      ports: (container.ports ?? []).map((port) => `${port.containerPort}/${port.protocol ?? 'TCP'}`),
    })),
    createdNs: fromRfc3339(pod.metadata.creationTimestamp ?? '') ?? 0,
    heldUnready: pod.metadata.annotations?.[HOLD_UNREADY] === 'true',
  };
}

interface ScaleStatus {
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly numberReady?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
}

/** Deployment, StatefulSet or DaemonSet in numbers. */
export function workloadView(object: ApiObject): WorkloadView {
  const status = (object['status'] ?? {}) as ScaleStatus;
  const replicas = (object['spec'] as { replicas?: number } | undefined)?.replicas ?? 1;
  const daemon = object.kind === 'DaemonSet';
  return {
    ref: refOf(object),
    kind: object.kind,
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    desired: daemon ? (status.desiredNumberScheduled ?? 0) : replicas,
    ready: (daemon ? status.numberReady : status.readyReplicas) ?? 0,
    updated: (daemon ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0,
    available: (daemon ? status.numberAvailable : status.availableReplicas) ?? 0,
    scalable: !daemon,
  };
}
