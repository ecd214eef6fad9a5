/**
 * Where the focus of the keyboard goes: from panel to panel by F6, and never to nowhere when what had it is taken away.
 */
import { session } from '../state/session';

/** The parts of the page in the order of the eye; a wide screen has some of them, a narrow one others. */
const PANELS = [
  '.app > .bar',
  '.middle > .ed',
  '.railv.editor',
  '#stage',
  '.middle > .side',
  '.railv.inspector',
  '.app > .sheet',
  '.app > .below',
  '.app > .trans',
];

const FOCUSABLE = 'button:not(:disabled), a[href], input, select, textarea, summary, [tabindex="0"]';

/** Carries the focus to the first thing in the next panel, or in the one before. */
export function focusPanel(step: 1 | -1): void {
  const panels = PANELS.flatMap((one) => document.querySelector<HTMLElement>(one) ?? []);
  const from = panels.findIndex((one) => one.contains(document.activeElement));
  for (let i = 1; i <= panels.length; i++) {
    const at = from === -1 && step === -1 ? panels.length - i : from + step * i;
    const panel = panels[(at + panels.length * 2) % panels.length]!;
    const first = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isShown);
    if (first === undefined) continue;
    first.focus();
    return;
  }
}

function isShown(element: Element): boolean {
  return (
    element.isConnected &&
    element.getClientRects().length > 0 &&
    !element.closest('[tabindex="-1"]:not(#stage)')
  );
}

interface Stop {
  readonly element: HTMLElement;
  readonly panel: string | null;
}

/** How many things that had the focus are remembered. */
const TRAIL = 12;
/** When to look whether the focus was lost, ms after a change: panels that are loaded first come a little later. */
const LOOKS_MS = [50, 250, 800];

/**
 * Watches from now on: when what has the focus goes with the panel it stood in, the focus goes to the title of what
 * came in its place, or back to what had it before.
 */
export function keepFocus(view: Window): void {
  let trail: readonly Stop[] = [];
  view.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || target.closest('[role=dialog], [role=menu]')) return;
    const panel = PANELS.find((one) => target.closest(one) !== null) ?? null;
    trail = [...trail.filter((stop) => stop.element !== target), { element: target, panel }].slice(-TRAIL);
  });
  const look = (): void => {
    const last = trail.at(-1);
    if (last === undefined || last.element.isConnected || document.activeElement !== document.body) return;
    const heir = heirOf(last.panel) ?? trail.findLast((stop) => isShown(stop.element))?.element;
    (heir ?? document.getElementById('stage'))?.focus({ preventScroll: true });
  };
  session.subscribe((state, before) => {
    if (state.dialog !== null || state.crash !== null) return;
    const same =
      state.selection === before.selection && state.panels === before.panels && state.sheet === before.sheet;
    if (!same) for (const ms of LOOKS_MS) setTimeout(look, ms);
  });
}

/** The title of what the panel shows now; null when it is closed, or shows nothing that was opened. */
function heirOf(panel: string | null): HTMLElement | null {
  if (panel === null || session.getState().selection === null) return null;
  if (panel !== '.middle > .side' && panel !== '.app > .sheet') return null;
  const title = document.querySelector<HTMLElement>(`${panel} .packet-head h2`);
  title?.setAttribute('tabindex', '-1');
  return title;
}
