/**
 * Watches over the use of a session: hears the reader's hands here and in this browser's other tabs, asks the pure rules each
 * second and whenever the page wakes, and ends the session when they say so. Whoever signs out in one tab is out in all.
 */
import { readClocks, type Clocks } from "../live/clocks.ts";
import { everySecond, onReturn } from "../live/ticking.ts";
import { begun, standing, told, usedNow, type Standing, type Use } from "./idleness.ts";
import type { Limits, Session } from "./session.ts";
import type { Said, Tabs } from "./tabs.ts";

/** What attendance needs from the world; a test gives its own. */
export interface Surroundings {
  clocks(): Clocks;
  /** Calls back at each sign of the reader's hands: keys, clicks, touches, the wheel. Returns how to stop. */
  onHands(act: () => void): () => void;
  /** Calls back at least once a second while the page runs, and at once when it wakes. */
  onTime(act: () => void): () => void;
  readonly tabs: Tabs;
}

/** Other tabs hear of use no more often than this. */
const TELL_EVERY_MS = 5_000;

const IN_USE: Standing = { is: "in_use" };

export class Attendance {
  #use: Use | null = null;
  #limits: Limits | null = null;
  #shown: Standing = IN_USE;
  #toldTabsAt = -Infinity;
  readonly #session: Session;
  readonly #world: Surroundings;
  readonly #listeners = new Set<() => void>();
  /** Who asked whether somebody is signed in elsewhere. */
  readonly #waiting = new Set<(somebody: boolean) => void>();

  constructor(session: Session, world: Surroundings) {
    this.#session = session;
    this.#world = world;
    session.subscribe(() => this.#follow());
    world.onHands(() => this.#hands());
    world.onTime(() => this.look());
    world.tabs.onHeard((said) => this.#hear(said));
    this.#follow();
  }

  /** What the page shows: nothing, or a warning with what is left. */
  get standing(): Standing {
    return this.#shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A live connection is open: that is use of this session, to the API as well, but not of other tabs' sessions. */
  heldOpen(): void {
    if (this.#use !== null) this.#usedNow();
  }

  /** The reader says that they are there. Asks the API too, so that "signed in" is true. */
  async stay(): Promise<void> {
    this.#usedNow();
    this.#tellTabs();
    await this.#session.renew();
  }

  /** By the reader's own hand: out here, and in every other tab with the same account. */
  async signOut(): Promise<void> {
    const account = this.#account;
    if (account !== null) this.#world.tabs.say({ type: "signed_out", account });
    await this.#session.signOut();
  }

  look(): void {
    if (this.#use === null) return;
    const found = standing(this.#use, this.#world.clocks());
    if (found.is === "over") void this.#session.end(found.why);
    else this.#show(found);
  }

  /**
   * Ask this browser's other tabs whether somebody is signed in there: `act` is told when one says so, and when that session
   * has ended. Returns how to stop.
   */
  askElsewhere(act: (somebody: boolean) => void): () => void {
    this.#waiting.add(act);
    this.#world.tabs.say({ type: "anybody?" });
    return () => void this.#waiting.delete(act);
  }

  #hear(said: Said): void {
    if (said.type === "look") return undefined;
    if (said.type === "somebody") return this.#waiting.forEach((act) => act(true));
    if (said.type === "ended") return this.#askAgain();
    if (said.type === "anybody?") return this.#account === null ? undefined : this.#world.tabs.say({ type: "somebody" });
    if (said.account !== this.#account) return;
    if (said.type === "used") this.#usedNow();
    else void this.#session.end("elsewhere");
  }

  /** Of two who were signed in elsewhere one may still be. */
  #askAgain(): void {
    if (this.#waiting.size === 0) return;
    this.#waiting.forEach((act) => act(false));
    this.#world.tabs.say({ type: "anybody?" });
  }

  get #account(): string | null {
    const { state } = this.#session;
    return state.status === "signed_in" ? state.account.id : null;
  }

  #follow(): void {
    const { limits } = this.#session;
    if (limits === this.#limits) return;
    this.#limits = limits;
    const now = this.#world.clocks();
    if (limits === null) this.#use = null;
    else this.#use = this.#use === null ? begun(limits, now) : told(this.#use, limits, now);
    if (this.#use !== null) return;
    this.#show(IN_USE);
    this.#world.tabs.say({ type: "ended" });
  }

  /** While the warning stands only its buttons count: the hand that reaches for "Sign out" must not take it away. */
  #hands(): void {
    if (this.#use === null || this.#shown.is === "ending") return;
    this.#usedNow();
    this.#tellTabs();
  }

  /** Whatever comes too late revives nothing: a machine that slept may hear a key before its clock. */
  #usedNow(): void {
    this.look();
    if (this.#use === null) return;
    this.#use = usedNow(this.#use, this.#world.clocks());
    this.#session.used();
    this.look();
  }

  #tellTabs(): void {
    const { steady } = this.#world.clocks();
    const account = this.#account;
    if (account === null || steady - this.#toldTabsAt < TELL_EVERY_MS) return;
    this.#toldTabsAt = steady;
    this.#world.tabs.say({ type: "used", account });
  }

  #show(found: Standing): void {
    const same = this.#shown.is === "in_use" && found.is === "in_use";
    this.#shown = found;
    if (!same) for (const listener of this.#listeners) listener();
  }
}

const HANDS = ["keydown", "pointerdown", "touchstart", "wheel"] as const;

/** The browser as it is. */
export function browserSurroundings(tabs: Tabs): Surroundings {
  return {
    clocks: readClocks,
    onHands: (act) => {
      for (const name of HANDS) window.addEventListener(name, act, { capture: true, passive: true });
      return () => {
        for (const name of HANDS) window.removeEventListener(name, act, { capture: true });
      };
    },
    onTime: (act) => {
      const stops = [everySecond(act), onReturn(act)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    tabs,
  };
}
