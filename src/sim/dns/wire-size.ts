/** How many bytes a DNS message takes, and what is left out of one that does not fit (RFC 1035, RFC 2181). */
import type { DnsMessage, ResourceRecord } from './message';

/** What an option for a client cookie takes: code, length and 8 bytes. */
const COOKIE_BYTES = 12;
const OPT_BYTES = 11;

/** Length on the wire in bytes. */
export function messageBytes(message: DnsMessage): number {
  const seen = message.compressed ? new Set<string>() : null;
  let bytes = 12 + nameBytes(message.question.name, seen) + 4;
  for (const section of [message.answers, message.authority, message.extra]) {
    for (const record of section) bytes += nameBytes(record.name, seen) + 10 + rdataBytes(record, seen);
  }
  if (message.ednsBytes === undefined) return bytes;
  return bytes + OPT_BYTES + (message.cookie === undefined ? 0 : COOKIE_BYTES);
}

/**
 * Makes a reply fit a datagram of `limitBytes`: first names are compressed, which CoreDNS does only then, then whole
 * records go from the end, and TC is set.
 */
export function truncate(full: DnsMessage, limitBytes: number): DnsMessage {
  if (messageBytes(full) <= limitBytes) return full;
  const message = { ...full, compressed: true };
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

/** `seen` holds the names that a pointer can lead to; null without compression. */
function nameBytes(name: string, seen: Set<string> | null): number {
  let rest = name.toLowerCase();
  let bytes = 0;
  while (rest !== '' && rest !== '.') {
    if (seen?.has(rest)) return bytes + 2;
    seen?.add(rest);
    const dot = rest.indexOf('.');
    const label = dot < 0 ? rest : rest.slice(0, dot);
    bytes += 1 + label.length;
    rest = dot < 0 ? '' : rest.slice(dot + 1);
  }
  return bytes + 1;
}

function rdataBytes(record: ResourceRecord, seen: Set<string> | null): number {
  const data = record.data;
  if (record.type === 'A') return 4;
  if (record.type === 'AAAA') return 16;
  if (typeof data === 'string') return nameBytes(data, seen);
  if (Array.isArray(data)) return data.reduce((sum: number, text: string) => sum + 1 + text.length, 0);
  const fields = data as { readonly [field: string]: string | number };
  // SRV targets are not compressed (RFC 2782).
  if (record.type === 'SRV') return 6 + nameBytes(String(fields.target), null);
  if (record.type === 'MX') return 2 + nameBytes(String(fields.exchange), seen);
  return 20 + nameBytes(String(fields.mname), seen) + nameBytes(String(fields.rname), seen);
}
