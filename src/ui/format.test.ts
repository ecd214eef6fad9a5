import { describe, expect, it } from 'vitest';
import { formatClock, formatSpan, formatSpeed, formatTime } from './format';
import { isRef, refWords } from './refs';

describe('time in words', () => {
  it.each([
    [12_004_318_000, '00:12.004 318'],
    [0, '00:00.000 000'],
    [3_723_000_000_999, '1:02:03.000 000'],
  ])('%d is %s', (ns, text) => expect(formatTime(ns)).toBe(text));

  it('shortens for lists', () => expect(formatClock(53_940_000_000)).toBe('00:53.9'));

  it.each([
    [600, '600 ns'],
    [92_000, '92 µs'],
    [1_500_000, '1.5 ms'],
    [10e9, '10 s'],
    [180e9, '3 min'],
    [3 * 3600e9, '3 h'],
  ])('%d lasts %s', (ns, text) => expect(formatSpan(ns)).toBe(text));

  it.each([
    [1e4, '10 µs/s'],
    [2e8, '200 ms/s'],
    [1e11, '100 s/s'],
  ])('%d runs at %s', (speed, text) => expect(formatSpeed(speed)).toBe(text));
});

describe('refs in words', () => {
  it.each([
    ['Service/default/backend', 'Service default/backend'],
    ['Node//node-1', 'Node node-1'],
  ])('%s', (ref, words) => expect(refWords(ref)).toBe(words));

  it.each([
    ['Pod/default/a', true],
    ['Node//node-1', true],
    ['pods/a', false],
    ['GET http://a/b', false],
  ])('%s: %s', (text, yes) => expect(isRef(text)).toBe(yes));
});
