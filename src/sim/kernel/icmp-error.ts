/**
 * ICMP errors that this machine sends: when, to whom, and from which address.
 * Documents: RFC 792, RFC 1122 3.2.2 (never an error about an error), RFC 1812 4.3.2.4 (source address).
 */
import type { IcmpHeader, Packet } from '../trace/packet';
import { quote } from './packet';
import { lookup, lookupLocal, selectSource } from './route';
import { begin, type Kernel, type Walk } from './walk';

export type IcmpErrorType = Exclude<IcmpHeader['type'], 'echo-request' | 'echo-reply'>;

/**
 * Answers `packet` with an error to its sender, under the same request. The walk is that of the offending packet; it is
 * left as it is.
 * Not simulated: icmp_ratelimit; every offending packet gets its error.
 */
export function sendIcmpError(
  kernel: Kernel,
  walk: Walk,
  packet: Packet,
  type: IcmpErrorType,
  mtuBytes?: number,
): void {
  const ip = packet.ip;
  if (ip === undefined || isIcmpError(packet)) return;
  const src = errorSource(walk, ip.dst, ip.src);
  if (src === null) return;
  const error = begin(kernel, walk.netns, walk.atNs, walk.tag.requestId, 'error', 'ICMP');
  const l4: IcmpHeader = { kind: 'icmp', type, quoted: quote(packet), ...(mtuBytes ? { mtuBytes } : {}) };
  kernel.road.output(error, {
    packet: {
      ip: { version: ip.version, src, dst: ip.src, ttl: 64, protocol: 'icmp', df: ip.version === 6 },
      l4,
    },
    mark: 0,
  });
}

/** An ICMP message that reports trouble, which nobody may answer with another. */
export function isIcmpError(packet: Packet): boolean {
  const l4 = packet.l4;
  return l4?.kind === 'icmp' && l4.type !== 'echo-request' && l4.type !== 'echo-reply';
}

/** The address the packet was sent to when that is ours, otherwise the one that the way back to its sender prefers. */
function errorSource(walk: Walk, dst: string, back: string): string | null {
  const { netns } = walk;
  if (lookupLocal(netns, dst) !== null) return dst;
  if (lookupLocal(netns, back) !== null) return back;
  const route = lookup(netns, back)?.route;
  if (route === undefined) return null;
  return route.src ?? selectSource(netns, route.device, route.via ?? back);
}
