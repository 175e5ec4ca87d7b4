import { describe, expect, test } from "vitest";
import { Refused, Unreachable } from "../src/api/http.ts";
import { isPassing, untilAnswered } from "../src/api/retrying.ts";

/** Fails in turn with what is given, then answers "here"; pauses end at once, and are kept. */
function world(...failures: unknown[]) {
  const kept = { asked: 0, pauses: [] as number[], told: [] as unknown[], aborting: new AbortController() };
  const ask = (): Promise<string> => {
    kept.asked += 1;
    return failures.length > 0 ? Promise.reject(failures.shift() as Error) : Promise.resolve("here");
  };
  const pause = (ms: number, signal: AbortSignal): Promise<void> => {
    kept.pauses.push(ms);
    return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
  };
  const answer = untilAnswered(ask, (error) => kept.told.push(error), kept.aborting.signal, { pause, chance: () => 1 });
  return { kept, answer };
}

const unreachable = new Unreachable("no network");

describe("loading what could not be loaded", () => {
  test("is tried again by itself until it comes, and each failure is told", async () => {
    const { kept, answer } = world(unreachable, new Refused(503, null), unreachable);
    expect(await answer).toBe("here");
    expect(kept.pauses).toEqual([500, 1000, 2000]);
    expect(kept.told).toHaveLength(3);
  });

  test("waits longer each time, but never longer than fifteen seconds", async () => {
    const { kept, answer } = world(...Array.from({ length: 12 }, () => unreachable));
    await answer;
    expect(Math.max(...kept.pauses)).toBe(15_000);
  });

  test.each([401, 403, 404, 422])("is not tried again when it was refused with %i", async (status) => {
    const { kept, answer } = world(new Refused(status, null));
    await expect(answer).rejects.toBeInstanceOf(Refused);
    expect(kept.asked).toBe(1);
    expect(isPassing(new Refused(status, null))).toBe(false);
  });

  test("ends when the page is left, and nothing is told of it", async () => {
    const { kept, answer } = world(unreachable, unreachable);
    kept.aborting.abort();
    await expect(answer).rejects.toThrow();
    expect(kept.asked).toBe(1);
    expect(kept.told).toEqual([]);
  });
});
