/**
 * Which edition of the app this is, and when another is ready: the service worker has it whole, and waits. To take it over
 * reloads the page, so it is asked first; what was typed and not kept would be lost.
 */

export interface Editions {
  /** Whether a newer one waits. */
  readonly isReady: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** Take it over: the page loads anew. */
  readonly takeOver: () => void;
}

const LOOK_EVERY_MS = 60 * 60_000;

/** Registers the worker that answers without a network. Where there is none, there is one edition: the server's. */
export function editionsOf(container: ServiceWorkerContainer | undefined): Editions {
  const listeners = new Set<() => void>();
  let waiting: ServiceWorker | null = null;
  let isTaking = false;
  const ready = (worker: ServiceWorker | null): void => {
    // The first one of all takes over by itself.
    if (worker === null || container?.controller === null) return;
    waiting = worker;
    for (const listener of listeners) listener();
  };
  const follow = (registration: ServiceWorkerRegistration): void => {
    ready(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      coming?.addEventListener("statechange", () => coming.state === "installed" && ready(coming));
    });
    const look = (): void => void registration.update().catch(() => undefined);
    setInterval(look, LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  };
  container?.addEventListener("controllerchange", () => isTaking && window.location.reload());
  container?.register("/app/sw.js", { scope: "/app/" }).then(follow, () => undefined);
  return {
    isReady: () => waiting !== null,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    takeOver: () => {
      isTaking = true;
      waiting?.postMessage("take over");
    },
  };
}
