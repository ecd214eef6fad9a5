/**
 * Passing a netfilter hook: the rules decide (netfilter/), the stack records each step as a hop and carries out the verdict.
 * Document: netfilter's hook list in include/uapi/linux/netfilter.h.
 */
import type { Packet, TcpHeader } from '../trace/packet';
import { sendIcmpError } from './icmp-error';
import type { HookName, HookResult, Skb } from './netfilter/netfilter';
import { begin, finish, hookHop, type Kernel, type Walk } from './walk';

/**
 * Runs a hook for a packet between two devices, as far as they are known there. Null when the packet ended: dropped, or
 * rejected with an answer to its sender.
 */
export function passHook(
  kernel: Kernel,
  walk: Walk,
  hook: HookName,
  skb: Skb,
  inDevice: string | undefined,
  outDevice: string | undefined,
): Skb | null {
  const { netfilter } = walk.netns;
  if (netfilter.idle) return skb;
  const { packet, mark, connection } = skb;
  const result = netfilter.run(hook, { packet, mark, connection, inDevice, outDevice });
  for (const step of result.steps) hookHop(kernel, walk, step);
  if (result.verdict === 'accept') return result.skb;
  if (result.verdict === 'drop') {
    finish(kernel, walk, 'dropped', result.reason ?? 'rule');
    return null;
  }
  finish(kernel, walk, 'rejected', 'rule');
  answerRejected(kernel, walk, result.skb.packet, result.rejectWith ?? 'icmp-port-unreachable');
  return null;
}

function answerRejected(
  kernel: Kernel,
  walk: Walk,
  packet: Packet,
  answer: NonNullable<HookResult['rejectWith']>,
): void {
  if (answer !== 'tcp-reset') {
    sendIcmpError(
      kernel,
      walk,
      packet,
      answer === 'icmp-port-unreachable' ? 'port-unreachable' : 'admin-prohibited',
    );
    return;
  }
  if (packet.l4?.kind === 'tcp' && !packet.l4.flags.includes('RST')) sendReset(kernel, walk, packet);
}

/** The RST that answers a segment nobody wants (RFC 9293 3.10.7.1). */
export function sendReset(kernel: Kernel, walk: Walk, packet: Packet): void {
  const { ip, l4 } = packet;
  if (ip === undefined || l4?.kind !== 'tcp') return;
  const reset = begin(kernel, walk.netns, walk.atNs, walk.tag.requestId, 'error', 'RST');
  kernel.road.output(reset, {
    packet: { ip: { ...ip, src: ip.dst, dst: ip.src, ttl: 64, df: true }, l4: resetFor(l4, packet) },
    mark: 0,
  });
}

function resetFor(l4: TcpHeader, packet: Packet): TcpHeader {
  const ports = { kind: 'tcp', srcPort: l4.dstPort, dstPort: l4.srcPort } as const;
  if (l4.flags.includes('ACK')) return { ...ports, seq: l4.ack, ack: 0, flags: ['RST'] };
  const length = packet.payload?.type === 'app' ? packet.payload.bytes : 0;
  const extra = (l4.flags.includes('SYN') ? 1 : 0) + (l4.flags.includes('FIN') ? 1 : 0);
  return { ...ports, seq: 0, ack: (l4.seq + length + extra) >>> 0, flags: ['ACK', 'RST'] };
}
