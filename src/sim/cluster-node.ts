/**
 * One node put together: a machine, and the agents that program it. What each agent does is its own business; here they
 * are only introduced to each other, started in the order of a booting node, and kept for keyframes.
 */
import { startLoop, type LoopKeyframe, type RunningLoop } from './api/loop';
import type { Store } from './api/store';
import { sha256Hex } from '../lib/hash';
import { MS, type Clock, type TimerHandler } from './clock/clock';
import type { Trace } from './trace/trace';
import { Machine } from './kernel/machine';
import { createNetfilter, netfilterState } from './kernel/netfilter/state';
import { DEFAULT_PROXY, NodeProxy, type ProxySettings } from './cluster-mode';
import type { ProxyConfig } from './node/kube-proxy/config';
import type { SyncInfo } from './node/kube-proxy/proxier';
import { Kubelet } from './node/kubelet/kubelet';
import type { ContainerRuntime } from './node/runtime';
import { bringUpHost, NIC } from './node/host';
import { BridgePlugin } from './node/cni/bridge-plugin';
import { Flannel, tunnelMtu } from './node/cni/flannel';
import type { FamilyRange } from './node/cni/family-range';
import { ensureFlannelRules } from './node/cni/flannel-rules';
import { gatewayOf, type ClusterSpec, type NodeSpec } from './cluster-spec';
import { Speaker, type SpeakerMode } from './node/metallb/speaker';
import { ProxyHealth, type ProxyHealthKeyframe } from './cluster-proxy-health';
import type { Underlay } from './underlay';

const NIC_MTU = 1500;

export interface NodeParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly trace: Trace;
  readonly underlay: Underlay;
  readonly runtime: ContainerRuntime;
  readonly spec: ClusterSpec;
  onSynced(info: SyncInfo): void;
  /** What the cluster wants of MetalLB's speakers. */
  speakerMode(): SpeakerMode;
}

