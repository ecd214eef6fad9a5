/**
 * One Linux machine: its network namespaces and sockets behind the system calls and netlink requests of `MachineApi`.
 * The road that packets take is in stack.ts.
 */
import type { Clock, Ns, Timer, TimerEvent, TimerHandler } from '../clock/clock';
import type { Origin } from '../trace/hop';
import type { AppPayload, Packet } from '../trace/packet';
import type { Trace } from '../trace/trace';
import { addAddress, deleteAddress } from './address';
import { Bpf, type BpfKeyframe } from './bpf/maps';
import { forgetSocket } from './bpf/sockets';
import { bridgeFrame } from './bridge';
import * as device from './device';
import { arrive, endLost, sendByDevice, type CrossTimerEvent } from './link';
import type {
  Errno,
  MachineApi,
  PacketTag,
  PeerAddress,
  PermanentNeighbour,
  Route,
  SocketOwner,
  TransportProtocol,
  VxlanFdbEntry,
  Wire,
} from './machine-api';
import { announce, arpTimeout, forgetNeighbour, setPermanent, type ArpTimerEvent } from './neighbour';
import type { Netfilter, NetnsFacts } from './netfilter/netfilter';
import * as netlink from './netlink';
import { factsOf } from './netns-facts';
import { netnsFromKeyframe, netnsKeyframe, sysctl, type Netns, type NetnsKeyframe } from './netns';
import { deletePair, setPair } from './pair-map';
import * as routes from './route';
import { sctpTimer, type SctpTimerEvent } from './sctp';
import { SocketTable } from './socket';
import { output, receive, receiveUp } from './stack';
import * as syscalls from './syscalls';
import { tcpTimer } from './tcp-end';
import type { TcpTimerEvent } from './tcp-output';
import { echoSend, sourceFor, udpSend } from './udp';
import type { Kernel } from './walk';

export interface MachineParts {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly wire: Wire;
  readonly netfilterFor: (facts: NetnsFacts, label: string) => Netfilter;
}

export interface MachineKeyframe {
  readonly poweredOn: boolean;
  readonly lastSerial: number;
  readonly netns: readonly NetnsKeyframe[];
  readonly sockets: ReturnType<SocketTable['keyframe']>;
  readonly bpf: BpfKeyframe;
}

export class Machine implements MachineApi, TimerHandler {
  poweredOn = true;
  /** Timers of this machine are addressed to it. */
  readonly address: string;
  private readonly kernel: Kernel;
  private lastSerial = 0;

  constructor(
    readonly name: string,
    private readonly parts: MachineParts,
  ) {
    this.address = `kernel/${name}`;
    const bpf = new Bpf();
    const kernel: Kernel = {
      name,
      address: this.address,
      clock: parts.clock,
      trace: parts.trace,
      wire: parts.wire,
      netns: new Map(),
      sockets: new SocketTable(parts.clock, name, (id) => forgetSocket(bpf, id)),
      bpf,
      road: {
        receive: (walk, by, skb) => receive(kernel, walk, by, skb),
        up: (walk, by, skb, prerouted) => receiveUp(kernel, walk, by, skb, prerouted),
        output: (walk, skb) => output(kernel, walk, skb),
        send: (walk, by, skb) => sendByDevice(kernel, walk, by, skb),
        bridge: (walk, bridge, port, skb) => bridgeFrame(kernel, walk, bridge, port, skb, true),
      },
    };
    this.kernel = kernel;
    this.addNetns('host');
  }

  handle(event: TimerEvent, _timer: Timer): void {
    const { kernel } = this;
    switch (event.type) {
      case 'cross':
        if (this.poweredOn) return arrive(kernel, event as CrossTimerEvent);
        return endLost(kernel, event as CrossTimerEvent, 'host-down');
      case 'arp-retry':
        return arpTimeout(kernel, event as ArpTimerEvent);
      case 'tcp-retransmit':
      case 'tcp-connect-timeout':
      case 'tcp-orphan':
        return tcpTimer(kernel, event as TcpTimerEvent);
      case 'sctp-retransmit':
      case 'sctp-connect-timeout':
        return sctpTimer(kernel, event as SctpTimerEvent);
      default:
        throw new Error(`${this.address} knows no timer ${event.type}`);
    }
  }

  // ---- netlink

  addNetns(id: string, origin?: Origin): void {
    if (this.kernel.netns.has(id)) return;
    netlink.addNetns(this.kernel, id, this.newNetfilter(id), this.serials(1), origin);
  }

  deleteNetns(id: string): void {
    if (id === 'host') throw new Error('the host netns lives as long as its machine');
    netlink.deleteNetns(this.kernel, id);
  }

