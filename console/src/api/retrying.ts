/**
 * Asks the API again, by itself, for what could not be loaded: after the same waits as a lost live connection, and at once
 * when someone looks again. Gives up only what asking again cannot change. Knows no page.
 */
import { delayAfter } from "../live/backoff.ts";
import { Refused } from "./http.ts";

/** What the retrying needs from the world; a test gives its own. */
export interface RetryWorld {
  /** Resolves after so many milliseconds, or sooner when someone looks again. Rejects when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  chance(): number;
}

/** No answer, too busy or broken for now: refusals of what was asked for (401, 403, 404, 422) stay as they are. */
const PASSING = new Set([408, 425, 429]);

/** Whether the same question may be answered a moment later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Refused)) return true;
  return error.status >= 500 || PASSING.has(error.status);
}

/** The first answer. `failed` hears of each failure on the way; raises what will not pass, and when the signal aborts. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  failed: (error: unknown) => void,
  signal: AbortSignal,
  world: RetryWorld,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      failed(error);
    }
    await world.pause(delayAfter(failures, world.chance()), signal);
  }
}
