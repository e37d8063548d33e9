// Opens the field page without a net. It keeps the page, its files and the lists of places; reports are not its business.
// The server puts `VERSION` and `FILES` in front of this text, so that a change of any file makes a new worker.

const FILES_OF_THIS = `field-files-${VERSION}`;
const PAGES = "field-pages";
const NET_WITHIN = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES_OF_THIS).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOlder(), keepPage()]).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/field/sign-out") event.waitUntil(caches.delete(PAGES));
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && url.pathname === "/field") event.respondWith(page(event.request, event));
  else if (url.pathname.startsWith("/field/static/")) event.respondWith(file(event.request));
  else if (url.pathname.startsWith("/field/places")) event.respondWith(list(event.request, event));
});

async function dropOlder() {
  const old = (await caches.keys()).filter((name) => name.startsWith("field-files-") && name !== FILES_OF_THIS);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// The page came before its worker: without this the first visit would leave nothing for the second one to open.
async function keepPage() {
  try {
    await keep(new Request("/field"), await fetch("/field"));
  } catch {
    // the next visit keeps it
  }
}

async function keep(request, response) {
  if (!response.ok || response.redirected) return;
  const cache = await caches.open(PAGES);
  await cache.put(new URL(request.url).pathname, response.clone());
}

// The kept page also opens when the session has ended: whoever is out there can still write, and is asked to sign in.
async function page(request, event) {
  const kept = await caches.match("/field", { cacheName: PAGES });
  const asked = fetch(request).then(async (response) => {
    event.waitUntil(keep(request, response.clone()));
    return response;
  });
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(() => resolve(null), NET_WITHIN));
  const answer = await Promise.race([asked.catch(() => null), late]);
  return answer?.ok ? answer : kept;
}

async function file(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}

async function list(request, event) {
  const path = new URL(request.url).pathname;
  try {
    const response = await fetch(request);
    event.waitUntil(keep(request, response.clone()));
    if (response.ok) return response;
    return (await caches.match(path, { cacheName: PAGES })) ?? response;
  } catch (error) {
    const kept = await caches.match(path, { cacheName: PAGES });
    if (kept) return kept;
    throw error;
  }
}
