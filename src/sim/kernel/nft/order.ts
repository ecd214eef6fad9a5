/**
 * The order in which nft lists elements: by value. Single values compare as one would think; a concatenation is held as
 * one number whose first byte in memory is its lowest, so the last part counts most and each part's last byte first
 * (nftables 1.0.6 on a little-endian machine; observed).
 */
import { addressBytes, canonicalIp, parsePrefix } from '../../../lib/ip';

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, sctp: 132 };

/** A text by which element keys can be compared. */
export function elementOrder(key: string): string {
  const parts = key.split(' . ');
  if (parts.length === 1) return hexOf(bytesOf(key));
  return hexOf(parts.flatMap((part) => padded(bytesOf(part))).reverse());
}

function bytesOf(part: string): readonly number[] {
  const address = addressBytes(part);
  if (address !== null) return address;
  const protocol = PROTOCOLS[part];
  if (protocol !== undefined) return [protocol];
  const number = Number(part);
  return [(number >> 8) & 0xff, number & 0xff];
}

/** Parts of a concatenation begin at multiples of four bytes. */
function padded(bytes: readonly number[]): number[] {
  return [...bytes, ...Array<number>((4 - (bytes.length % 4)) % 4).fill(0)];
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** From the first to the last address of a stretch, as numbers. */
interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The members of an anonymous set of addresses as nft lists them: in order, and where prefixes are among them, what
 * overlaps or adjoins as one interval.
 */
export function listedValues(values: readonly string[]): string[] {
  const prefixes = values.flatMap((text) => parsePrefix(text) ?? []);
  const [any] = prefixes;
  if (any === undefined || prefixes.length < values.length) return [...values];
  const bits = any.bytes.length * 8;
  const intervals = prefixes.map(({ bytes, length }): Interval => {
    const first = BigInt(`0x${hexOf(bytes)}`);
    return { first, last: first + (1n << BigInt(bits - length)) - 1n };
  });
  intervals.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const isIntervalSet = values.length > 1 && values.some((text) => text.includes('/'));
  return (isIntervalSet ? merged(intervals) : intervals).map((interval) => intervalText(interval, bits));
}

function merged(intervals: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const next of intervals) {
    const open = out.at(-1);
    if (open === undefined || next.first > open.last + 1n) out.push(next);
    else if (next.last > open.last) out[out.length - 1] = { ...open, last: next.last };
  }
  return out;
}

/** An address, a prefix where the stretch is one, else "first-last". */
function intervalText({ first, last }: Interval, bits: number): string {
  const size = last - first + 1n;
  const text = (value: bigint) => addressText(value, bits);
  if (size === 1n) return text(first);
  const isPrefix = (size & (size - 1n)) === 0n && first % size === 0n;
  return isPrefix ? `${text(first)}/${bits - (size.toString(2).length - 1)}` : `${text(first)}-${text(last)}`;
}

function addressText(value: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = value.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  return canonicalIp(groups.join(':'));
}
