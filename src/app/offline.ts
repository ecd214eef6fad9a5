/** After the first visit the page works without a network: a service worker keeps its files (public/sw.js). */

/** The service worker fetches everything again; the first packet and the editor have the line to themselves till then. */
const AFTER_MS = 6000;

/** Registers the service worker once the page is up, and lets it fetch editor and terminal when there is time. */
export function keepOffline(view: Window): void {
  const { navigator } = view;
  if (!('serviceWorker' in navigator) || !view.isSecureContext) return;
  const register = (): void => {
    navigator.serviceWorker
      .register('./sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then((registration) => {
        view.setTimeout(() => registration.active?.postMessage('warm'), AFTER_MS);
      })
      // Without it the page still works while there is a network.
      .catch(() => undefined);
  };
  view.addEventListener('load', () => view.setTimeout(register, AFTER_MS));
}
