/**
 * The wires between machines: Ethernet segments with latency, loss and cuts. In a real cluster this is the data centre's or
 * the cloud's network, and beyond its router the internet.
 * Not simulated: bandwidth, queues in switches.
 */
import { US, type Clock, type Ns, type Timer, type TimerEvent, type TimerHandler } from './clock/clock';
import type { MachineApi, PacketTag, Wire } from './kernel/machine-api';
import type { PacketEnd, Place } from './trace/hop';
import type { Packet } from './trace/packet';
import type { Trace } from './trace/trace';

const ADDRESS = 'underlay';
const PLACE: Place = { machine: 'underlay', netns: '' };
const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';
const LATENCY_NS = 100 * US;
const JITTER_NS = 5 * US;

interface Nic {
  readonly machine: MachineApi;
  readonly device: string;
  readonly mac: string;
  readonly segment: string;
}

/** The segment of the nodes; others are named by who plugs into them. */
const NODES_SEGMENT = '';

interface ArriveEvent extends TimerEvent {
  readonly type: 'arrive';
  readonly from: string;
  readonly machine: string;
  readonly mac: string;
  readonly packet: Packet;
  readonly tag: PacketTag;
}

export interface UnderlayKeyframe {
  readonly cut: ReadonlySet<string>;
  readonly loss: ReadonlyMap<string, number>;
  readonly latency: ReadonlyMap<string, Ns>;
  readonly lastArrival: ReadonlyMap<string, Ns>;
}

/** Key of settings that hold for all machines. */
const ALL = '';

export class Underlay implements Wire, TimerHandler {
  private readonly nics = new Map<string, Nic>();
  private readonly cut = new Set<string>();
  private readonly loss = new Map<string, number>();
  private readonly latency = new Map<string, Ns>();
  /** When the newest frame between two machines arrives; a wire does not reorder. */
  private readonly lastArrival = new Map<string, Ns>();
  /** What hops over a wire tell, by its ends; a memo, not state. */
  private readonly facts = new Map<string, { readonly from: string; readonly to: string }>();

  constructor(
    private readonly clock: Clock,
    private readonly trace: Trace,
  ) {}

  /** Plugs a network card in. Wiring is not part of the state: it is done once, before the run. */
  attach(machine: MachineApi, device: string, mac: string, segment: string = NODES_SEGMENT): void {
    this.nics.set(mac, { machine, device, mac, segment });
  }

  detach(machine: string): void {
    for (const [mac, nic] of this.nics) if (nic.machine.name === machine) this.nics.delete(mac);
  }

  /** Cuts a machine off, or plugs it in again. Frames on their way are lost with the cut. */
  setCut(machine: string, cut: boolean): void {
    if (cut) this.cut.add(machine);
    else this.cut.delete(machine);
  }

  isCut(machine: string): boolean {
    return this.cut.has(machine);
  }

  /** Probability, 0 to 1, that a frame is lost: for all wires, or for those of one machine (the larger one counts). */
  setLoss(probability: number, machine: string = ALL): void {
    if (probability > 0) this.loss.set(machine, probability);
    else this.loss.delete(machine);
  }

  /** One-way latency in ns: for all wires, or for those of one machine (the larger one counts). Null: the default. */
  setLatency(latencyNs: Ns | null, machine: string = ALL): void {
    if (latencyNs === null) this.latency.delete(machine);
    else this.latency.set(machine, latencyNs);
  }

  transmit(machine: string, _device: string, packet: Packet, tag: PacketTag, atNs = this.clock.nowNs): void {
    const dst = packet.eth?.dst ?? BROADCAST_MAC;
    const from = packet.eth?.src ?? '';
    const segment = this.nics.get(from)?.segment ?? NODES_SEGMENT;
    if (dst !== BROADCAST_MAC) {
      const nic = this.nics.get(dst);
      return this.carry(machine, nic?.segment === segment ? nic : undefined, packet, tag, atNs);
    }
    const others = [...this.nics.values()].filter(
      (nic) => nic.segment === segment && nic.mac !== from && nic.machine.name !== machine,
    );
    if (others.length === 0) return this.carry(machine, undefined, packet, tag, atNs);
    const target = packet.arp?.targetIp ?? '';
    const main = others.find((nic) => nic.machine.ownsAddress?.(target) === true) ?? others[0];
    for (const nic of others) {
      this.carry(machine, nic, packet, nic === main ? tag : this.copyTag(tag, atNs), atNs);
    }
  }

