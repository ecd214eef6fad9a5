/**
 * A line being typed, as readline edits it: text, cursor, history. Pure: a key makes a new state and says what the shell
 * should do. Key spellings are those a terminal sends (VT sequences and control codes).
 */

export interface LineState {
  readonly text: string;
  /** Index in `text` before which the next letter goes. */
  readonly cursor: number;
  readonly history: readonly string[];
  /** Place in the history that is shown; history.length is the new line. */
  readonly at: number;
  /** The new line while an old one is shown. */
  readonly draft: string;
}

export type LineResult = {
  readonly state: LineState;
  readonly act: 'none' | 'run' | 'complete' | 'interrupt' | 'clear' | 'end';
  /** The line that was entered, for `run`. */
  readonly line?: string;
};

export const EMPTY_LINE: LineState = { text: '', cursor: 0, history: [], at: 0, draft: '' };
const HISTORY_MAX = 200;

/** Puts text in at the cursor, as typing and pasting do. */
export function insert(state: LineState, text: string): LineState {
  const next = state.text.slice(0, state.cursor) + text + state.text.slice(state.cursor);
  return { ...state, text: next, cursor: state.cursor + text.length };
}

function cut(state: LineState, from: number, to: number): LineState {
  return { ...state, text: state.text.slice(0, from) + state.text.slice(to), cursor: from };
}

function wordStart(state: LineState): number {
  return state.text.slice(0, state.cursor).trimEnd().lastIndexOf(' ') + 1;
}

function recall(state: LineState, step: 1 | -1): LineState {
  const at = state.at + step;
  if (at < 0 || at > state.history.length) return state;
  const draft = state.at === state.history.length ? state.text : state.draft;
  const text = at === state.history.length ? draft : state.history[at]!;
  return { ...state, text, cursor: text.length, at, draft };
}

function enter(state: LineState): LineResult {
  const line = state.text.trim();
  const kept = line !== '' && state.history.at(-1) !== line ? [...state.history, line] : state.history;
  const history = kept.slice(-HISTORY_MAX);
  return { state: { ...EMPTY_LINE, history, at: history.length }, act: 'run', line };
}

const MOVES: Readonly<Record<string, (state: LineState) => LineState>> = {
  '\x7f': (s) => (s.cursor > 0 ? cut(s, s.cursor - 1, s.cursor) : s),
  '\b': (s) => (s.cursor > 0 ? cut(s, s.cursor - 1, s.cursor) : s),
  '\x1b[3~': (s) => cut(s, s.cursor, s.cursor + 1),
  '\x1b[D': (s) => ({ ...s, cursor: Math.max(0, s.cursor - 1) }),
  '\x1b[C': (s) => ({ ...s, cursor: Math.min(s.text.length, s.cursor + 1) }),
  '\x1b[A': (s) => recall(s, -1),
  '\x1b[B': (s) => recall(s, 1),
  '\x1b[H': (s) => ({ ...s, cursor: 0 }),
  '\x1b[F': (s) => ({ ...s, cursor: s.text.length }),
  '\x01': (s) => ({ ...s, cursor: 0 }),
  '\x05': (s) => ({ ...s, cursor: s.text.length }),
  '\x15': (s) => cut(s, 0, s.cursor),
  '\x0b': (s) => cut(s, s.cursor, s.text.length),
  '\x17': (s) => cut(s, wordStart(s), s.cursor),
  '\x1bb': (s) => ({ ...s, cursor: wordStart(s) }),
};

/** One key or one pasted piece without line ends. */
export function press(state: LineState, key: string): LineResult {
  if (key === '\r' || key === '\n') return enter(state);
  if (key === '\t') return { state, act: 'complete' };
  if (key === '\x03')
    return { state: { ...state, text: '', cursor: 0, at: state.history.length }, act: 'interrupt' };
  if (key === '\x0c') return { state, act: 'clear' };
  if (key === '\x04') return { state, act: state.text === '' ? 'end' : 'none' };
  const move = MOVES[key];
  if (move !== undefined) return { state: move(state), act: 'none' };
  // Anything else that begins with a control code is a key we do not know.
  if (key.charCodeAt(0) < 32) return { state, act: 'none' };
  return { state: insert(state, key), act: 'none' };
}

/** What Tab does with the words that would fit: the part they share, and whether to list them. */
export function complete(
  state: LineState,
  words: readonly string[],
): { state: LineState; list: readonly string[] } {
  const first = words[0];
  if (first === undefined) return { state, list: [] };
  const typed = state.text.slice(state.text.slice(0, state.cursor).lastIndexOf(' ') + 1, state.cursor);
  let shared = first;
  for (const word of words) while (!word.startsWith(shared)) shared = shared.slice(0, -1);
  const rest = shared.startsWith(typed) ? shared.slice(typed.length) : '';
  const done = words.length === 1 && !/[/=:]$/.test(first);
  const next = rest + (done ? ' ' : '');
  return { state: insert(state, next), list: words.length > 1 && rest === '' ? words : [] };
}
