/** Lists of recently seen addresses: `-m recent` (net/netfilter/xt_recent.c, /proc/net/xt_recent). */
import type { Ns } from '../../clock/clock';
import { SECOND } from '../../clock/clock';
import type { Match } from '../iptables/rules';

/** Module defaults: ip_list_tot and ip_pkt_list_tot. A full list forgets the address that was unseen the longest. */
const ADDRESSES_PER_LIST = 100;
const STAMPS_PER_ADDRESS = 20;

/** Times at which an address was seen, oldest first. */
type Stamps = readonly Ns[];

export type RecentKeyframe = ReadonlyMap<string, ReadonlyMap<string, Stamps>>;

export class RecentLists {
  private lists = new Map<string, ReadonlyMap<string, Stamps>>();

  /** Does what the match says, and answers it (without its own negation). */
  ask(match: Extract<Match, { kind: 'recent' }>, address: string, nowNs: Ns): boolean {
    const known = this.lists.get(match.name)?.get(address);
    if (match.op === 'set') {
      this.touch(match.name, address, nowNs);
      return true;
    }
    if (known === undefined) return false;
    if (match.op === 'remove') {
      this.remove(match.name, address);
      return true;
    }
    const fresh = this.seenOften(match, known, nowNs);
    if (match.op === 'update' && fresh) this.touch(match.name, address, nowNs);
    if (match.reap && match.seconds !== undefined) this.reap(match.name, nowNs - match.seconds * SECOND);
    return fresh;
  }

  /** The addresses of a list with the time at which each was last seen. */
  entries(name: string): [string, Ns][] {
    return [...(this.lists.get(name) ?? [])].map(([address, stamps]) => [
      address,
      stamps[stamps.length - 1]!,
    ]);
  }

  get isEmpty(): boolean {
    return this.lists.size === 0;
  }

  /** Forgets the lists that no rule names any more. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.lists.keys()) if (!names.has(name)) this.lists.delete(name);
  }

  keyframe(): RecentKeyframe {
    return new Map(this.lists);
  }

  restore(from: RecentKeyframe): void {
    this.lists = new Map(from);
  }

  private seenOften(match: Extract<Match, { kind: 'recent' }>, stamps: Stamps, nowNs: Ns): boolean {
    const since = match.seconds === undefined ? -Infinity : nowNs - match.seconds * SECOND;
    return stamps.filter((stamp) => stamp >= since).length >= (match.hitcount ?? 1);
  }

  private touch(name: string, address: string, nowNs: Ns): void {
    const list = new Map(this.lists.get(name) ?? []);
    const stamps = [...(list.get(address) ?? []), nowNs].slice(-STAMPS_PER_ADDRESS);
    // Deleting first moves the address to the end, so that the map's order is the order of last use.
    list.delete(address);
    if (list.size >= ADDRESSES_PER_LIST) list.delete(list.keys().next().value!);
    this.lists.set(name, list.set(address, stamps));
  }

  private remove(name: string, address: string): void {
    const list = new Map(this.lists.get(name) ?? []);
    list.delete(address);
    this.lists.set(name, list);
  }

  /** Forgets addresses that were last seen before `sinceNs`. */
  private reap(name: string, sinceNs: Ns): void {
    const list = this.lists.get(name) ?? new Map<string, Stamps>();
    const kept = [...list].filter(([, stamps]) => stamps[stamps.length - 1]! >= sinceNs);
    if (kept.length < list.size) this.lists.set(name, new Map(kept));
  }
}
