/** The packets that the recorder keeps, as a table to read: each is put together from its record when it is asked for. */
import type { PacketTrace } from './hop';
import { HopReader, type OpenPath } from './path';

/** One packet as the recorder keeps it: its head, and its hops as a path (see path.ts). */
export interface PacketRecord extends OpenPath, Omit<PacketTrace, 'hops' | 'end' | 'leftOut'> {
  end: PacketTrace['end'];
}

/** Reads like a Map of packets by id, oldest first. */
export class PacketTable {
  /** Of packets under way, so that what was told of one already is known again; a memo, not state. */
  private readonly readers = new WeakMap<PacketRecord, HopReader>();

  constructor(private readonly records: ReadonlyMap<number, PacketRecord>) {}

  get size(): number {
    return this.records.size;
  }

  has(id: number): boolean {
    return this.records.has(id);
  }

  /** A packet with all its hops so far. */
  get(id: number): PacketTrace | undefined {
    const record = this.records.get(id);
    return record && this.packetOf(record);
  }

  /** What is known of a packet without its hops, which cost the most. */
  head(id: number): Omit<PacketTrace, 'hops'> | undefined {
    return this.records.get(id);
  }

  keys(): IterableIterator<number> {
    return this.records.keys();
  }

  values(): PacketTrace[] {
    return [...this.records.values()].map((record) => this.packetOf(record));
  }

  ofRequest(requestId: number): PacketTrace[] {
    const found: PacketTrace[] = [];
    for (const record of this.records.values())
      if (record.requestId === requestId) found.push(this.packetOf(record));
    return found;
  }

  private packetOf(record: PacketRecord): PacketTrace {
    const { id, requestId, role, label, bornNs, end } = record;
    const reader = this.readers.get(record) ?? new HopReader(bornNs);
    if (end === null) this.readers.set(record, reader);
    else this.readers.delete(record);
    return { id, requestId, role, label, bornNs, hops: reader.read(record), end };
  }
}