  handle(event: TimerEvent, _timer: Timer): void {
    const { from, machine, mac, packet, tag } = event as ArriveEvent;
    const nic = this.nics.get(mac);
    if (nic === undefined || nic.machine.name !== machine)
      return this.end(tag, this.clock.nowNs, 'lost', 'device-down');
    if (this.cut.has(from) || this.cut.has(machine))
      return this.end(tag, this.clock.nowNs, 'lost', 'wire-cut');
    nic.machine.receiveFromWire(nic.device, packet, tag);
  }

  keyframe(): UnderlayKeyframe {
    return {
      cut: new Set(this.cut),
      loss: new Map(this.loss),
      latency: new Map(this.latency),
      lastArrival: new Map(this.lastArrival),
    };
  }

  restore(from: UnderlayKeyframe): void {
    this.cut.clear();
    for (const machine of from.cut) this.cut.add(machine);
    refill(this.loss, from.loss);
    refill(this.latency, from.latency);
    refill(this.lastArrival, from.lastArrival);
  }

  /** One frame over one wire. */
  private carry(from: string, nic: Nic | undefined, packet: Packet, tag: PacketTag, atNs: Ns): void {
    const to = nic?.machine.name ?? '';
    const jitterNs = this.clock.random.below(ADDRESS, JITTER_NS + 1);
    const pair = `${from} ${to}`;
    const arrivesNs = Math.max(
      atNs + this.pick(this.latency, from, to, LATENCY_NS) + jitterNs,
      this.lastArrival.get(pair) ?? 0,
    );
    this.trace.hop(tag.packetId, {
      atNs,
      durationNs: arrivesNs - atNs,
      place: PLACE,
      station: 'wire',
      name: ADDRESS,
      action: 'cross',
      before: packet,
      after: packet,
      facts: this.factsOf(pair, from, to),
    });
    if (this.cut.has(from) || this.cut.has(to)) return this.end(tag, atNs, 'lost', 'wire-cut');
    if (nic === undefined) return this.end(tag, arrivesNs, 'lost', 'no-fdb-entry');
    const loss = this.pick(this.loss, from, to, 0);
    if (loss > 0 && this.clock.random.next(`${ADDRESS}/loss`) < loss)
      return this.end(tag, arrivesNs, 'lost', 'wire-loss');
    this.lastArrival.set(pair, arrivesNs);
    const event: ArriveEvent = { type: 'arrive', from, machine: to, mac: nic.mac, packet, tag };
    this.clock.scheduleAt(arrivesNs, ADDRESS, event);
  }

  private factsOf(pair: string, from: string, to: string): { readonly from: string; readonly to: string } {
    let facts = this.facts.get(pair);
    if (facts === undefined) this.facts.set(pair, (facts = { from, to }));
    return facts;
  }

  /** The larger of the two machines' own settings, else the general one. */
  private pick(settings: ReadonlyMap<string, number>, from: string, to: string, otherwise: number): number {
    if (settings.size === 0) return otherwise;
    const own = [settings.get(from), settings.get(to)].filter((value) => value !== undefined);
    return own.length > 0 ? Math.max(...own) : (settings.get(ALL) ?? otherwise);
  }

  private copyTag(tag: PacketTag, atNs: Ns): PacketTag {
    const original = this.trace.packets.head(tag.packetId);
    const { requestId } = tag;
    const packetId = this.trace.begin(atNs, requestId, original?.role ?? 'arp', original?.label ?? 'ARP');
    return { packetId, requestId };
  }

  private end(tag: PacketTag, atNs: Ns, kind: PacketEnd['kind'], reason: string): void {
    this.trace.end(tag.packetId, { atNs, kind, reason, place: PLACE });
  }
}

function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}
