import { describe, expect, it } from 'vitest';
import { complete, EMPTY_LINE, insert, press, type LineState } from './line-editor';

/** Presses keys one after the other; "|" in the answer is the cursor. */
function type(keys: readonly string[], from: LineState = EMPTY_LINE): string {
  const state = keys.reduce((now, key) => press(now, key).state, from);
  return `${state.text.slice(0, state.cursor)}|${state.text.slice(state.cursor)}`;
}

const LEFT = '\x1b[D';
const UP = '\x1b[A';
const DOWN = '\x1b[B';

describe('line editor', () => {
  it.each([
    [['a', 'b', LEFT, 'c'], 'ac|b'],
    [['a', '\x7f', '\x7f'], '|'],
    [['a', 'b', LEFT, '\x1b[3~'], 'a|'],
    [['get pods -A', '\x17'], 'get pods |'],
    [['get pods ', '\x17'], 'get |'],
    [['get pods', '\x15'], '|'],
    [['get pods', '\x01', 'k '], 'k |get pods'],
    [['get pods', '\x01', '\x0b'], '|'],
    [['a', '\x1b[24~'], 'a|'],
    [['x', '\x03'], '|'],
  ])('%j leaves %s', (keys, expected) => {
    expect(type(keys)).toBe(expected);
  });

  it('remembers lines once, and gives back the unfinished one', () => {
    const ran = press(insert(EMPTY_LINE, ' ls '), '\r');
    expect([ran.act, ran.line]).toEqual(['run', 'ls']);
    const twice = press(insert(ran.state, 'ls'), '\r').state;
    expect(twice.history).toEqual(['ls']);
    expect(type(['dra', UP], twice)).toBe('ls|');
    expect(type(['dra', UP, UP, DOWN], twice)).toBe('dra|');
  });

  it('completes one word with a space, several by what they share, and lists them only then', () => {
    const at = insert(EMPTY_LINE, 'kubectl get po');
    expect(complete(at, ['pods']).state.text).toBe('kubectl get pods ');
    expect(complete(insert(EMPTY_LINE, 'get d'), ['deployments', 'deploy']).state.text).toBe('get deploy');
    const more = complete(insert(EMPTY_LINE, 'get deploy'), ['deploy', 'deployments']);
    expect([more.state.text, more.list]).toEqual(['get deploy', ['deploy', 'deployments']]);
    expect(complete(insert(EMPTY_LINE, 'exec de'), ['deploy/']).state.text).toBe('exec deploy/');
    expect(complete(at, []).state).toBe(at);
  });
});
