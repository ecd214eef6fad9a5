/** Connections as `conntrack -L` prints them (conntrack-tools, nfnetlink_conntrack). */
import { SECOND, type Ns } from '../clock/clock';
import type { Connection } from './conntrack-states';
import type { Tuple } from './conntrack-tuple';

/** Echo request and reply of ICMPv6 (RFC 4443), by those of ICMP. */
const ICMPV6_TYPES: Readonly<Record<number, number>> = { 8: 128, 0: 129 };

const PROTOCOL_NUMBERS = { icmp: 1, ipip: 4, tcp: 6, udp: 17, sctp: 132 } as const;

/** "src=10.244.1.4 dst=10.96.0.42 sport=40001 dport=80" */
export function tupleText(tuple: Tuple): string {
  const type = isV6(tuple) ? ICMPV6_TYPES[tuple.dstPort] : tuple.dstPort;
  const ports =
    tuple.protocol === 'icmp'
      ? ` type=${type} code=0 id=${tuple.srcPort}`
      : tuple.protocol === 'ipip'
        ? ''
        : ` sport=${tuple.srcPort} dport=${tuple.dstPort}`;
  return `src=${tuple.src} dst=${tuple.dst}${ports}`;
}

function isV6({ src }: Tuple): boolean {
  return src.includes(':');
}

/** One line of conntrack -L. */
export function printConnection(entry: Connection, nowNs: Ns): string {
  const { protocol } = entry.original;
  const icmpv6 = protocol === 'icmp' && isV6(entry.original);
  const head = icmpv6 ? 'icmpv6   58' : `${protocol.padEnd(8)} ${PROTOCOL_NUMBERS[protocol]}`;
  const left = Math.max(0, Math.round((entry.expiresNs - nowNs) / SECOND));
  const state = protocol === 'tcp' || protocol === 'sctp' ? ` ${entry.state}` : '';
  const unreplied = entry.seenReply ? '' : ' [UNREPLIED]';
  const assured = entry.assured ? ' [ASSURED]' : '';
  return `${head} ${left}${state} ${tupleText(entry.original)}${unreplied} ${tupleText(entry.reply)}${assured} mark=0 use=1`;
}

/** The whole of conntrack -L, with the line that it writes to stderr last. */
export function printConnections(entries: readonly Connection[], nowNs: Ns): string[] {
  const lines = entries.map((entry) => printConnection(entry, nowNs));
  return [...lines, `conntrack v1.4.7 (conntrack-tools): ${entries.length} flow entries have been shown.`];
}
