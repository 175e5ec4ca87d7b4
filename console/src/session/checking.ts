/**
 * Asks by itself whether the session still stands, so that a page that nobody touches does not stay on a screen after it was
 * ended elsewhere: once a minute while the page is in sight, and at once when somebody may be looking again, when the
 * machine wakes, and when another tab says that sessions were ended. To ask is no use of the session: nobody stays signed in
 * by it. A page that the browser had put away whole is covered until there is an answer.
 */
import { elapsed, readClocks, type Clocks } from "../live/clocks.ts";
import { everySecond, onReturn } from "../live/ticking.ts";
import type { Session } from "./session.ts";
import type { Tabs } from "./tabs.ts";

export const ASK_EVERY_MS = 60_000;
/** After a question that nobody answered. */
export const ASK_AGAIN_MS = 10_000;

/** What it needs from the world; a test gives its own. */
export interface Sight {
  clocks(): Clocks;
  /** Whether the page may be looked at. */
  inSight(): boolean;
  /** Calls back at least once a second while the page runs. */
  onTime(act: () => void): void;
  /** Calls back when somebody may be looking again. */
  onReturn(act: () => void): void;
  /** Calls back when the page is shown as the browser had put it away. */
  onTakenOut(act: () => void): void;
  readonly tabs: Tabs;
}

export class Checking {
  #dueFrom: { at: Clocks; ms: number } | null = null;
  #asking = false;
  /** Asked for while a question was under way: that one may have been answered before what it is about. */
  #again = false;
  #covered = false;
  /** Which session is asked about. */
  #holder: number | null = null;
  readonly #session: Session;
  readonly #world: Sight;
  readonly #listeners = new Set<() => void>();

  constructor(session: Session, world: Sight) {
    this.#session = session;
    this.#world = world;
    session.subscribe(() => this.#follow());
    world.onTime(() => this.#look());
    world.onReturn(() => this.#ask());
    world.onTakenOut(() => this.#cover());
    world.tabs.onHeard(({ type }) => {
      if (type === "ended" || type === "look") this.#ask();
    });
    this.#follow();
  }

  /** Whether what is on the page may not be shown until there is an answer. */
  get covered(): boolean {
    return this.#covered;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Others of the same person's sessions were ended here: this browser's other tabs shall not wait a minute to learn it. */
  endedOthers(): void {
    this.#world.tabs.say({ type: "look" });
  }

  get #signedIn(): boolean {
    return this.#session.state.status === "signed_in";
  }

  #follow(): void {
    const holder = this.#signedIn ? this.#session.holder : null;
    if (holder === this.#holder) return;
    this.#holder = holder;
    this.#dueFrom = holder === null ? null : { at: this.#world.clocks(), ms: ASK_EVERY_MS };
    if (holder === null) this.#show(false);
  }

  #look(): void {
    if (this.#dueFrom === null || !this.#world.inSight()) return;
    if (elapsed(this.#dueFrom.at, this.#world.clocks()) >= this.#dueFrom.ms) this.#ask();
  }

  #cover(): void {
    if (!this.#signedIn) return;
    this.#show(true);
    this.#ask();
  }

  #ask(): void {
    if (!this.#signedIn || !this.#world.inSight()) return;
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    void this.#session.check().then((answered) => {
      this.#asking = false;
      if (this.#signedIn) this.#dueFrom = { at: this.#world.clocks(), ms: answered ? ASK_EVERY_MS : ASK_AGAIN_MS };
      if (answered && !this.#again) this.#show(false);
      const again = this.#again;
      this.#again = false;
      if (again) this.#ask();
    });
  }

  #show(covered: boolean): void {
    if (covered === this.#covered) return;
    this.#covered = covered;
    for (const listener of this.#listeners) listener();
  }
}

/** The browser as it is. */
export function browserSight(tabs: Tabs): Sight {
  return {
    clocks: readClocks,
    inSight: () => document.visibilityState === "visible",
    onTime: (act) => void everySecond(act),
    onReturn: (act) => void onReturn(act),
    onTakenOut: (act) => window.addEventListener("pageshow", ({ persisted }) => persisted && act()),
    tabs,
  };
}
