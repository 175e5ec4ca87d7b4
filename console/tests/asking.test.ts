import { describe, expect, test } from "vitest";
import { Asking, type Outcome } from "../src/live/asking.ts";

/** Answers in turn, then always the last one; pauses end at once, and are kept. */
function world(...outcomes: (Outcome | Error)[]) {
  const kept = { asked: [] as string[], pauses: [] as number[], wanted: true };
  const ask = (id: string): Promise<Outcome> => {
    kept.asked.push(id);
    const next = outcomes.length > 1 ? outcomes.shift() : outcomes[0];
    if (next === "settled") kept.wanted = false;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? "settled");
  };
  const pause = (ms: number): Promise<void> => {
    kept.pauses.push(ms);
    return Promise.resolve();
  };
  return { kept, asking: new Asking({ ask, wanted: () => kept.wanted, pause, chance: () => 1 }) };
}

const passing = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("asking again for what is not known", () => {
  test("goes on through failures until there is an answer, and then stops", async () => {
    const { kept, asking } = world(new Error("no network"), new Error("503"), "open", "settled");
    asking.need(["doris"]);
    await passing();
    expect(kept.asked).toHaveLength(4);
    expect(kept.pauses).toEqual([500, 1000, 2000]);
  });

  test("waits longer each time, but never longer than fifteen seconds", async () => {
    const failing: (Outcome | Error)[] = Array.from({ length: 12 }, () => new Error("no network"));
    const { kept, asking } = world(...failing, "settled");
    asking.need(["doris"]);
    await passing();
    expect(Math.max(...kept.pauses)).toBe(15_000);
    expect(kept.asked).toHaveLength(13);
  });

  test("asks one question at a time of each patient", async () => {
    const { kept, asking } = world("open", "open", "settled");
    asking.need(["doris", "arthur"]);
    asking.need(["doris"]);
    expect(kept.asked).toEqual(["doris", "arthur"]);
    await passing();
  });

  test("ends when the feed has told it, when the patient is gone, or when the page is left", async () => {
    const told = world("open");
    told.kept.wanted = false;
    told.asking.need(["doris"]);
    expect(told.kept.asked).toEqual([]);
    const left = world(new Error("no network"));
    left.asking.need(["doris"]);
    left.asking.stop();
    await passing();
    expect(left.kept.asked).toHaveLength(1);
  });

  test("begins anew when something is not known again", async () => {
    const { kept, asking } = world("settled");
    asking.need(["doris"]);
    await passing();
    kept.wanted = true;
    asking.need(["doris"]);
    await passing();
    expect(kept.asked).toHaveLength(2);
  });
});
