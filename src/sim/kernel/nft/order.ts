/**
 * The order in which nft lists elements: by value. Single values compare as one would think; a concatenation is held as
 * one number whose first byte in memory is its lowest, so the last part counts most and each part's last byte first
 * (nftables 1.0.6 on a little-endian machine; observed).
 */
import { addressBytes, inPrefix, parsePrefix } from '../../../lib/ip';

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

/** The members of an anonymous set of addresses: sorted, and without those that another one covers. */
export function sortValues(values: readonly string[]): string[] {
  const prefixes = values.map((text) => ({ text, prefix: parsePrefix(text) }));
  if (values.length < 2 || prefixes.some(({ prefix }) => prefix === null)) return [...values];
  const covered = (text: string, length: number) =>
    prefixes.some((other) => other.prefix!.length < length && inPrefix(text.split('/')[0]!, other.text));
  return prefixes
    .filter(({ text, prefix }) => !covered(text, prefix!.length))
    .sort((a, b) => (hexOf(a.prefix!.bytes) < hexOf(b.prefix!.bytes) ? -1 : 1))
    .map(({ text }) => text);
}
