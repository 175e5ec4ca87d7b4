/**
 * Asks the API again for the latest of a patient of whom something is not known, until it is known or the patient is gone.
 * Waits longer after each failure, up to a bound; never gives up by itself, for the screen says "not known" meanwhile.
 * Knows no route, no book and no page.
 */
import { delayAfter } from "./backoff.ts";

/** What came of one question: it is known now (or nobody may know), or to be asked again. */
export type Outcome = "settled" | "open";

/** What the asking needs from the world; a test gives its own. */
export interface AskingWorld {
  /** Ask once, and take the answer. May reject, which is as `open`. */
  ask(patientId: string): Promise<Outcome>;
  /** Whether the answer is still wanted: the feed may have told it meanwhile. */
  wanted(patientId: string): boolean;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>;
  chance(): number;
}

export class Asking {
  readonly #world: AskingWorld;
  readonly #underWay = new Set<string>();
  #stopped = false;

  constructor(world: AskingWorld) {
    this.#world = world;
  }

  /** To be called whenever something is not known; one question at a time is under way for each patient. */
  need(patients: Iterable<string>): void {
    for (const patientId of patients) {
      if (this.#underWay.has(patientId)) continue;
      this.#underWay.add(patientId);
      void this.#pursue(patientId).finally(() => this.#underWay.delete(patientId));
    }
  }

  /** Nothing is asked from now on. */
  stop(): void {
    this.#stopped = true;
  }

  async #pursue(patientId: string): Promise<void> {
    for (let failures = 1; this.#isWanted(patientId); failures += 1) {
      const outcome = await this.#world.ask(patientId).catch((): Outcome => "open");
      if (outcome !== "open" || !this.#isWanted(patientId)) return;
      await this.#world.pause(delayAfter(failures, this.#world.chance()));
    }
  }

  #isWanted(patientId: string): boolean {
    return !this.#stopped && this.#world.wanted(patientId);
  }
}
