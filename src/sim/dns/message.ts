/**
 * DNS messages as data (RFC 1035, EDNS RFC 6891): what a resolver asks and a name server answers, and how many bytes
 * that would be on the wire, which is what decides over truncation.
 */
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
  /** DNS cookie in the OPT record (RFC 7873): 8 bytes in hex, which CoreDNS sends back as they came. */
  readonly cookie?: string;
  /** Names that repeat are written as pointers (RFC 1035 section 4.1.4). */
  readonly compressed?: boolean;
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
