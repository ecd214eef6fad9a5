/** Checks of addresses and prefixes, in the words of core validation (pkg/apis/core/validation). */
import { addressBytes, parsePrefix } from '../../../lib/ip';
import { invalidValue } from '../field-errors';
import type { FieldError } from '../field-error';

export function checkIp(field: string, address: string): FieldError[] {
  if (addressBytes(address) !== null) return [];
  return [invalidValue(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

export function checkCidr(field: string, cidr: string): FieldError[] {
  if (cidr.includes('/') && parsePrefix(cidr) !== null) return [];
  return [invalidValue(field, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

/** Addresses that no endpoint and no external IP may have. */
export function checkOrdinaryIp(field: string, address: string): FieldError[] {
  const bytes = addressBytes(address);
  if (bytes === null) return [invalidValue(field, address, 'must be a valid IP address')];
  const v4 = bytes.length === 4;
  const [a, b, c] = bytes as [number, number, number];
  const rest = bytes.slice(0, -1);
  const say = (message: string) => [invalidValue(field, address, message)];
  if (bytes.every((byte) => byte === 0)) return say(`may not be unspecified (${address})`);
  if (v4 ? a === 127 : rest.every((byte) => byte === 0) && bytes[15] === 1)
    return say('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (v4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80)
    return say('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (v4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 2)
    return say('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return [];
}
