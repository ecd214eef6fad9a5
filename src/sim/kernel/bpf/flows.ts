/**
 * The connection map that balancing programs keep for packets from the wire: each flow by the client's tuple, and the way
 * back from the backend's tuple. It has nothing to do with netfilter's connection tracking, which never sees these packets.
 */
import { SECOND, type Ns } from '../../clock/clock';
import type { TcpHeader } from '../../trace/packet';
import type { Packet } from '../../trace/packet';
import type { PeerAddress } from '../machine-api';
import type { Bpf, BpfProtocol, Flow } from './maps';

/** Lifetimes as Cilium's agent sets them by default (bpf-ct-timeout-*). */
const LIFETIMES = { opening: 60, tcp: 8_000, closing: 10, other: 60 } as const;
/** Above this many, flows that have run out are thrown away whenever one is added. */
const SWEEP_ABOVE = 1_024;

export interface Ends {
  readonly protocol: BpfProtocol;
  readonly from: PeerAddress;
  readonly to: PeerAddress;
}

/** Both ends of a packet with ports; null for all others. */
export function endsOfPacket({ ip, l4 }: Packet): Ends | null {
  if (ip === undefined || l4 === undefined || l4.kind === 'icmp') return null;
  const from = { ip: ip.src, port: l4.srcPort };
  return { protocol: l4.kind, from, to: { ip: ip.dst, port: l4.dstPort } };
}

function key({ protocol, from, to }: Ends): string {
  return `${protocol} ${from.ip} ${from.port} ${to.ip} ${to.port}`;
}

/** The flow that a client's packet belongs to. */
export function flowOf(bpf: Bpf, ends: Ends, nowNs: Ns): Flow | undefined {
  const flow = bpf.flows.get(key(ends));
  return flow !== undefined && flow.untilNs > nowNs ? flow : undefined;
}

/** The flow that a backend's packet belongs to. */
export function flowOfReply(bpf: Bpf, ends: Ends, nowNs: Ns): Flow | undefined {
  const forth = bpf.replies.get(key(ends));
  const flow = forth === undefined ? undefined : bpf.flows.get(forth);
  return flow !== undefined && flow.untilNs > nowNs ? flow : undefined;
}

/** True when a backend already knows somebody by that address and port. */
export function isTaken(bpf: Bpf, protocol: BpfProtocol, backend: PeerAddress, seenAs: PeerAddress): boolean {
  return bpf.replies.has(key({ protocol, from: backend, to: seenAs }));
}

/** Notes a flow, or that it lives on. */
export function keepFlow(bpf: Bpf, flow: Omit<Flow, 'untilNs'>, packet: Packet, nowNs: Ns): Flow {
  const forth = key({ protocol: flow.protocol, from: flow.client, to: flow.frontend });
  const old = bpf.flows.get(forth);
  if (old === undefined && bpf.flows.size >= SWEEP_ABOVE) sweep(bpf, nowNs);
  if (old !== undefined) bpf.replies.delete(replyKey(old));
  const kept = { ...flow, untilNs: nowNs + lifetimeOf(packet, old !== undefined) * SECOND };
  bpf.flows.set(forth, kept);
  bpf.replies.set(replyKey(kept), forth);
  return kept;
}

function replyKey({ protocol, backend, seenAs }: Pick<Flow, 'protocol' | 'backend' | 'seenAs'>): string {
  return key({ protocol, from: backend, to: seenAs });
}

function lifetimeOf({ l4 }: Packet, known: boolean): number {
  if (l4?.kind !== 'tcp') return LIFETIMES.other;
  const has = (flag: TcpHeader['flags'][number]) => l4.flags.includes(flag);
  if (has('FIN') || has('RST')) return LIFETIMES.closing;
  return has('SYN') || !known ? LIFETIMES.opening : LIFETIMES.tcp;
}

function sweep(bpf: Bpf, nowNs: Ns): void {
  for (const [forth, flow] of bpf.flows) {
    if (flow.untilNs > nowNs) continue;
    bpf.flows.delete(forth);
    bpf.replies.delete(replyKey(flow));
  }
}
