/** Where a dialog appears. Dialogs are loaded after the first picture. */
import { useSession } from '../state/session';
import { arriving } from '../ui/arriving';

export const OpenDialog = arriving(() => import('./dialogs').then((m) => m.OpenDialog));

export function Dialogs() {
  const isOpen = useSession((state) => state.dialog !== null || state.crash !== null);
  return isOpen ? <OpenDialog /> : null;
}
