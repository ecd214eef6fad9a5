/**
 * kube-proxy on one node: hears of Services, EndpointSlices and its Node, and brings the kernel's rules in line with them
 * (pkg/proxy/iptables/proxier.go, pkg/util/async/bounded_frequency_runner.go). A sync takes a snapshot when it begins and
 * its rules stand in the kernel when it ends; the next begins no sooner than the minimum period after that.
 */
import type { Clock, Ns } from '../../clock/clock';
import { SECOND } from '../../clock/clock';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { ApiObject } from '../../api/object';
import type { Component, WatchEvent } from '../../api/watch';
import type { Netfilter } from '../../kernel/netfilter/netfilter';
import { netfilterState, type NetfilterState } from '../../kernel/netfilter/state';
import { DEFAULT_TIMING, localhostNodePortsPossible, type ProxyConfig, type ProxyTiming } from './config';
import { healthCheckAnswers, type HealthAnswer } from './health';
import { DUMMY_DEVICE } from './ipvs';
import type { DeviceApi } from './ipvs-apply';
import { commit, isIntact, plan, planDurationNs, type Plan, type ProxyMode } from './modes';
import {
  isOutdated,
  orderedPorts,
  updateServiceMap,
  type ObjectReader,
  type ServiceMap,
} from './service-map';
import { serviceOfSlice, type ServicePortState } from './service-ports';
import type { TopologyNode } from './topology';

/** What is told after each sync. */
export interface SyncInfo {
  readonly nodeName: string;
  readonly atNs: Ns;
  readonly tookNs: Ns;
  readonly full: boolean;
  /** "namespace/name" of Services that the sync was about; empty for a full one without news. */
  readonly services: readonly string[];
  readonly rulesWritten: number;
  readonly rulesTotal: number;
  readonly staleConnections: number;
  readonly plans: readonly Plan[];
}

export interface ProxierDeps {
  readonly clock: Clock;
  readonly store: ObjectReader;
  readonly machine: {
    netfilter(netns: string): Netfilter;
    setSysctl(netns: string, name: string, value: number): void;
    hasDevice?(netns: string, device: string): boolean;
  } & Partial<DeviceApi>;
  readonly nodeName: string;
  /** One for each family that the node has; their mode must agree. */
  readonly configs: readonly ProxyConfig[];
  readonly mode?: ProxyMode;
  readonly timing?: Partial<ProxyTiming>;
  /** Takes localhostNodePorts as given, even where nodePortAddresses leave loopback out. */
  readonly keepsLocalhostNodePorts?: boolean;
  onSynced?(info: SyncInfo): void;
}

/** What the proxy's configuration says; another one needs a restart. */
export interface ProxySetup {
  readonly mode: ProxyMode;
  /** One for each family that the node has. */
  readonly configs: readonly ProxyConfig[];
  readonly timing: ProxyTiming;
}

/** A run at least this often, whether or not anything changed. */
const FULL_INTERVAL_NS = 3600 * SECOND;

interface State {
  readonly setup: ProxySetup;
  readonly maps: readonly ServiceMap[];
  readonly labels: Readonly<Record<string, string>>;
  /** Services to look at again; null: all. */
  readonly dirty: ReadonlySet<string> | null;
  readonly needsFull: boolean;
  /** Since when something waits to be written; null when all is written. */
  readonly behindSinceNs: Ns | null;
  readonly lastEndNs: Ns | null;
  readonly lastCleanupNs: Ns;
  /** nftables: what is no longer needed and since when, for each family. */
  readonly stale: readonly ReadonlyMap<string, Ns>[];
  /** IPVS: addresses on the dummy device, for each family. */
  readonly bound: readonly (readonly string[])[];
  /** The timer of the sync to come, or of the end of the one that runs. */
  readonly timer: number | null;
  readonly patrol: number | null;
  readonly started: boolean;
  readonly running: {
    readonly plans: readonly Plan[];
    readonly startNs: Ns;
    readonly services: readonly string[];
  } | null;
}

