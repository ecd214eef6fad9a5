// Keeps the page working without a network after its first visit. The build fills in the lists below; the cache's name
// carries a hash of them, so a new build gets a cache of its own and the old one is dropped.
const VERSION = '__VERSION__';
/** What the page needs to come up: fetched when this worker is installed. */
const CORE = ['__CORE__'];
/** Editor, terminal and schemas: fetched when the page says that it has time. */
const LATER = ['__LATER__'];

const CACHE = `hopyard-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(CORE))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith('hopyard-') && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('message', (event) => {
  if (event.data !== 'warm') return;
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      for (const url of LATER) {
        if ((await cache.match(url)) === undefined) await cache.add(url).catch(() => undefined);
      }
    }),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(request.mode === 'navigate' ? page(request) : asset(request));
});

/** The page itself: from the network, so that a new build is seen at once; from the cache when there is none. */
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) return answer;
    throw new Error(String(answer.status));
  } catch (error) {
    const kept = await caches.match('./', { ignoreVary: true });
    if (kept !== undefined) return kept;
    throw error;
  }
}

/**
 * Everything else carries a hash in its name and never changes. Servers that answer "Vary: Origin" would otherwise keep
 * module scripts, which are asked for with an Origin, from being found.
 */
async function asset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
