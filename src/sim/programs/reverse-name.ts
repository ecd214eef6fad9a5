/** Reverse lookup names (RFC 1035 section 3.5, RFC 3596 section 2.5). */
import { addressBytes } from '../../lib/ip';

/** "5.1.244.10.in-addr.arpa" for an address; null for anything else. */
export function reverseName(text: string): string | null {
  const bytes = addressBytes(text);
  if (bytes === null) return null;
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]).map((nibble) => nibble.toString(16));
  return `${nibbles.reverse().join('.')}.ip6.arpa`;
}