export class KubeProxy implements Component {
  readonly name: string;
  readonly watches = ['Service', 'EndpointSlice', 'Node'];
  private state: State;
  /** A memo of name and labels as one object; not state. */
  private node: TopologyNode | null = null;

  constructor(private readonly deps: ProxierDeps) {
    this.name = `kube-proxy/${deps.nodeName}`;
    const { mode = 'iptables', configs, timing } = deps;
    this.state = this.freshState(this.setupOf(mode, configs, timing));
  }

  /** Restarts with another configuration. */
  configure(mode: ProxyMode, configs: readonly ProxyConfig[], timing?: Partial<ProxyTiming>): void {
    this.stop();
    const { bound } = this.state;
    this.state = { ...this.freshState(this.setupOf(mode, configs, timing)), bound };
    this.start();
  }

  /** Boots the proxy: sysctls, then a full sync. Also after the machine came back without its rules. */
  start(): void {
    this.stop();
    const { machine } = this.deps;
    const bound = machine.hasDevice?.('host', DUMMY_DEVICE) ? this.state.bound : [];
    this.state = { ...this.freshState(this.setup), bound, started: true };
    this.setSysctls();
    if (this.setup.mode === 'ipvs') this.addDummyDevice();
    this.request(null);
    const patrol = this.deps.clock.schedule(this.setup.timing.syncPeriodNs, this.name, { type: 'canary' });
    this.state = { ...this.state, patrol };
  }

  /** The process ends, as when its machine loses power; what it had begun to write is never written. */
  stop(): void {
    for (const timer of [this.state.timer, this.state.patrol]) this.deps.clock.cancel(timer);
    this.state = { ...this.freshState(this.setup), bound: this.state.bound };
  }

  keysFor(event: WatchEvent): readonly string[] {
    const { kind, metadata } = event.object;
    if (kind === 'Service') return [`service ${metadata.namespace ?? ''}/${metadata.name}`];
    if (kind === 'EndpointSlice') return sliceKeys(event);
    if (kind !== 'Node' || metadata.name !== this.deps.nodeName) return [];
    return event.type === 'DELETED' ? [] : ['node'];
  }

  reconcile(key: string): void {
    if (!this.state.started) return;
    if (key === 'node') this.nodeChanged();
    else if (key === 'sync') this.arm();
    else this.serviceChanged(key.slice('service '.length));
  }

  onTimer(event: { readonly type: string }): void {
    if (event.type === 'sync') this.begin();
    else if (event.type === 'sync-done') this.finish();
    else if (event.type === 'canary') this.patrol();
  }

  /** When rules were last in step, and since when they are behind; null when they are not. */
  get status(): { readonly syncedNs: Ns | null; readonly behindSinceNs: Ns | null } {
    return { syncedNs: this.state.lastEndNs, behindSinceNs: this.state.behindSinceNs };
  }

  /** Health check node ports to answer on. */
  healthChecks(): ReadonlyMap<number, HealthAnswer> {
    return healthCheckAnswers(this.state.maps.flatMap(orderedPorts), true);
  }

  /** The service ports as of the last sync, of one family (index into configs). */
  ports(family = 0): readonly ServicePortState[] {
    return orderedPorts(this.state.maps[family] ?? new Map());
  }

  keyframe(): unknown {
    return this.state;
  }

  restore(from: unknown): void {
    this.state = from as State;
  }

  private get setup(): ProxySetup {
    return this.state.setup;
  }

  private get configs(): readonly ProxyConfig[] {
    return this.state.setup.configs;
  }

  private setupOf(
    mode: ProxyMode,
    configs: readonly ProxyConfig[],
    timing: Partial<ProxyTiming> | undefined,
  ): ProxySetup {
    const effective = this.deps.keepsLocalhostNodePorts ? configs : configs.map(effectiveConfig);
    const minSyncPeriodNs = mode === 'ipvs' ? 0 : DEFAULT_TIMING.minSyncPeriodNs;
    return { mode, configs: effective, timing: { ...DEFAULT_TIMING, minSyncPeriodNs, ...timing } };
  }

