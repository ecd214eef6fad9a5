/**
 * Flannel with its VXLAN backend, one agent per node. Each agent makes its own bridge range and tunnel device, publishes
 * the tunnel's MAC in annotations of its Node, and for every other Node writes three things into its kernel: a route, a
 * permanent neighbour and a forwarding entry (flannel pkg/backend/vxlan/vxlan_network.go). Pods then reach each other
 * without any agent in the path.
 */
import type { ApiObject } from '../../api/object';
import type { Component, WatchEvent } from '../../api/watch';
import type { MachineApi } from '../../kernel/machine-api';
import { nthAddress } from '../../../lib/ip';
import { NIC } from '../host';

/** Name of the tunnel device on every node. */
export const TUNNEL = 'flannel.1';
const VNI = 1;
const PORT = 8472;
/** What VXLAN over IPv4 adds to each packet: outer Ethernet, IP, UDP and VXLAN headers. */
const OVERHEAD_BYTES = 50;

const PUBLIC_IP = 'flannel.alpha.coreos.com/public-ip';
const BACKEND_DATA = 'flannel.alpha.coreos.com/backend-data';
const BACKEND_TYPE = 'flannel.alpha.coreos.com/backend-type';

export interface FlannelDeps {
  readonly store: {
    get(kind: string, namespace: string, name: string): ApiObject | undefined;
    patch(kind: string, namespace: string, name: string, change: (object: ApiObject) => ApiObject): unknown;
  };
  readonly machine: MachineApi;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** This node's pod range. */
  readonly podCidr: string;
  readonly nicMtuBytes: number;
}

/** What an agent has written for one other node. */
interface Peer {
  readonly podCidr: string;
  readonly publicIp: string;
  readonly vtepMac: string;
}

export class Flannel implements Component {
  readonly name: string;
  readonly watches = ['Node'];
  private peers = new Map<string, Peer>();

  constructor(private readonly deps: FlannelDeps) {
    this.name = `flannel/${deps.nodeName}`;
  }

  /** Makes the tunnel device. Its address is the range's network address with a /32, so that ARP never leaves by it. */
  start(): void {
    const { machine, nodeIp, podCidr, nodeName } = this.deps;
    const mtuBytes = this.deps.nicMtuBytes - OVERHEAD_BYTES;
    const origin = { ref: `Node//${nodeName}`, path: 'spec.podCIDR' };
    machine.addVxlan(
      'host',
      TUNNEL,
      { vni: VNI, local: nodeIp, underlayDevice: NIC, port: PORT, mtuBytes },
      origin,
    );
    machine.setUp('host', TUNNEL, true);
    machine.addAddress('host', TUNNEL, `${nthAddress(podCidr, 0)}/32`);
  }

  /** Publishes this node's end of the tunnel, where the other agents read it. */
  publish(): void {
    const { store, machine, nodeName, nodeIp } = this.deps;
    const data = JSON.stringify({ VNI, VtepMAC: machine.macOf('host', TUNNEL) });
    store.patch('Node', '', nodeName, (node) => ({
      ...node,
      metadata: {
        ...node.metadata,
        annotations: {
          ...node.metadata.annotations,
          [BACKEND_DATA]: data,
          [BACKEND_TYPE]: 'vxlan',
          [PUBLIC_IP]: nodeIp,
        },
      },
    }));
  }

  keysFor({ object }: WatchEvent): readonly string[] {
    return [object.metadata.name];
  }

  reconcile(nodeName: string): void {
    if (!this.deps.machine.poweredOn || nodeName === this.deps.nodeName) return;
    const wanted = peerOf(this.deps.store.get('Node', '', nodeName));
    const present = this.peers.get(nodeName);
    if (JSON.stringify(wanted) === JSON.stringify(present ?? null)) return;
    if (present) this.forget(nodeName, present);
    if (wanted) this.learn(nodeName, wanted);
  }

  private learn(nodeName: string, peer: Peer): void {
    const { machine } = this.deps;
    const origin = { ref: `Node//${nodeName}`, path: 'spec.podCIDR' };
    const remote = nthAddress(peer.podCidr, 0);
    machine.addNeighbour('host', { device: TUNNEL, ip: remote, mac: peer.vtepMac, origin });
    machine.addFdb('host', { device: TUNNEL, mac: peer.vtepMac, dst: peer.publicIp, origin });
    machine.addRoute('host', { prefix: peer.podCidr, via: remote, device: TUNNEL, onlink: true, origin });
    this.peers.set(nodeName, peer);
  }

  private forget(nodeName: string, peer: Peer): void {
    const { machine } = this.deps;
    machine.deleteRoute('host', peer.podCidr, TUNNEL);
    machine.deleteFdb('host', TUNNEL, peer.vtepMac);
    machine.deleteNeighbour('host', TUNNEL, nthAddress(peer.podCidr, 0));
    this.peers.delete(nodeName);
  }

  keyframe(): ReadonlyMap<string, Peer> {
    return new Map(this.peers);
  }

  restore(from: unknown): void {
    this.peers = new Map(from as ReadonlyMap<string, Peer>);
  }
}

/** Reads another node's end of the tunnel; null until its agent has published it. */
function peerOf(node: ApiObject | undefined): Peer | null {
  const annotations = node?.metadata.annotations ?? {};
  const data = annotations[BACKEND_DATA];
  const publicIp = annotations[PUBLIC_IP];
  const podCidr = (node?.['spec'] as { podCIDR?: string } | undefined)?.podCIDR;
  if (data === undefined || publicIp === undefined || podCidr === undefined) return null;
  return { podCidr, publicIp, vtepMac: (JSON.parse(data) as { VtepMAC: string }).VtepMAC };
}
