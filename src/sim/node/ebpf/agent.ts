/**
 * What stands in for kube-proxy on a node whose Services are BPF maps: Cilium's agent with kubeProxyReplacement, as far as
 * Services go (pkg/loadbalancer/reflectors, pkg/loadbalancer/reconciler). It hears of Services, EndpointSlices and Nodes,
 * gathers changes for a moment, and writes the maps; no rule is written anywhere.
 * Not simulated: the rest of Cilium (its own network plugin, identities, policies, Hubble); flannel carries the pods' packets.
 */
import { MS, type Clock, type Ns } from '../../clock/clock';
import type { Node } from '../../api/kinds/cluster';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { ApiObject } from '../../api/object';
import type { Component, WatchEvent } from '../../api/watch';
import type { Addresses, Bpf } from '../../kernel/bpf/maps';
import type { ProxyConfig } from '../kube-proxy/config';
import { healthCheckAnswers, type HealthAnswer } from '../kube-proxy/health';
import type { SyncInfo } from '../kube-proxy/proxier';
import { isOutdated, orderedPorts, updateServiceMap } from '../kube-proxy/service-map';
import type { ObjectReader, ServiceMap } from '../kube-proxy/service-map';
import { serviceOfSlice, type ServicePortState } from '../kube-proxy/service-ports';
import { generateEbpf, NO_NUMBERS, type Numbers } from './generate';
import type { Devices } from './programs';

export interface EbpfAgentDeps {
  readonly clock: Clock;
  readonly store: ObjectReader;
  readonly machine: { readonly bpf: Bpf };
  readonly nodeName: string;
  readonly devices: Devices;
  onSynced?(info: SyncInfo): void;
}

/** Changes are gathered this long, then written entry by entry. */
const GATHER_NS: Ns = 10 * MS;
const ENTRY_NS: Ns = 5_000;

interface State {
  readonly configs: readonly ProxyConfig[];
  readonly maps: readonly ServiceMap[];
  /** Services to look at again; null: all. */
  readonly dirty: ReadonlySet<string> | null;
  readonly behindSinceNs: Ns | null;
  readonly lastEndNs: Ns | null;
  readonly numbers: Numbers;
  readonly timer: number | null;
  readonly started: boolean;
}

export class EbpfAgent implements Component {
  readonly name: string;
  readonly watches = ['Service', 'EndpointSlice', 'Node'];
  private state: State;

  constructor(private readonly deps: EbpfAgentDeps) {
    this.name = `cilium-agent/${deps.nodeName}`;
    this.state = freshState([]);
  }

  /** Loads the programs and writes all maps. Numbers start anew: what was pinned before is gone. */
  start(configs: readonly ProxyConfig[]): void {
    this.stop();
    this.state = { ...freshState(configs), started: true };
    this.request(null);
  }

  /** The agent ends. Programs and maps stay in the kernel and work on; see `removeEbpf`. */
  stop(): void {
    this.deps.clock.cancel(this.state.timer);
    this.state = freshState([]);
  }

  keysFor(event: WatchEvent): readonly string[] {
    const { kind, metadata } = event.object;
    if (kind === 'Service') return [`service ${metadata.namespace ?? ''}/${metadata.name}`];
    if (kind === 'Node') return ['nodes'];
    const owners = [event.object, event.previous]
      .filter((object): object is ApiObject => object !== undefined)
      .map((object) => serviceOfSlice(object as EndpointSlice));
    return [...new Set(owners)].flatMap((owner) => (owner === null ? [] : [`service ${owner}`]));
  }

  reconcile(key: string): void {
    if (!this.state.started) return;
    if (key === 'nodes') {
      if (!sameAddresses(this.deps.machine.bpf.tables.addresses, this.addresses())) this.request(null);
      return;
    }
    const name = key.slice('service '.length);
    const { configs, maps } = this.state;
    const { store } = this.deps;
    if (configs.some((config, i) => isOutdated(maps[i] ?? new Map(), store, name, config)))
      this.request(name);
  }

