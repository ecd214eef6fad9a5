/**
 * Whether a packet has ever gone beyond the nodes: from then on the outside is on the canvas, and stays there.
 * Questions for MAC addresses do not count: the wire carries them to everybody.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { PacketTrace } from '../sim/trace/hop';

const seen = createStore<{ readonly outside: boolean }>(() => ({ outside: false }));

export function useOutsideSeen(): boolean {
  return useStore(seen, (state) => state.outside);
}

/** Looks at the newest packets only: older ones have been looked at. */
export function watchForOutside(traces: readonly PacketTrace[]): void {
  if (seen.getState().outside) return;
  const fresh = traces.slice(-40);
  if (
    fresh.some(({ hops }) =>
      hops.some((hop) => hop.place.machine === 'outside' && hop.before.arp === undefined),
    )
  )
    seen.setState({ outside: true });
}
