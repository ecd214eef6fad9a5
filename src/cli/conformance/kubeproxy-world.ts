/** A node for kube-proxy's cases: the real proxier on a real clock, writing into a real netfilter. */
import { inPrefix, ipFamily } from '../../lib/ip';
import type { ApiObject } from '../../sim/api/object';
import type { EndpointSlice } from '../../sim/api/kinds/endpointslice';
import { Clock, SECOND } from '../../sim/clock/clock';
import { RandomStreams } from '../../sim/clock/random';
import type { NetnsFacts } from '../../sim/kernel/netfilter/netfilter';
import { createNetfilter, type NetfilterState } from '../../sim/kernel/netfilter/state';
import type { Family, LocalDetector, ProxyConfig, ProxyTiming } from '../../sim/node/kube-proxy/config';
import type { ProxyMode } from '../../sim/node/kube-proxy/modes';
import { KubeProxy, type SyncInfo } from '../../sim/node/kube-proxy/proxier';
import type { ObjectReader } from '../../sim/node/kube-proxy/service-map';
import { serviceOfSlice } from '../../sim/node/kube-proxy/service-ports';

/** `node` of a case file. */
export interface CaseNode {
  readonly name: string;
  readonly ipFamily: Family;
  readonly primaryIP: string;
  readonly ips: readonly string[];
  /** Without one pods cannot be told apart. */
  readonly localDetector?: LocalDetector | null;
  readonly masqueradeAll?: boolean;
  readonly masqueradeBit?: number;
  readonly nodePortAddresses?: readonly string[] | null;
  readonly localhostNodePorts?: boolean;
  readonly nfacct?: boolean;
  readonly dropInvalid?: boolean;
  readonly randomFully?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceCIDRs?: Readonly<Record<string, string>>;
  /** IPVS mode only. */
  readonly scheduler?: string;
  /** Not in the files' nodes; set where a case names its layout. */
  readonly nftLayout?: 'B' | 'C';
}

/** The objects of a case. */
export interface CaseObjects {
  readonly services: readonly ApiObject[];
  readonly endpointSlices: readonly ApiObject[];
}

export function configOf(node: CaseNode): ProxyConfig {
  return {
    family: node.ipFamily,
    nodeName: node.name,
    nodeIp: node.primaryIP,
    nodeIps: node.ips,
    localDetector: detectorOf(node.localDetector),
    masqueradeAll: node.masqueradeAll ?? false,
    masqueradeBit: node.masqueradeBit ?? 14,
    nodePortAddresses: node.nodePortAddresses ?? null,
    localhostNodePorts: node.localhostNodePorts ?? false,
    nfacct: node.nfacct ?? false,
    dropInvalid: node.dropInvalid ?? true,
    randomFully: node.randomFully ?? false,
    serviceCidrs: Object.values(node.serviceCIDRs ?? {}).filter((cidr) => !!cidr),
    nftLayout: node.nftLayout ?? 'B',
    ...(node.scheduler ? { ipvsScheduler: node.scheduler } : {}),
  };
}

/** The modes as KubeProxyConfiguration names them (ClusterCIDR, BridgeInterface ...), in any case. */
function detectorOf(given: CaseNode['localDetector']): LocalDetector {
  const { type = 'none', ...rest } = (given ?? {}) as { type?: string };
  const [value = ''] = Object.values(rest as Record<string, string>);
  if (/cidr/i.test(type)) return { type: 'clusterCIDR', cidr: value };
  if (/prefix/i.test(type)) return { type: 'interfaceNamePrefix', prefix: value };
  return /bridge/i.test(type) ? { type: 'bridgeInterface', device: value } : { type: 'none' };
}

/** Chance under control: each draw follows a script, and what was drawn is written down. */
class ScriptedRandom extends RandomStreams {
  script: readonly number[] = [];
  drawn: { readonly choice: number; readonly choices: number }[] = [];

  constructor() {
    super(0);
  }

  override below(stream: string, bound: number): number {
    if (stream.endsWith('-port')) return 0;
    // A 31-bit draw decides a probability: either below it or not. A small bound is a choice among that many.
    const choices = bound > 1_000_000 ? 2 : bound;
    const choice = this.script[this.drawn.length] ?? 0;
    this.drawn.push({ choice, choices });
    return choices === bound ? choice : choice === 0 ? 0 : bound - 1;
  }
}

