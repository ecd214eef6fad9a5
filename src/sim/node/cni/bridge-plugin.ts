/**
 * The CNI plugin "bridge" as flannel's configuration calls it (isDefaultGateway, hairpinMode): one Linux bridge per node,
 * a veth pair per pod, an address from host-local, a default route by way of the bridge.
 */
import type { MachineApi } from '../../kernel/machine-api';
import { sha256Hex } from '../../../lib/hash';
import type { PodAttachment, PodNetwork } from '../pod-network';
import { HostLocalIpam, type IpamKeyframe } from './ipam';

/** Name of the bridge on every node. */
export const BRIDGE = 'cni0';

/** Netns id of a pod that is not on the host network. */
export function netnsOf(uid: string): string {
  return `cni-${uid}`;
}

export interface BridgePluginDeps {
  readonly machine: MachineApi;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** This node's pod range, "10.244.1.0/24", and the range of the whole cluster. */
  readonly podCidr: string;
  readonly clusterCidr: string;
  readonly mtuBytes: number;
}

interface Attached extends PodAttachment {
  readonly hostDevice: string;
}

export class BridgePlugin implements PodNetwork {
  private readonly ipam: HostLocalIpam;
  private attached = new Map<string, Attached>();

  constructor(private readonly deps: BridgePluginDeps) {
    this.ipam = new HostLocalIpam(deps.podCidr);
  }

  attach(podRef: string, uid: string, hostNetwork: boolean): PodAttachment | { readonly error: string } {
    if (hostNetwork) return { netns: 'host', ips: [this.deps.nodeIp] };
    const present = this.attached.get(uid);
    if (present) return present;
    const ip = this.ipam.allocate(uid);
    if (ip === null) {
      return {
        error: `plugin type="flannel" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${this.ipam.range}`,
      };
    }
    const digest = sha256Hex(uid);
    const netns = netnsOf(uid);
    const hostDevice = `veth${digest.slice(0, 8)}`;
    this.wire(netns, hostDevice, ip, podRef);
    const attachment = { netns, ips: [ip], hostDevice };
    this.attached.set(uid, attachment);
    return attachment;
  }

  private wire(netns: string, hostDevice: string, ip: string, podRef: string): void {
    const { machine, clusterCidr, mtuBytes, podCidr } = this.deps;
    const origin = { ref: podRef };
    const length = podCidr.split('/')[1];
    this.ensureBridge();
    machine.addNetns(netns, origin);
    machine.addVeth({ netns, device: 'eth0' }, { netns: 'host', device: hostDevice }, mtuBytes, origin);
    machine.setMaster('host', hostDevice, BRIDGE, true);
    machine.setUp('host', hostDevice, true);
    machine.setUp(netns, 'eth0', true);
    machine.addAddress(netns, 'eth0', `${ip}/${length}`);
    machine.addRoute(netns, { prefix: '0.0.0.0/0', via: this.ipam.gateway, device: 'eth0', origin });
    machine.addRoute(netns, { prefix: clusterCidr, via: this.ipam.gateway, device: 'eth0', origin });
  }

  /** The bridge appears with the first pod, as in life. */
  private ensureBridge(): void {
    const { machine, nodeName, podCidr, mtuBytes } = this.deps;
    if (this.hasBridge) return;
    this.hasBridge = true;
    machine.addBridge('host', BRIDGE, mtuBytes, { ref: `Node//${nodeName}`, path: 'spec.podCIDR' });
    machine.setUp('host', BRIDGE, true);
    machine.addAddress('host', BRIDGE, `${this.ipam.gateway}/${podCidr.split('/')[1]}`);
  }

  private hasBridge = false;

  detach(uid: string): void {
    const present = this.attached.get(uid);
    if (present === undefined) return;
    // Deleting the netns takes its end of the veth with it, and with that the end on the bridge.
    this.deps.machine.deleteNetns(present.netns);
    this.ipam.release(uid);
    this.attached.delete(uid);
  }

  /** The machine was switched off: all sandboxes are gone. Not simulated: the bridge of the host survives. */
  forgetSandboxes(): void {
    for (const uid of this.attached.keys()) this.ipam.release(uid);
    this.attached = new Map();
  }

  keyframe(): unknown {
    return { ipam: this.ipam.keyframe(), attached: new Map(this.attached), hasBridge: this.hasBridge };
  }

  restore(from: unknown): void {
    const frame = from as { ipam: IpamKeyframe; attached: Map<string, Attached>; hasBridge: boolean };
    this.ipam.restore(frame.ipam);
    this.attached = new Map(frame.attached);
    this.hasBridge = frame.hasBridge;
  }
}
