/** From a key press to a command. Keys that mean something to what has the focus are left alone. */
import { session } from '../state/session';
import { COMMANDS, type UserCommand } from './commands';

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** How a press is written in the command list. */
export function spell(press: KeyPress): string {
  const key = press.key === ' ' ? 'space' : press.key.toLowerCase();
  const mod = press.ctrlKey || press.metaKey ? 'mod+' : '';
  const shift = press.shiftKey && key !== 'shift' ? 'shift+' : '';
  return `${mod}${press.altKey ? 'alt+' : ''}${shift}${key}`;
}

/**
 * What kind of thing has the focus, as far as keys are concerned. Whoever clicked a card or a button with the mouse
 * (`byPointer`) means the page by Space; whoever came there by keys means the button.
 */
function focusKind(target: EventTarget | null, byPointer: boolean): 'typing' | 'widget' | 'button' | 'page' {
  if (!(target instanceof Element)) return 'page';
  if (target.closest('input, textarea, select, [contenteditable], .monaco-editor, .term')) return 'typing';
  if (
    target.closest(
      '[role=slider], [role=separator], [role=tablist], [role=menu], [role=dialog], [role=listbox]',
    )
  )
    return 'widget';
  if (byPointer) return 'page';
  return target.closest('button, a, summary, [role=button], [role=menuitem]') ? 'button' : 'page';
}

const WIDGET_KEYS = new Set(['space', 'enter', 'arrowleft', 'arrowright', 'shift+arrowright', 'escape']);

/** The command for a press, or null when it belongs to what has the focus. */
export function commandFor(press: KeyPress, focus: ReturnType<typeof focusKind>): UserCommand | null {
  const spelled = spell(press);
  const found = COMMANDS.find((one) => one.keys?.includes(spelled)) ?? null;
  if (found === null) return null;
  const mod = spelled.startsWith('mod+');
  if (focus === 'typing') return found.whileTyping || mod ? found : null;
  if (focus === 'widget' && WIDGET_KEYS.has(spelled)) return null;
  if (focus === 'button' && (spelled === 'space' || spelled === 'enter')) return null;
  return (found.when?.() ?? true) ? found : null;
}

/**
 * Whether a press is not for the page because a dialog lies over it, or is about to: whoever types on after Ctrl K means
 * the palette, even while it is still being fetched.
 */
function restsBehind(dialog: string | null, spelled: string): boolean {
  return dialog !== null && !spelled.startsWith('mod+');
}

/** Listens on the page from now on. */
export function listenForKeys(view: Window): () => void {
  let byPointer = false;
  const onPointer = (): void => {
    byPointer = true;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Tab') byPointer = false;
    if (event.defaultPrevented || event.isComposing) return;
    const found = commandFor(event, focusKind(event.target, byPointer));
    if (found === null || restsBehind(session.getState().dialog, spell(event))) return;
    event.preventDefault();
    if (found.when?.() ?? true) found.do();
  };
  view.addEventListener('keydown', onKey);
  view.addEventListener('pointerdown', onPointer, true);
  return () => {
    view.removeEventListener('keydown', onKey);
    view.removeEventListener('pointerdown', onPointer, true);
  };
}
