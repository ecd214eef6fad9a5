/** What a person does to a running cluster besides manifests: break things, scale, ask from somewhere. */
import { ApiError } from './api/errors';
import type { Node } from './api/kinds/cluster';
import type { Pod } from './api/kinds/pod';
import { parseRef } from './api/object';
import type { ApiServer } from './api/server';
import type { Store } from './api/store';
import { nodeResolvConf, type ClusterNode } from './cluster-node';
import type { ProxyRollout } from './cluster-rollout';
import type { ClusterSpec } from './cluster-spec';
import type { Outside } from './cluster-outside';
import { handlesOf } from './cluster-world';
import { netnsOf } from './node/cni/bridge-plugin';
import type { Processes } from './programs/processes';
import type { Underlay } from './underlay';
import type { Fault } from './view';
import { HOLD_UNREADY } from './view-pods';

export interface CommandParts {
  readonly store: Store;
  readonly server: ApiServer;
  readonly processes: Processes;
  readonly underlay: Underlay;
  readonly outside: Outside;
  readonly spec: ClusterSpec;
  readonly rollout: ProxyRollout;
  nodeOf(name: string): ClusterNode | undefined;
}

/** Does it. What it is about may be gone by now; then nothing happens. */
export function carryOut(parts: CommandParts, fault: Fault): void {
  try {
    act(parts, fault);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

function act(parts: CommandParts, fault: Fault): void {
  switch (fault.kind) {
    case 'kill-pod':
      return killPod(parts, fault.ref);
    case 'hold-unready':
      return holdUnready(parts, fault.ref, fault.held);
    case 'cordon':
      return cordon(parts, fault.node, fault.on);
    case 'power':
      if (!fault.on) parts.processes.killMachine(fault.node);
      return parts.nodeOf(fault.node)?.setPower(fault.on);
    case 'cut-wire':
      return cutWire(parts, fault.node, fault.cut);
    case 'scale':
      return scale(parts, fault.ref, fault.replicas);
    case 'delete':
      return deleteObject(parts, fault.ref);
    case 'request':
      return request(parts, fault.ref, argvOf(fault.tool ?? 'curl', fault.url));
    case 'load-balancer':
      return parts.outside.change({ loadBalancer: fault.provider });
    case 'proxy-mode':
      return parts.rollout.change({ mode: fault.mode });
    case 'proxy-settings':
      return parts.rollout.change(fault.change);
    case 'route-external-ips':
      return parts.outside.change({ routeExternalIps: fault.on });
  }
}

/**
 * Pulls a node's cable: no frame passes, and its kubelet no longer reaches the API server, so the node is NotReady after a
 * while. Not simulated: kube-proxy and flannel on that node still hear of changes.
 */
function cutWire(parts: CommandParts, node: string, cut: boolean): void {
  parts.underlay.setCut(node, cut);
  parts.nodeOf(node)?.kubelet.setConnected(!cut);
}

function podOf({ store }: CommandParts, ref: string): Pod | undefined {
  const { namespace, name } = parseRef(ref);
  return store.get('Pod', namespace, name);
}

/**
 * As `kubectl delete pod --force --grace-period=0` with the processes killed in the same moment: their sockets are reset, and
 * what is on its way finds nobody. The sandbox goes once the kubelet has heard of it.
 */
function killPod(parts: CommandParts, ref: string): void {
  const pod = podOf(parts, ref);
  if (pod === undefined) return;
  const node = parts.nodeOf(pod.spec.nodeName ?? '');
  const handles = node === undefined ? {} : handlesOf(node, pod.metadata.uid ?? '');
  for (const handle of Object.values(handles)) parts.processes.signal(handle, 'KILL');
  parts.server.delete('Pod', pod.metadata.namespace ?? '', pod.metadata.name, { gracePeriodSeconds: 0 });
}

function holdUnready({ store }: CommandParts, ref: string, held: boolean): void {
  const { namespace, name } = parseRef(ref);
  store.patch('Pod', namespace, name, (pod: Pod) => {
    const annotations: Record<string, string> = { ...pod.metadata.annotations };
    if (held) annotations[HOLD_UNREADY] = 'true';
    else delete annotations[HOLD_UNREADY];
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  });
}

function cordon({ store }: CommandParts, name: string, on: boolean): void {
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' as const };
  store.patch('Node', '', name, (node: Node) => {
    const others = (node.spec?.taints ?? []).filter((taint) => taint.key !== unschedulable.key);
    const taints = on ? [...others, unschedulable] : others;
    const { unschedulable: _old, taints: _taints, ...rest } = node.spec ?? {};
    return {
      ...node,
      spec: { ...rest, ...(on ? { unschedulable: true } : {}), ...(taints.length > 0 ? { taints } : {}) },
    };
  });
}

function scale({ server }: CommandParts, ref: string, replicas: number): void {
  const { kind, namespace, name } = parseRef(ref);
  server.scale(kind, namespace, name, Math.max(0, Math.round(replicas)));
}

function deleteObject({ server }: CommandParts, ref: string): void {
  const { kind, namespace, name } = parseRef(ref);
  server.delete(kind, namespace, name);
}

function argvOf(tool: 'curl' | 'ping', url: string): readonly [string, ...string[]] {
  if (tool === 'curl') return ['curl', '-sS', url];
  const host = /^(?:[a-z]+:\/\/)?(?:\[([^\]]*)\]|([^/:]*:[^/]*:[^/]*|[^/:]*))/i.exec(url);
  return ['ping', '-c', '1', host?.[1] ?? host?.[2] ?? url];
}

/** A curl or ping from a pod's network, whether or not its image has one (as a debug container would), or from a node. */
function request(parts: CommandParts, ref: string, argv: readonly [string, ...string[]]): void {
  const { kind, name } = parseRef(ref);
  const [program] = argv;
  if (kind === 'Node') {
    parts.processes.spawn({ argv, program, machine: name, netns: 'host', owner: ref });
    return;
  }
  const beyond = kind === 'Outside' ? parts.outside.machineOfRef(name) : undefined;
  if (beyond !== undefined) {
    const files = { '/etc/resolv.conf': nodeResolvConf(parts.spec) };
    parts.processes.spawn({ argv, program, machine: beyond, netns: 'host', owner: ref, files });
    return;
  }
  const pod = podOf(parts, ref);
  const node = parts.nodeOf(pod?.spec.nodeName ?? '');
  if (pod === undefined || node === undefined || pod.status?.podIP === undefined) return;
  const handle = Object.values(handlesOf(node, pod.metadata.uid ?? ''))[0];
  const netns = pod.spec.hostNetwork ? 'host' : netnsOf(pod.metadata.uid ?? '');
  const container = handle === undefined ? undefined : parts.processes.container(handle)?.spec;
  parts.processes.spawn({
    argv,
    program,
    machine: node.machine.name,
    netns,
    owner: ref,
    ...(container && { container, handle }),
  });
}