  private freshState(setup: ProxySetup): State {
    return {
      setup,
      maps: setup.configs.map((): ServiceMap => new Map()),
      labels: this.nodeLabels(),
      dirty: null,
      needsFull: true,
      behindSinceNs: null,
      lastEndNs: null,
      lastCleanupNs: -Infinity,
      stale: [],
      bound: [],
      timer: null,
      patrol: null,
      started: false,
      running: null,
    };
  }

  private get netfilter(): NetfilterState {
    return netfilterState(this.deps.machine.netfilter('host'));
  }

  /** The machine's devices, when it lets us at them; conformance cases have none. */
  private devices(): DeviceApi | undefined {
    const { addDummy, setUp, addAddress, deleteAddress } = this.deps.machine;
    return addDummy && setUp && addAddress && deleteAddress ? (this.deps.machine as DeviceApi) : undefined;
  }

  private nodeLabels(): Readonly<Record<string, string>> {
    const node = this.deps.store.list('Node').find((object) => object.metadata.name === this.deps.nodeName);
    return node?.metadata.labels ?? {};
  }

  /** News that change nothing here (a status, a slice's labels) cause no sync. */
  private serviceChanged(name: string): void {
    const { store } = this.deps;
    const outdated = this.configs.some((config, i) => isOutdated(this.state.maps[i]!, store, name, config));
    if (outdated) this.request(name);
  }

  /** Only the labels matter: they say in which zone this is. */
  private nodeChanged(): void {
    const labels = this.nodeLabels();
    if (JSON.stringify(labels) === JSON.stringify(this.state.labels)) return;
    this.state = { ...this.state, labels, needsFull: true };
    this.request(null);
  }

  /** Notes what is out of date and makes sure that a sync will come. */
  private request(service: string | null): void {
    const { dirty, behindSinceNs } = this.state;
    const next = dirty === null || service === null ? null : new Set(dirty).add(service);
    this.state = { ...this.state, dirty: next, behindSinceNs: behindSinceNs ?? this.deps.clock.nowNs };
    this.arm();
  }

  private arm(): void {
    if (!this.state.started || this.state.timer !== null) return;
    const { lastEndNs } = this.state;
    const earliest = lastEndNs === null ? 0 : lastEndNs + this.setup.timing.minSyncPeriodNs;
    const timer = this.deps.clock.scheduleAt(earliest, this.name, { type: 'sync' });
    this.state = { ...this.state, timer };
  }

  private begin(): void {
    const { store, clock } = this.deps;
    const { dirty, needsFull, labels } = this.state;
    const maps = this.configs.map((config, i) =>
      updateServiceMap(this.state.maps[i] ?? new Map(), store, dirty, config),
    );
    const mayClean = clock.nowNs - this.state.lastCleanupNs > this.setup.timing.syncPeriodNs;
    const node = this.topologyNode(labels);
    const plans = this.configs.map((config, i) =>
      plan(this.setup.mode, {
        config,
        node,
        ports: orderedPorts(maps[i]!),
        changed: needsFull ? null : (dirty ?? null),
        netfilter: this.netfilter,
        mayClean,
        stale: this.state.stale[i] ?? new Map(),
        nowNs: clock.nowNs,
      }),
    );
    const services = [...(dirty ?? [])].sort();
    const running = { plans, startNs: clock.nowNs, services };
    const lastCleanupNs = plans.some((done) => done.looked) ? clock.nowNs : this.state.lastCleanupNs;
    const tookNs = Math.max(...plans.map(planDurationNs));
    const timer = clock.schedule(tookNs, this.name, { type: 'sync-done' });
    this.state = {
      ...this.state,
      maps,
      timer,
      dirty: new Set(),
      needsFull: false,
      running,
      lastCleanupNs,
      stale: plans.map((done) => done.nftables?.stale ?? new Map<string, Ns>()),
    };
  }

