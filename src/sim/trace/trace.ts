/** The recorder of packets and requests. It keeps the newest ones and, when asked to, a running hash over all of them. */
import { sha256Hex } from '../../lib/hash';
import { canonicalJson } from '../../lib/plain';
import type { Ns } from '../clock/clock';
import type { Hop, PacketEnd, RequestTrace, PacketTrace, Role } from './hop';
import { PacketTable, type PacketRecord } from './packet-table';
import { addStep, START } from './path';

export interface TraceOptions {
  /** How many ended packets are kept. */
  readonly keepPackets: number;
  readonly keepRequests: number;
  /** Fold every ended packet into `hash` (costs a SHA-256 per packet). */
  readonly hashing: boolean;
}

export interface TraceKeyframe {
  readonly lastId: number;
  readonly hash: string;
  readonly packets: ReadonlyMap<number, PacketRecord>;
  readonly requests: ReadonlyMap<number, RequestTrace>;
}

const DEFAULTS: TraceOptions = { keepPackets: 4_000, keepRequests: 1_000, hashing: false };

export class Trace {
  /** Chain of SHA-256 over all ended packets, in the order they ended; stays empty unless hashing is on. */
  hash = '';
  /** Packets by id, oldest first. Each is put together when it is read: a copy, which does not grow. */
  readonly packets: PacketTable;
  readonly requests = new Map<number, RequestTrace>();
  /** Packets under way that belong to somebody's request; probes of the node agents do not count. */
  readonly flying = new Set<number>();
  /** Such requests that have no outcome yet. */
  readonly waiting = new Set<number>();
  /** Ids that changed since `drain` last ran; what the view sends on. */
  private touched = new Set<number>();
  private touchedRequests = new Set<number>();
  private lastId = 0;
  private readonly options: TraceOptions;
  private readonly records = new Map<number, PacketRecord>();
  /** The packet that the last step was added to: most steps come in a row. */
  private current: PacketRecord | undefined;

  constructor(options: Partial<TraceOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.packets = new PacketTable(this.records);
  }

  /** A packet is born. Returns its id. */
  begin(bornNs: Ns, requestId: number, role: Role, label: string): number {
    const id = ++this.lastId;
    const way = { at: START, values: [], packet: null, endNs: bornNs };
    this.current = { id, requestId, role, label, bornNs, end: null, ...way };
    this.records.set(id, this.current);
    this.touched.add(id);
    if (this.isAskedFor(requestId)) this.flying.add(id);
    if (this.records.size > this.options.keepPackets * 1.25) this.forgetPackets();
    return id;
  }

  /** Adds a step; packets that are over or already forgotten are left as they are. */
  hop(id: number, hop: Hop): void {
    const record = this.recordOf(id);
    if (record === undefined) return;
    addStep(
      record,
      hop.atNs,
      hop.durationNs,
      hop.place,
      hop.station,
      hop.name,
      hop.action,
      hop.before,
      hop.after,
      hop.rules,
      hop.rulesPassed,
      hop.facts,
      hop.origin,
    );
  }

  /** The record of a packet to which something is added; undefined when it is forgotten, or over. */
  recordOf(id: number): PacketRecord | undefined {
    if (this.current?.id !== id) {
      this.current = this.records.get(id);
      if (this.current !== undefined) this.touched.add(id);
    }
    // Keyframes share what is over, so it must not grow.
    return this.current?.end === null ? this.current : undefined;
  }

  /** A packet ends, once; a second end is a defect of ours. */
  end(id: number, end: PacketEnd): void {
    const record = this.records.get(id);
    if (record === undefined) return;
    if (record.end !== null)
      throw new Error(`packet ${id} ended twice: ${record.end.reason}, then ${end.reason}`);
    record.end = end;
    this.flying.delete(id);
    this.touched.add(id);
    if (this.options.hashing) this.hash = sha256Hex(this.hash + canonicalJson(this.packets.get(id)));
  }

