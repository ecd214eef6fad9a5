/** One SCTP association as data. Document: RFC 9260. */
import type { PeerAddress, SocketOwner } from './machine-api';

export type SctpState =
  'COOKIE-WAIT' | 'COOKIE-ECHOED' | 'ESTABLISHED' | 'SHUTDOWN-SENT' | 'SHUTDOWN-ACK-SENT';

export interface SctpSocket {
  readonly kind: 'sctp';
  readonly id: number;
  readonly netns: string;
  readonly owner: SocketOwner;
  readonly requestId: number;
  readonly local: PeerAddress;
  readonly remote: PeerAddress;
  readonly state: SctpState;
  readonly active: boolean;
  /** The chunk that waits for its answer. */
  readonly pending: string | null;
  readonly timer: number | null;
  readonly retries: number;
  readonly orphan: boolean;
}
