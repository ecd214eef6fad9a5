/** Which sidings are drawn: those that a packet uses, and for a few seconds after, so that they do not flicker. */
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import type { Journey } from './geometry';
import { placeName } from './place-name';
import type { ProxyMode } from './road';

/** Stations that lead to a network card without the tunnel, and those that follow one. */
const BEFORE_WIRE: ReadonlySet<string> = new Set([
  'prerouting',
  'services',
  'routes',
  'forward',
  'postrouting',
]);
const AFTER_WIRE: ReadonlySet<string> = new Set(['prerouting', 'services', 'routes']);

const STAY_MS = 4_000;

const known = new WeakMap<Journey, readonly string[]>();

/** "local:<machine>" and "bypass:<machine>" for the sidings on a journey. With IPVS the hooks themselves are always drawn. */
export function sidingsOn(journey: Journey, mode: ProxyMode = 'iptables'): string[] {
  const used: string[] = [];
  journey.places.forEach((place, i) => {
    const { kind, owner } = placeName(place);
    const hook = mode !== 'ipvs' && (kind === 'input' || kind === 'output');
    if (hook || kind === 'local') used.push(`local:${owner}`);
    if (kind !== 'nic' && kind !== 'tap') return;
    const before = placeName(journey.places[i - 1] ?? '').kind;
    const after = placeName(journey.places[i + 1] ?? '').kind;
    if (BEFORE_WIRE.has(before) || AFTER_WIRE.has(after)) used.push(`bypass:${owner}`);
  });
  return used;
}

/** Remembers until when each siding is drawn. */
export class Sidings {
  private readonly untilMs = new Map<string, number>();

  inUse(
    traces: Iterable<PacketTrace>,
    journey: (trace: PacketTrace) => Journey,
    nowNs: Ns,
    atMs: number,
    open: PacketTrace | null,
    mode: ProxyMode,
  ): ReadonlySet<string> {
    const mark = (trace: PacketTrace): void => {
      const way = journey(trace);
      let used = known.get(way);
      if (used === undefined) known.set(way, (used = [...new Set(sidingsOn(way, mode))]));
      for (const siding of used) this.untilMs.set(siding, atMs + STAY_MS);
    };
    if (open !== null) mark(open);
    for (const trace of traces) {
      if (trace.bornNs > nowNs || (trace.end !== null && trace.end.atNs <= nowNs)) continue;
      mark(trace);
    }
    const used = new Set<string>();
    for (const [siding, until] of this.untilMs) {
      if (until > atMs) used.add(siding);
      else this.untilMs.delete(siding);
    }
    return used;
  }

  /** Changes when a siding is due to go, so that the picture is drawn once more. */
  nextCheck(atMs: number): number {
    return this.untilMs.size === 0 ? 0 : Math.floor(atMs / 1_000);
  }
}
