/** DNS messages in and out of packets. */
import type { Plain } from '../../lib/plain';
import type { AppPayload } from '../trace/packet';
import type { DnsMessage } from './message';
import { summarize } from './message';
import { messageBytes } from './wire-size';

/** Payload of a UDP datagram or TCP segment that carries the message. */
export function dnsPayload(message: DnsMessage, overTcp = false): AppPayload {
  const bytes = messageBytes(message) + (overTcp ? 2 : 0);
  const body = message as unknown as Plain;
  return { type: 'app', protocol: 'dns', summary: summarize(message), bytes, body };
}

/** The message in a payload, or null when it carries something else. */
export function dnsFromPayload(payload: AppPayload): DnsMessage | null {
  if (payload.protocol !== 'dns' || payload.body === null || typeof payload.body !== 'object') return null;
  return payload.body as unknown as DnsMessage;
}
