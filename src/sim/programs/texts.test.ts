/** Texts from outside must never break the simulator: every reader ends, and refuses in its own words only. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorefileError, parseCorefile } from '../dns/corefile';
import { nameserversOf, parseForLibc } from '../dns/resolv-conf';
import { configureServer } from '../dns/server';
import { listenPorts, parseDuration } from './annotations';
import { parseCurl } from './curl-args';
import { parseUrl } from './http-client';
import { parseImage } from './images';
import { parseNginxConf } from './nginx-conf';
import { parseScript } from './sh-parse';
import { ShellSyntaxError } from './sh-tokens';

const pieces = (words: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 14 })
    .map((list) => list.join(''));

function survives<T>(text: string, read: (text: string) => T, known?: new (...args: never[]) => Error): void {
  try {
    read(text);
  } catch (error) {
    if (known === undefined || !(error instanceof known)) throw error;
  }
}

describe('readers', () => {
  it('shell', () => {
    const words = [
      ' ',
      '\n',
      ';',
      '&&',
      '||',
      '|',
      '&',
      '(',
      ')',
      '{',
      '}',
      '$(',
      '$((',
      '${',
      '"',
      "'",
      '`',
      '<',
      '<<',
      '<<E',
      '>',
      '>>',
      '2>&1',
      'while',
      'do',
      'done',
      'if',
      'then',
      'fi',
      'for',
      'in',
      'x=',
      '\r',
      '\\',
      '#',
    ];
    fc.assert(
      fc.property(pieces(words), (text) => survives(text, parseScript, ShellSyntaxError)),
      { numRuns: 2000, seed: 1 },
    );
  });
  it('Corefile', () => {
    const words = [
      ' ',
      '\n',
      '{',
      '}',
      '.:53',
      'kubernetes',
      'forward',
      'cache',
      '30',
      'hosts',
      '"',
      '#',
      '/',
      '10.0.0.0/8',
      'rewrite',
      'name',
    ];
    fc.assert(
      fc.property(pieces(words), (text) => survives(text, configureServer, CorefileError)),
      { numRuns: 1000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => survives(text, parseCorefile, CorefileError)),
      { numRuns: 500, seed: 1 },
    );
  });
  it('nginx.conf', () => {
    const words = [
      ' ',
      '\n',
      ';',
      '{',
      '}',
      'server',
      'location',
      'listen 80',
      'proxy_pass',
      'http://a',
      'return',
      '200',
      '"',
      "'",
      '#',
      '~',
    ];
    fc.assert(
      fc.property(pieces(words), (text) => survives(text, parseNginxConf)),
      { numRuns: 1000, seed: 1 },
    );
  });
  it('the small ones', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (text, args) => {
        survives(text, parseUrl);
        survives(text, parseImage);
        survives(text, parseDuration);
        survives(text, (one) => listenPorts({ 'hopyard.dev/listen': one }));
        survives(text, (one) => parseForLibc('musl', one));
        survives(text, nameserversOf);
        parseCurl(args);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
  it.each([
    ['nginx', 'nginx', 'latest'],
    ['docker.io/library/nginx:1.27-alpine', 'nginx', '1.27-alpine'],
    ['registry.k8s.io/coredns/coredns:v1.13.1', 'coredns/coredns', 'v1.13.1'],
    ['localhost:5000/me/app@sha256:0123', 'me/app', 'latest'],
  ])('image %s', (image, name, tag) => {
    expect(parseImage(image)).toEqual({ name, tag });
  });
  it.each([
    ['20ms', 20e6],
    ['1m30s', 90e9],
    ['1.5s', 1.5e9],
    ['5', null],
    ['', null],
  ])('duration %j', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });
});
