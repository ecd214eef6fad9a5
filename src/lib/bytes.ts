/** Texts as bytes: UTF-8, and its base64 (RFC 4648, section 4) as Secrets and HTTP's Basic credentials have it. */

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

/** How many bytes a text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** How many bytes a text in base64 stands for; line breaks do not count. */
export function base64Length(text: string): number {
  const letters = text.replace(/[\r\n]/g, '');
  return Math.floor((letters.length * 3) / 4) - (/(=*)$/.exec(letters)?.[1]?.length ?? 0);
}
