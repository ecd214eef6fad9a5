/**
 * A network namespace as data: devices, addresses, routes, neighbours, forwarding entries, settings. The maps are its own;
 * everything in them is immutable and replaced. Document: network_namespaces(7).
 */
import type { Ns } from '../clock/clock';
import type { Origin, Place } from '../trace/hop';
import type { Packet } from '../trace/packet';
import type { PacketTag, Route, VxlanFdbEntry } from './machine-api';
import type { ConnectionRef, Netfilter } from './netfilter/netfilter';
import { copyPairs, type PairMap } from './pair-map';

export type DeviceKind = 'loopback' | 'veth' | 'bridge' | 'vxlan' | 'ipip' | 'dummy' | 'nic';

export interface Address {
  readonly ip: string;
  readonly length: number;
  readonly family: 4 | 6;
}

export interface Device {
  readonly name: string;
  /** ifindex, counted in each netns from 1 (lo). */
  readonly index: number;
  /** Never reused in a machine: tells a device from a later one of the same name. */
  readonly serial: number;
  readonly kind: DeviceKind;
  readonly mac: string;
  readonly mtuBytes: number;
  readonly up: boolean;
  readonly addresses: readonly Address[];
  /** Bridge that this device is a port of. */
  readonly master?: string;
  readonly hairpin?: boolean;
  /** Other end of a veth pair. */
  readonly peer?: { readonly netns: string; readonly device: string };
  readonly vxlan?: {
    readonly vni: number;
    readonly local: string;
    readonly underlayDevice: string;
    readonly port: number;
  };
  /** Local outer address of an IPIP device. */
  readonly ipipLocal?: string;
  readonly origin?: Origin;
  /** What hops at this device tell besides: the other end of a veth. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Where hops at this device happen; made once, shared by all of them. */
  readonly place: Place;
}

/** A route with what lookups need: the parsed prefix and its text, made once. */
export interface RouteEntry {
  readonly route: Route;
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
  readonly length: number;
  readonly facts: Readonly<Record<string, string>>;
  /** One entry for each next hop of a route with several. */
  readonly ways?: readonly RouteEntry[];
}

/** A packet that waits for a MAC address. `port` is set for a bridged frame whose destination was rewritten. */
export interface Waiting {
  readonly packet: Packet;
  readonly mark: number;
  readonly tag: PacketTag;
  readonly sinceNs: Ns;
  readonly port?: string;
  readonly connection?: ConnectionRef;
}

export interface Neighbour {
  readonly device: string;
  readonly ip: string;
  readonly state: 'PERMANENT' | 'REACHABLE' | 'INCOMPLETE' | 'FAILED';
  /** Empty while it is not known. */
  readonly mac: string;
  /** When it was last heard of. */
  readonly seenNs: Ns;
  readonly tries: number;
  readonly waiting: readonly Waiting[];
  /** Timer of the question under way. */
  readonly timer: number | null;
  readonly facts: Readonly<Record<string, string>>;
  readonly origin?: Origin;
}

/** What a bridge has learned: frames to `mac` leave by `port`. */
export interface LearnedMac {
  readonly bridge: string;
  readonly mac: string;
  readonly port: string;
  readonly seenNs: Ns;
}

export interface Netns {
  readonly id: string;
  readonly origin?: Origin;
  readonly place: Place;
  readonly devices: Map<string, Device>;
  /** Longest prefix first, then lowest metric. */
  routes: readonly RouteEntry[];
  /** The local table: own addresses and how their route prints. */
  readonly locals: Map<string, LocalEntry>;
  /** By device and IP. */
  readonly neighbours: PairMap<Neighbour>;
  /** Addresses that a process answers ARP for, by device and IP. */
  readonly announced: PairMap<true>;
  /** By bridge and MAC. */
  readonly fdb: PairMap<LearnedMac>;
  /** By device and MAC. */
  readonly vxlanFdb: PairMap<VxlanFdbEntry>;
  /** What fragmentation-needed messages told about paths, by destination. */
  readonly pathMtu: Map<string, number>;
  readonly sysctls: Map<string, number>;
  readonly netfilter: Netfilter;
  /** Memo of route lookups; emptied at every change, not state. */
  readonly routeMemo: Map<string, RouteEntry | null>;
  lastIndex: number;
}

export interface LocalEntry {
  readonly device: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** A copy of a netns that later changes do not reach. */
export type NetnsKeyframe = Omit<Netns, 'netfilter' | 'routeMemo'> & { readonly netfilter: unknown };

/** Values that Linux has without anybody setting them; everything else is 0. */
const SYSCTL_DEFAULTS: Readonly<Record<string, number>> = {
  'net.ipv4.ip_default_ttl': 64,
  'net.ipv6.conf.all.hop_limit': 64,
  'net.bridge.bridge-nf-call-iptables': 1,
  'net.bridge.bridge-nf-call-ip6tables': 1,
  'net.netfilter.nf_conntrack_max': 262_144,
  'net.netfilter.nf_conntrack_tcp_loose': 1,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_retries2': 15,
};

export function emptyNetns(machine: string, id: string, netfilter: Netfilter, origin?: Origin): Netns {
  return {
    id,
    origin,
    place: { machine, netns: id },
    devices: new Map(),
    routes: [],
    locals: new Map(),
    neighbours: new Map(),
    announced: new Map(),
    fdb: new Map(),
    vxlanFdb: new Map(),
    pathMtu: new Map(),
    sysctls: new Map(),
    netfilter,
    routeMemo: new Map(),
    lastIndex: 0,
  };
}

/** A setting by its name under /proc/sys with dots; per-device ones are the larger of "all" and the device's own. */
export function sysctl(netns: Netns, name: string): number {
  return netns.sysctls.get(name) ?? SYSCTL_DEFAULTS[name] ?? 0;
}

/** Names of the settings that a netns has, in order: those with a value of their own or by default. */
export function sysctlNames(netns: Netns): string[] {
  return [
    ...new Set([...Object.keys(SYSCTL_DEFAULTS), 'net.ipv4.ip_forward', ...netns.sysctls.keys()]),
  ].sort();
}

/** net.ipv4.conf.{all,device}.name: either of them switches it on, as for most of them in ip-sysctl. */
export function deviceSysctl(netns: Netns, device: string, name: string): number {
  return Math.max(
    sysctl(netns, `net.ipv4.conf.all.${name}`),
    sysctl(netns, `net.ipv4.conf.${device}.${name}`),
  );
}

export function netnsKeyframe(netns: Netns): NetnsKeyframe {
  const { routeMemo: _memo, netfilter, ...rest } = netns;
  return { ...rest, ...copyMaps(rest), netfilter: netfilter.keyframe() };
}

/** Makes a netns from a keyframe; `netfilter` is restored too. */
export function netnsFromKeyframe(from: NetnsKeyframe, netfilter: Netfilter): Netns {
  netfilter.restore(from.netfilter);
  return { ...from, ...copyMaps(from), netfilter, routeMemo: new Map() };
}

type Tables = Pick<
  Netns,
  'devices' | 'locals' | 'neighbours' | 'announced' | 'fdb' | 'vxlanFdb' | 'pathMtu' | 'sysctls'
>;

function copyMaps(from: Tables): Tables {
  return {
    devices: new Map(from.devices),
    locals: new Map(from.locals),
    neighbours: copyPairs(from.neighbours),
    announced: copyPairs(from.announced),
    fdb: copyPairs(from.fdb),
    vxlanFdb: copyPairs(from.vxlanFdb),
    pathMtu: new Map(from.pathMtu),
    sysctls: new Map(from.sysctls),
  };
}
