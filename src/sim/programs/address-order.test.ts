import { describe, expect, it } from 'vitest';
import { orderAddresses } from './address-order';

const POD = { four: '10.244.1.3', six: 'fd00:10:244:1::3' };
const GLOBAL = { four: '10.244.1.3', six: '2001:db8::3' };
const FOUR_ONLY = { four: '10.244.1.3', six: null };

function order(libc: 'glibc' | 'musl', sources: { four: string | null; six: string | null }, text: string) {
  const source = (ip: string) => (ip === '::1' ? '::1' : ip.includes(':') ? sources.six : sources.four);
  return orderAddresses(text.split(' '), libc, source).join(' ');
}

describe('the order of getaddrinfo', () => {
  it.each([
    // unique local addresses: behind IPv4 by RFC 6724 (musl), before it by RFC 3484 (glibc)
    ['musl', POD, '10.96.0.5 fd00:10:96::5', '10.96.0.5 fd00:10:96::5'],
    ['musl', POD, 'fd00:10:96::5 10.96.0.5', '10.96.0.5 fd00:10:96::5'],
    ['glibc', POD, '10.96.0.5 fd00:10:96::5', 'fd00:10:96::5 10.96.0.5'],
    // global ones come first in both, when the source is global as well
    ['musl', GLOBAL, '203.0.113.80 2001:db8:203:113::80', '2001:db8:203:113::80 203.0.113.80'],
    ['glibc', GLOBAL, '203.0.113.80 2001:db8:203:113::80', '2001:db8:203:113::80 203.0.113.80'],
    // a unique local source has another label than a global destination, so IPv4 is the better pair
    ['musl', POD, '203.0.113.80 2001:db8:203:113::80', '203.0.113.80 2001:db8:203:113::80'],
    ['glibc', POD, '203.0.113.80 2001:db8:203:113::80', '203.0.113.80 2001:db8:203:113::80'],
    // where no way leads comes last
    ['glibc', FOUR_ONLY, 'fd00:10:96::5 10.96.0.5', '10.96.0.5 fd00:10:96::5'],
    ['glibc', FOUR_ONLY, '127.0.0.1 ::1', '::1 127.0.0.1'],
    // of several IPv6 addresses the one that shares most with the source; IPv4 keeps its order
    ['glibc', POD, 'fd00:10:244:2::9 fd00:10:244:1::9', 'fd00:10:244:1::9 fd00:10:244:2::9'],
    ['glibc', POD, '10.244.2.9 10.244.1.9', '10.244.2.9 10.244.1.9'],
    ['musl', POD, '10.244.2.9 10.244.1.9', '10.244.2.9 10.244.1.9'],
  ] as const)('%s from %o: %s gives %s', (libc, sources, given, wanted) => {
    expect(order(libc, sources, given)).toBe(wanted);
  });
});
