/**
 * When a board asks whether its rows are still the same: once a minute while it is live and in sight, and as soon as it is
 * live again after a break. Not while it is not live: an open connection is use of the session, a question by itself is not
 * to be. Knows no route and no page.
 */
import { elapsed, type Clocks } from "./clocks.ts";
import type { Connection } from "./state.ts";

const EVERY_MS = 60_000;

/** What a board shows: the edition of each row. The same object for as long as it shows the same. */
export interface Shown {
  readonly rows: readonly string[];
  /** The last one loaded, of a board that goes on behind them. */
  readonly upTo: string | null;
}

/** What it needs from the world; a test gives its own. */
export interface EditionWorld {
  clocks(): Clocks;
  inSight(): boolean;
  /** Null while it is being loaded. */
  shown(): Shown | null;
  /** The editions that stand now; rejects when nobody answers. */
  ask(upTo: string | null): Promise<readonly string[]>;
  /** Somebody came, moved or is called otherwise: the board has to be loaded again, which is a look at each of them. */
  changed(): void;
  /** Only these stand on it still: nobody needs to be looked at for that. */
  left(standing: ReadonlySet<string>): void;
}

export class Edition {
  #askedAt: Clocks | null = null;
  #asking = false;
  #wasLive = false;
  readonly #world: EditionWorld;

  constructor(world: EditionWorld) {
    this.#world = world;
  }

  /** To be called at least once a second, and whenever the page comes back into view. */
  tick(connection: Connection): void {
    const live = connection === "live";
    const due = this.#askedAt === null || elapsed(this.#askedAt, this.#world.clocks()) >= EVERY_MS;
    const shown = this.#world.shown();
    const asks = live && !this.#asking && this.#world.inSight() && (due || !this.#wasLive) && shown !== null;
    // What came back to life out of sight, or while the board was loading, is asked for once it can be.
    this.#wasLive = live && (this.#wasLive || asks);
    if (asks) void this.#ask(shown);
  }

  async #ask(shown: Shown): Promise<void> {
    this.#asking = true;
    this.#askedAt = this.#world.clocks();
    try {
      const stands = await this.#world.ask(shown.upTo);
      // What was answered is of another board than the one shown by now: asked again at once.
      if (this.#world.shown() === shown) this.#compare(shown.rows, stands);
      else this.#askedAt = null;
    } catch {
      // Asked again in a minute, or when the connection comes back.
    } finally {
      this.#asking = false;
    }
  }

  #compare(rows: readonly string[], stands: readonly string[]): void {
    const known = new Set(rows);
    const standing = new Set(stands);
    // With nobody left there may be others behind those that were loaded.
    if (standing.size === 0 || stands.some((each) => !known.has(each))) this.#world.changed();
    else if (rows.some((each) => !standing.has(each))) this.#world.left(standing);
  }
}