  onTimer(event: { readonly type: string }): void {
    if (event.type === 'sync') this.sync();
  }

  get status(): { readonly syncedNs: Ns | null; readonly behindSinceNs: Ns | null } {
    return { syncedNs: this.state.lastEndNs, behindSinceNs: this.state.behindSinceNs };
  }

  /** Health check node ports to answer on (pkg/loadbalancer/healthserver), with the same answers as kube-proxy's. */
  healthChecks(): ReadonlyMap<number, HealthAnswer> {
    return healthCheckAnswers(this.state.maps.flatMap(orderedPorts), true);
  }

  /** The service ports as of the last sync, of one family. */
  ports(family = 0): readonly ServicePortState[] {
    return orderedPorts(this.state.maps[family] ?? new Map());
  }

  /** What the maps would be if they were written anew, with the numbers as they are. */
  generated() {
    const { configs, maps, numbers } = this.state;
    const families = configs.map((config, i) => ({ config, ports: orderedPorts(maps[i] ?? new Map()) }));
    return generateEbpf({ families, addresses: this.addresses(), devices: this.deps.devices, numbers });
  }

  keyframe(): unknown {
    return this.state;
  }

  restore(from: unknown): void {
    this.state = from as State;
  }

  /** Every node's addresses: where wildcard frontends hold. */
  private addresses(): Addresses {
    const found = new Map<string, 'host' | 'remote-node'>();
    for (const node of this.deps.store.list('Node') as readonly Node[])
      for (const { type, address } of node.status?.addresses ?? [])
        if (type === 'InternalIP' || type === 'ExternalIP')
          found.set(address, node.metadata.name === this.deps.nodeName ? 'host' : 'remote-node');
    for (const { nodeIps } of this.state.configs) for (const ip of nodeIps) found.set(ip, 'host');
    return found;
  }

  private request(service: string | null): void {
    const { clock } = this.deps;
    const { dirty, behindSinceNs, timer } = this.state;
    const next = dirty === null || service === null ? null : new Set(dirty).add(service);
    const due = timer ?? clock.schedule(GATHER_NS, this.name, { type: 'sync' });
    this.state = { ...this.state, dirty: next, behindSinceNs: behindSinceNs ?? clock.nowNs, timer: due };
  }

  private sync(): void {
    const { clock, store, machine, nodeName } = this.deps;
    const { dirty, configs } = this.state;
    const maps = configs.map((config, i) =>
      updateServiceMap(this.state.maps[i] ?? new Map(), store, dirty, config),
    );
    this.state = { ...this.state, maps };
    const before = machine.bpf.tables;
    const { tables, numbers } = this.generated();
    machine.bpf.load(tables);
    const written = changed(before.frontends, tables.frontends) + changed(before.backends, tables.backends);
    const state = { dirty: new Set<string>(), behindSinceNs: null, lastEndNs: clock.nowNs, timer: null };
    this.state = { ...this.state, ...state, numbers };
    this.deps.onSynced?.({
      ...{ nodeName, atNs: clock.nowNs, tookNs: written * ENTRY_NS, full: dirty === null },
      services: [...(dirty ?? [])].sort(),
      rulesWritten: written,
      rulesTotal: tables.frontends.size + tables.backends.size,
      staleConnections: 0,
      plans: [],
    });
  }
}

function freshState(configs: readonly ProxyConfig[]): State {
  return {
    configs,
    maps: configs.map((): ServiceMap => new Map()),
    dirty: null,
    behindSinceNs: null,
    lastEndNs: null,
    numbers: NO_NUMBERS,
    timer: null,
    started: false,
  };
}

/** Entries that are new, different or gone. */
function changed<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): number {
  let count = 0;
  for (const [key, value] of after) if (JSON.stringify(before.get(key)) !== JSON.stringify(value)) count++;
  for (const key of before.keys()) if (!after.has(key)) count++;
  return count;
}

function sameAddresses(a: Addresses, b: Addresses): boolean {
  return a.size === b.size && [...a].every(([ip, whose]) => b.get(ip) === whose);
}
