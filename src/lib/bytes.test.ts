import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Length, decodeBase64, encodeBase64, utf8Length } from './bytes';

/** The first rows are the test vectors of RFC 4648, section 10. */
const ROWS: readonly (readonly [text: string, encoded: string])[] = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
  ['grün', 'Z3LDvG4='],
];

describe('base64', () => {
  it.each(ROWS)('of "%s" is %s, and back', (text, encoded) => {
    expect(encodeBase64(text)).toBe(encoded);
    expect(decodeBase64(encoded)).toBe(text);
    expect(base64Length(encoded)).toBe(utf8Length(text));
  });

  it('gives back every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeBase64(encodeBase64(text))).toBe(text);
      }),
    );
  });

  it('passes over line breaks, and reads what is no UTF-8 byte by byte', () => {
    expect(decodeBase64('Zm9v\nYmFy\n')).toBe('foobar');
    expect(decodeBase64('/+g=')).toBe('ÿè');
    expect(decodeBase64(encodeBase64('a\ud800'))).toBe('a\ufffd');
  });
});