export class ProxyWorld {
  readonly clock = new Clock(1);
  readonly random = new ScriptedRandom();
  readonly netfilter: NetfilterState;
  readonly proxy: KubeProxy;
  readonly syncs: SyncInfo[] = [];
  private objects: readonly ApiObject[] = [];

  constructor(
    readonly node: CaseNode,
    mode: ProxyMode = 'iptables',
    timing: Partial<ProxyTiming> = {},
  ) {
    Object.assign(this.clock, { random: this.random });
    const facts = { ...nodeFacts(node), isLocalAddress: (ip: string) => this.isLocalAddress(ip) };
    this.netfilter = createNetfilter(facts, { clock: this.clock });
    this.proxy = new KubeProxy({
      clock: this.clock,
      store: readerOf(() => this.objects),
      machine: { netfilter: () => this.netfilter, setSysctl: () => undefined },
      nodeName: node.name,
      configs: [configOf(node)],
      mode,
      timing,
      onSynced: (info) => this.syncs.push(info),
      keepsLocalhostNodePorts: true,
    });
  }

  /** Starts the proxy with these objects and lets it sync. */
  start(objects: CaseObjects): SyncInfo {
    this.objects = this.all(objects);
    this.proxy.start();
    return this.settle();
  }

  /** Changes the objects, tells the proxy, and lets it sync; without a change it is made to sync. */
  change(objects: CaseObjects): SyncInfo {
    const before = new Map(this.objects.map((object) => [keyOf(object), object]));
    this.objects = this.all(objects);
    const keys = new Set<string>();
    const tell = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject, previous?: ApiObject) =>
      this.proxy.keysFor({ type, object, ...(previous ? { previous } : {}) }).forEach((key) => keys.add(key));
    for (const object of this.objects) {
      const old = before.get(keyOf(object));
      before.delete(keyOf(object));
      if (old === undefined) tell('ADDED', object);
      else if (JSON.stringify(old) !== JSON.stringify(object)) tell('MODIFIED', object, old);
    }
    for (const gone of before.values()) tell('DELETED', gone, gone);
    for (const key of keys) this.proxy.reconcile(key);
    // The cases count a sync even where the change concerns no rule.
    this.proxy.reconcile('sync');
    return this.settle();
  }

  /** The node's own addresses, and in IPVS mode the virtual ones that stand on its dummy device. */
  isLocalAddress(ip: string): boolean {
    const bound = this.syncs.at(-1)?.plans.flatMap((plan) => plan.ipvs?.addresses ?? []) ?? [];
    return bound.includes(ip) || nodeFacts(this.node).isLocalAddress(ip);
  }

  /** Lets time pass. */
  wait(seconds: number): void {
    const until = this.clock.nowNs + seconds * SECOND;
    for (let next = this.clock.peek(); next !== undefined && next.atNs <= until; next = this.clock.peek()) {
      this.proxy.onTimer(this.clock.take()!.event);
    }
    this.clock.advanceTo(until);
  }

  private all(objects: CaseObjects): readonly ApiObject[] {
    const { name, labels } = this.node;
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: labels ?? {} } };
    return [node, ...objects.services, ...objects.endpointSlices];
  }

  private settle(): SyncInfo {
    const had = this.syncs.length;
    while (this.syncs.length === had) {
      const timer = this.clock.take();
      if (timer === undefined) throw new Error('the proxy never synced');
      this.proxy.onTimer(timer.event);
    }
    return this.syncs[this.syncs.length - 1]!;
  }
}

function keyOf(object: ApiObject): string {
  return `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** Reads a list of objects as the proxy reads the store. */
function readerOf(objects: () => readonly ApiObject[]): ObjectReader {
  const list = (kind: string) => objects().filter((object) => object.kind === kind);
  return {
    list,
    get: (kind, namespace, name) =>
      list(kind).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace),
    slicesOf: (namespace, service) =>
      list('EndpointSlice').filter(
        (slice) => serviceOfSlice(slice as EndpointSlice) === `${namespace}/${service}`,
      ) as EndpointSlice[],
  };
}

/** What a node of these cases knows about addresses. */
function nodeFacts(node: CaseNode): NetnsFacts {
  return {
    label: `${node.name}/host`,
    isLocalAddress: (ip) => node.ips.includes(ip) || inPrefix(ip, '127.0.0.0/8') || ip === '::1',
    masqueradeAddress: (_device, dst) =>
      node.ips.find((ip) => ipFamily(ip) === ipFamily(dst)) ?? node.primaryIP,
    sysctl: (name) => (name.endsWith('tcp_loose') ? 1 : 0),
  };
}
