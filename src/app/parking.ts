/** On a screen that is too small for all columns, the manifests fold away while a packet is open, and come back after. */
import { session } from '../state/session';

const ROOMY_PX = 1600;

export function parkEditor(view: Window): () => void {
  let parked = false;
  return session.subscribe((state, before) => {
    if (state.selection === before.selection || state.narrow) return;
    const packet = state.selection?.kind === 'packet' || state.selection?.kind === 'request';
    if (packet && state.panels.editor && before.selection === null && view.innerWidth < ROOMY_PX) {
      parked = true;
      session.setState({ panels: { ...state.panels, editor: false } });
    } else if (state.selection === null && parked) {
      parked = false;
      session.setState({ panels: { ...session.getState().panels, editor: true } });
    }
  });
}
