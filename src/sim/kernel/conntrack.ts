/**
 * Connection tracking of one netns: which packets belong together, which way they go, and how their addresses were
 * changed (net/netfilter/nf_conntrack_core.c, nf_nat_core.c). An entry is made by the first packet and rides with it
 * unseen by others until that packet has passed the last hook; a packet that dies on the way takes its entry along.
 */
import type { Clock, Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { Packet } from '../trace/packet';
import { nextState, openingState, timeoutSeconds } from './conntrack-states';
import type { Connection, ConnectionState, Direction } from './conntrack-states';
import { invert, rewrite, rewriteError, sameTuple, tupleOf, type Manip, type Tuple } from './conntrack-tuple';
import { TupleIndex } from './tuple-index';
import type { ConnectionRef, NetnsFacts } from './netfilter/netfilter';

export interface ConntrackKeyframe {
  readonly lastId: number;
  readonly lastGcNs: Ns;
  readonly entries: ReadonlyMap<number, Connection>;
  readonly byTuple: TupleIndex;
}

/** nf_conntrack_max where nobody has set it. */
const DEFAULT_MAX = 262_144;
/** An entry that lost a clash lives just long enough for its answer (nf_ct_resolve_clash). */
const CLASH_NS = SECOND;
/** How long entries that ran out may lie about; the kernel's worker comes by at about this pace. */
const GC_NS = 10 * SECOND;
/** UDP flows that lasted this long with answers get the longer timeout. */
const STREAM_AFTER_NS = 2 * SECOND;

export class Conntrack {
  private lastId = 0;
  private lastGcNs: Ns = 0;
  private entries = new Map<number, Connection>();
  private byTuple = new TupleIndex();
  private readonly sysctl: (name: string) => number;

  constructor(
    facts: NetnsFacts,
    private readonly clock: Clock,
  ) {
    this.sysctl = (name) => facts.sysctl(name);
  }

  /** Entries that have not run out, oldest first. */
  list(): Connection[] {
    return [...this.entries.values()].filter((entry) => entry.expiresNs > this.clock.nowNs);
  }

  /** How many entries the table holds; those that ran out and were not met again since included. */
  get count(): number {
    return this.entries.size;
  }

  get(id: number): Connection | undefined {
    return this.entries.get(id);
  }

  /** Deletes the entries that `unwanted` picks (conntrack -D) and returns how many there were. */
  delete(unwanted: (entry: Connection) => boolean): number {
    const gone = this.list().filter(unwanted);
    gone.forEach((entry) => this.forget(entry));
    return gone.length;
  }

  flush(): void {
    this.entries.clear();
    this.byTuple = new TupleIndex();
  }

  /** Drops entries that ran out (the kernel's gc worker). */
  collect(): void {
    this.lastGcNs = this.clock.nowNs;
    for (const entry of this.entries.values()) if (entry.expiresNs <= this.clock.nowNs) this.forget(entry);
  }

  /** Says which connection a packet belongs to; a first packet gets an entry of its own, not yet in the table. */
  track(packet: Packet): ConnectionRef {
    const tuple = tupleOf(packet);
    if (tuple === null) return packet.l4?.kind === 'icmp' ? this.trackError(packet) : UNTRACKED;
    const known = this.lookup(tuple);
    if (known !== undefined) return this.update(known, packet, tuple);
    return this.open(packet, tuple);
  }

  /** The connection that a packet belongs to, as the table or the packet itself knows it. */
  entryOf(ref: ConnectionRef | undefined): Connection | undefined {
    if (ref === undefined || ref.id === 0) return undefined;
    return this.entries.get(ref.id) ?? ref.entry;
  }

  /** The entry with another reply tuple: what DNAT (dst) or SNAT (src) to that address and port makes of it. */
  translate(entry: Connection, manip: Manip, ip: string, port: number): Connection {
    const reply =
      manip === 'dst'
        ? { ...entry.reply, src: ip, srcPort: entry.reply.protocol === 'icmp' ? entry.reply.srcPort : port }
        : { ...entry.reply, dst: ip, ...replyPort(entry.reply, port) };
    return { ...entry, reply };
  }

  /**
   * True when another connection already answers to this reply tuple. A twin (another first packet of the same
   * conversation, both on the way together) does not count: confirm settles that.
   */
  replyTaken(entry: Connection): boolean {
    const holder = this.lookup(entry.reply);
    if (holder === undefined || holder.id === entry.id) return false;
    return !sameTuple(holder.original, entry.original);
  }

  /** Rewrites a packet of a known connection as this half of the hooks has to. */
  apply(packet: Packet, ref: ConnectionRef, manip: Manip): Packet {
    const entry = this.entryOf(ref);
    if (entry === undefined || !translated(entry, manip, ref.direction)) return packet;
    if (ref.state === 'RELATED') {
      return rewriteError(packet, ref.direction === 'reply' ? entry.original : entry.reply, manip);
    }
    return rewrite(packet, invert(ref.direction === 'original' ? entry.reply : entry.original), manip);
  }

  /**
   * Puts a new entry into the table when its first packet leaves by the last hook. Null when another connection has
   * taken one of its tuples meanwhile and the packet must be dropped.
   */
  confirm(entry: Connection): Connection | null {
    const first = this.lookup(entry.original);
    if (first === undefined && !this.replyTaken(entry))
      return this.insert(entry, [entry.original, entry.reply]);
    if (first !== undefined && sameTuple(first.reply, entry.reply)) return first;
    if (entry.original.protocol !== 'udp' || this.replyTaken(entry)) return null;
    const expiresNs = this.clock.nowNs + CLASH_NS;
    return this.insert({ ...entry, expiresNs }, [entry.reply]);
  }

  /** True when there is room for one more, after making room by dropping one that never was answered. */
  makeRoom(): boolean {
    const max = this.sysctl('net.netfilter.nf_conntrack_max') || DEFAULT_MAX;
    if (this.entries.size < max) return true;
    this.collect();
    if (this.entries.size < max) return true;
    for (const entry of this.entries.values()) {
      if (entry.assured) continue;
      this.forget(entry);
      return true;
    }
    return false;
  }

  keyframe(): ConntrackKeyframe {
    const { lastId, lastGcNs } = this;
    return { lastId, lastGcNs, entries: new Map(this.entries), byTuple: this.byTuple.copy() };
  }

  restore(from: ConntrackKeyframe): void {
    this.lastId = from.lastId;
    this.lastGcNs = from.lastGcNs;
    this.entries = new Map(from.entries);
    this.byTuple = from.byTuple.copy();
  }

  private lookup(tuple: Tuple): Connection | undefined {
    const id = this.byTuple.get(tuple);
    const entry = id === undefined ? undefined : this.entries.get(id);
    if (entry === undefined || entry.expiresNs > this.clock.nowNs) return entry;
    this.forget(entry);
    return undefined;
  }

  private open(packet: Packet, original: Tuple): ConnectionRef {
    if (this.clock.nowNs - this.lastGcNs > GC_NS) this.collect();
    const state = openingState(packet, this.sysctl('net.netfilter.nf_conntrack_tcp_loose') !== 0);
    if (state === null) return INVALID;
    const entry: Connection = {
      id: ++this.lastId,
      original,
      reply: invert(original),
      state,
      seenReply: false,
      assured: false,
      expiresNs: this.clock.nowNs + this.timeoutNs(original.protocol, state, false),
      startNs: this.clock.nowNs,
      balanced: undefined,
    };
    return { id: entry.id, state: 'NEW', direction: 'original', entry };
  }

  private update(known: Connection, packet: Packet, tuple: Tuple): ConnectionRef {
    const direction: Direction = sameTuple(known.original, tuple) ? 'original' : 'reply';
    const state = nextState(known.state, packet, direction);
    if (state === 'invalid') return INVALID;
    if (state === 'SYN_SENT' && known.state !== 'SYN_SENT') return this.reopen(known, packet, tuple);
    const seenReply = known.seenReply || direction === 'reply';
    const replyOnlyReset = state === 'CLOSE' && !known.seenReply && known.original.protocol === 'tcp';
    const ref: ConnectionRef = {
      id: known.id,
      state: seenReply ? 'ESTABLISHED' : 'NEW',
      direction,
      entry: known,
    };
    // A connection whose only answer is a reset was never one; its entry goes at once (nf_conntrack_tcp_packet).
    if (replyOnlyReset) this.forget(known);
    else if (state !== 'ignore') this.entries.set(known.id, this.refreshed(known, state, seenReply));
    else if (seenReply !== known.seenReply) this.entries.set(known.id, { ...known, seenReply });
    return ref;
  }

  /** A SYN on a closed connection opens a new one in place of the old. */
  private reopen(known: Connection, packet: Packet, tuple: Tuple): ConnectionRef {
    this.forget(known);
    return this.open(packet, tuple);
  }

  private refreshed(known: Connection, state: ConnectionState, seenReply: boolean): Connection {
    const { id, original, reply, startNs, balanced } = known;
    const { protocol } = original;
    const lasting = protocol === 'udp' && this.clock.nowNs - startNs >= STREAM_AFTER_NS;
    const stream = seenReply && lasting;
    const assured =
      known.assured ||
      (protocol === 'udp' ? stream : seenReply && state === 'ESTABLISHED' && protocol !== 'icmp');
    const expiresNs = this.clock.nowNs + this.timeoutNs(protocol, state, stream);
    // A literal, not a spread: this runs for every packet of a known connection.
    return { id, original, reply, state, seenReply, assured, expiresNs, startNs, balanced };
  }

  private timeoutNs(protocol: string, state: ConnectionState, stream: boolean): Ns {
    return timeoutSeconds(protocol, state, stream, this.sysctl) * SECOND;
  }

  /** An ICMP error belongs to the connection of the packet that it quotes. */
  private trackError(packet: Packet): ConnectionRef {
    const quoted = packet.l4?.kind === 'icmp' && packet.l4.quoted ? tupleOf(packet.l4.quoted) : null;
    const entry = quoted === null ? undefined : this.lookup(invert(quoted));
    if (entry === undefined || quoted === null) return INVALID;
    const direction = sameTuple(entry.original, invert(quoted)) ? 'original' : 'reply';
    return { id: entry.id, state: 'RELATED', direction, entry };
  }

  private insert(entry: Connection, tuples: readonly Tuple[]): Connection {
    this.entries.set(entry.id, entry);
    for (const tuple of tuples) this.byTuple.set(tuple, entry.id);
    return entry;
  }

  private forget(entry: Connection): void {
    this.entries.delete(entry.id);
    this.byTuple.delete(entry.original, entry.id);
    this.byTuple.delete(entry.reply, entry.id);
  }
}

export const INVALID: ConnectionRef = { id: 0, state: 'INVALID', direction: 'original' };
export const UNTRACKED: ConnectionRef = { id: 0, state: 'UNTRACKED', direction: 'original' };

function replyPort(reply: Tuple, port: number): Partial<Tuple> {
  return reply.protocol === 'icmp' ? { srcPort: port } : { dstPort: port };
}

/** Bits of `natOf`. */
const DNAT = 1;
const SNAT = 2;

/** 1 when the connection's destination was changed (DNAT), 2 when its source was (SNAT), 3 for both, else 0. */
export function natOf({ original, reply }: Connection): number {
  let bits = original.dst !== reply.src ? DNAT : 0;
  if (original.src !== reply.dst) bits |= SNAT;
  if (original.protocol === 'icmp') return original.srcPort === reply.srcPort ? bits : bits | SNAT;
  if (original.dstPort !== reply.srcPort) bits |= DNAT;
  if (original.srcPort !== reply.dstPort) bits |= SNAT;
  return bits;
}

/** Whether this half of the hooks has something to rewrite on packets of this direction. */
export function translated(entry: Connection, manip: Manip, direction: Direction): boolean {
  const half = (manip === 'dst') === (direction === 'original') ? DNAT : SNAT;
  return (natOf(entry) & half) !== 0;
}
