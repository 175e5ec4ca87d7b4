import { describe, expect, test } from "vitest";
import { underWayIn } from "../src/session/under_way.ts";

/** One tab: what it keeps outlives its pages. */
function tab(): Pick<Window, "sessionStorage"> & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const sessionStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
  return { sessionStorage, kept };
}

describe("a sign-in that a reload breaks off", () => {
  test("is told of once, on the next page", () => {
    const one = tab();
    const before = underWayIn(one);
    expect(before.takeBroken()).toBe(false);
    before.set(true);
    const after = underWayIn(one);
    expect([after.takeBroken(), after.takeBroken()]).toEqual([true, false]);
    expect(underWayIn(one).takeBroken()).toBe(false);
  });

  test("is not told of once it has come to its end", () => {
    const one = tab();
    const before = underWayIn(one);
    before.set(true);
    before.set(false);
    expect(one.kept.size).toBe(0);
    expect(underWayIn(one).takeBroken()).toBe(false);
  });

  test("leaves a mark, and nothing of what was typed or answered", () => {
    const one = tab();
    underWayIn(one).set(true);
    expect([...one.kept]).toEqual([["tendwell.signing_in", "yes"]]);
  });
});
