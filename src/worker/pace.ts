/**
 * How fast virtual time runs. The dial sets virtual nanoseconds per real second. In auto, that speed holds while a packet
 * that somebody asked for is on its way; in between time hurries to the next one. A packet that the user follows slows
 * time down further, so that each of its hops can be read.
 */
import { MS, SECOND, type Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import type { Pace } from './protocol';

/** What the pace looks at, taken from the cluster before each slice. */
export interface Activity {
  readonly nowNs: Ns;
  /** Packets in flight that belong to somebody's request (probes of the kubelet do not count). */
  readonly packetsInFlight: number;
  /** Requests of people and programs that have no outcome yet. */
  readonly openRequests: number;
  /** How long no such packet has been in flight. */
  readonly quietNs: Ns;
  /** When the next thing happens; null when nothing is due. */
  readonly nextEventNs: Ns | null;
  readonly watched: PacketTrace | null;
}

/** Fastest and slowest ends of the dial, ns per second. */
export const SLOWEST = 10_000;
export const FASTEST = 100 * SECOND;

/** Virtual time per real second while nobody waits for anything. */
const IDLE = SECOND;
/** A wait inside a request (a retransmission timer, a slow answer) passes in this much real time. */
const WAIT_SECONDS = 0.4;
/**
 * Leases and probes go on during a wait, so that its gaps are short: from here on the clock runs the faster the longer
 * the wires have been quiet. A wait of a second takes a visitor about one and a half.
 */
const QUIET_SECONDS = 0.15;
/** A followed packet stays at least this long at each hop. */
const HOLD_SECONDS = 0.6;

/** The speed that should hold now, in virtual ns per real second; 0 while paused. */
export function wantedSpeed(pace: Pace, activity: Activity): number {
  if (pace.paused) return 0;
  const base = pace.auto ? autoSpeed(pace, activity) : pace.nsPerSecond;
  const held = heldSpeed(activity);
  return held === null ? base : Math.min(held, pace.nsPerSecond);
}

function autoSpeed(pace: Pace, activity: Activity): number {
  if (activity.packetsInFlight > 0) return pace.nsPerSecond;
  const gapNs = activity.nextEventNs === null ? SECOND : activity.nextEventNs - activity.nowNs;
  if (activity.openRequests > 0)
    return Math.max(pace.nsPerSecond, gapNs / WAIT_SECONDS, activity.quietNs / QUIET_SECONDS);
  return Math.max(pace.nsPerSecond, IDLE);
}

/** The speed at which the hop that the watched packet stands at takes its 600 ms; null when it is not under way. */
function heldSpeed({ watched, nowNs }: Activity): number | null {
  if (watched === null || (watched.end !== null && watched.end.atNs <= nowNs)) return null;
  const span = hopSpan(watched, nowNs);
  return span === null ? null : Math.max(1, span / HOLD_SECONDS);
}

/** Length of the hop at `nowNs`, up to the start of the next one. */
function hopSpan(packet: PacketTrace, nowNs: Ns): Ns | null {
  const at = packet.hops.findLastIndex((hop) => hop.atNs <= nowNs);
  const hop = packet.hops[at];
  if (hop === undefined) return null;
  const next = packet.hops[at + 1];
  const end = next?.atNs ?? Math.max(packet.end?.atNs ?? 0, hop.atNs + hop.durationNs);
  return end > nowNs ? end - hop.atNs : null;
}

/**
 * Eases from the speed that held to the one that is wanted: braking is at once, because the packet is there now;
 * accelerating doubles about every 60 ms, so that the eye can follow.
 */
export function easedSpeed(present: number, wanted: number, elapsedMs: number): number {
  if (wanted <= present || present <= 0) return present <= 0 ? Math.min(wanted, MS) : wanted;
  return Math.min(wanted, present * 2 ** (elapsedMs / 60));
}