  /** The same labels give the same object, so that what was generated for them can be used again. */
  private topologyNode(labels: State['labels']): TopologyNode {
    if (this.node?.labels !== labels) this.node = { name: this.deps.nodeName, labels };
    return this.node;
  }

  private finish(): void {
    const { running } = this.state;
    if (running === null) return;
    const { nowNs } = this.deps.clock;
    const netfilter = this.netfilter;
    let stale = 0;
    running.plans.forEach((done, i) => {
      const devices = this.devices();
      const target = { netfilter, ...(devices ? { devices } : {}), bound: this.state.bound[i] ?? [] };
      stale += commit(done, target, orderedPorts(this.state.maps[i]!));
    });
    const waiting = this.state.dirty === null || this.state.dirty.size > 0 || this.state.needsFull;
    const behindSinceNs = waiting ? this.state.behindSinceNs : null;
    const bound = running.plans.map((done) => done.ipvs?.addresses ?? []);
    this.state = { ...this.state, running: null, timer: null, lastEndNs: nowNs, behindSinceNs, bound };
    if (waiting) this.arm();
    this.deps.onSynced?.({
      nodeName: this.deps.nodeName,
      atNs: nowNs,
      tookNs: nowNs - running.startNs,
      full: running.plans.some((done) => done.full),
      services: running.services,
      rulesWritten: running.plans.reduce((sum, done) => sum + done.rulesWritten, 0),
      rulesTotal: running.plans.reduce((sum, done) => sum + done.rulesTotal, 0),
      staleConnections: stale,
      plans: running.plans,
    });
  }

  /** Every sync period: are the rules still there? And once an hour a run in any case. */
  private patrol(): void {
    const { clock } = this.deps;
    const patrol = clock.schedule(this.setup.timing.syncPeriodNs, this.name, { type: 'canary' });
    this.state = { ...this.state, patrol };
    const netfilter = this.netfilter;
    const { mode } = this.setup;
    const flushed = !this.configs.every((config) => isIntact(mode, config, netfilter));
    if (flushed && this.state.lastEndNs !== null) {
      this.state = { ...this.state, needsFull: true };
      this.request(null);
    } else if (clock.nowNs - (this.state.lastEndNs ?? clock.nowNs) >= FULL_INTERVAL_NS) this.arm();
  }

  /** The device that makes virtual addresses the machine's own. */
  private addDummyDevice(): void {
    const devices = this.devices();
    if (!this.deps.machine.hasDevice?.('host', DUMMY_DEVICE)) devices?.addDummy('host', DUMMY_DEVICE);
    devices?.setUp('host', DUMMY_DEVICE, true);
  }

  /** conntrack settings of KubeProxyConfiguration, and what localhost node ports need. */
  private setSysctls(): void {
    const set = (name: string, value: number) => this.deps.machine.setSysctl('host', name, value);
    set('net.netfilter.nf_conntrack_max', 131_072);
    set('net.netfilter.nf_conntrack_tcp_timeout_established', 86_400);
    set('net.netfilter.nf_conntrack_tcp_timeout_close_wait', 3_600);
    const localhost = this.configs.some((config) => config.family === 'IPv4' && config.localhostNodePorts);
    if (this.setup.mode === 'iptables' && localhost) set('net.ipv4.conf.all.route_localnet', 1);
  }
}

function effectiveConfig(config: ProxyConfig): ProxyConfig {
  const localhostNodePorts = config.localhostNodePorts && localhostNodePortsPossible(config);
  return { ...config, localhostNodePorts };
}

/** A slice that was given to another Service concerns both. */
function sliceKeys(event: WatchEvent): string[] {
  const owners = [event.object, event.previous]
    .filter((object): object is ApiObject => object !== undefined)
    .map((object) => serviceOfSlice(object as EndpointSlice));
  return [...new Set(owners)].flatMap((owner) => (owner === null ? [] : [`service ${owner}`]));
}
