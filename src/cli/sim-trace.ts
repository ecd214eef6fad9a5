/** What `npm run sim -- --trace` prints: each request that a command caused, its packets, and their hops as sentences. */
import { explain, explainEnd } from '../sim/trace/explain';
import type { NameOf } from '../sim/trace/explain';
import type { Trace } from '../sim/trace/trace';

export interface TracedPacket {
  readonly id: number;
  readonly role: string;
  readonly label: string;
  /** Microseconds since the request began. */
  readonly atUs: number;
  readonly hops: readonly {
    readonly atUs: number;
    readonly machine: string;
    readonly netns: string;
    readonly text: string;
  }[];
  readonly end: string | null;
}

export interface TracedRequest {
  readonly from: string;
  readonly what: string;
  readonly kind: string;
  readonly ok: boolean | null;
  readonly outcome: string;
  readonly packets: readonly TracedPacket[];
}

/** Requests that the recorder has and `before` has not; probes of kubelets are left out. */
export function tracedRequests(trace: Trace, before: ReadonlySet<number>, nameOf?: NameOf): TracedRequest[] {
  return [...trace.requests.values()]
    .filter((request) => !before.has(request.id) && request.kind !== 'probe')
    .map((request) => {
      const us = (ns: number) => Math.round((ns - request.startNs) / 10) / 100;
      const packets = trace.packetsOf(request.id).map((packet) => ({
        id: packet.id,
        role: packet.role,
        label: packet.label,
        atUs: us(packet.bornNs),
        hops: packet.hops.map((hop) => ({
          atUs: us(hop.atNs),
          machine: hop.place.machine,
          netns: hop.place.netns,
          text: explain(hop, nameOf),
        })),
        end: packet.end === null ? null : explainEnd(packet.end),
      }));
      return {
        from: request.from,
        what: request.what,
        kind: request.kind,
        ok: request.outcome?.ok ?? null,
        outcome: request.outcome?.text ?? 'still open',
        packets,
      };
    });
}

/** The same as numbered lines. */
export function traceText(requests: readonly TracedRequest[]): string {
  return requests
    .map((request, i) => {
      const head = `\nrequest ${i + 1}: ${request.what} from ${request.from}: ${request.outcome}\n`;
      const packets = request.packets.map((packet) => {
        const hops = packet.hops.map(
          (hop, j) => `  ${String(j + 1).padStart(3)}. ${hop.atUs.toFixed(2)} µs  ${hop.text}\n`,
        );
        return ` packet ${packet.id} ${packet.label} (${packet.role})\n${hops.join('')}       ${packet.end ?? 'on its way'}\n`;
      });
      return head + packets.join('');
    })
    .join('');
}
