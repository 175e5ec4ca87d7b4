/**
 * A half-filled form, kept for as long as the browser's tab is: a reload or a phone that puts the page to sleep loses nothing. In
 * sessionStorage, which goes with the tab, and under the account, so that nobody else finds it; signing out takes it away.
 */
import { useLayoutEffect, useState } from "preact/hooks";
import { usePerson } from "../services.ts";

const PREFIX = "tendwell.app.draft.";

/** What is typed, as it was left; `isBack` while it is what somebody had begun before. `forget` when it was kept or thrown away. */
export function useDraft<T>(name: string, begin: T) {
  const key = `${PREFIX}${usePerson()?.id ?? ""}.${name}`;
  const [found] = useState(() => read<T>(key));
  const [draft, setDraft] = useState<T>(found ?? begin);
  const [isBack, setIsBack] = useState(found !== null);
  // With what is shown and not some frames after it: a page that is left at once would lose the last that was typed.
  useLayoutEffect(() => {
    if (draft !== begin) write(key, draft);
  }, [key, draft, begin]);
  const forget = (): void => {
    remove(key);
    setDraft(begin);
    setIsBack(false);
  };
  return { draft, setDraft, isBack, forget };
}

/** Whether something was begun under a name. */
export function hasDraft(account: string, name: string): boolean {
  return read(`${PREFIX}${account}.${name}`) !== null;
}

/** Takes every draft away: for when somebody signs out. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(window.sessionStorage)) if (key.startsWith(PREFIX)) window.sessionStorage.removeItem(key);
  } catch {
    // Forbidden by the browser's settings: then there are none.
  }
}

function read<T>(key: string): T | null {
  try {
    const found = window.sessionStorage.getItem(key);
    return found === null ? null : (JSON.parse(found) as T);
  } catch {
    return null;
  }
}

function write(key: string, draft: unknown): void {
  try {
    window.sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Forbidden, or full: the form works all the same, for as long as the page does.
  }
}

function remove(key: string): void {
  try {
    window.sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}
