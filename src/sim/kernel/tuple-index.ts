/**
 * Where something is found by the tuple of a packet: what the kernel has hash tables for, those of conntrack
 * (nf_conntrack_hash) and of established sockets (inet_hashtables.c).
 */
import type { Tuple } from './conntrack-tuple';

const PROTOCOLS: Readonly<Record<Tuple['protocol'], number>> = { tcp: 0, udp: 1, sctp: 2, icmp: 3, ipip: 4 };

/** By the two addresses, then by protocol and ports as one number, so that no text is made to look. */
type Pairs = Map<string, Map<string, Map<number, number>>>;

/** Ids by tuple. An id is found only by the very tuple that it was set for. */
export class TupleIndex {
  private readonly bySource: Pairs = new Map();

  get isEmpty(): boolean {
    return this.bySource.size === 0;
  }

  get(tuple: Tuple): number | undefined {
    return this.bySource.get(tuple.src)?.get(tuple.dst)?.get(portsKey(tuple));
  }

  set(tuple: Tuple, id: number): void {
    let byTarget = this.bySource.get(tuple.src);
    if (byTarget === undefined) this.bySource.set(tuple.src, (byTarget = new Map()));
    let pair = byTarget.get(tuple.dst);
    if (pair === undefined) byTarget.set(tuple.dst, (pair = new Map()));
    pair.set(portsKey(tuple), id);
  }

  /** Takes the tuple out when it leads to this id. */
  delete(tuple: Tuple, id: number): void {
    const byTarget = this.bySource.get(tuple.src);
    const pair = byTarget?.get(tuple.dst);
    const key = portsKey(tuple);
    if (byTarget === undefined || pair?.get(key) !== id) return;
    pair.delete(key);
    if (pair.size > 0) return;
    byTarget.delete(tuple.dst);
    if (byTarget.size === 0) this.bySource.delete(tuple.src);
  }

  /** An index with the same ids that shares nothing with this one. */
  copy(): TupleIndex {
    const copied = new TupleIndex();
    for (const [src, byTarget] of this.bySource) {
      const pairs = [...byTarget].map(([dst, pair]): [string, Map<number, number>] => [dst, new Map(pair)]);
      copied.bySource.set(src, new Map(pairs));
    }
    return copied;
  }
}

function portsKey({ protocol, srcPort, dstPort }: Tuple): number {
  return (PROTOCOLS[protocol] * 65_536 + srcPort) * 65_536 + dstPort;
}
