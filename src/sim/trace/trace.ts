/** The recorder of packets and requests. It keeps the newest ones and, when asked to, a running hash over all of them. */
import { sha256Hex } from '../../lib/hash';
import { canonicalJson } from '../../lib/plain';
import type { Ns } from '../clock/clock';
import type { Hop, PacketEnd, PacketTrace, RequestTrace, Role } from './hop';

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
  readonly packets: ReadonlyMap<number, PacketTrace>;
  readonly requests: ReadonlyMap<number, RequestTrace>;
}

const DEFAULTS: TraceOptions = { keepPackets: 4_000, keepRequests: 1_000, hashing: false };

export class Trace {
  /** Chain of SHA-256 over all ended packets, in the order they ended; stays empty unless hashing is on. */
  hash = '';
  /** Packets by id, oldest first. */
  readonly packets = new Map<number, PacketTrace>();
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

  constructor(options: Partial<TraceOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** A packet is born. Returns its id. */
  begin(bornNs: Ns, requestId: number, role: Role, label: string): number {
    const id = ++this.lastId;
    this.packets.set(id, { id, requestId, role, label, bornNs, hops: [], end: null });
    this.touched.add(id);
    if (this.isAskedFor(requestId)) this.flying.add(id);
    if (this.packets.size > this.options.keepPackets * 1.25)
      this.forget(this.packets, this.options.keepPackets);
    return id;
  }

  /** Adds a step; packets already forgotten are ignored. */
  hop(id: number, hop: Hop): void {
    const packet = this.packets.get(id);
    if (packet === undefined) return;
    // The list is private to this record until the packet ends, so it may grow in place; the record itself is new.
    (packet.hops as Hop[]).push(hop);
    this.touched.add(id);
  }

  /** A packet ends, once; a second end is a defect of ours. */
  end(id: number, end: PacketEnd): void {
    const packet = this.packets.get(id);
    if (packet === undefined) return;
    if (packet.end !== null)
      throw new Error(`packet ${id} ended twice: ${packet.end.reason}, then ${end.reason}`);
    const ended = { ...packet, end };
    this.packets.set(id, ended);
    this.flying.delete(id);
    this.touched.add(id);
    if (this.options.hashing) this.hash = sha256Hex(this.hash + canonicalJson(ended));
  }

  beginRequest(request: Omit<RequestTrace, 'id' | 'endNs' | 'outcome'>): number {
    const id = ++this.lastId;
    this.requests.set(id, { ...request, id, endNs: null, outcome: null });
    this.touchedRequests.add(id);
    if (request.kind !== 'probe') this.waiting.add(id);
    if (this.requests.size > this.options.keepRequests * 1.25)
      this.forget(this.requests, this.options.keepRequests);
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
    return [...this.packets.values()].filter((packet) => packet.requestId === requestId);
  }

  /** Has a packet told once more by the next `drain`, because somebody wants to see all of it. */
  touch(id: number): void {
    if (this.packets.has(id)) this.touched.add(id);
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
    return out;
  }

  keyframe(): TraceKeyframe {
    const packets = new Map(
      [...this.packets].map(([id, p]) => [id, p.end ? p : { ...p, hops: [...p.hops] }]),
    );
    return { lastId: this.lastId, hash: this.hash, packets, requests: new Map(this.requests) };
  }

  restore(from: TraceKeyframe): void {
    // What is forgotten by going back is told, too.
    this.touched = new Set([...this.packets.keys(), ...from.packets.keys()]);
    this.touchedRequests = new Set([...this.requests.keys(), ...from.requests.keys()]);
    this.lastId = from.lastId;
    this.hash = from.hash;
    this.packets.clear();
    for (const [id, p] of from.packets) this.packets.set(id, p.end ? p : { ...p, hops: [...p.hops] });
    this.requests.clear();
    for (const [id, request] of from.requests) this.requests.set(id, request);
    this.flying.clear();
    for (const [id, p] of this.packets)
      if (p.end === null && this.isAskedFor(p.requestId)) this.flying.add(id);
    this.waiting.clear();
    for (const [id, r] of this.requests) if (r.endNs === null && r.kind !== 'probe') this.waiting.add(id);
  }

  private isAskedFor(requestId: number): boolean {
    const request = this.requests.get(requestId);
    return request !== undefined && request.kind !== 'probe';
  }

  private forget<V extends { readonly id: number }>(records: Map<number, V>, keep: number): void {
    let surplus = records.size - keep;
    for (const [id, record] of records) {
      if (surplus <= 0) return;
      const open = 'end' in record ? record.end === null : 'endNs' in record && record.endNs === null;
      if (open) continue;
      records.delete(id);
      // Told once more, so that whoever mirrors the trace forgets it too.
      (records === (this.packets as unknown) ? this.touched : this.touchedRequests).add(id);
      surplus--;
    }
  }
}
