import { describe, expect, test } from "vitest";
import type { Clocks } from "../src/live/clocks.ts";
import { begun, leftInWords, standing, told, usedNow, WARNED_MS } from "../src/session/idleness.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEB = { lifeMs: 12 * HOUR, idleMs: 30 * MINUTE };
const at = (ms: number): Clocks => ({ wall: 1_000_000 + ms, steady: ms });

describe("a session on the web", () => {
  test("is over after thirty minutes without use, with a warning two minutes before", () => {
    const use = begun(WEB, at(0));
    expect(standing(use, at(28 * MINUTE - 1)).is).toBe("in_use");
    expect(standing(use, at(28 * MINUTE))).toEqual({ is: "ending", why: "idle", leftMs: WARNED_MS });
    expect(standing(use, at(30 * MINUTE - 1)).is).toBe("ending");
    expect(standing(use, at(30 * MINUTE))).toEqual({ is: "over", why: "idle" });
  });

  test("begins to count anew with each use", () => {
    const use = usedNow(begun(WEB, at(0)), at(29 * MINUTE));
    expect(standing(use, at(31 * MINUTE)).is).toBe("in_use");
    expect(standing(use, at(59 * MINUTE)).is).toBe("over");
  });

  test("is over after twelve hours however much it is used, with a warning that says why", () => {
    const now = 12 * HOUR;
    const use = usedNow(begun(WEB, at(0)), at(now - 1));
    expect(standing(usedNow(use, at(now - 3 * MINUTE)), at(now - 3 * MINUTE)).is).toBe("in_use");
    expect(standing(use, at(now - MINUTE))).toEqual({ is: "ending", why: "too_long", leftMs: MINUTE });
    expect(standing(use, at(now))).toEqual({ is: "over", why: "too_long" });
  });

  test("no renewal makes its life longer, whatever the API says", () => {
    const use = told(begun(WEB, at(0)), WEB, at(11 * HOUR));
    expect(standing(usedNow(use, at(12 * HOUR)), at(12 * HOUR))).toEqual({ is: "over", why: "too_long" });
  });

  test("a renewal that tells of less is believed", () => {
    const use = told(begun(WEB, at(0)), { ...WEB, lifeMs: 10 * MINUTE }, at(0));
    expect(standing(use, at(10 * MINUTE))).toEqual({ is: "over", why: "too_long" });
  });

  test("neither sleep, which stops the steady clock, nor a wall clock set back keeps it alive", () => {
    const use = begun(WEB, at(0));
    expect(standing(use, { wall: 1_000_000 + 30 * MINUTE, steady: 5 }).is).toBe("over");
    expect(standing(use, { wall: 0, steady: 30 * MINUTE }).is).toBe("over");
  });
});

test("where nothing ends a session for want of use, only its age does", () => {
  const use = begun({ lifeMs: 30 * 24 * HOUR, idleMs: null }, at(0));
  expect(standing(use, at(29 * 24 * HOUR)).is).toBe("in_use");
  expect(standing(use, at(30 * 24 * HOUR))).toEqual({ is: "over", why: "too_long" });
});

test.each([
  [120_000, "2 minutes"],
  [60_001, "2 minutes"],
  [60_000, "1 minute"],
  [30_000, "30 seconds"],
  [10_000, "10 seconds"],
  [1, "10 seconds"],
])("%i ms are told as %s: few words, never too few", (left, words) => {
  expect(leftInWords(left)).toBe(words);
});
