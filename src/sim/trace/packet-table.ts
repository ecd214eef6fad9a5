/** The packets that the recorder keeps, as a table to read: each is put together from its record when it is asked for. */
import type { PacketTrace } from './hop';
import { hopsOf, type OpenPath } from './path';

/** One packet as the recorder keeps it: its head, and its hops as a path (see path.ts). */
export interface PacketRecord extends OpenPath, Omit<PacketTrace, 'hops' | 'end' | 'leftOut'> {
  end: PacketTrace['end'];
}

/** Reads like a Map of packets by id, oldest first. */
export class PacketTable implements Iterable<[number, PacketTrace]> {
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
    return record && packetOf(record);
  }

  /** What is known of a packet without its hops, which cost the most. */
  head(id: number): Omit<PacketTrace, 'hops'> | undefined {
    return this.records.get(id);
  }

  keys(): IterableIterator<number> {
    return this.records.keys();
  }

  *values(): Generator<PacketTrace> {
    for (const record of this.records.values()) yield packetOf(record);
  }

  *[Symbol.iterator](): Generator<[number, PacketTrace]> {
    for (const [id, record] of this.records) yield [id, packetOf(record)];
  }

  ofRequest(requestId: number): PacketTrace[] {
    const found: PacketTrace[] = [];
    for (const record of this.records.values())
      if (record.requestId === requestId) found.push(packetOf(record));
    return found;
  }
}

function packetOf(record: PacketRecord): PacketTrace {
  const { id, requestId, role, label, bornNs, end } = record;
  return { id, requestId, role, label, bornNs, hops: hopsOf(record, bornNs), end };
}
