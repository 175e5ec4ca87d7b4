/** Which language the app speaks: the person's choice, kept on this phone; until they choose, the browser's. */
import { useEffect, useState } from "preact/hooks";

export type Language = "en" | "cy";

const KEY = "tendwell.app.language";
const TAGS: Readonly<Record<Language, string>> = { en: "en-GB", cy: "cy" };

let chosen: Language = kept() ?? ofTheBrowser();
const listeners = new Set<() => void>();

export function language(): Language {
  return chosen;
}

/** Speak it from now on, and at the next opening. */
export function choose(next: Language): void {
  chosen = next;
  document.documentElement.lang = TAGS[next];
  try {
    window.localStorage.setItem(KEY, next);
  } catch {
    // Forbidden by the browser's settings: for this page it holds.
  }
  for (const listener of listeners) listener();
}

/** Tell the browser and whoever reads the page aloud which language it is in. */
export function declare(): void {
  document.documentElement.lang = TAGS[chosen];
}

export function useLanguage(): Language {
  const [shown, setShown] = useState(chosen);
  useEffect(() => {
    const listen = (): void => setShown(chosen);
    listeners.add(listen);
    listen();
    return () => void listeners.delete(listen);
  }, []);
  return shown;
}

function kept(): Language | null {
  try {
    const found = window.localStorage.getItem(KEY);
    return found === "en" || found === "cy" ? found : null;
  } catch {
    return null;
  }
}

function ofTheBrowser(): Language {
  const tag = typeof navigator === "undefined" ? "" : navigator.language;
  return tag.toLowerCase().startsWith("cy") ? "cy" : "en";
}
