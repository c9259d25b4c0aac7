// Keeps the page for use without a network. export/browser.py writes SHELL and FILES, whose names change with their content.

const CACHE = 'kerasformer',
  SHELL = ['shell'],
  FILES = ['files'];

self.addEventListener('install', event =>
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(SHELL.map(name => new Request(name, { cache: 'reload' })));
      await self.skipWaiting();
    })(),
  ),
);

self.addEventListener('activate', event =>
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE),
        kept = [...SHELL, ...FILES].map(name => new URL(name, self.location).href);
      for (const request of await cache.keys()) if (!kept.includes(request.url)) await cache.delete(request);
      await self.clients.claim();
    })(),
  ),
);

self.addEventListener('fetch', event => {
  if (event.request.method !== 'GET' || new URL(event.request.url).origin !== self.location.origin) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE),
        found = await cache.match(event.request, { ignoreSearch: true });
      if (found) return found;
      const response = await fetch(event.request);
      if (response.status === 200) await cache.put(event.request, response.clone());
      return response;
    })(),
  );
});
