/**
 * When a board asks whether those on it are still the same: once a minute while it is live and in sight, and as soon as it is
 * live again after a break. Not while it is not live: an open connection is use of the session, a question by itself is not
 * to be. Knows no route and no page.
 */
import { elapsed, type Clocks } from "./clocks.ts";
import type { Connection } from "./state.ts";

const EVERY_MS = 60_000;

/** What it needs from the world; a test gives its own. */
export interface EditionWorld {
  clocks(): Clocks;
  inSight(): boolean;
  /** The edition that stands now; rejects when nobody answers. */
  ask(): Promise<string>;
  /** The board is another one than when it was asked for. */
  changed(): void;
}

export class Edition {
  /** Of before the board was loaded: who comes while it loads is found at the next question. */
  #known: string | null = null;
  #askedAt: Clocks | null = null;
  #asking = false;
  #wasLive = false;
  readonly #world: EditionWorld;

  constructor(world: EditionWorld) {
    this.#world = world;
  }

  /** What loading the board gives; which edition that is, at least, is asked first. */
  async loading<T>(load: () => Promise<T>): Promise<T> {
    this.#askedAt = this.#world.clocks();
    const edition = await this.#world.ask().catch(() => null);
    const board = await load();
    this.#known = edition;
    return board;
  }

  /** Somebody has left what is shown, not what was loaded: should they come back, the edition is that of before. */
  left(): void {
    this.#known = null;
  }

  /** To be called at least once a second, and whenever the page comes back into view. */
  tick(connection: Connection): void {
    const live = connection === "live";
    const due = this.#askedAt === null || elapsed(this.#askedAt, this.#world.clocks()) >= EVERY_MS;
    const asks = live && !this.#asking && this.#world.inSight() && (due || !this.#wasLive);
    // What came back to life out of sight is asked for once it is seen.
    this.#wasLive = live && (this.#wasLive || asks);
    if (asks) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#askedAt = this.#world.clocks();
    try {
      if ((await this.#world.ask()) !== this.#known) this.#world.changed();
    } catch {
      // Asked again in a minute, or when the connection comes back.
    } finally {
      this.#asking = false;
    }
  }
}
