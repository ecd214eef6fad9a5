/**
 * MetalLB's speaker on one node: makes the outside send packets for the addresses of Services here. On layer 2 one speaker
 * of all answers ARP for an address; with BGP every one that may announces a host route. What happens to the packets then
 * is kube-proxy's rules. Upstream: go.universe.tf/metallb speaker/main.go.
 *
 * Not simulated: several peers, L2Advertisement and BGPAdvertisement selectors.
 */
import { canonicalPrefix } from '../../../lib/ip';
import { MS, type Clock, type Ns } from '../../clock/clock';
import { EventRecorder } from '../../api/events';
import type { Service } from '../../api/kinds/service';
import { SERVICE_NAME_LABEL } from '../../api/kinds/endpointslice';
import type { Store } from '../../api/store';
import type { Component, WatchEvent } from '../../api/watch';
import type { MachineApi, SocketEvent } from '../../kernel/machine-api';
import { NIC } from '../host';
import { BgpSession, type SessionKeyframe } from './bgp-session';
import { elect, nodesFor } from './election';
import { Members, type MembersKeyframe } from './members';

export type SpeakerMode = 'layer2' | 'bgp' | null;

export interface SpeakerDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly machine: MachineApi;
  readonly nodeName: string;
  readonly nodeIps: readonly string[];
  readonly routerIp: string;
  /** What the cluster wants of its speakers; null: they are not installed. */
  mode(): SpeakerMode;
}

/** A take-over is repeated, because the first gratuitous ARP may get lost. */
const REPEAT_EVERY: Ns = 1_100 * MS;
const REPEATS = 4;

interface Keyframe {
  readonly mode: SpeakerMode;
  readonly announced: ReadonlyMap<string, readonly string[]>;
  readonly members: MembersKeyframe;
  readonly session: SessionKeyframe;
}

export class Speaker implements Component {
  readonly name: string;
  readonly watches = ['Service', 'EndpointSlice', 'Node'];
  /** What it runs as; null while it is not installed or the machine is off. */
  private mode: SpeakerMode = null;
  /** Addresses by "namespace/name" of the Service. */
  private announced: ReadonlyMap<string, readonly string[]> = new Map();
  private readonly members: Members;
  private readonly session: BgpSession;
  private readonly events: EventRecorder;

  constructor(private readonly deps: SpeakerDeps) {
    const { clock, machine, nodeName, nodeIps, routerIp } = deps;
    const address = (this.name = `metallb-speaker/${nodeName}`);
    this.members = new Members({ clock, machine, nodeName, address, onChange: () => this.syncAll() });
    this.session = new BgpSession({ clock, machine, nodeIps, routerIp, address });
    this.events = new EventRecorder(deps, { component: 'metallb-speaker' });
  }

  /** Addresses that this node answers for, by "namespace/name". */
  get addresses(): ReadonlyMap<string, readonly string[]> {
    return this.announced;
  }

  /** True when nothing is on its way to the router. */
  get inStep(): boolean {
    return this.mode === (this.deps.machine.poweredOn ? this.deps.mode() : null) && this.session.inStep;
  }

  /** Starts, stops or changes over, as the cluster's setting and the machine's power say. */
  follow(): void {
    const { machine } = this.deps;
    const next = machine.poweredOn ? this.deps.mode() : null;
    if (next === this.mode) return;
    this.end(!machine.poweredOn);
    this.mode = next;
    if (machine.poweredOn) this.setStrictArp(next === 'layer2');
    if (next === null) return;
    this.learnPeers();
    if (next === 'layer2') this.members.start();
    else this.session.start();
    this.syncAll();
  }

  keysFor({ object }: WatchEvent): readonly string[] {
    const namespace = object.metadata.namespace ?? '';
    if (object.kind === 'Service') return [`${namespace}/${object.metadata.name}`];
    if (object.kind === 'Node') return ['nodes'];
    const service = object.metadata.labels?.[SERVICE_NAME_LABEL];
    return service === undefined ? [] : [`${namespace}/${service}`];
  }

  reconcile(key: string): void {
    if (this.mode === null) return;
    if (key !== 'nodes') return this.sync(key);
    this.learnPeers();
    this.syncAll();
  }

