/** The browser's history as a thing pages can follow. A move made here asks the next page's heading to take the focus. */
import { addressOf, routeOf, type Route } from "./routes.ts";

type Listener = () => void;

/** What a page's parts need of it; the patient's app has a router of its own, at other addresses. */
export type Moves = Pick<Router, "route" | "subscribe" | "go" | "replace" | "takeFocus" | "turned">;

export class Router {
  readonly #listeners = new Set<Listener>();
  #moved = false;

  constructor() {
    window.addEventListener("popstate", () => {
      this.#moved = true;
      this.#tell();
    });
  }

  get route(): Route {
    return routeOf(window.location.pathname);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  go(route: Route): void {
    window.history.pushState(null, "", addressOf(route));
    window.scrollTo(0, 0);
    this.#moved = true;
    this.#tell();
  }

  /** As go, but the reader's Back button does not return to where they were. */
  replace(route: Route): void {
    window.history.replaceState(null, "", addressOf(route));
    this.#moved = true;
    this.#tell();
  }

  /** True once after each move: the first heading to ask takes the focus. Not on the first load, which is the browser's own. */
  takeFocus(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Another page stands at the same address, because somebody signed in or out: its heading takes the focus too. */
  turned(): void {
    this.#moved = true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
