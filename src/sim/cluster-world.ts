/** What the terminal's commands may touch, made from the parts of a cluster. */
import type { Pod } from './api/kinds/pod';
import type { ApiServer } from './api/server';
import type { Store } from './api/store';
import type { Clock } from './clock/clock';
import { CLIENT, CLIENT_IP } from './cluster-outside-machines';
import { nodeResolvConf, type ClusterNode } from './cluster-node';
import type { ClusterSpec } from './cluster-spec';
import type { MachineApi } from './kernel/machine-api';
import { netnsOf } from './node/cni/bridge-plugin';
import type { Processes } from './programs/processes';
import { kubeApi } from './shell/kube-api';
import type { PodPlace, ShellWorld } from './shell/shell';

export interface WorldParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly server: ApiServer;
  readonly processes: Processes;
  readonly spec: ClusterSpec;
  nodeOf(name: string): ClusterNode | undefined;
  machineOf(name: string): MachineApi | undefined;
  /** Files of the workspace as they were last applied. */
  files(): readonly { readonly name: string; readonly text: string }[];
}

/** Process handles of a pod's running containers, by container name. */
export function handlesOf(node: ClusterNode, uid: string): Readonly<Record<string, string>> {
  const rows = node.kubelet.table.get(uid)?.containers ?? [];
  return Object.fromEntries(rows.flatMap((row) => (row.handle === null ? [] : [[row.name, row.handle]])));
}

function podPlace(parts: WorldParts, namespace: string, name: string): PodPlace | undefined {
  const pod: Pod | undefined = parts.store.get('Pod', namespace, name);
  const node = pod?.spec.nodeName === undefined ? undefined : parts.nodeOf(pod.spec.nodeName);
  if (pod === undefined || node === undefined || pod.status?.podIP === undefined) return undefined;
  return {
    machine: node.machine.name,
    netns: pod.spec.hostNetwork ? 'host' : netnsOf(pod.metadata.uid ?? ''),
    handles: handlesOf(node, pod.metadata.uid ?? ''),
  };
}

export function shellWorld(parts: WorldParts): ShellWorld {
  const { clock, processes, spec } = parts;
  const files = { '/etc/resolv.conf': nodeResolvConf(spec) };
  return {
    clock,
    get nowNs() {
      return clock.nowNs;
    },
    api: kubeApi(parts.server),
    processes,
    machineOf: (name) => parts.machineOf(name),
    nodePlace: (name) => {
      const kind = parts.nodeOf(name) === undefined ? 'Outside' : 'Node';
      return parts.machineOf(name) && { machine: name, netns: 'host', owner: `${kind}//${name}`, files };
    },
    outside: { machine: CLIENT, netns: 'host', owner: `Outside//${CLIENT_IP}`, files },
    podOf: (namespace, name) => podPlace(parts, namespace, name),
    readFiles: (name) => workspaceFiles(parts.files(), name),
  };
}

function workspaceFiles(
  files: readonly { readonly name: string; readonly text: string }[],
  name: string,
): readonly { readonly name: string; readonly text: string }[] | null {
  const wanted = name.replace(/^\.\//, '').replace(/\/$/, '');
  const found = files.filter(
    (file) => wanted === '.' || wanted === '' || file.name === wanted || file.name.startsWith(`${wanted}/`),
  );
  return found.length === 0 ? null : found;
}
