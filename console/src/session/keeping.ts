/**
 * Where the refresh token is kept. It lives in memory; it is put into sessionStorage only while the page is out of sight
 * (a reload, a deep link, a phone putting the tab to sleep) and taken out again when the page is back.
 * Why not leave it there: browsers copy sessionStorage into a duplicated tab, and two tabs rotating one refresh token
 * look to the server like theft, which would sign a clinician out in the middle of watching someone.
 */

const KEY = "tendwell.refresh";

export interface Keeping {
  get(): string | null;
  set(token: string | null): void;
}

export function keepWhileAway(page: Window = window): Keeping {
  let held = page.sessionStorage.getItem(KEY);
  let away = false;
  const settle = (): void => {
    if (away && held !== null) page.sessionStorage.setItem(KEY, held);
    else page.sessionStorage.removeItem(KEY);
  };
  const leave = (): void => {
    away = true;
    settle();
  };
  const come = (): void => {
    away = false;
    settle();
  };
  page.addEventListener("pagehide", leave);
  page.addEventListener("pageshow", come);
  page.document.addEventListener("visibilitychange", () => (page.document.visibilityState === "hidden" ? leave() : come()));
  settle();
  return {
    get: () => held,
    set: (token) => {
      held = token;
      settle();
    },
  };
}
