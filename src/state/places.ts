/**
 * Places that the cluster names are in the text that it was sent. What is typed since has moved them: an edit somewhere
 * above shifts a line, and nobody wants to land beside what was clicked.
 */
import type { SourceRange } from '../sim/view';
import { session, showPanel } from './session';
import { workspace } from './workspace';

/** Number of equal lines at the front of both, or at the back. */
function equalLines(a: readonly string[], b: readonly string[], fromBack: boolean): number {
  const most = Math.min(a.length, b.length);
  for (let i = 0; i < most; i++) {
    if (fromBack ? a[a.length - 1 - i] !== b[b.length - 1 - i] : a[i] !== b[i]) return i;
  }
  return most;
}

/** The line of `now` where line `line` of `sent` is, both from 1; the nearest one when that line itself was edited. */
export function lineNow(sent: string, now: string, line: number): number {
  if (sent === now) return line;
  const before = sent.split('\n');
  const after = now.split('\n');
  const grown = after.length - before.length;
  if (line <= equalLines(before, after, false)) return line;
  if (before.length - line < equalLines(before, after, true)) return line + grown;
  return Math.max(1, Math.min(line, after.length));
}

/** Where a range of the sent text is in the typed text. */
export function rangeNow(range: SourceRange): SourceRange {
  const { sent, files } = workspace.getState();
  const of = (list: typeof files | null): string | undefined =>
    list?.find((file) => file.name === range.file)?.text;
  const [then, now] = [of(sent), of(files)];
  if (then === undefined || now === undefined || then === now) return range;
  const shift = lineNow(then, now, range.line) - range.line;
  return { ...range, line: range.line + shift, endLine: range.endLine + shift };
}

/** Takes the editor to a place that the cluster named, wherever typing has moved it since. */
export function jumpTo(range: SourceRange, focus = true): void {
  jumpToTyped(rangeNow(range), focus);
}

/** Takes the editor to a place in the text as it is typed now. */
export function jumpToTyped(range: SourceRange, focus = true): void {
  if (workspace.getState().files.some((file) => file.name === range.file))
    workspace.setState({ active: range.file });
  session.setState({ jump: { range, focus } });
  if (focus) showPanel('editor', true);
}
