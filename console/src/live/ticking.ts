/** The page's second hand: one timer for all ages on screen, and at once when the page comes back into view. */
import { useEffect, useState } from "preact/hooks";

type Listener = () => void;

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;

function tell(): void {
  for (const listener of listeners) listener();
}

/** Call `listener` every second while the page lives; returns how to stop. */
export function everySecond(listener: Listener): () => void {
  listeners.add(listener);
  timer ??= setInterval(tell, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Call `listener` when someone may be looking again: the tab is shown, the page is unfrozen, the network is back. */
export function onReturn(listener: Listener): () => void {
  const shown = (): void => {
    if (document.visibilityState === "visible") listener();
  };
  document.addEventListener("visibilitychange", shown);
  document.addEventListener("resume", listener);
  window.addEventListener("pageshow", listener);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    document.removeEventListener("visibilitychange", shown);
    document.removeEventListener("resume", listener);
    window.removeEventListener("pageshow", listener);
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Render again every second. For small components only: an age, a connection's state. */
export function useSecond(): void {
  const [, setCount] = useState(0);
  useEffect(() => everySecond(() => setCount((count) => count + 1)), []);
}
