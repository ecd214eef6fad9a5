/**
 * DNS messages as data (RFC 1035, EDNS RFC 6891): what a resolver asks and a name server answers, and how many bytes
 * that would be on the wire, which is what decides over truncation.
 */
import type { Plain } from '../../lib/plain';
import type { AppPayload } from '../trace/packet';
import type { Origin } from '../trace/hop';

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

/** Rdata: text for A, AAAA, CNAME, NS and PTR; a list of strings for TXT; a record of fields for SRV, SOA and MX. */
export type Rdata = string | readonly string[] | { readonly [field: string]: string | number };

/** One resource record of class IN. `name` is absolute, with its final dot. `origin` is the object it was made from. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: Rdata;
  readonly origin?: Origin;
}

export interface DnsQuestion {
  /** Absolute, with its final dot, in the case that the asker used. */
  readonly name: string;
  readonly type: string;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly rcode: Rcode;
  /** Header bits: authoritative, truncated, recursion desired, recursion available. */
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly question: DnsQuestion;
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly extra: readonly ResourceRecord[];
  /** UDP payload size of the OPT record; absent without EDNS, where 512 bytes is the limit. */
  readonly ednsBytes?: number;
}

/** A recursive query for one name and type. The name gets its final dot. */
export function queryMessage(id: number, name: string, type: string, ednsBytes?: number): DnsMessage {
  const question = { name: absolute(name), type };
  const base = { id, response: false, rcode: 'NOERROR' as const, aa: false, tc: false, rd: true, ra: false };
  const message = { ...base, question, answers: [], authority: [], extra: [] };
  return ednsBytes === undefined ? message : { ...message, ednsBytes };
}

/** An empty answer to `query`; sections and code are filled in by the caller. */
export function replyTo(query: DnsMessage, rcode: Rcode, more: Partial<DnsMessage> = {}): DnsMessage {
  return { ...query, response: true, rcode, answers: [], authority: [], extra: [], ...more };
}

/** The name with its final dot. */
export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

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

/** "A? name." for a query; "A 10.96.0.42", "NXDOMAIN" or "NODATA" for an answer, as tcpdump has it. */
export function summarize(message: DnsMessage): string {
  if (!message.response) return `${message.question.type}? ${message.question.name}`;
  if (message.rcode !== 'NOERROR') return message.rcode;
  if (message.tc) return 'truncated';
  if (message.answers.length === 0) return 'NODATA';
  return message.answers.map((record) => `${record.type} ${printRdata(record)}`).join(', ');
}

/** Rdata in zone-file notation. */
export function printRdata(record: ResourceRecord): string {
  const data = record.data;
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return data.map((text) => `"${text}"`).join(' ');
  const fields = data as { readonly [field: string]: string | number };
  if (record.type === 'SRV') return `${fields.priority} ${fields.weight} ${fields.port} ${fields.target}`;
  if (record.type === 'MX') return `${fields.preference} ${fields.exchange}`;
  const { mname, rname, serial, refresh, retry, expire, minimum } = fields;
  return `${mname} ${rname} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
}

/** Length on the wire in bytes, with name compression as CoreDNS and resolvers use it (RFC 1035 section 4.1.4). */
export function messageBytes(message: DnsMessage): number {
  const seen = new Set<string>();
  let bytes = 12 + nameBytes(message.question.name, seen) + 4;
  for (const section of [message.answers, message.authority, message.extra]) {
    for (const record of section) bytes += nameBytes(record.name, seen) + 10 + rdataBytes(record, seen);
  }
  return message.ednsBytes === undefined ? bytes : bytes + 11;
}

/** Cuts a reply that does not fit a datagram of `limitBytes`: whole records go from the end, and TC is set. */
export function truncate(message: DnsMessage, limitBytes: number): DnsMessage {
  if (messageBytes(message) <= limitBytes) return message;
  // Additional records may be left out without TC, as they are only a courtesy (RFC 2181 section 9).
  const bare = { ...message, extra: [] };
  if (messageBytes(bare) <= limitBytes) return bare;
  let answers = message.answers;
  while (answers.length > 0 && messageBytes({ ...bare, answers, authority: [] }) > limitBytes) {
    answers = answers.slice(0, -1);
  }
  return { ...bare, answers, authority: [], tc: true };
}

function nameBytes(name: string, seen: Set<string>): number {
  let rest = name.toLowerCase();
  let bytes = 0;
  while (rest !== '' && rest !== '.') {
    if (seen.has(rest)) return bytes + 2;
    seen.add(rest);
    const dot = rest.indexOf('.');
    const label = dot < 0 ? rest : rest.slice(0, dot);
    bytes += 1 + label.length;
    rest = dot < 0 ? '' : rest.slice(dot + 1);
  }
  return bytes + 1;
}

function rdataBytes(record: ResourceRecord, seen: Set<string>): number {
  const data = record.data;
  if (record.type === 'A') return 4;
  if (record.type === 'AAAA') return 16;
  if (typeof data === 'string') return nameBytes(data, seen);
  if (Array.isArray(data)) return data.reduce((sum: number, text: string) => sum + 1 + text.length, 0);
  const fields = data as { readonly [field: string]: string | number };
  // SRV targets are not compressed (RFC 2782).
  if (record.type === 'SRV') return 6 + nameBytes(String(fields.target), new Set());
  if (record.type === 'MX') return 2 + nameBytes(String(fields.exchange), seen);
  return 20 + nameBytes(String(fields.mname), seen) + nameBytes(String(fields.rname), seen);
}
