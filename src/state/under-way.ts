/**
 * The packets that are on their way and those that were lost, kept apart from the thousands that have arrived: what is
 * drawn sixty times a second looks only at these.
 */
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';

/** Kept current by the mirror; asked by the canvas. */
export class UnderWay {
  /** Not known to be over at the moment that was last asked for. */
  private readonly open = new Map<string, PacketTrace>();
  private readonly stopped = new Map<string, PacketTrace>();
  private askedNs: Ns = 0;
  /** The last answer, until news come. */
  private answer: readonly PacketTrace[] | null = null;

  constructor(private readonly all: ReadonlyMap<string, PacketTrace>) {}

  set(key: string, trace: PacketTrace): void {
    this.answer = null;
    this.open.set(key, trace);
    if (trace.end !== null && trace.end.kind !== 'delivered') this.stopped.set(key, trace);
    else this.stopped.delete(key);
  }

  delete(key: string): void {
    this.answer = null;
    this.open.delete(key);
    this.stopped.delete(key);
  }

  clear(): void {
    this.open.clear();
    this.stopped.clear();
    this.answer = null;
    this.askedNs = 0;
  }

  /** Packets born and not over at `nowNs`, oldest news first. Forgets those that are over: going back is dearer. */
  at(nowNs: Ns): readonly PacketTrace[] {
    if (this.answer !== null && nowNs === this.askedNs) return this.answer;
    if (nowNs < this.askedNs) for (const [key, trace] of this.all) this.open.set(key, trace);
    this.askedNs = nowNs;
    const flying: PacketTrace[] = [];
    for (const [key, trace] of this.open) {
      if (trace.end !== null && trace.end.atNs <= nowNs) this.open.delete(key);
      else if (trace.bornNs <= nowNs) flying.push(trace);
    }
    this.answer = flying;
    return flying;
  }

  /** Packets that ended otherwise than delivered, some of them perhaps after the moment that is drawn. */
  lost(): Iterable<PacketTrace> {
    return this.stopped.values();
  }
}
