/** Puts the page together: saved workspace, surroundings, cluster, keys, then the first render. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { watchSurroundings } from '../state/prefs';
import { keepWorkspace } from '../state/saving';
import { startCluster, watchTyping } from '../state/wire';
import type { Mailbox } from '../worker/client';
import { App } from './app';
import { keepFocus } from './focus';
import { listenForKeys } from './keys';
import { PageGuard } from './page-guard';
import { parkEditor } from './parking';
import { warmLater } from './warm';

/** Starts everything. `spawn` makes the cluster's Worker. */
export function mount(root: HTMLElement, spawn: () => Mailbox): void {
  watchSurroundings(window);
  keepWorkspace(localStorage);
  startCluster(spawn);
  watchTyping();
  listenForKeys(window);
  keepFocus(window);
  parkEditor(window);
  warmLater(window);
  // A task of its own: the worker is on its way already, and reading the script took its share of a frame.
  setTimeout(() => render(root), 0);
}

function render(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <PageGuard>
        <App />
      </PageGuard>
    </StrictMode>,
  );
}
