/** On a screen that is too small for all columns, the manifests fold away while something is open, and come back after. */
import { session, type Selection } from '../state/session';

/** Width of the window in px below which manifests, canvas and what is open do not fit beside each other. */
function roomFor(selection: Selection | null): number {
  if (selection === null) return 0;
  // A packet's road runs through the whole canvas and its hops take a wider column than an object.
  return selection.kind === 'ref' ? 1280 : 1600;
}

/** Begins to; the returned function ends it. */
export function parkEditor(view: Window): () => void {
  let parked = false;
  return session.subscribe((state, before) => {
    if (state.selection === before.selection || state.narrow) return;
    const fits = (selection: Selection | null): boolean => view.innerWidth >= roomFor(selection);
    if (state.panels.editor && !fits(state.selection) && fits(before.selection)) {
      parked = true;
      session.setState({ panels: { ...state.panels, editor: false } });
    } else if (state.selection === null && parked) {
      parked = false;
      session.setState({ panels: { ...session.getState().panels, editor: true } });
    }
  });
}