  addVeth(a: netlink.VethEnd, b: netlink.VethEnd, mtuBytes: number, origin?: Origin): void {
    netlink.addVeth(this.kernel, a, b, mtuBytes, this.serials(2), origin);
  }

  addBridge(netns: string, name: string, mtuBytes: number, origin?: Origin): void {
    this.addPlain(netns, { name, kind: 'bridge', mtuBytes, origin });
  }

  setMaster(netns: string, port: string, bridge: string, hairpin = false): void {
    const own = this.netns(netns);
    device.deviceOf(own, bridge);
    device.changeDevice(own, port, { master: bridge, hairpin });
  }

  addVxlan(
    netns: string,
    name: string,
    options: { vni: number; local: string; underlayDevice: string; port: number; mtuBytes: number },
    origin?: Origin,
  ): void {
    const { mtuBytes, ...vxlan } = options;
    this.addPlain(netns, { name, kind: 'vxlan', mtuBytes, vxlan, origin });
  }

  addIpip(netns: string, name: string, options: { local: string; mtuBytes: number }, origin?: Origin): void {
    this.addPlain(netns, {
      name,
      kind: 'ipip',
      mtuBytes: options.mtuBytes,
      ipipLocal: options.local,
      origin,
    });
  }

  addDummy(netns: string, name: string, origin?: Origin): void {
    this.addPlain(netns, { name, kind: 'dummy', mtuBytes: 1_500, origin });
  }

  addNic(netns: string, name: string, mac: string, mtuBytes: number): void {
    this.addPlain(netns, { name, kind: 'nic', mac, mtuBytes });
  }

  deleteDevice(netns: string, name: string): void {
    netlink.deleteDevice(this.kernel, netns, name);
  }

  setUp(netns: string, name: string, up: boolean): void {
    netlink.setUp(this.kernel, netns, name, up);
  }

  setMtu(netns: string, name: string, mtuBytes: number): void {
    device.changeDevice(this.netns(netns), name, { mtuBytes });
  }

  macOf(netns: string, name: string): string {
    return device.deviceOf(this.netns(netns), name).mac;
  }

  addAddress(netns: string, name: string, cidr: string): void {
    addAddress(this.netns(netns), name, cidr);
  }

  deleteAddress(netns: string, name: string, cidr: string): void {
    deleteAddress(this.netns(netns), name, cidr);
  }

  addRoute(netns: string, route: Route): void {
    routes.addRoute(this.netns(netns), route);
  }

  deleteRoute(netns: string, prefix: string, name?: string): void {
    const own = this.kernel.netns.get(netns);
    if (own !== undefined) routes.deleteRoute(own, prefix, name);
  }

  addNeighbour(netns: string, entry: PermanentNeighbour): void {
    const own = this.netns(netns);
    setPermanent(this.kernel, own, device.deviceOf(own, entry.device), entry);
  }

  deleteNeighbour(netns: string, name: string, ip: string): void {
    const own = this.kernel.netns.get(netns);
    if (own !== undefined) forgetNeighbour(this.kernel, own, name, ip, 'no-neighbour');
  }

  announce(netns: string, name: string, ip: string, on: boolean): void {
    if (on) announce(this.kernel, this.netns(netns), device.deviceOf(this.netns(netns), name), ip);
    else deletePair(this.netns(netns).announced, name, ip);
  }

  addFdb(netns: string, entry: VxlanFdbEntry): void {
    setPair(this.netns(netns).vxlanFdb, entry.device, entry.mac, entry);
  }

  deleteFdb(netns: string, name: string, mac: string): void {
    const own = this.kernel.netns.get(netns);
    if (own !== undefined) deletePair(own.vxlanFdb, name, mac);
  }

  setSysctl(netns: string, name: string, value: number): void {
    this.netns(netns).sysctls.set(name, value);
  }

  sysctl(netns: string, name: string): number {
    return sysctl(this.netns(netns), name);
  }

  netfilter(netns: string): Netfilter {
    return this.netns(netns).netfilter;
  }

  hasNetns(id: string): boolean {
    return this.kernel.netns.has(id);
  }

  /** Whether a netns has a device or address; what an agent checks before it makes one. */
  hasDevice(netns: string, name: string): boolean {
    return this.kernel.netns.get(netns)?.devices.has(name) === true;
  }

  ownsAddress(ip: string): boolean {
    const { locals, announced } = this.kernel.netns.get('host')!;
    return locals.has(ip) || [...announced.values()].some((ips) => ips.has(ip));
  }

  /** Not simulated: a reboot keeps the devices, routes and rules of the host netns that agents made. */
  setPower(on: boolean): void {
    if (this.poweredOn && !on) netlink.losePower(this.kernel);
    this.poweredOn = on;
  }

  // ---- system calls

