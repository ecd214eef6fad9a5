/**
 * `ip addr`, `ip link` and their short and long forms, as iproute2 6.x prints them.
 * Not simulated: IPv6 link-local addresses, queueing disciplines (only their names are printed).
 */
import { nthAddress } from '../../../lib/ip';
import type { Machine } from '../machine';
import type { Address, Device, DeviceKind } from '../netns';

const FLAGS: Readonly<Record<DeviceKind, readonly string[]>> = {
  loopback: ['LOOPBACK'],
  veth: ['BROADCAST', 'MULTICAST'],
  bridge: ['BROADCAST', 'MULTICAST'],
  vxlan: ['BROADCAST', 'MULTICAST'],
  nic: ['BROADCAST', 'MULTICAST'],
  dummy: ['BROADCAST', 'NOARP'],
  ipip: ['NOARP'],
};

/** Kinds that have no notion of a carrier. */
const STATELESS: ReadonlySet<DeviceKind> = new Set(['loopback', 'vxlan', 'dummy', 'ipip']);

/** `ip addr`, or of one device `ip addr show dev …`; with a family (-4, -6) only devices with such an address. */
export function ipAddr(machine: Machine, netns: string, device?: string, family?: 4 | 6): string {
  return chosen(machine, netns, device)
    .filter((found) => family === undefined || addressesOf(found, family).length > 0)
    .map((found) => {
      const lines = addressesOf(found, family).map((address) => addressLines(found, address));
      return head(machine, netns, found, device === undefined, family) + lines.join('');
    })
    .join('');
}

/** Asked for one family, ip leaves the link layer out; a list for IPv6 comes from that family's own dump, which knows less. */
function head(machine: Machine, netns: string, device: Device, all: boolean, family?: 4 | 6): string {
  const full = header(machine, netns, device, false);
  if (family === undefined) return full;
  const line = full.slice(0, full.indexOf('\n') + 1);
  return all && family === 6 ? line.replace(/ qdisc \S+/, '').replace(' group default', '') : line;
}

/** As the kernel dumps them: IPv4 before IPv6, and of the latter the newest first. */
function addressesOf({ addresses }: Device, family?: 4 | 6): readonly Address[] {
  const four = addresses.filter((address) => address.family === 4);
  const six = addresses.filter((address) => address.family === 6).reverse();
  return family === undefined ? [...four, ...six] : family === 4 ? four : six;
}

/** `ip -br addr`. */
export function ipAddrBrief(machine: Machine, netns: string, family?: 4 | 6): string {
  return chosen(machine, netns)
    .filter((device) => family === undefined || addressesOf(device, family).length > 0)
    .map((device) => {
      const addresses = addressesOf(device, family)
        .map(({ ip, length }) => `${ip}/${length} `)
        .join('');
      return `${brief(machine, netns, device)}${addresses}\n`;
    })
    .join('');
}

/** `ip link`; with `details`, what `ip -d link` adds about the kind of device. */
export function ipLink(machine: Machine, netns: string, device?: string, details = false): string {
  return chosen(machine, netns, device)
    .map((found) => header(machine, netns, found, true) + (details ? kindLines(machine, netns, found) : ''))
    .join('');
}

/** `ip -br link`. */
export function ipLinkBrief(machine: Machine, netns: string): string {
  return chosen(machine, netns)
    .map((device) => `${brief(machine, netns, device)}${device.mac} <${flags(machine, netns, device)}> \n`)
    .join('');
}

function chosen(machine: Machine, netns: string, name?: string): Device[] {
  const devices = [...machine.netns(netns).devices.values()].filter(
    (device) => name === undefined || device.name === name,
  );
  return devices.sort((a, b) => a.index - b.index);
}

function header(machine: Machine, netns: string, device: Device, link: boolean): string {
  const { index, mtuBytes, master, kind } = device;
  const qdisc = kind === 'nic' ? 'fq_codel' : device.up || kind === 'veth' ? 'noqueue' : 'noop';
  const under = master === undefined ? '' : ` master ${master}`;
  const mode = link ? ' mode DEFAULT' : '';
  // flannel makes its device with a queue length of 0, which is not printed.
  const queue = kind === 'vxlan' ? '' : ' qlen 1000';
  const state = operState(machine, netns, device);
  return (
    `${index}: ${fullName(machine, netns, device)}: <${flags(machine, netns, device)}> mtu ${mtuBytes} ` +
    `qdisc ${qdisc}${under} state ${state}${mode} group default${queue}\n    ${linkLayer(netns, device)}\n`
  );
}

