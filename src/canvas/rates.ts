/** Packets a second on a wire, for when the clock runs too fast to see single ones. Counted from the traces, never guessed. */
import { SECOND, type Ns } from '../sim/clock/clock';
import type { LeftOut, PacketTrace, Place } from '../sim/trace/hop';
import type { Journey } from './geometry';
import type { CanvasLayout } from './layout';
import type { Point } from './road';

export interface RatePill {
  readonly at: Point;
  readonly signal: 'request' | 'reply' | 'dns';
  readonly perSecond: number;
  readonly wrapped: boolean;
}

/** Virtual speed from which single packets are over before they are seen: 20 ms for a second of ours. */
export const RATES_FROM_NS_PER_SECOND = 20_000_000;

type Kind = RatePill['signal'];

function kindOf(trace: PacketTrace): Kind | null {
  if (trace.role === 'request' || trace.role === 'reply') return trace.role;
  return trace.role === 'dns-query' || trace.role === 'dns-answer' ? 'dns' : null;
}

/** The same from the summary of a packet whose hops were left out. */
function wiresSummed({ from, to, crossed }: LeftOut): string[] {
  const inPod = ({ netns }: Place): boolean => netns !== 'host' && netns !== '';
  const taken = crossed.map(([a, b]) => `under:${a}>${b}`);
  if (inPod(from)) taken.push(`railL:${from.machine}`);
  if (inPod(to)) taken.push(`railR:${to.machine}`);
  return taken;
}

/** Which wires a packet took, by name: "railL:node-1", "railR:node-1", "under:node-1>node-2". */
function wiresTaken(journey: Journey): string[] {
  const taken: string[] = [];
  for (let i = 1; i < journey.places.length; i++) {
    const [a, b] = [journey.places[i - 1]!, journey.places[i]!];
    if (a === b) continue;
    const [from = '', ...fromRest] = a.split(':');
    const [to = '', ...toRest] = b.split(':');
    const [fromName, toName] = [fromRest.join(':'), toRest.join(':')];
    const fromBridge = from === 'foot' || from === 'busL' || from === 'pod';
    const toBridge = to === 'foot' || to === 'busR' || to === 'pod';
    if (fromBridge && /^(prerouting|services|routes)$/.test(to)) taken.push(`railL:${toName}`);
    if (/^(postrouting|forward|routes)$/.test(from) && toBridge) taken.push(`railR:${fromName}`);
    if (/^(wan)?tap$|^nic$|^wan$/.test(from) && /^(wan)?tap$|^nic$|^wan$/.test(to) && fromName !== toName) {
      taken.push(`under:${fromName}>${toName}`);
    }
  }
  return taken;
}

/** Where a machine meets the wires between machines. */
function tapsOf(name: string, { machines, outside }: CanvasLayout): readonly Point[] {
  const machine = machines.get(name);
  if (machine !== undefined) return [{ x: machine.centre, y: machine.underlayY }];
  const place = outside?.machines.get(name);
  return [place?.lanTap, place?.wanTap].flatMap((tap) => tap ?? []);
}

function placeOf(wire: string, layout: CanvasLayout): Point | null {
  const [kind = '', rest = ''] = wire.split(/:(.*)/s);
  if (kind === 'under') {
    const [from, to] = rest.split('>').map((name) => tapsOf(name, layout));
    const one = from?.find(({ y }) => to?.some((other) => other.y === y)) ?? from?.[0];
    const other = to?.find(({ y }) => y === one?.y);
    if (one === undefined || to === undefined || to.length === 0) return null;
    // Both directions share a wire; each pill stands nearer to its sender.
    return { x: other === undefined ? one.x + 70 : one.x + (other.x - one.x) * 0.42, y: one.y };
  }
  const machine = layout.machines.get(rest);
  if (machine === undefined) return null;
  return { x: kind === 'railL' ? machine.railL : machine.railR, y: machine.busY + 40 };
}

/** Pills for the last virtual second (or since the first packet, if that is less). */
export function ratesOf(
  traces: Iterable<PacketTrace>,
  journey: (trace: PacketTrace) => Journey,
  layout: CanvasLayout,
  nowNs: Ns,
): RatePill[] {
  const counts = new Map<string, number>();
  for (const trace of traces) {
    const kind = kindOf(trace);
    if (kind === null || trace.bornNs > nowNs || trace.bornNs < nowNs - SECOND) continue;
    const taken = trace.leftOut ? wiresSummed(trace.leftOut) : wiresTaken(journey(trace));
    const seen = new Set(taken);
    for (const wire of seen) {
      const key = `${wire}|${kind}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const stacked = new Map<string, number>();
  const pills: RatePill[] = [];
  for (const [key, count] of [...counts].sort()) {
    const [wire = '', kind = 'request'] = key.split('|');
    const at = placeOf(wire, layout);
    if (at === null) continue;
    const level = stacked.get(wire) ?? 0;
    stacked.set(wire, level + 1);
    const under = wire.startsWith('under:');
    pills.push({
      at: under ? { x: at.x + level * 64, y: at.y } : { x: at.x, y: at.y + level * 22 },
      signal: kind as Kind,
      perSecond: count,
      wrapped: under && layout.machines.get(wire.slice(6).split('>')[0] ?? '')?.hasTunnel === true,
    });
  }
  return pills;
}