  sourceAddress(netns: string, destination: string): string | null {
    return sourceFor(this.netns(netns), destination);
  }

  listen(
    netns: string,
    protocol: TransportProtocol,
    address: string,
    port: number,
    owner: SocketOwner,
  ): number | Errno {
    if (!this.poweredOn) return 'ENETUNREACH';
    return syscalls.listen(this.kernel, netns, protocol, address, port, owner);
  }

  connect(
    netns: string,
    protocol: TransportProtocol,
    to: PeerAddress,
    owner: SocketOwner,
    requestId: number,
    options?: { source?: string; timeoutNs?: Ns },
  ): number | Errno {
    if (!this.poweredOn) return 'ENETUNREACH';
    return syscalls.connect(this.kernel, netns, protocol, to, owner, requestId, options);
  }

  send(socket: number, payload: AppPayload): Errno | null {
    return syscalls.send(this.kernel, socket, payload);
  }

  openUdp(netns: string, owner: SocketOwner, requestId: number): number | Errno {
    if (!this.poweredOn) return 'ENETUNREACH';
    return syscalls.openUdp(this.kernel, netns, owner, requestId);
  }

  sendTo(
    socket: number,
    to: PeerAddress,
    payload: AppPayload,
    options?: { requestId?: number; from?: PeerAddress; ttl?: number },
  ): Errno | null {
    const found = this.kernel.sockets.byId.get(socket);
    return found?.kind === 'udp' ? udpSend(this.kernel, found, to, payload, options) : 'EINVAL';
  }

  openPing(netns: string, owner: SocketOwner, requestId: number): number | Errno {
    if (!this.poweredOn) return 'ENETUNREACH';
    return syscalls.openPing(this.kernel, netns, owner, requestId);
  }

  sendEcho(
    socket: number,
    to: string,
    seq: number,
    options?: { ttl?: number; bytes?: number; df?: boolean },
  ): Errno | null {
    const found = this.kernel.sockets.byId.get(socket);
    return found?.kind === 'ping' ? echoSend(this.kernel, found, to, seq, options) : 'EINVAL';
  }

  close(socket: number): void {
    syscalls.close(this.kernel, socket);
  }

  closeAllOf(owner: SocketOwner): void {
    syscalls.closeAllOf(this.kernel, owner);
  }

  receiveFromWire(name: string, packet: Packet, tag: PacketTag): void {
    const { kernel } = this;
    const atNs = kernel.clock.nowNs;
    const host = this.netns('host');
    const nic = host.devices.get(name);
    const walk = { netns: host, tag, atNs };
    const place = nic?.place ?? host.place;
    if (!this.poweredOn || nic === undefined) {
      const reason = this.poweredOn ? 'device-down' : 'host-down';
      return kernel.trace.end(tag.packetId, { atNs, kind: 'lost', reason, place });
    }
    receive(kernel, walk, nic, { packet, mark: 0 });
  }

  // ---- for printers and keyframes

  /** A netns' tables, to read; an error when there is none of that name. */
  netns(id: string): Netns {
    return netlink.netnsOf(this.kernel, id);
  }

  get sockets(): SocketTable {
    return this.kernel.sockets;
  }

  /** The machine's BPF programs and maps. */
  get bpf(): Bpf {
    return this.kernel.bpf;
  }

  get nowNs(): Ns {
    return this.kernel.clock.nowNs;
  }

  keyframe(): MachineKeyframe {
    return {
      poweredOn: this.poweredOn,
      lastSerial: this.lastSerial,
      netns: [...this.kernel.netns.values()].map(netnsKeyframe),
      sockets: this.kernel.sockets.keyframe(),
      bpf: this.kernel.bpf.keyframe(),
    };
  }

  restore(from: MachineKeyframe): void {
    this.poweredOn = from.poweredOn;
    this.lastSerial = from.lastSerial;
    const old = new Map(this.kernel.netns);
    this.kernel.netns.clear();
    for (const netns of from.netns) {
      const netfilter = old.get(netns.id)?.netfilter ?? this.newNetfilter(netns.id);
      this.kernel.netns.set(netns.id, netnsFromKeyframe(netns, netfilter));
    }
    this.kernel.sockets.restore(from.sockets);
    this.kernel.bpf.restore(from.bpf);
  }

  private addPlain(netns: string, made: Omit<Parameters<typeof netlink.addPlainDevice>[2], 'serial'>): void {
    netlink.addPlainDevice(this.kernel, netns, { ...made, serial: this.serials(1) });
  }

  private serials(count: number): number {
    const first = this.lastSerial + 1;
    this.lastSerial += count;
    return first;
  }

  private newNetfilter(id: string): Netfilter {
    const facts = factsOf(this.kernel, id);
    return this.parts.netfilterFor(facts, facts.label);
  }
}
