import { describe, expect, test } from "vitest";
import { ageOf, isOld, OLD_MS } from "../src/store/ages.ts";
import { asOnePage, isAllKnown, isEmpty, markOf, NOTHING, sinceOf, withPage, type Held, type Mark } from "../src/store/copy.ts";
import { chanceOf, observation, page } from "./told.ts";

describe("a page of changes", () => {
  test("puts each thing in the place of its id and takes out what is gone", () => {
    const before = withPage(NOTHING, page({ observations: [observation("a", 1), observation("b", 2)] }));
    const after = withPage(before, page({ observations: [observation("a", 3)], gone: [{ thing: "observation", id: "b" }] }));
    expect([...after.observations.values()].map(({ id, value }) => [id, value])).toEqual([["a", 3]]);
  });

  test("that begins anew throws away all that was held, of every kind", () => {
    const before = withPage(NOTHING, page({ observations: [observation("a", 1)], goals: [{ id: "g" } as never], patient: { id: "p" } as never }));
    expect(withPage(before, page({ reset: true }))).toEqual(NOTHING);
  });

  test("takes out what it does not hold without a word, and leaves what is not named", () => {
    const before = withPage(NOTHING, page({ observations: [observation("a", 1)] }));
    expect(withPage(before, page({ gone: [{ thing: "goal", id: "a" }] }))).toEqual(before);
  });

  test("that lies on the phone since before alerts were told holds none", () => {
    const { alerts: _alerts, personal_bests: _bests, ...former } = page({ observations: [observation("a", 1)] });
    expect(withPage(NOTHING, former as never)).toEqual({ ...NOTHING, observations: new Map([["a", observation("a", 1)]]) });
  });

  test("puts alerts about oneself and best peak flows there, and takes out those that are resolved or taken back", () => {
    const before = withPage(NOTHING, page({ alerts: [{ id: "x" } as never], personal_bests: [{ id: "x" } as never] }));
    const after = withPage(before, page({ gone: [{ thing: "alert", id: "x" }] }));
    expect([before.alerts.size, before.bests.size, after.alerts.size, after.bests.size]).toEqual([1, 1, 0, 1]);
  });

  test("takes each kind out of its own place", () => {
    const before: Held = { ...NOTHING, pauses: new Map([["x", { id: "x" } as never]]), completions: new Map([["x", { id: "x" } as never]]) };
    const after = withPage(before, page({ gone: [{ thing: "pause", id: "x" }] }));
    expect([after.pauses.size, after.completions.size]).toEqual([0, 1]);
  });
});

test("whatever is told in whatever pages, told again or begun anew, the copy ends as the record is", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const chance = chanceOf(seed);
    const record = new Map<string, number>();
    let held = NOTHING;
    for (let turn = 0; turn < 30; turn += 1) {
      const touched = new Set<string>();
      for (let change = 0; change < 4; change += 1) {
        const id = `o${Math.floor(chance() * 8)}`;
        touched.add(id);
        if (chance() < 0.3) record.delete(id);
        else record.set(id, Math.floor(chance() * 100));
      }
      const isNew = chance() < 0.1;
      const told = page({
        reset: isNew,
        observations: (isNew ? [...record.keys()] : [...touched]).flatMap((id) => (record.has(id) ? [observation(id, record.get(id) ?? 0)] : [])),
        gone: isNew ? [] : [...touched].filter((id) => !record.has(id)).map((id) => ({ thing: "observation" as const, id })),
      });
      held = withPage(held, told);
      // A phone that was closed before it had noted how far it was is told the same again.
      if (chance() < 0.3) held = withPage(held, told);
      if (chance() < 0.2) held = withPage(observationsOf({ x: 1 }), asOnePage(held));
    }
    expect(Object.fromEntries([...held.observations].map(([id, { value }]) => [id, value]))).toEqual(Object.fromEntries(record));
  }
});

function observationsOf(values: Record<string, number>): Held {
  return withPage(NOTHING, page({ observations: Object.entries(values).map(([id, value]) => observation(id, value)) }));
}

describe("how far a copy goes", () => {
  const told = (more: boolean, as_of: string) => page({ more, as_of, since: as_of });

  test("it is whole when all was told once, and stays so while more comes", () => {
    const first = markOf(null, told(true, "1"), 10);
    expect([first.isWhole, first.since]).toEqual([false, "1"]);
    const whole = markOf(first, told(false, "2"), 20);
    expect([whole.isWhole, whole.asOf, whole.heardAt]).toEqual([true, "2", 20]);
    expect(markOf(whole, told(true, "3"), 30).isWhole).toBe(true);
  });

  test("while there is more to come it is no fresher than before, though it goes on from there", () => {
    const whole = markOf(null, told(false, "2"), 20);
    expect(markOf(whole, told(true, "3"), 30)).toMatchObject({ asOf: "2", heardAt: 20, since: "3" });
  });

  test("while something recorded is not told it is no fresher than before either", () => {
    const whole = markOf(null, told(false, "2"), 20);
    expect(markOf(whole, { ...told(false, "3"), behind: true }, 30)).toMatchObject({ asOf: "2", heardAt: 20, since: "3", isWhole: true });
    expect(markOf(null, { ...told(false, "2"), behind: true }, 20)).toMatchObject({ asOf: "2", isWhole: true });
  });

  test("one that begins anew is not whole until all is told", () => {
    const whole = markOf(null, told(false, "2"), 20);
    expect(markOf(whole, { ...told(true, "3"), reset: true }, 30)).toMatchObject({ isWhole: false, asOf: "3" });
  });

  test("it is asked on from there by the edition of the app that kept it, and by one that knows less", () => {
    const whole = markOf(null, told(false, "2"), 20);
    expect(sinceOf(whole)).toBe("2");
    expect(sinceOf({ ...whole, parts: [...(whole.parts ?? []), "letters"] })).toBe("2");
    expect(sinceOf(null)).toBeNull();
    expect([isAllKnown(whole), isAllKnown({ ...whole, parts: [...(whole.parts ?? []), "letters"] }), isAllKnown(null)]).toEqual([true, false, true]);
  });

  test("it is begun anew by an edition that knows a part which the one that kept it did not", () => {
    const { parts = [], ...former } = markOf(null, told(false, "2"), 20);
    expect(sinceOf(former)).toBeNull();
    for (const one of parts) expect(sinceOf({ ...former, parts: parts.filter((part) => part !== one) })).toBeNull();
    expect(markOf({ ...former, parts: ["letters"] }, told(false, "3"), 30).parts).toEqual(Object.keys(NOTHING));
  });

  test("a page with nothing in it is empty, and one that only begins anew is not", () => {
    expect(isEmpty(page({}))).toBe(true);
    expect(isEmpty(page({ reset: true }))).toBe(false);
    expect(isEmpty(page({ gone: [{ thing: "goal", id: "a" }] }))).toBe(false);
  });
});

describe("the age of a copy", () => {
  const mark: Mark = { since: "s", asOf: "2026-11-23T09:00:00Z", heardAt: 1_000_000, timeZone: "Europe/London", isWhole: true };

  test("is old after a day, not before", () => {
    expect(isOld(mark, 1_000_000 + OLD_MS)).toBe(false);
    expect(isOld(mark, 1_000_001 + OLD_MS)).toBe(true);
  });

  test("is not known when the phone's clock was set back, and then it is marked as old", () => {
    expect(ageOf(mark, 1_000_000 - 3_600_000)).toBeNull();
    expect(isOld(mark, 1_000_000 - 3_600_000)).toBe(true);
    expect(ageOf(mark, 1_000_000 - 1_000)).toBe(0);
  });
});
