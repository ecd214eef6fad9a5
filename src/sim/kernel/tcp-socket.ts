/** One TCP connection as data, and the arithmetic of sequence numbers. Document: RFC 9293. */
import type { Ns } from '../clock/clock';
import type { AppPayload, TcpFlag } from '../trace/packet';
import type { SocketTranslation } from './bpf/maps';
import type { PeerAddress, SocketOwner } from './machine-api';

/** States as ss prints them. */
export type TcpState =
  'SYN-SENT' | 'SYN-RECV' | 'ESTAB' | 'FIN-WAIT-1' | 'FIN-WAIT-2' | 'CLOSE-WAIT' | 'LAST-ACK' | 'CLOSING';

/** Something that takes up sequence space: SYN, data or FIN. */
export interface Segment {
  readonly seq: number;
  /** How much sequence space: bytes of data, or 1 for SYN and FIN. */
  readonly length: number;
  readonly flags: readonly TcpFlag[];
  readonly payload?: AppPayload;
  readonly label: string;
  /** When it was first sent, and whether more than once (then it says nothing about the round trip). */
  readonly sentNs: Ns;
  readonly again: boolean;
}

export interface TcpSocket {
  readonly kind: 'tcp';
  readonly id: number;
  readonly netns: string;
  readonly owner: SocketOwner;
  readonly requestId: number;
  readonly local: PeerAddress;
  readonly remote: PeerAddress;
  readonly state: TcpState;
  /** We opened it: our packets are requests, the peer's are replies. */
  readonly active: boolean;
  /** The listener it came from, until it has been told of it. */
  readonly listener?: number;
  readonly sndUna: number;
  readonly sndNxt: number;
  readonly rcvNxt: number;
  readonly mssBytes: number;
  readonly unacked: readonly Segment[];
  /** Segments that came before their turn. */
  readonly early: readonly Segment[];
  /** Bytes received of a message that is not complete yet. */
  readonly partialBytes: number;
  readonly timer: number | null;
  readonly connectTimer: number | null;
  readonly rtoNs: Ns;
  readonly srttNs: Ns | null;
  readonly rttvarNs: Ns;
  readonly retries: number;
  /** Its process has closed it; nobody is there to be told. */
  readonly orphan: boolean;
  /** A BPF program gave it another peer than was asked for. */
  readonly translation?: SocketTranslation;
  /** An ICMP error that will be the reason if the connection times out. */
  readonly softError?: 'EHOSTUNREACH' | 'ENETUNREACH' | 'ECONNREFUSED';
}

/** a < b in sequence space, which wraps at 2^32. */
export function seqBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function seqAdd(seq: number, length: number): number {
  return (seq + length) >>> 0;
}

/** One fact object a state, shared by all hops. */
const STATE_FACTS: Readonly<Record<TcpState, Readonly<Record<string, string>>>> = {
  'SYN-SENT': { state: 'SYN-SENT' },
  'SYN-RECV': { state: 'SYN-RECV' },
  ESTAB: { state: 'ESTAB' },
  'FIN-WAIT-1': { state: 'FIN-WAIT-1' },
  'FIN-WAIT-2': { state: 'FIN-WAIT-2' },
  'CLOSE-WAIT': { state: 'CLOSE-WAIT' },
  'LAST-ACK': { state: 'LAST-ACK' },
  CLOSING: { state: 'CLOSING' },
};

/** The fact that a hop at a socket in this state carries. */
export function stateFacts(state: TcpState): Readonly<Record<string, string>> {
  return STATE_FACTS[state];
}
