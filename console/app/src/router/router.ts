/** The browser's history as a thing pages can follow. A move made here asks the next page's heading to take the focus. */
import type { Moves } from "#console/router/history.ts";
import { addressOf as consoleAddressOf, type Route } from "#console/router/routes.ts";
import { addressOf, whereOf, type PageName, type Where } from "./addresses.ts";

type Listener = () => void;

export class AppRouter {
  readonly #listeners = new Set<Listener>();
  #moved = false;
  #where: Where = whereOf(window.location.pathname);

  constructor() {
    window.addEventListener("popstate", () => this.#arrive());
  }

  get where(): Where {
    return this.#where;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  go(page: PageName, rest: readonly string[] = []): void {
    window.history.pushState(null, "", addressOf(page, rest));
    window.scrollTo(0, 0);
    this.#arrive();
  }

  /** As go, but the way back does not lead to where one was. */
  replace(page: PageName, rest: readonly string[] = []): void {
    window.history.replaceState(null, "", addressOf(page, rest));
    this.#arrive();
  }

  /** True once after each move: the first heading to ask takes the focus. Not on the first load, which is the browser's own. */
  takeFocus(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Another page stands at the same address, because somebody signed in or out. */
  turned(): void {
    this.#moved = true;
  }

  #arrive(): void {
    this.#moved = true;
    this.#where = whereOf(window.location.pathname);
    for (const listener of this.#listeners) listener();
  }
}

/** What the console's own parts need of a router: here they stand at the app's addresses, and their links lead to the console. */
export function movesIn(router: AppRouter): Moves {
  const leave = (address: string): void => window.location.assign(address);
  const onward = (route: Route): void => {
    if (route.page === "sign_in") return router.go("today");
    const here = hereFor(route);
    return here === null ? leave(consoleAddressOf(route)) : router.go(here.page, here.rest);
  };
  return {
    route: { page: "unknown" },
    subscribe: () => () => undefined,
    go: onward,
    replace: (route) => leave(consoleAddressOf(route)),
    takeFocus: () => router.takeFocus(),
    turned: () => router.turned(),
  };
}

/** The app's own page for a page of the console's; null where it has none. */
function hereFor(route: Route): { page: PageName; rest: readonly string[] } | null {
  if (route.page !== "sharing") return null;
  if (route.part === "looked") return { page: "looked", rest: [] };
  if (route.part === "people") return { page: "delegates", rest: [] };
  return route.part === "copies" ? null : { page: "delegates", rest: [route.part] };
}
