/**
 * Where the visitor stands in the text, so that whoever takes it over (Monaco, the plain field, or either of them drawn
 * anew) goes on from there: no key is lost, and nobody is thrown out of what he types.
 */
import type { SessionState } from '../state/session';

type Jump = SessionState['jump'];

export const handover = {
  /** Selection, in characters from the start of the active file. */
  from: 0,
  to: 0,
  scrollTop: 0,
  /** True while the text has the focus; a field that is replaced loses it without having been left. */
  focused: false,
  /** True between the keys of one character of an input method. */
  composing: false,
  /** performance.now() of the last key or movement in the text. */
  touchedMs: -Infinity,
  /** The last "go there" that was followed: an editor that is drawn anew must not follow it again. */
  jump: null as Jump,
};

/** A pause in typing after which the field may be replaced, ms. */
const QUIET_MS = 500;

/** True when replacing the field now would come between two keys. */
export function isTyping(): boolean {
  return handover.focused && (handover.composing || performance.now() - handover.touchedMs < QUIET_MS);
}

/**
 * Called when a field loses the focus. A field that is taken off the page was replaced, not left: whoever replaces it
 * takes the focus over. Which of the two it is shows only afterwards.
 */
export function lostFocus(field: Element, left: () => void): void {
  setTimeout(() => {
    if (!field.isConnected || field.contains(document.activeElement)) return;
    handover.focused = false;
    left();
  });
}

/** Follows a "go there" once. */
export function followJump(jump: Jump, follow: (jump: NonNullable<Jump>) => void): void {
  if (jump === null || jump === handover.jump) return;
  handover.jump = jump;
  follow(jump);
}

/** Offset of a line and column, both from 1, within the text. */
export function offsetAt(text: string, line: number, column: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  const end = text.indexOf('\n', at);
  return Math.min(at + column - 1, end < 0 ? text.length : end);
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
