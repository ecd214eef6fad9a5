/** What `npm run sim -- --trace` prints: each request that a command caused, its packets, and their hops as sentences. */
import type { Store } from '../sim/api/store';
import { explain, explainEnd, traceText as packetLines } from '../sim/trace/explain';
import type { NameOf } from '../sim/trace/explain';
import type { Hop, PacketTrace, RequestTrace } from '../sim/trace/hop';
import type { Trace } from '../sim/trace/trace';

interface TracedHop {
  /** Microseconds since the request began. */
  readonly atUs: number;
  readonly machine: string;
  readonly netns: string;
  readonly station: string;
  readonly name: string;
  readonly action: string;
  readonly rules: readonly string[];
  readonly origin: string | null;
  readonly text: string;
}

export interface TracedRequest {
  readonly from: string;
  readonly what: string;
  readonly kind: string;
  /** Null while it is still open. */
  readonly ok: boolean | null;
  readonly outcome: string;
  readonly packets: readonly {
    readonly id: number;
    readonly role: string;
    readonly label: string;
    readonly hops: readonly TracedHop[];
    readonly end: string | null;
  }[];
  /** The same as a terminal shows it. */
  readonly lines: readonly string[];
}

/** Names addresses by the objects that have them. */
export function namesOf(store: Store): NameOf {
  const names = new Map<string, string>();
  for (const node of store.list('Node')) {
    for (const { address, type } of node.status?.addresses ?? [])
      if (type === 'InternalIP') names.set(address, node.metadata.name);
  }
  for (const service of store.list('Service')) {
    const name = `Service ${service.metadata.namespace}/${service.metadata.name}`;
    for (const ip of service.spec.clusterIPs ?? []) if (ip !== 'None') names.set(ip, name);
  }
  for (const pod of store.list('Pod')) {
    const ip = pod.status?.podIP;
    if (ip !== undefined && !names.has(ip)) names.set(ip, pod.metadata.name);
  }
  return (ip) => names.get(ip) ?? null;
}

function tracedHop(hop: Hop, fromNs: number, nameOf: NameOf): TracedHop {
  return {
    atUs: (hop.atNs - fromNs) / 1000,
    machine: hop.place.machine,
    netns: hop.place.netns,
    station: hop.station,
    name: hop.name,
    action: hop.action,
    rules: (hop.rules ?? []).map(({ rule }) => rule),
    origin: hop.origin?.ref ?? null,
    text: explain(hop, nameOf),
  };
}

function requestLines(request: RequestTrace, packets: readonly PacketTrace[], nameOf: NameOf): string[] {
  const head = `${request.what} from ${request.from}: ${request.outcome?.text ?? 'still open'}`;
  // Questions for MAC addresses are part of the way, not of the story.
  const told = packets.filter((packet) => packet.role !== 'arp');
  return [
    head,
    ...told.flatMap((packet) => [
      `  packet ${packet.id} ${packet.label} (${packet.role})`,
      ...packetLines(packet, nameOf),
    ]),
  ];
}

/** Requests that the recorder has and `before` has not; probes of kubelets are left out. */
export function tracedRequests(trace: Trace, before: ReadonlySet<number>, nameOf: NameOf): TracedRequest[] {
  return [...trace.requests.values()]
    .filter((request) => !before.has(request.id) && request.kind !== 'probe')
    .map((request) => {
      const packets = trace.packetsOf(request.id);
      return {
        from: request.from,
        what: request.what,
        kind: request.kind,
        ok: request.outcome?.ok ?? null,
        outcome: request.outcome?.text ?? 'still open',
        packets: packets.map((packet) => ({
          id: packet.id,
          role: packet.role,
          label: packet.label,
          hops: packet.hops.map((hop) => tracedHop(hop, request.startNs, nameOf)),
          end: packet.end === null ? null : explainEnd(packet.end),
        })),
        lines: requestLines(request, packets, nameOf),
      };
    });
}

/** All requests as text. */
export function traceText(requests: readonly TracedRequest[]): string {
  return requests.map(({ lines }) => `\n${lines.join('\n')}\n`).join('');
}
