import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** SHA-256 of a UTF-8 text, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** SHA-256 of a UTF-8 text in RFC 4648 base32 (upper case, no padding); kube-proxy keeps the first 16 letters. */
export function sha256Base32(text: string): string {
  let bits = 0;
  let held = 0;
  let out = '';
  for (const byte of sha256(utf8ToBytes(text))) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      out += BASE32[(held >> (bits - 5)) & 31];
      bits -= 5;
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + BASE32[(held << (5 - bits)) & 31] : out;
}