/** A locally administered MAC address for a machine's network card. */
export function nicMac(machine: string): string {
  const digest = sha256Hex(`nic ${machine}`);
  return `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
}

/** Text of a node's own /etc/resolv.conf. */
export function nodeResolvConf(spec: ClusterSpec): string {
  return `nameserver ${gatewayOf(spec)}\n`;
}

export class ClusterNode {
  readonly machine: Machine;
  readonly proxy: NodeProxy;
  readonly kubelet: Kubelet;
  readonly speaker: Speaker;
  private readonly proxyHealth: ProxyHealth;
  private readonly network: BridgePlugin;
  private readonly flannel: Flannel;
  private readonly ranges: readonly FamilyRange[];
  private loops: readonly RunningLoop[] = [];

  constructor(
    private readonly parts: NodeParts,
    readonly node: NodeSpec,
    /** Place among the nodes; agents on later ones hear a moment later. */
    private readonly index: number,
  ) {
    const { clock, trace, store, underlay, spec, runtime } = parts;
    this.machine = new Machine(node.name, {
      clock,
      trace,
      wire: underlay,
      netfilterFor: (facts) => createNetfilter(facts, { clock }),
    });
    const { machine } = this;
    const ranges = (this.ranges = rangesOf(spec, node));
    const at = { machine, nodeName: node.name, ranges };
    this.network = new BridgePlugin({ ...at, mtuBytes: tunnelMtu(ranges, NIC_MTU) });
    this.flannel = new Flannel({ ...at, store, nicMtuBytes: NIC_MTU });
    this.kubelet = new Kubelet({
      clock,
      store,
      trace,
      machine,
      nodeName: node.name,
      nodeIp: node.ip,
      nodeIps: ranges.map(({ nodeIp }) => nodeIp),
      runtime,
      network: this.network,
      config: {
        clusterDns: spec.dnsServiceIp,
        clusterDomain: spec.clusterDomain,
        hostResolvConf: nodeResolvConf(spec),
      },
    });
    this.proxy = new NodeProxy(
      {
        clock,
        store,
        machine,
        nodeName: node.name,
        configsFor: (settings) => ranges.map((range) => this.proxyConfig(range, settings)),
        onSynced: (info) => {
          this.proxyHealth.update();
          parts.onSynced(info);
        },
      },
      { ...DEFAULT_PROXY, mode: spec.proxyMode ?? 'iptables' },
    );
    this.proxyHealth = new ProxyHealth(this);
    this.speaker = new Speaker({
      clock,
      store,
      machine,
      nodeName: node.name,
      nodeIps: node.ips ?? [node.ip],
      routerIp: gatewayOf(spec),
      mode: () => parts.speakerMode(),
    });
  }

  /** Parts of this node that timers are addressed to, by address. */
  handlers(): ReadonlyMap<string, TimerHandler> {
    const loops = this.loops.map((loop) => [loop.component.name, loop] as const);
    return new Map<string, TimerHandler>([
      [this.machine.address, this.machine],
      [this.proxyHealth.address, this.proxyHealth],
      [this.proxy.address, this.proxy],
      ...loops,
    ]);
  }

  /** Boots the machine and its agents. Their loops list the objects that exist by then. */
  start(): void {
    const { underlay, spec, clock, store } = this.parts;
    const { machine, node } = this;
    const mac = nicMac(node.name);
    const addresses = this.ranges.map(({ nodeIp: ip }, i) => {
      const underlayCidr = spec.underlayCidrs[i]!;
      return { ip, underlayCidr, gateway: gatewayOf(spec, underlayCidr) };
    });
    bringUpHost(machine, { addresses, mac, mtuBytes: NIC_MTU });
    underlay.attach(machine, NIC, mac);
    this.flannel.start();
    this.ensureRules();
    this.flannel.publish();
    const lag = (ms: number) => ({ lagNs: ms * MS + this.index * 300_000 });
    this.loops = [
      startLoop({ clock, store }, this.flannel, lag(6)),
      startLoop({ clock, store }, this.kubelet, lag(5)),
      ...this.proxy.components.map((proxy) => startLoop({ clock, store }, proxy, lag(8))),
      startLoop({ clock, store }, this.speaker, lag(9)),
    ];
    this.kubelet.setPower(true);
    this.proxy.start();
    this.speaker.follow();
  }

  /** True when no change waits to become rules. */
  get rulesInStep(): boolean {
    return (!this.machine.poweredOn || this.proxy.inStep) && this.speaker.inStep;
  }

  private ensureRules(): void {
    const { machine, node } = this;
    const origin = { ref: `Node//${node.name}`, path: 'spec.podCIDR' };
    for (const range of this.ranges) ensureFlannelRules(machine.netfilter('host'), range, origin);
  }

  /** Rolls another mode or configuration of the proxy out on this node, after the nodes before it. */
  changeProxy(settings: ProxySettings): void {
    this.proxy.change(settings, this.index);
  }

  /** Not simulated: the base chains that kube-proxy also writes for a family that the cluster does not have. */
  private proxyConfig(range: FamilyRange, settings: ProxySettings): ProxyConfig {
    const { family, nodeIp } = range;
    const isOfFamily = (cidr: string) => cidr.includes(':') === (family === 6);
    const clusterCidr = settings.clusterCidrs?.find(isOfFamily) ?? range.clusterCidr;
    // nftables mode's default is "primary"; the others take every address.
    const given = settings.nodePortAddresses ?? (settings.mode === 'nftables' ? ['primary'] : null);
    const primary = `${nodeIp}/${family === 4 ? 32 : 128}`;
    return {
      family: family === 4 ? 'IPv4' : 'IPv6',
      nodeName: this.node.name,
      nodeIp,
      nodeIps: this.ranges.map((range) => range.nodeIp),
      localDetector: { type: 'clusterCIDR', cidr: clusterCidr },
      masqueradeAll: settings.masqueradeAll,
      masqueradeBit: settings.masqueradeBit,
      nodePortAddresses: given?.map((cidr) => (cidr === 'primary' ? primary : cidr)) ?? null,
      localhostNodePorts: settings.localhostNodePorts,
      ipvsScheduler: settings.ipvsScheduler,
      nfacct: true,
      dropInvalid: true,
      randomFully: true,
      serviceCidrs: this.parts.spec.serviceCidrs,
    };
  }

  /** Pulls the plug, or puts it back: processes, sandboxes and rules are gone, agents begin anew. */
  setPower(on: boolean): void {
    const { machine } = this;
    if (machine.poweredOn === on) return;
    machine.setPower(on);
    if (!on) {
      this.network.forgetSandboxes();
      this.proxyHealth.forget();
      this.speaker.follow();
      this.kubelet.setPower(false);
      return;
    }
    const state = netfilterState(machine.netfilter('host'));
    for (const { family } of this.ranges) state.rules.flushAll(family);
    this.ensureRules();
    this.kubelet.setPower(true);
    this.proxy.start();
    this.speaker.follow();
  }

  keyframe(): NodeKeyframe {
    return {
      machine: this.machine.keyframe(),
      network: this.network.keyframe(),
      proxyHealth: this.proxyHealth.keyframe(),
      proxy: this.proxy.keyframe(),
      loops: this.loops.map((loop) => loop.keyframe()),
    };
  }

  restore(from: NodeKeyframe): void {
    this.machine.restore(from.machine);
    this.network.restore(from.network);
    this.proxyHealth.restore(from.proxyHealth);
    this.proxy.restore(from.proxy);
    this.loops.forEach((loop, i) => loop.restore(from.loops[i]!));
  }
}

/** What the node has of each family, the primary one first. */
function rangesOf(
  spec: ClusterSpec,
  { ip, podCidr, ips = [ip], podCidrs = [podCidr] }: NodeSpec,
): FamilyRange[] {
  return ips.map((nodeIp, i) => ({
    family: nodeIp.includes(':') ? 6 : 4,
    nodeIp,
    podCidr: podCidrs[i]!,
    clusterCidr: spec.podCidrs[i]!,
  }));
}

export interface NodeKeyframe {
  readonly machine: ReturnType<Machine['keyframe']>;
  readonly network: unknown;
  readonly proxyHealth: ProxyHealthKeyframe;
  readonly proxy: unknown;
  readonly loops: readonly LoopKeyframe[];
}
