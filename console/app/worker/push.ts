/** Shows what is pushed, and opens the app at today's page when it is touched. */
import { pushedOf, shownOf } from "./pushed.ts";

/** Said to a window of the app that is open already: whatever the notice is about, today's page has it. */
const OPEN_TODAY = "open today";

/** Show what is pushed, once for each id, and open the app when it is touched. */
export function pushesOf(worker: ServiceWorkerGlobalScope, scope: string): void {
  worker.addEventListener("push", (event) => {
    const shown = shownOf(pushedOf(event.data?.text()));
    event.waitUntil(worker.registration.showNotification("Tendwell", { ...shown, icon: `${scope}icon-192.png` }));
  });
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(openApp(worker, scope));
  });
}

/** The window that is open, or a new one. */
async function openApp(worker: ServiceWorkerGlobalScope, scope: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: "window" });
  const open = windows.find(({ url }) => new URL(url).pathname.startsWith(scope));
  if (open === undefined) return void (await worker.clients.openWindow(scope));
  open.postMessage(OPEN_TODAY);
  await open.focus();
}
