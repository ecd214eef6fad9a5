/** Base64 (RFC 4648, section 4) of texts in UTF-8, as Secrets and HTTP's Basic credentials have it. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The text in base64, with padding and without line breaks; half a surrogate pair becomes U+FFFD, as UTF-8 has none. */
export function encodeBase64(text: string): string {
  const bytes = [
    ...encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).matchAll(/%([0-9A-F]{2})|(.)/g),
  ].map((m) => (m[1] === undefined ? m[2]!.charCodeAt(0) : parseInt(m[1], 16)));
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += DIGITS[word >> 18]! + DIGITS[(word >> 12) & 63]!;
    out += (left > 1 ? DIGITS[(word >> 6) & 63]! : '=') + (left > 2 ? DIGITS[word & 63]! : '=');
  }
  return out;
}

/** The text that was encoded; white space is passed over. Bytes that are no UTF-8 are read as Latin-1, one letter each. */
export function decodeBase64(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of text.replace(/[=\s]/g, '')) {
    held = ((held << 6) | DIGITS.indexOf(char)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
  }
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return String.fromCharCode(...bytes);
  }
}