  onTimer(event: { readonly type: string; readonly [key: string]: unknown }): void {
    if (event.type === 'settings-changed') this.follow();
    else if (event.type === 'socket') {
      if (event.key === 'members') this.members.onSocket(event.event as SocketEvent);
      else this.session.onSocket(event.event as SocketEvent);
    } else if (event.type === 'arp-again') this.repeat(String(event.ip), Number(event.left));
    else if (event.type.startsWith('bgp-')) this.session.onTimer(event);
    else this.members.onTimer(event);
  }

  keyframe(): Keyframe {
    const { mode, announced, members, session } = this;
    return { mode, announced, members: members.keyframe(), session: session.keyframe() };
  }

  restore(from: unknown): void {
    const frame = from as Keyframe;
    this.mode = frame.mode;
    this.announced = frame.announced;
    this.members.restore(frame.members);
    this.session.restore(frame.session);
  }

  /**
   * What strictARP of KubeProxyConfiguration does, which MetalLB's instructions ask for: in IPVS mode every node owns every
   * virtual address on kube-ipvs0, and without this each of them would answer for it.
   */
  private setStrictArp(on: boolean): void {
    const { machine } = this.deps;
    machine.setSysctl('host', 'net.ipv4.conf.all.arp_ignore', on ? 1 : 0);
    machine.setSysctl('host', 'net.ipv4.conf.all.arp_announce', on ? 2 : 0);
  }

  /** Takes everything back; a machine without power has no say in it. */
  private end(silently: boolean): void {
    if (!silently)
      for (const ip of [...this.announced.values()].flat())
        this.deps.machine.announce?.('host', NIC, ip, false);
    this.announced = new Map();
    this.members.stop(silently);
    this.session.stop(silently);
  }

  private learnPeers(): void {
    const peers = this.deps.store.list('Node').flatMap((node) => {
      const ip = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      const { name } = node.metadata;
      return ip === undefined || name === this.deps.nodeName ? [] : [{ name, ip }];
    });
    this.members.setPeers(peers);
  }

  private syncAll(): void {
    const keys = this.deps.store
      .list('Service')
      .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
    for (const key of new Set([...keys, ...this.announced.keys()])) this.sync(key);
  }

  private sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const service = this.deps.store.get('Service', namespace, name);
    const ips = service === undefined ? [] : this.addressesToAnnounce(service);
    const had = this.announced.get(key) ?? [];
    if (had.join() === ips.join()) return;
    const next = new Map(this.announced);
    if (ips.length === 0) next.delete(key);
    else next.set(key, ips);
    this.announced = next;
    if (this.mode === 'bgp') this.session.announce([...next.values()].flat().map(canonicalPrefix));
    else this.answerArp(had, ips);
    if (ips.length === 0 || service === undefined) return;
    const protocol = this.mode === 'bgp' ? 'bgp' : 'layer2';
    const text = `announcing from node "${this.deps.nodeName}" with protocol "${protocol}"`;
    this.events.record(service, 'Normal', 'nodeAssigned', text);
  }

  private answerArp(had: readonly string[], ips: readonly string[]): void {
    for (const ip of had) if (!ips.includes(ip)) this.deps.machine.announce?.('host', NIC, ip, false);
    for (const ip of ips) if (!had.includes(ip)) this.repeat(ip, REPEATS);
  }

  private repeat(ip: string, left: number): void {
    const { machine, clock } = this.deps;
    if (this.mode !== 'layer2' || ![...this.announced.values()].flat().includes(ip)) return;
    machine.announce?.('host', NIC, ip, true);
    if (left > 0) clock.schedule(REPEAT_EVERY, this.name, { type: 'arp-again', ip, left: left - 1 });
  }

  /** The addresses of the Service when this node has to answer for them; a pair of families goes together. */
  private addressesToAnnounce(service: Service): readonly string[] {
    const { store, nodeName } = this.deps;
    const { spec, status, metadata } = service;
    if (spec.type !== 'LoadBalancer' || spec.loadBalancerClass !== undefined) return [];
    const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
    const [first] = ips;
    if (first === undefined) return [];
    const slices = store.slicesOf(metadata.namespace ?? '', metadata.name);
    const fit = nodesFor(service, slices, store.list('Node'));
    if (this.mode === 'bgp') return fit.includes(nodeName) ? ips : [];
    const alive = fit.filter((name) => this.members.isAlive(name));
    return elect(first, alive) === nodeName ? ips : [];
  }
}
