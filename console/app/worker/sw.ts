/**
 * The service worker: the app opens without a network because its own files are kept here, whole and of one edition.
 * What the API says is never kept here and never answered from here: a record belongs to whoever is signed in, and the page
 * keeps it, sealed, where the person has asked for that.
 */
import { pushesOf } from "./push.ts";

declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build (vite.config.ts). */
declare const __FILES__: readonly string[];
declare const __EDITION__: string;

const SCOPE = "/app/";
const KEPT = `tendwell-app-${__EDITION__}`;
const FILES: readonly string[] = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !pathname.startsWith(SCOPE)) return;
  if (request.mode === "navigate") event.respondWith(answerFrom(SCOPE, request));
  else if (FILES.includes(pathname.slice(SCOPE.length))) event.respondWith(answerFrom(pathname, request));
});

// Another edition waits until the person says so: the pages that are open were made for the files of this one.
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

pushesOf(self, SCOPE);

/** All or none: an edition of which a file is missing is not installed. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(KEPT);
  const asked = ["", ...FILES].map((name) => new Request(SCOPE + name, { cache: "no-cache", credentials: "same-origin" }));
  await cache.addAll(asked);
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("tendwell-app-") && name !== KEPT).map((name) => caches.delete(name)));
}

async function answerFrom(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  return (await cache.match(address)) ?? fetch(request);
}
