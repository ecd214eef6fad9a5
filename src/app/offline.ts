/** After the first visit the page works without a network: a service worker keeps its files (public/sw.js). */

/** Registers the service worker once the page is up, and lets it fetch editor and terminal when there is time. */
export function keepOffline(view: Window): void {
  const { navigator } = view;
  if (!('serviceWorker' in navigator) || !view.isSecureContext) return;
  view.addEventListener('load', () => {
    navigator.serviceWorker
      .register('./sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then((registration) => {
        view.setTimeout(() => registration.active?.postMessage('warm'), 8000);
      })
      // Without it the page still works while there is a network.
      .catch(() => undefined);
  });
}