function linkLayer(netns: string, { kind, mac, peer, ipipLocal }: Device): string {
  if (kind === 'loopback') return `link/loopback ${mac} brd ${mac}`;
  if (kind === 'ipip') return `link/ipip ${ipipLocal} brd 0.0.0.0`;
  const line = `link/ether ${mac} brd ff:ff:ff:ff:ff:ff`;
  if (peer === undefined || peer.netns === netns) return line;
  // Only the host has names for the other namespaces.
  return netns === 'host' ? `${line} link-netns ${peer.netns}` : `${line} link-netnsid 0`;
}

function addressLines(device: Device, address: Address): string {
  const { ip, length, family } = address;
  const scope = device.kind === 'loopback' ? 'host' : 'global';
  const forever = '       valid_lft forever preferred_lft forever\n';
  if (family === 6) return `    inet6 ${ip}/${length} scope ${scope} \n${forever}`;
  const brd = device.kind === 'loopback' || length >= 31 ? '' : ` brd ${broadcastOf(address)}`;
  return `    inet ${ip}/${length}${brd} scope ${scope} ${device.name}\n${forever}`;
}

function broadcastOf({ ip, length }: Address): string {
  return nthAddress(`${ip}/${length}`, 2 ** (32 - length) - 1);
}

function brief(machine: Machine, netns: string, device: Device): string {
  const state = operState(machine, netns, device);
  return `${fullName(machine, netns, device).padEnd(16)} ${state.padEnd(14)} `;
}

/** "eth0@if5": the index of the other end, or its name when it is in the same netns. */
function fullName(machine: Machine, netns: string, { name, kind, peer }: Device): string {
  if (kind === 'ipip') return `${name}@NONE`;
  if (peer === undefined) return name;
  if (peer.netns === netns) return `${name}@${peer.device}`;
  const other = machine.hasNetns(peer.netns) ? machine.netns(peer.netns).devices.get(peer.device) : undefined;
  return `${name}@if${other?.index ?? 0}`;
}

function hasCarrier(machine: Machine, netns: string, device: Device): boolean {
  if (device.kind === 'veth') {
    const { peer } = device;
    return (
      peer !== undefined &&
      machine.hasNetns(peer.netns) &&
      machine.netns(peer.netns).devices.get(peer.device)?.up === true
    );
  }
  if (device.kind !== 'bridge') return true;
  return [...machine.netns(netns).devices.values()].some(
    (port) => port.master === device.name && port.up && hasCarrier(machine, netns, port),
  );
}

function flags(machine: Machine, netns: string, device: Device): string {
  const own = FLAGS[device.kind];
  if (!device.up) return own.join(',');
  return hasCarrier(machine, netns, device)
    ? [...own, 'UP', 'LOWER_UP'].join(',')
    : ['NO-CARRIER', ...own, 'UP'].join(',');
}

function operState(machine: Machine, netns: string, device: Device): string {
  if (!device.up) return 'DOWN';
  if (STATELESS.has(device.kind)) return 'UNKNOWN';
  return hasCarrier(machine, netns, device) ? 'UP' : 'DOWN';
}

/** Not simulated: the counters and queue limits that `ip -d link` prints besides. */
function kindLines(machine: Machine, netns: string, device: Device): string {
  const { vxlan, kind, hairpin, master } = device;
  const lines: string[] = [];
  if (kind === 'bridge') {
    const call = machine.sysctl(netns, 'net.bridge.bridge-nf-call-iptables');
    lines.push(`bridge ageing_time 30000 stp_state 0 vlan_filtering 0 nf_call_iptables ${call}`);
  }
  if (vxlan !== undefined) {
    const { vni, local, underlayDevice, port } = vxlan;
    lines.push(
      `vxlan id ${vni} local ${local} dev ${underlayDevice} srcport 0 0 dstport ${port} nolearning ttl auto ageing 300`,
    );
  }
  if (kind === 'ipip') lines.push(`ipip any remote any local ${device.ipipLocal} ttl inherit nopmtudisc`);
  if (kind === 'veth' || kind === 'dummy') lines.push(kind);
  if (master !== undefined)
    lines.push(`bridge_slave state forwarding priority 32 cost 2 hairpin ${hairpin === true ? 'on' : 'off'}`);
  return lines.map((line) => `    ${line} \n`).join('');
}
