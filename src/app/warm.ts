/**
 * Loads, before anybody asks, what the page can come up without: at the first sign of a visitor, or after a while. So what
 * is opened is there at once, and the first picture waits for none of it.
 */
import { warmInspector } from '../inspector/inspector';
import { warmMenus } from '../ui/menu';
import { OpenDialog } from './dialog-place';
import { DrawerPage } from './drawer';

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
/** Without a sign; the first packet and the editor have come by then. */
const AFTER_MS = 6000;

export function warmLater(view: Window): void {
  const warm = (): void => {
    for (const sign of SIGNS) view.removeEventListener(sign, warm, true);
    view.clearTimeout(timer);
    void warmInspector();
    void OpenDialog.warm();
    void DrawerPage.warm();
    warmMenus().catch(() => undefined);
  };
  const timer = view.setTimeout(warm, AFTER_MS);
  for (const sign of SIGNS) view.addEventListener(sign, warm, { capture: true, passive: true });
}
