/** The browser as a store sees it. */
import type { World } from "./store.ts";

const CHANNEL = "tendwell.app.store";

/** `name`: of whose record, so that another's tabs neither wait nor look. `onChanged`: another tab has changed what lies there. */
export function browserWorld(name: string, onChanged: () => void): World & { readonly end: () => void } {
  const channel = new BroadcastChannel(`${CHANNEL}.${name}`);
  channel.addEventListener("message", onChanged);
  return {
    now: () => Date.now(),
    chance: Math.random,
    hasNetwork: () => navigator.onLine,
    inTurn: (act) => inTurn(`tendwell.app.sync.${name}`, act),
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    tellOthers: () => channel.postMessage("changed"),
    end: () => channel.close(),
  };
}

/** Runs `act` while no other tab of this browser holds the name. A page without TLS has no locks, and keeps nothing either. */
export async function inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  return locks === undefined ? act() : await locks.request(name, act);
}
