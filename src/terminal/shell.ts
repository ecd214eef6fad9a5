/**
 * The terminal: xterm in front, one command line at a time behind. It lives longer than the panel that shows it, so that
 * nothing is lost when the drawer is closed. This module is loaded when the terminal is first opened.
 */
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import { session } from '../state/session';
import { theClient } from '../state/wire';
import { complete, EMPTY_LINE, press, type LineState } from './line-editor';

const PROMPT = '$ ';
const WELCOME =
  'A shell beside the cluster. Try:\r\n' +
  '  kubectl get pods -o wide\r\n' +
  '  kubectl exec deploy/frontend -- curl -s http://backend\r\n';

const terminal = new Terminal({
  fontFamily: '"JetBrains Mono Variable", "JetBrains Mono", "DejaVu Sans Mono", monospace',
  fontSize: 12,
  lineHeight: 1.35,
  cursorBlink: false,
  screenReaderMode: true,
  scrollback: 5000,
  theme: colours(),
});
const fit = new FitAddon();
terminal.loadAddon(fit);
const home = document.createElement('div');
home.className = 'term-home';

let line: LineState = EMPTY_LINE;
/** Ends the running command; null while the prompt waits. */
let interrupt: (() => void) | null = null;
/** Grows when the cluster is built anew, so that late output of an old one is dropped. */
let life = 0;
const listeners = new Set<(running: boolean) => void>();

let opened = false;

/** Shows the terminal in a box; returns what takes it out again. */
export function attach(box: HTMLElement): () => void {
  box.append(home);
  if (!opened) {
    opened = true;
    terminal.open(home);
    terminal.write(WELCOME);
    prompt();
    terminal.onData(onData);
    terminal.attachCustomKeyEventHandler(ownKeys);
    session.subscribe(onSession);
  }
  terminal.options.theme = colours();
  const refit = (): void => {
    if (box.clientHeight > 20) fit.fit();
  };
  const watch = new ResizeObserver(refit);
  watch.observe(box);
  refit();
  return () => {
    watch.disconnect();
    home.remove();
  };
}

export function focusTerminal(): void {
  terminal.focus();
}

/** Tells whether a command is running, now and from now on. */
export function onRunning(listener: (running: boolean) => void): () => void {
  listeners.add(listener);
  listener(interrupt !== null);
  return () => listeners.delete(listener);
}

function setInterrupt(next: (() => void) | null): void {
  interrupt = next;
  for (const listener of listeners) listener(next !== null);
}

/** Copy takes what is marked; Escape and the palette's key go to the page. */
function ownKeys(event: KeyboardEvent): boolean {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === 'c' && terminal.hasSelection()) {
    void navigator.clipboard?.writeText(terminal.getSelection());
    terminal.clearSelection();
    return false;
  }
  // Paste is left to the browser, which hands the text over as a paste event.
  if (mod && event.key === 'v') return false;
  if (mod && event.key === 'k') return false;
  // F6 goes from panel to panel, also from here.
  if (event.key === 'F6') return false;
  // Shift+Tab must lead out of the terminal for those who have only keys.
  return !(event.key === 'Tab' && event.shiftKey);
}

function onSession(state: ReturnType<typeof session.getState>, before: typeof state): void {
  if (state.dark !== before.dark) queueMicrotask(() => (terminal.options.theme = colours()));
  if (state.phase === 'starting' && before.phase !== 'starting' && opened) {
    life++;
    const was = interrupt !== null;
    setInterrupt(null);
    terminal.write(`${was ? '\r\n' : ''}\r\x1b[K(a new cluster)\r\n`);
    prompt();
  }
}

function prompt(): void {
  terminal.write(PROMPT);
  redraw();
}

function redraw(): void {
  const back = line.text.length - line.cursor;
  terminal.write(`\r\x1b[J${PROMPT}${line.text}${back > 0 ? `\x1b[${back}D` : ''}`);
}

/** Keys come one by one, pastes as a whole: split at line ends, each of which enters a line. */
function onData(data: string): void {
  for (const piece of data.startsWith('\x1b') ? [data] : data.split(/(\r\n|[\r\n\t\x00-\x1f\x7f])/)) {
    if (piece !== '') onKey(piece === '\r\n' || piece === '\n' ? '\r' : piece);
  }
}

const pending: string[] = [];

function onKey(key: string): void {
  if (interrupt !== null) {
    if (key === '\x03') {
      terminal.write('^C');
      pending.length = 0;
      interrupt();
    } else pending.push(key);
    return;
  }
  const result = press(line, key);
  const before = line;
  line = result.state;
  switch (result.act) {
    case 'run':
      terminal.write('\r\n');
      start(result.line ?? '');
      return;
    case 'interrupt':
      terminal.write('^C\r\n');
      prompt();
      return;
    case 'clear':
      terminal.clear();
      redraw();
      return;
    case 'complete':
      completeLine(before);
      return;
    default:
      redraw();
  }
}

function start(text: string): void {
  if (text === '') return prompt();
  if (text === 'clear') {
    terminal.clear();
    return prompt();
  }
  if (text === 'history') {
    line.history.forEach((old, i) => terminal.write(`${String(i + 1).padStart(5)}  ${old}\r\n`));
    return prompt();
  }
  const born = life;
  let column = 0;
  const stop = theClient().exec(
    text,
    (out) => {
      if (born !== life) return;
      terminal.write(out.replace(/\r?\n/g, '\r\n'));
      if (out !== '') column = out.endsWith('\n') ? 0 : 1;
    },
    () => {
      if (born !== life) return;
      setInterrupt(null);
      if (column !== 0) terminal.write('\r\n');
      prompt();
      for (const key of pending.splice(0)) onKey(key);
    },
  );
  setInterrupt(stop);
}

function completeLine(from: LineState): void {
  const born = life;
  void theClient()
    .complete(from.text.slice(0, from.cursor))
    .then((words) => {
      if (born !== life || interrupt !== null || line !== from) return;
      const done = complete(from, words);
      line = done.state;
      if (done.list.length > 0) terminal.write(`\r\n${inColumns(done.list)}\r\n`);
      redraw();
    });
}

function inColumns(words: readonly string[]): string {
  const width = Math.max(...words.map((word) => word.length)) + 2;
  const perRow = Math.max(1, Math.floor(terminal.cols / width));
  const rows: string[] = [];
  for (let i = 0; i < words.length; i += perRow) {
    rows.push(
      words
        .slice(i, i + perRow)
        .map((word) => word.padEnd(width))
        .join(''),
    );
  }
  return rows.join('\r\n');
}

/** The page's neutrals; output wears no signal colour. */
function colours(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    background: token('--sheet'),
    foreground: token('--ink'),
    cursor: token('--ink'),
    cursorAccent: token('--on-ink'),
    selectionBackground: token('--ink'),
    selectionForeground: token('--on-ink'),
  };
}
