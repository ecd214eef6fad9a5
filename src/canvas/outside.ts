/**
 * Which of the machines beyond the nodes are on the canvas. The router and a client are there as soon as a Service can be
 * reached from outside; the balancer when it has something to balance, or is asked; web servers when a packet went there.
 * Questions for MAC addresses do not count: the wire carries them to everybody.
 */
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { PacketTrace } from '../sim/trace/hop';
import type { AnnouncementView, ClusterFacts, OutsideView, ServiceView } from '../sim/view';
import { mirror } from '../state/mirror';
import type { OutsideInput } from './place-outside';

/** Name in traces of the router. */
const ROUTER = 'outside';

/** Machines that packets have been seen at; they stay on the canvas. */
const seen = createStore<{ readonly machines: ReadonlySet<string> }>(() => ({ machines: new Set() }));

export function useSeenOutside(): ReadonlySet<string> {
  return useStore(seen, (state) => state.machines);
}

/** Looks at the newest packets only: older ones have been looked at. */
export function watchForOutside(traces: readonly PacketTrace[]): void {
  const { facts } = mirror.getState();
  const { machines } = seen.getState();
  // A new cluster starts: nobody has been anywhere yet.
  if (facts === null && machines.size > 0) seen.setState({ machines: new Set() });
  const names = new Set(outsideViews(facts).map(({ name }) => name));
  const found = traces
    .slice(-40)
    .flatMap(({ hops }) =>
      hops
        .filter((hop) => hop.before.arp === undefined && names.has(hop.place.machine))
        .map((hop) => hop.place.machine),
    );
  const fresh = found.filter((name) => !machines.has(name));
  if (fresh.length > 0) seen.setState({ machines: new Set([...machines, ...fresh]) });
}

/** The machines beyond the nodes; only a router while the cluster does not tell of them. */
export function outsideViews(facts: ClusterFacts | null): readonly OutsideView[] {
  if (facts === null) return [];
  const router: OutsideView = {
    ref: `Outside//${ROUTER}`,
    name: ROUTER,
    role: 'router',
    addresses: [],
    routes: [],
    health: [],
  };
  return facts.outside ?? [router];
}

function isOutward({ type, externalAddresses }: ServiceView): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || externalAddresses.length > 0;
}

/** What is drawn of the outside. */
export function shownOutside(
  views: readonly OutsideView[],
  services: readonly ServiceView[],
  seenMachines: ReadonlySet<string>,
  provider: ClusterFacts['loadBalancer'],
): OutsideInput[] {
  const outward = services.some((service) => isOutward(service) && service.type !== 'ExternalName');
  const balanced = provider === 'cloud' && services.some(({ type }) => type === 'LoadBalancer');
  const shown = views.filter(({ name, role }) => {
    if (seenMachines.has(name)) return true;
    if (role === 'balancer') return balanced;
    return outward && role === 'client';
  });
  if (shown.length === 0) return [];
  return views
    .filter((one) => one.role === 'router' || shown.includes(one))
    .map(({ name, role }) => ({ name, role }));
}

/** The facts come anew with every patch: what a component shows changes only when the text of it does. */
function useSame<V>(select: (facts: ClusterFacts | null) => V): V {
  const text = useStore(mirror, ({ facts }) => JSON.stringify(select(facts) ?? null));
  return useMemo(() => JSON.parse(text) as V, [text]);
}

export function useOutsideViews(): readonly OutsideView[] {
  return useSame(outsideViews);
}

export function useOutsideView(name: string): OutsideView | null {
  return useSame((facts) => outsideViews(facts).find((one) => one.name === name) ?? null);
}

/** Addresses that a node makes the outside send to it. */
export function useAnnouncements(node: string): readonly AnnouncementView[] {
  return useSame((facts) => (facts?.announcements ?? []).filter((one) => one.node === node));
}

/** Nodes that announce a Service's address, with the protocol. */
export function useAnnouncers(service: ServiceView | null): readonly AnnouncementView[] {
  return useSame((facts) =>
    (facts?.announcements ?? []).filter(({ ip }) => service?.externalAddresses.includes(ip) === true),
  );
}
