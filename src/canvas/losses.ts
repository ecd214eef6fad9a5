/** Which ends are losses. A switch floods a frame to everybody, and those it is not for throw their copy away: no news. */
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';

/** True when the packet was dropped, refused or lost at `nowNs`, and somebody misses it. */
export function isLost({ end, role, hops }: PacketTrace, nowNs: Ns): boolean {
  if (end === null || end.kind === 'delivered' || end.atNs > nowNs) return false;
  if (end.reason !== 'not-for-us') return true;
  const copy = hops[0]?.action === 'flood' || hops[0]?.station === 'wire';
  return role !== 'arp' && !copy;
}
