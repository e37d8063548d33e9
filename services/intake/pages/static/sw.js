// Opens the field page without a net. It keeps the page and its files; places and reports are kept by the page.
// The server puts `VERSION` and `FILES` in front of this text, so that a change of any file makes a new worker.

const FILES_OF_THIS = `field-files-${VERSION}`;
const PAGES = "field-pages";
const NET_WITHIN = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES_OF_THIS).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(renew().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/field/sign-out") event.waitUntil(caches.delete(PAGES));
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && url.pathname === "/field") event.respondWith(page(event.request, event));
  else if (url.pathname.startsWith("/field/static/")) event.respondWith(file(event.request));
});

// The page came before its worker: without this the first visit would leave nothing for the second one to open. The files
// of an older page stay until there is a newer page.
async function renew() {
  try {
    await keep(await fetch("/field"));
  } catch {
    return;
  }
  const old = (await caches.keys()).filter((name) => name.startsWith("field-files-") && name !== FILES_OF_THIS);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keep(response) {
  if (!response.ok || response.redirected) return;
  const cache = await caches.open(PAGES);
  await cache.put("/field", response);
}

// The kept page also opens when the session has ended: whoever is out there can still write, and is asked to sign in.
async function page(request, event) {
  const kept = await caches.match("/field", { cacheName: PAGES });
  const asked = fetch(request);
  event.waitUntil(asked.then((response) => keep(response.clone())).catch(() => {}));
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(() => resolve(null), NET_WITHIN));
  const answer = await Promise.race([asked.catch(() => null), late]);
  return answer?.ok ? answer : kept;
}

async function file(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}
