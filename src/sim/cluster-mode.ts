/**
 * Who makes Services work on one node, and how that is changed while the cluster runs: kube-proxy in one of its modes, or an
 * agent with BPF maps in its place. A change is a rollout of kube-proxy's DaemonSet with another configuration: on one node
 * after the other the process ends (what it wrote stays in the kernel and works on), a new one starts a moment later, takes
 * away what the other mode has left, and writes its own. Connections that conntrack knows go on.
 */
import type { Component } from './api/watch';
import { MS, type Clock, type Ns, type TimerEvent, type TimerHandler } from './clock/clock';
import type { Machine } from './kernel/machine';
import { netfilterState } from './kernel/netfilter/state';
import { DEFAULT_PROXY, type ProxyModeName, type ProxySettings } from './manifests/settings';
import { BRIDGE } from './node/cni/bridge-plugin';
import { EbpfAgent } from './node/ebpf/agent';
import { NIC } from './node/host';
import type { ProxyConfig, ProxyTiming } from './node/kube-proxy/config';
import { cleanLeftovers } from './node/kube-proxy/leftovers';
import { KubeProxy, type SyncInfo } from './node/kube-proxy/proxier';
import type { ObjectReader } from './node/kube-proxy/service-map';

export { DEFAULT_PROXY, type ProxyModeName, type ProxySettings } from './manifests/settings';

/** From the end of one proxy to the start of the next: the pod is deleted, made anew, its image is there already. */
const RESTART_NS: Ns = 1_200 * MS;
const RESTART_SPREAD_MS = 600;
/** The DaemonSet replaces one pod after the other (maxUnavailable: 1). */
const STAGGER_NS: Ns = 2_500 * MS;

export interface NodeProxyParts {
  readonly clock: Clock;
  readonly store: ObjectReader;
  readonly machine: Machine;
  readonly nodeName: string;
  /** The node's part of the configuration for each family, for given settings. */
  configsFor(settings: ProxySettings): readonly ProxyConfig[];
  onSynced(info: SyncInfo): void;
}

interface State {
  /** What is to run, and what has last been started: its traces are in the kernel. */
  readonly wanted: ProxySettings;
  readonly running: ProxySettings;
  readonly timer: number | null;
  /** The old process has ended, the new one has not begun. */
  readonly down: boolean;
}

/** The proxy of one node, whichever it is. */
export class NodeProxy implements TimerHandler {
  readonly address: string;
  private readonly kubeProxy: KubeProxy;
  private readonly agent: EbpfAgent;
  private state: State;

  constructor(
    private readonly parts: NodeProxyParts,
    settings: ProxySettings = DEFAULT_PROXY,
  ) {
    const { clock, store, machine, nodeName } = parts;
    this.address = `proxy-rollout/${nodeName}`;
    this.state = { wanted: settings, running: settings, timer: null, down: false };
    const onSynced = (info: SyncInfo) => parts.onSynced(info);
    const at = { clock, store, machine, nodeName, onSynced };
    const { mode } = settings;
    const configs = parts.configsFor(settings);
    this.kubeProxy = new KubeProxy({ ...at, configs, ...(mode !== 'ebpf' && { mode }) });
    const inside = [BRIDGE, ...['flannel.1', 'flannel-v6.1']];
    this.agent = new EbpfAgent({ ...at, devices: { wire: [NIC], inside } });
  }

  /** Both hear of objects; the one that is not started does nothing about them. */
  get components(): readonly Component[] {
    return [this.kubeProxy, this.agent];
  }

  /** The mode whose rules or maps are in the kernel. */
  get mode(): ProxyModeName {
    return this.state.running.mode;
  }

  /** True while other settings are on their way to this node. */
  get switching(): boolean {
    return this.state.timer !== null;
  }

  /** True when nothing waits to be written and no other mode is on its way. */
  get inStep(): boolean {
    return this.state.timer === null && this.status.behindSinceNs === null;
  }

  get status(): { readonly syncedNs: Ns | null; readonly behindSinceNs: Ns | null } {
    return this.active.status;
  }

  /** Health check node ports to answer on. */
  healthChecks(): ReturnType<KubeProxy['healthChecks']> {
    return this.active.healthChecks();
  }

  /** Service ports as of the last sync, of one family. */
  ports(family = 0): ReturnType<KubeProxy['ports']> {
    return this.active.ports(family);
  }

  /** Starts on a machine that has just been switched on. */
  start(): void {
    const { clock, machine } = this.parts;
    clock.cancel(this.state.timer);
    this.clean('none');
    machine.bpf.unload();
    this.launch(this.state.wanted);
  }

  /** Rolls other settings out; `place` is the node's place among those that follow one another. */
  change(wanted: ProxySettings, place: number): void {
    const { clock } = this.parts;
    clock.cancel(this.state.timer);
    const event = this.state.down ? 'start' : 'stop';
    const timer = clock.schedule(place * STAGGER_NS, this.address, { type: event });
    this.state = { ...this.state, wanted, timer };
  }

  handle(event: TimerEvent): void {
    const { clock, machine } = this.parts;
    if (event.type === 'stop') {
      this.active.stop();
      const spread = clock.random.below(this.address, RESTART_SPREAD_MS) * MS;
      const timer = clock.schedule(RESTART_NS + spread, this.address, { type: 'start' });
      this.state = { ...this.state, timer, down: true };
      return;
    }
    const { wanted, running } = this.state;
    this.state = { ...this.state, timer: null };
    // On a dead machine nothing starts; it will when the machine does.
    if (!machine.poweredOn) return;
    if (wanted.mode !== running.mode) this.takeOver(running.mode, wanted.mode);
    this.launch(wanted);
  }

  keyframe(): unknown {
    return this.state;
  }

  restore(from: unknown): void {
    this.state = from as State;
  }

  private get active(): KubeProxy | EbpfAgent {
    return this.state.running.mode === 'ebpf' ? this.agent : this.kubeProxy;
  }

  /** What the new proxy finds of the old one, it removes. */
  private takeOver(before: ProxyModeName, next: ProxyModeName): void {
    if (before === 'ebpf') this.parts.machine.bpf.unload();
    else this.clean(next === 'ebpf' ? 'none' : next);
  }

  private clean(next: Exclude<ProxyModeName, 'ebpf'> | 'none'): void {
    const { machine } = this.parts;
    cleanLeftovers(
      {
        netfilter: netfilterState(machine.netfilter('host')),
        hasDevice: (netns, device) => machine.hasDevice(netns, device),
        deleteDevice: (netns, device) => machine.deleteDevice(netns, device),
      },
      next,
    );
  }

  private launch(settings: ProxySettings): void {
    this.state = { wanted: settings, running: settings, timer: null, down: false };
    const configs = this.parts.configsFor(settings);
    if (settings.mode === 'ebpf') {
      this.kubeProxy.stop();
      this.agent.start(configs);
    } else {
      this.agent.stop();
      this.kubeProxy.configure(settings.mode, configs, timingOf(settings));
    }
  }
}

function timingOf({ minSyncPeriodNs, syncPeriodNs }: ProxySettings): Partial<ProxyTiming> {
  return {
    ...(minSyncPeriodNs !== null && { minSyncPeriodNs }),
    ...(syncPeriodNs !== null && { syncPeriodNs }),
  };
}
