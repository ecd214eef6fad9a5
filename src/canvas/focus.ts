/**
 * What is lit while a packet is open: the pods, Services, machines and devices on its way. Everything else falls to 34 %.
 * Worked out once per change and kept in a small store, so that each card renders only when its own light changes.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { innermost } from '../sim/trace/describe';
import type { PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { PodView, ServiceView } from '../sim/view';

export interface Focus {
  /** A packet is open. */
  readonly open: boolean;
  /** Refs of pods and Services, names of machines, "tunnel:<machine>" and "nic:<machine>". */
  readonly lit: ReadonlySet<string>;
  /** The Service whose address the rules replaced, and the pod they chose. */
  readonly tether: { readonly service: string; readonly pod: string; readonly ip: string } | null;
}

export const NO_FOCUS: Focus = { open: false, lit: new Set(), tether: null };

export const focus = createStore<Focus>(() => NO_FOCUS);

/** Lights up the way of a packet; an equal focus keeps the old object. */
export function setFocus(next: Focus): void {
  const now = focus.getState();
  const same =
    now.open === next.open &&
    now.lit.size === next.lit.size &&
    [...next.lit].every((name) => now.lit.has(name)) &&
    now.tether?.service === next.tether?.service &&
    now.tether?.pod === next.tether?.pod;
  if (!same) focus.setState(next, true);
}

/** True when this thing is to be drawn faintly. */
export function useDim(name: string): boolean {
  return useStore(focus, (state) => state.open && !state.lit.has(name));
}

/** True when this thing is on the way of the open packet. */
export function useLit(name: string): boolean {
  return useStore(focus, (state) => state.open && state.lit.has(name));
}

export interface Directory {
  readonly podOfNetns: (netns: string) => string | null;
  readonly nicOf: (machine: string) => string | null;
  readonly pods: readonly PodView[];
  readonly services: readonly ServiceView[];
}

function serviceAt(directory: Directory, ip: string | undefined): ServiceView | undefined {
  if (ip === undefined) return undefined;
  return directory.services.find(
    (service) => service.clusterIPs.includes(ip) || service.externalAddresses.includes(ip),
  );
}

/** A Service that every node answers for: its port tells it, whatever the address. */
function serviceOnNodePort(directory: Directory, { l4 }: Packet): ServiceView | undefined {
  if (l4 === undefined || l4.kind === 'icmp') return undefined;
  return directory.services.find((service) => service.ports.some(({ nodePort }) => nodePort === l4.dstPort));
}

/** What the trace says up to hop `upTo`. */
export function focusOf(trace: PacketTrace, upTo: number, directory: Directory): Focus {
  const lit = new Set<string>();
  let tether: Focus['tether'] = null;
  trace.hops.forEach((hop, i) => {
    const { machine, netns } = hop.place;
    if (machine !== '' && machine !== 'underlay') lit.add(machine);
    const pod = netns === 'host' || netns === '' ? null : directory.podOfNetns(netns);
    if (pod !== null) lit.add(pod);
    if (hop.station === 'tunnel') lit.add(`tunnel:${machine}`).add(`nic:${machine}`);
    if (hop.station === 'device' && hop.name === directory.nicOf(machine)) lit.add(`nic:${machine}`);
    if (i > upTo) return;
    const [before, after] = [innermost(hop.before), innermost(hop.after)];
    for (const ip of [before.ip?.dst, before.ip?.src]) {
      const service = serviceAt(directory, ip);
      if (service !== undefined) lit.add(service.ref);
    }
    const chosen = serviceAt(directory, before.ip?.dst) ?? serviceOnNodePort(directory, before);
    if (chosen !== undefined) lit.add(chosen.ref);
    if (chosen === undefined || after.ip === undefined || before.ip?.dst === after.ip.dst) return;
    const ip = after.ip.dst;
    const target =
      chosen.endpoints.find((endpoint) => endpoint.ip === ip)?.podRef ??
      directory.pods.find((one) => one.ip === ip && !one.hostNetwork)?.ref;
    if (target == null) return;
    tether = { service: chosen.ref, pod: target, ip };
    lit.add(target);
  });
  return { open: true, lit, tether };
}