  beginRequest(request: Omit<RequestTrace, 'id' | 'endNs' | 'outcome'>): number {
    const id = ++this.lastId;
    this.requests.set(id, { ...request, id, endNs: null, outcome: null });
    this.touchedRequests.add(id);
    if (request.kind !== 'probe') this.waiting.add(id);
    if (this.requests.size > this.options.keepRequests * 1.25) this.forgetRequests();
    return id;
  }

  endRequest(id: number, endNs: Ns, outcome: { ok: boolean; text: string }): void {
    const request = this.requests.get(id);
    if (request === undefined || request.endNs !== null) return;
    this.requests.set(id, { ...request, endNs, outcome });
    this.waiting.delete(id);
    this.touchedRequests.add(id);
  }

  /** The packets of one request, in order of birth. */
  packetsOf(requestId: number): PacketTrace[] {
    return this.packets.ofRequest(requestId);
  }

  /** Has a packet told once more by the next `drain`, because somebody wants to see all of it. */
  touch(id: number): void {
    if (this.records.has(id)) this.touched.add(id);
  }

  /** Has everything that is under way told once more by the next `drain`. */
  touchOpen(): void {
    for (const id of this.flying) this.touched.add(id);
    for (const id of this.waiting) this.touchedRequests.add(id);
  }

  /** Ids of packets and requests that changed since the last call. */
  drain(): { packets: number[]; requests: number[] } {
    const out = { packets: [...this.touched], requests: [...this.touchedRequests] };
    this.touched = new Set();
    this.touchedRequests = new Set();
    // So that the next step counts as a change again.
    this.current = undefined;
    return out;
  }

  keyframe(): TraceKeyframe {
    const packets = new Map([...this.records].map(([id, record]) => [id, unshared(record)]));
    return { lastId: this.lastId, hash: this.hash, packets, requests: new Map(this.requests) };
  }

  restore(from: TraceKeyframe): void {
    // What is forgotten by going back is told, too; what was over by then has not changed.
    for (const id of differing(this.records, from.packets)) this.touched.add(id);
    for (const id of differing(this.requests, from.requests)) this.touchedRequests.add(id);
    this.current = undefined;
    this.lastId = from.lastId;
    this.hash = from.hash;
    this.records.clear();
    for (const [id, record] of from.packets) this.records.set(id, unshared(record));
    this.requests.clear();
    for (const [id, request] of from.requests) this.requests.set(id, request);
    this.flying.clear();
    for (const [id, record] of this.records)
      if (record.end === null && this.isAskedFor(record.requestId)) this.flying.add(id);
    this.waiting.clear();
    for (const [id, r] of this.requests) if (r.endNs === null && r.kind !== 'probe') this.waiting.add(id);
  }

  private isAskedFor(requestId: number): boolean {
    const request = this.requests.get(requestId);
    return request !== undefined && request.kind !== 'probe';
  }

  private forgetPackets(): void {
    let surplus = this.records.size - this.options.keepPackets;
    for (const [id, { end }] of this.records) {
      if (surplus <= 0) return;
      if (end === null) continue;
      this.records.delete(id);
      // Told once more, so that whoever mirrors the trace forgets it too.
      this.touched.add(id);
      surplus--;
    }
  }

  private forgetRequests(): void {
    let surplus = this.requests.size - this.options.keepRequests;
    for (const [id, { endNs }] of this.requests) {
      if (surplus <= 0) return;
      if (endNs === null) continue;
      this.requests.delete(id);
      this.touchedRequests.add(id);
      surplus--;
    }
  }
}

/** What still grows must not be shared between the trace and a keyframe. */
function unshared(record: PacketRecord): PacketRecord {
  return record.end === null ? { ...record, values: [...record.values] } : record;
}

/** Keys under which two maps do not hold the same object. */
function differing<V>(one: ReadonlyMap<number, V>, other: ReadonlyMap<number, V>): number[] {
  const changed = [...one.keys()].filter((id) => other.get(id) !== one.get(id));
  return [...changed, ...[...other.keys()].filter((id) => !one.has(id))];
}
