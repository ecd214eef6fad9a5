import ipaddr from 'ipaddr.js';

/** A parsed prefix: the bytes of its network address and its length in bits. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
  readonly length: number;
}

// Pure memo tables: the same text always gives the same value, so they are not state (law 4).
const addressMemo = new Map<string, readonly number[] | null>();
const prefixMemo = new Map<string, Prefix | null>();
const MEMO_LIMIT = 50_000;

function remember<V>(memo: Map<string, V>, key: string, value: V): V {
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(key, value);
  return value;
}

/** The 4 or 16 bytes of an address in text, or null when it is not one. Leading zeros are read as decimal. */
export function addressBytes(text: string): readonly number[] | null {
  const known = addressMemo.get(text);
  if (known !== undefined) return known;
  return remember(addressMemo, text, parseBytes(text));
}

function parseBytes(text: string): readonly number[] | null {
  const plain = /^\d+\.\d+\.\d+\.\d+$/.test(text) ? text.replace(/\b0+(?=\d)/g, '') : text;
  if (ipaddr.IPv4.isValidFourPartDecimal(plain)) return ipaddr.IPv4.parse(plain).toByteArray();
  if (ipaddr.IPv6.isValid(plain)) return ipaddr.IPv6.parse(plain).toByteArray();
  return null;
}

/** 4 or 6, or null when the text is not an address. */
export function ipFamily(text: string): 4 | 6 | null {
  const bytes = addressBytes(text);
  return bytes === null ? null : bytes.length === 4 ? 4 : 6;
}

/** Canonical text of an address (RFC 5952 for IPv6); throws on anything else. */
export function canonicalIp(text: string): string {
  const bytes = addressBytes(text);
  if (bytes === null) throw new Error(`not an IP address: ${text}`);
  return bytesToIp(bytes);
}

/** Canonical text of 4 or 16 address bytes. */
function bytesToIp(bytes: readonly number[]): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

/** Parses "a.b.c.d/len"; a bare address is a full-length prefix. Host bits are cleared. Null when malformed. */
export function parsePrefix(text: string): Prefix | null {
  const known = prefixMemo.get(text);
  if (known !== undefined) return known;
  const [address = '', lengthText] = text.split('/');
  const bytes = addressBytes(address);
  const full = bytes === null ? 0 : bytes.length * 8;
  const length = lengthText === undefined ? full : /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : -1;
  if (bytes === null || length < 0 || length > full) return remember(prefixMemo, text, null);
  const masked = bytes.map((byte, i) => byte & maskByte(length - i * 8));
  return remember(prefixMemo, text, { family: bytes.length === 4 ? 4 : 6, bytes: masked, length });
}

function maskByte(bitsLeft: number): number {
  return bitsLeft >= 8 ? 0xff : bitsLeft <= 0 ? 0 : (0xff << (8 - bitsLeft)) & 0xff;
}

/** True when the address lies in the prefix; false for another family or malformed text. */
export function inPrefix(address: string, prefixText: string): boolean {
  const bytes = addressBytes(address);
  const prefix = parsePrefix(prefixText);
  if (bytes === null || prefix === null || bytes.length !== prefix.bytes.length) return false;
  for (let i = 0; i * 8 < prefix.length; i++) {
    if ((bytes[i]! & maskByte(prefix.length - i * 8)) !== prefix.bytes[i]) return false;
  }
  return true;
}

/** Canonical "network/length" text of a prefix; throws when malformed. */
export function canonicalPrefix(text: string): string {
  const prefix = parsePrefix(text);
  if (prefix === null) throw new Error(`not a prefix: ${text}`);
  return `${bytesToIp(prefix.bytes)}/${prefix.length}`;
}

/** The address `offset` places after the network address of a prefix (offset 0 is the network address itself). */
export function nthAddress(prefixText: string, offset: number): string {
  const prefix = parsePrefix(prefixText);
  if (prefix === null) throw new Error(`not a prefix: ${prefixText}`);
  const bytes = [...prefix.bytes];
  let carry = offset;
  for (let i = bytes.length - 1; i >= 0 && carry > 0; i--) {
    carry += bytes[i]!;
    bytes[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return bytesToIp(bytes);
}

/** How many addresses a prefix holds, as a number (2^53 at most). */
export function prefixSize(prefixText: string): number {
  const prefix = parsePrefix(prefixText);
  if (prefix === null) throw new Error(`not a prefix: ${prefixText}`);
  return Math.min(2 ** (prefix.bytes.length * 8 - prefix.length), Number.MAX_SAFE_INTEGER);
}
