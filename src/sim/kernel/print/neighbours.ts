/** `ip neigh` and `bridge fdb show`, as iproute2 6.x prints them. */
import { SECOND } from '../../clock/clock';
import type { Machine } from '../machine';
import { pairValues } from '../pair-map';

/** base_reachable_time: what was not heard of for longer is printed as STALE. */
const REACHABLE_NS = 30 * SECOND;
const AGEING_NS = 300 * SECOND;

/** `ip neigh`, `ip -6 neigh`, or of one device `ip neigh show dev …`. */
export function ipNeigh(machine: Machine, netns: string, device?: string, family?: 4 | 6): string {
  const lines: string[] = [];
  for (const entry of pairValues(machine.netns(netns).neighbours)) {
    if (device !== undefined && entry.device !== device) continue;
    if (family !== undefined && entry.ip.includes(':') !== (family === 6)) continue;
    const old = entry.state === 'REACHABLE' && machine.nowNs - entry.seenNs > REACHABLE_NS;
    const dev = device === undefined ? ` dev ${entry.device}` : '';
    const mac = entry.mac === '' ? '' : ` lladdr ${entry.mac}`;
    lines.push(`${entry.ip}${dev}${mac} ${old ? 'STALE' : entry.state} \n`);
  }
  return lines.join('');
}

/**
 * `bridge fdb show`, or of one device.
 * Not simulated: the multicast entries of a real list.
 */
export function bridgeFdb(machine: Machine, netns: string, device?: string): string {
  const { devices, fdb, vxlanFdb } = machine.netns(netns);
  const lines: { device: string; line: string }[] = [];
  for (const { mac, port, bridge, seenNs } of pairValues(fdb)) {
    if (machine.nowNs - seenNs < AGEING_NS)
      lines.push({ device: port, line: `${mac} dev ${port} master ${bridge} ` });
  }
  for (const { name, mac, master, kind } of devices.values()) {
    const bridge = kind === 'bridge' ? name : master;
    if (bridge !== undefined)
      lines.push({ device: name, line: `${mac} dev ${name} master ${bridge} permanent` });
  }
  for (const { device: name, mac, dst } of pairValues(vxlanFdb))
    lines.push({ device: name, line: `${mac} dev ${name} dst ${dst} self permanent` });
  return lines
    .filter((entry) => device === undefined || entry.device === device)
    .map(({ line }) => `${line}\n`)
    .join('');
}
