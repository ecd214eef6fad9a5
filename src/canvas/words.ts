/** The few words that fit beside a packet: the address that matters now, or why it stopped. */
import { destinationOf, emptyAnswer, innermost, sourceOf } from '../sim/trace/describe';
import { ruleComment } from '../sim/trace/explain';
import type { Hop, PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';

export type PlateColour = 'request' | 'reply' | 'dns' | 'outer' | 'drop' | 'ink-2';

export interface Plate {
  readonly text: string;
  readonly colour: PlateColour;
}

function wearsOuter(packet: Packet): boolean {
  return packet.payload?.type === 'vxlan' || packet.payload?.type === 'ipip';
}

/** "192.168.0.11 → .12": the second address in short when only its end differs. */
function outerWords(packet: Packet): string {
  const src = packet.ip?.src ?? '?';
  const dst = packet.ip?.dst ?? '?';
  const shared = src.lastIndexOf('.') + 1;
  const short = shared > 0 && dst.startsWith(src.slice(0, shared)) ? `.${dst.slice(shared)}` : dst;
  return `${src} → ${short}`;
}

/** A DNS line without what every name in a cluster ends in. */
function dnsWords(summary: string): string {
  const plain = summary
    .replace('?', '')
    .replace(/\.svc\.cluster\.local\.?/, '')
    .replace(/\.$/, '');
  return plain.length > 30 ? `${plain.slice(0, 29)}…` : plain;
}

/** "no AAAA of backend.default": what NODATA means here. */
function emptyWords({ code, type, name }: { code: string; type: string; name: string }): string {
  if (code === 'NODATA') return `no ${type} of ${dnsWords(name)}`;
  return code === 'NXDOMAIN' ? `no ${dnsWords(name)}` : code;
}

/** Where a request goes to, where a reply comes from, what DNS asks or says. */
export function plateOf(trace: PacketTrace, packet: Packet): Plate {
  if (wearsOuter(packet)) return { text: outerWords(packet), colour: 'outer' };
  const inner = innermost(packet);
  switch (trace.role) {
    case 'request':
      return { text: destinationOf(inner), colour: 'request' };
    case 'reply':
      return { text: `from ${sourceOf(inner)}`, colour: 'reply' };
    case 'error':
      return { text: errorWords(inner), colour: 'drop' };
    case 'arp':
      return { text: arpWords(inner), colour: 'ink-2' };
    default: {
      const empty = emptyAnswer(inner);
      if (empty !== null) return { text: emptyWords(empty), colour: 'dns' };
      const summary = inner.payload?.type === 'app' ? inner.payload.summary : destinationOf(inner);
      return { text: dnsWords(summary), colour: 'dns' };
    }
  }
}

function errorWords(packet: Packet): string {
  if (packet.l4?.kind === 'icmp') return packet.l4.type.replaceAll('-', ' ');
  return `reset by ${sourceOf(packet)}`;
}

function arpWords(packet: Packet): string {
  if (packet.arp === undefined) return 'ARP';
  return packet.arp.operation === 'request'
    ? `who has ${packet.arp.targetIp}`
    : `${packet.arp.senderIp} is here`;
}

const STOPS: Readonly<Record<string, string>> = {
  'no-route': 'no route',
  'no-neighbour': 'nobody has the next address',
  ttl: 'TTL ran out',
  mtu: 'too big for the link',
  'conntrack-invalid': 'no such connection',
  'device-down': 'device down',
  'netns-gone': 'pod is gone',
  'wire-loss': 'lost on the wire',
  'wire-cut': 'cable is cut',
  'host-down': 'machine is off',
  'not-for-us': 'not for this machine',
  martian: 'impossible address',
  'no-fdb-entry': 'tunnel knows no such machine',
  'buffer-full': 'too many waited',
};

/** "REJECT default/backend has no endpoints", "RST, no listener". */
export function stopWords(trace: PacketTrace): string {
  const { end } = trace;
  if (end === null) return '';
  const last: Hop | undefined = trace.hops.at(-1);
  if (end.reason === 'rule') {
    const rule = last?.rules?.at(-1);
    const comment = rule === undefined ? null : ruleComment(rule);
    const verdict = end.kind === 'rejected' ? 'REJECT' : 'DROP';
    const chain = rule?.chain ?? last?.name ?? '';
    return comment === null ? `${verdict} in ${chain}` : `${verdict} ${comment}`;
  }
  if (end.reason === 'no-listener') {
    const tcp = last !== undefined && innermost(last.after).l4?.kind === 'tcp';
    return tcp ? 'RST, no listener' : 'no listener';
  }
  return STOPS[end.reason] ?? end.reason;
}
