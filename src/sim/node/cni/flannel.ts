/**
 * Flannel with its VXLAN backend, one agent per node. Each agent makes a tunnel device for each IP family, publishes
 * the tunnels' MACs in annotations of its Node, and for every other Node writes three things into its kernel: a route, a
 * permanent neighbour and a forwarding entry (flannel pkg/backend/vxlan/vxlan_network.go). Pods then reach each other
 * without any agent in the path.
 */
import type { ApiObject } from '../../api/object';
import type { Component, WatchEvent } from '../../api/watch';
import type { MachineApi } from '../../kernel/machine-api';
import { nthAddress, parsePrefix } from '../../../lib/ip';
import { NIC } from '../host';
import type { FamilyRange } from './family-range';

/** Name of the tunnel device on every node, for pods' IPv4 addresses and for their IPv6 ones. */
export const TUNNEL = 'flannel.1';
export const TUNNEL_V6 = 'flannel-v6.1';
const VNI = 1;
const PORT = 8472;

/** What differs between the families: the device, its annotations, and what VXLAN adds to each packet. */
interface Backend {
  readonly device: string;
  readonly publicIp: string;
  readonly backendData: string;
  /** Outer Ethernet, IP, UDP and VXLAN headers. */
  readonly overheadBytes: number;
}

const ANNOTATION = 'flannel.alpha.coreos.com';
const BACKEND_TYPE = `${ANNOTATION}/backend-type`;
const BACKENDS: Readonly<Record<4 | 6, Backend>> = {
  4: {
    device: TUNNEL,
    publicIp: `${ANNOTATION}/public-ip`,
    backendData: `${ANNOTATION}/backend-data`,
    overheadBytes: 50,
  },
  6: {
    device: TUNNEL_V6,
    publicIp: `${ANNOTATION}/public-ipv6`,
    backendData: `${ANNOTATION}/backend-v6-data`,
    overheadBytes: 70,
  },
};

/** The largest packet that fits through the tunnels of all these families; what pods' devices are set to. */
export function tunnelMtu(ranges: readonly FamilyRange[], nicMtuBytes: number): number {
  return nicMtuBytes - Math.max(...ranges.map(({ family }) => BACKENDS[family].overheadBytes));
}

export interface FlannelDeps {
  readonly store: {
    get(kind: string, namespace: string, name: string): ApiObject | undefined;
    patch(kind: string, namespace: string, name: string, change: (object: ApiObject) => ApiObject): unknown;
  };
  readonly machine: MachineApi;
  readonly nodeName: string;
  /** The families that flannel is told to serve (EnableIPv4, EnableIPv6). */
  readonly ranges: readonly FamilyRange[];
  readonly nicMtuBytes: number;
}

/** What an agent has written for one other node in one family. */
interface Peer {
  readonly family: 4 | 6;
  readonly podCidr: string;
  readonly publicIp: string;
  readonly vtepMac: string;
}

export class Flannel implements Component {
  readonly name: string;
  readonly watches = ['Node'];
  private peers = new Map<string, readonly Peer[]>();

  constructor(private readonly deps: FlannelDeps) {
    this.name = `flannel/${deps.nodeName}`;
  }

  /**
   * Makes the tunnel devices. The address of each is its range's network address alone (/32, /128), so that no question for
   * a neighbour ever leaves by it. The two share VNI and port: the outer packet's family tells them apart.
   */
  start(): void {
    const { machine, nodeName, nicMtuBytes } = this.deps;
    const origin = { ref: `Node//${nodeName}`, path: 'spec.podCIDR' };
    for (const { family, nodeIp, podCidr } of this.deps.ranges) {
      const { device, overheadBytes } = BACKENDS[family];
      const mtuBytes = nicMtuBytes - overheadBytes;
      const options = { vni: VNI, local: nodeIp, underlayDevice: NIC, port: PORT, mtuBytes };
      machine.addVxlan('host', device, options, origin);
      machine.setUp('host', device, true);
      machine.addAddress('host', device, `${nthAddress(podCidr, 0)}/${family === 4 ? 32 : 128}`);
    }
  }

  /** Publishes this node's ends of the tunnels, where the other agents read them. */
  publish(): void {
    const { store, machine, nodeName, ranges } = this.deps;
    const own = ranges.map(({ family, nodeIp }): readonly (readonly [string, string])[] => {
      const { device, backendData, publicIp } = BACKENDS[family];
      const data = JSON.stringify({ VNI, VtepMAC: machine.macOf('host', device) });
      return [
        [backendData, data],
        [BACKEND_TYPE, 'vxlan'],
        [publicIp, nodeIp],
      ];
    });
    store.patch('Node', '', nodeName, (node) => ({
      ...node,
      metadata: {
        ...node.metadata,
        annotations: { ...node.metadata.annotations, ...Object.fromEntries(own.flat()) },
      },
    }));
  }

  keysFor({ object }: WatchEvent): readonly string[] {
    return [object.metadata.name];
  }

  reconcile(nodeName: string): void {
    if (!this.deps.machine.poweredOn || nodeName === this.deps.nodeName) return;
    const node = this.deps.store.get('Node', '', nodeName);
    const wanted = this.deps.ranges.flatMap(({ family }) => peerOf(node, family) ?? []);
    const present = this.peers.get(nodeName) ?? [];
    if (JSON.stringify(wanted) === JSON.stringify(present)) return;
    for (const peer of present) this.forget(peer);
    for (const peer of wanted) this.learn(nodeName, peer);
    if (wanted.length > 0) this.peers.set(nodeName, wanted);
    else this.peers.delete(nodeName);
  }

  private learn(nodeName: string, { family, podCidr, publicIp, vtepMac: mac }: Peer): void {
    const { machine } = this.deps;
    const { device } = BACKENDS[family];
    const origin = { ref: `Node//${nodeName}`, path: 'spec.podCIDR' };
    const remote = nthAddress(podCidr, 0);
    machine.addNeighbour('host', { device, ip: remote, mac, origin });
    machine.addFdb('host', { device, mac, dst: publicIp, origin });
    machine.addRoute('host', { prefix: podCidr, via: remote, device, onlink: true, origin });
  }

  private forget({ family, podCidr, vtepMac }: Peer): void {
    const { machine } = this.deps;
    const { device } = BACKENDS[family];
    machine.deleteRoute('host', podCidr, device);
    machine.deleteFdb('host', device, vtepMac);
    machine.deleteNeighbour('host', device, nthAddress(podCidr, 0));
  }

  keyframe(): ReadonlyMap<string, readonly Peer[]> {
    return new Map(this.peers);
  }

  restore(from: unknown): void {
    this.peers = new Map(from as ReadonlyMap<string, readonly Peer[]>);
  }
}

/** Reads another node's end of a family's tunnel; null until its agent has published it. */
function peerOf(node: ApiObject | undefined, family: 4 | 6): Peer | null {
  const annotations = node?.metadata.annotations ?? {};
  const { backendData, publicIp: publicIpName } = BACKENDS[family];
  const data = annotations[backendData];
  const publicIp = annotations[publicIpName];
  const spec = node?.['spec'] as { podCIDR?: string; podCIDRs?: readonly string[] } | undefined;
  const cidrs = spec?.podCIDRs ?? [spec?.podCIDR ?? ''];
  const podCidr = cidrs.find((cidr) => parsePrefix(cidr)?.family === family);
  if (data === undefined || publicIp === undefined || podCidr === undefined) return null;
  return { family, podCidr, publicIp, vtepMac: (JSON.parse(data) as { VtepMAC: string }).VtepMAC };
}
