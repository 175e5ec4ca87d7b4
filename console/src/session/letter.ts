/**
 * The token of a link that came by mail. It stands behind '#', so no server is sent it; here it is taken out of the address
 * at once, so that it is in no history, bookmark or picture of the screen, and lives in memory until it is used.
 */

export interface Letter {
  /** The token of the link that was opened last, if there is one. */
  token(): string | null;
  /** The link was used, or is worthless. */
  forget(): void;
  /** Calls back when another link is opened in the same tab, which loads no page. */
  onOpened(act: () => void): () => void;
}

const TOKEN = /^#token=([A-Za-z0-9_-]{1,128})$/;

export function takenFrom(page: Window): Letter {
  let held: string | null = null;
  const listeners = new Set<() => void>();
  const take = (): void => {
    const { hash, pathname, search } = page.location;
    const found = TOKEN.exec(hash)?.[1];
    if (found === undefined) return;
    held = found;
    page.history.replaceState(null, "", pathname + search);
    for (const listener of listeners) listener();
  };
  page.addEventListener("hashchange", take);
  take();
  return {
    token: () => held,
    forget: () => {
      held = null;
    },
    onOpened: (act) => {
      listeners.add(act);
      return () => void listeners.delete(act);
    },
  };
}
