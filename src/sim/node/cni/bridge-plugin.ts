/**
 * The CNI plugin "bridge" as flannel's configuration calls it (isDefaultGateway, hairpinMode): one Linux bridge per node,
 * a veth pair per pod, and for each IP family an address from host-local and a default route by way of the bridge.
 */
import type { MachineApi } from '../../kernel/machine-api';
import { sha256Hex } from '../../../lib/hash';
import type { PodAttachment, PodNetwork } from '../pod-network';
import type { FamilyRange } from './family-range';
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
  /** One for each family, the primary one first: a pod's first address is of it. */
  readonly ranges: readonly FamilyRange[];
  readonly mtuBytes: number;
}

interface Attached extends PodAttachment {
  readonly hostDevice: string;
}

export class BridgePlugin implements PodNetwork {
  /** One for each range. */
  private readonly ipams: readonly HostLocalIpam[];
  private attached = new Map<string, Attached>();

  constructor(private readonly deps: BridgePluginDeps) {
    this.ipams = deps.ranges.map(({ podCidr }) => new HostLocalIpam(podCidr));
  }

  attach(podRef: string, uid: string, hostNetwork: boolean): PodAttachment | { readonly error: string } {
    if (hostNetwork) return { netns: 'host', ips: this.deps.ranges.map(({ nodeIp }) => nodeIp) };
    const present = this.attached.get(uid);
    if (present) return present;
    const ips: string[] = [];
    for (const ipam of this.ipams) {
      const ip = ipam.allocate(uid);
      if (ip === null) return this.exhausted(uid, ips.length);
      ips.push(ip);
    }
    const digest = sha256Hex(uid);
    const netns = netnsOf(uid);
    const hostDevice = `veth${digest.slice(0, 8)}`;
    this.wire(netns, hostDevice, ips, podRef);
    const attachment = { netns, ips, hostDevice };
    this.attached.set(uid, attachment);
    return attachment;
  }

  /** A pod has an address of every family or none at all. */
  private exhausted(uid: string, index: number): { readonly error: string } {
    this.release(uid);
    const range = this.ipams[index]?.range ?? '';
    return {
      error: `plugin type="flannel" failed (add): failed to allocate for range ${index}: no IP addresses available in range set: ${range}`,
    };
  }

  private wire(netns: string, hostDevice: string, ips: readonly string[], podRef: string): void {
    const { machine, mtuBytes, ranges } = this.deps;
    const origin = { ref: podRef };
    this.ensureBridge();
    machine.addNetns(netns, origin);
    machine.addVeth({ netns, device: 'eth0' }, { netns: 'host', device: hostDevice }, mtuBytes, origin);
    machine.setMaster('host', hostDevice, BRIDGE, true);
    machine.setUp('host', hostDevice, true);
    machine.setUp(netns, 'eth0', true);
    for (const [i, { podCidr, clusterCidr, family }] of ranges.entries()) {
      const via = this.ipams[i]!.gateway;
      const prefix = family === 4 ? '0.0.0.0/0' : '::/0';
      machine.addAddress(netns, 'eth0', `${ips[i]!}/${podCidr.split('/')[1]}`);
      machine.addRoute(netns, { prefix, via, device: 'eth0', origin });
      machine.addRoute(netns, { prefix: clusterCidr, via, device: 'eth0', origin });
    }
  }

  /** The bridge appears with the first pod, as in life. */
  private ensureBridge(): void {
    const { machine, nodeName, mtuBytes } = this.deps;
    if (this.hasBridge) return;
    this.hasBridge = true;
    machine.addBridge('host', BRIDGE, mtuBytes, { ref: `Node//${nodeName}`, path: 'spec.podCIDR' });
    machine.setUp('host', BRIDGE, true);
    for (const { gateway, range } of this.ipams)
      machine.addAddress('host', BRIDGE, `${gateway}/${range.split('/')[1]}`);
  }

  private hasBridge = false;

  detach(uid: string): void {
    const present = this.attached.get(uid);
    if (present === undefined) return;
    // Deleting the netns takes its end of the veth with it, and with that the end on the bridge.
    this.deps.machine.deleteNetns(present.netns);
    this.release(uid);
    this.attached.delete(uid);
  }

  private release(uid: string): void {
    for (const ipam of this.ipams) ipam.release(uid);
  }

  /** The machine was switched off: all sandboxes are gone. Not simulated: the bridge of the host survives. */
  forgetSandboxes(): void {
    for (const uid of this.attached.keys()) this.release(uid);
    this.attached = new Map();
  }

  keyframe(): unknown {
    const ipams = this.ipams.map((ipam) => ipam.keyframe());
    return { ipams, attached: new Map(this.attached), hasBridge: this.hasBridge };
  }

  restore(from: unknown): void {
    const frame = from as { ipams: IpamKeyframe[]; attached: Map<string, Attached>; hasBridge: boolean };
    this.ipams.forEach((ipam, i) => ipam.restore(frame.ipams[i]!));
    this.attached = new Map(frame.attached);
    this.hasBridge = frame.hasBridge;
  }
}
