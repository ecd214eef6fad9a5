/** Where a packet is in its list of hops, and who stands behind an address. Read from the mirror; nothing is computed anew. */
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import { mirror, rowsOf } from './mirror';

/**
 * Index of the last hop that has begun at `nowNs`. The worker walks a packet ahead of the clock when nothing can
 * interfere, so later hops may be known already; they are not the past. -1 before the first.
 */
export function hopIndexAt(trace: PacketTrace, nowNs: Ns): number {
  let at = -1;
  for (const hop of trace.hops) {
    if (hop.atNs > nowNs) break;
    at++;
  }
  return at;
}

/** True when the packet's end lies behind `nowNs`. */
export function isOver(trace: PacketTrace, nowNs: Ns): boolean {
  return trace.end !== null && trace.end.atNs <= nowNs;
}

interface Names {
  readonly key: string;
  readonly byIp: ReadonlyMap<string, string>;
  readonly shortByIp: ReadonlyMap<string, string>;
}

let names: Names | null = null;

/** Who has an address: pod, "Service ns/name", node, or a machine of the outside. Null when nobody is known there. */
export function nameOfIp(ip: string): string | null {
  return knownNames().byIp.get(ip) ?? null;
}

/** The same in one word: a pod by its workload, a Service by its name alone. */
export function shortNameOfIp(ip: string): string | null {
  return knownNames().shortByIp.get(ip) ?? null;
}

function knownNames(): Names {
  const { pods, services, nodes } = mirror.getState().revs;
  const { facts } = mirror.getState();
  const key = `${pods}/${services}/${nodes}/${facts?.outside?.length}`;
  if (names?.key !== key) names = { key, ...collectNames() };
  return names;
}

function collectNames(): Omit<Names, 'key'> {
  const byIp = new Map<string, string>();
  const shortByIp = new Map<string, string>();
  for (const { name, addresses } of mirror.getState().facts?.outside ?? []) {
    const who = name === 'outside' ? 'router' : name;
    for (const address of addresses) {
      const [ip = ''] = address.split('/');
      byIp.set(ip, who);
      shortByIp.set(ip, who);
    }
  }
  for (const pod of rowsOf('pods')) {
    const gone = pod.look === 'completed' || pod.look === 'failed';
    if (pod.ip === null || pod.hostNetwork || gone) continue;
    byIp.set(pod.ip, pod.name);
    shortByIp.set(pod.ip, pod.workload.split('/')[2] ?? pod.name);
  }
  for (const service of rowsOf('services')) {
    for (const ip of [...service.clusterIPs, ...service.externalAddresses]) {
      if (ip === 'None' || ip === '') continue;
      byIp.set(ip, `Service ${service.namespace}/${service.name}`);
      shortByIp.set(ip, service.name);
    }
  }
  for (const node of rowsOf('nodes')) {
    byIp.set(node.ip, node.name);
    shortByIp.set(node.ip, node.name);
  }
  return { byIp, shortByIp };
}
