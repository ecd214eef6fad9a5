/** A node as the page shows it: its object, and what its machine looks like now. */
import type { Node } from './api/kinds/cluster';
import { refOf } from './api/object';
import type { ClusterNode } from './cluster-node';
import { netfilterState } from './kernel/netfilter/state';
import { BRIDGE } from './node/cni/bridge-plugin';
import { TUNNEL, TUNNEL_V6 } from './node/cni/flannel';
import { NIC } from './node/host';
import type { DeviceView, NodeView } from './view';

function deviceView(node: ClusterNode, name: string): DeviceView | null {
  const device = node.machine.netns('host').devices.get(name);
  if (device === undefined) return null;
  return { name, kind: device.kind, address: device.addresses[0]?.ip ?? null, up: device.up };
}

const NO_NIC: DeviceView = { name: NIC, kind: 'nic', address: null, up: false };

export function nodeView(object: Node, node: ClusterNode | undefined): NodeView {
  const ips = (object.status?.addresses ?? [])
    .filter((entry) => entry.type === 'InternalIP')
    .map((entry) => entry.address);
  const state = node && netfilterState(node.machine.netfilter('host'));
  const rules = node?.proxy.status;
  return {
    ref: refOf(object),
    name: object.metadata.name,
    ip: ips[0] ?? '',
    podCidr: object.spec?.podCIDR ?? '',
    ips,
    podCidrs: object.spec?.podCIDRs ?? [],
    ready: object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
    schedulable: object.spec?.unschedulable !== true,
    poweredOn: node?.machine.poweredOn ?? false,
    devices: {
      bridge: node ? deviceView(node, BRIDGE) : null,
      tunnel: node ? (deviceView(node, TUNNEL) ?? deviceView(node, TUNNEL_V6)) : null,
      nic: (node && deviceView(node, NIC)) ?? NO_NIC,
    },
    ruleCount: state?.rules.ruleCount() ?? 0,
    rulesSyncedNs: rules?.syncedNs ?? null,
    rulesBehindSinceNs: rules?.behindSinceNs ?? null,
    conntrackCount: state?.conntrack.count ?? 0,
  };
}
