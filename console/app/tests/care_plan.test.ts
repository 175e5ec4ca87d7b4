import { describe, expect, test } from "vitest";
import { Refused, Unreachable } from "#console/api/http.ts";
import { failingOf } from "../src/care_plan/deeds.ts";
import { changesOf, needsTeam, standingOf, type SectionText } from "../src/care_plan/standing.ts";
import { draftedOf, faultsOf, typedOf } from "../src/care_plan/writing.ts";
import type { CarePlan } from "../src/store/things.ts";
import { wordsOf } from "../src/words/words.ts";

const words = wordsOf("en", "Europe/London");
const TODAY = "2026-11-23";

const says = (section: SectionText["section"], text: string, given: Partial<SectionText> = {}): SectionText =>
  ({ section, text, words_of: "person", written_as: "self", written_at: "2026-11-01T08:00:00Z", ...given }) as SectionText;
const plan = (id: string, given: Partial<CarePlan> = {}): CarePlan =>
  ({ id, version: null, supersedes_id: null, decided_at: null, drafted_as: "self", drafted_at: "2026-11-01T08:00:00Z", review_on: "2027-03-01", sections: [], ...given }) as unknown as CarePlan;
const published = (id: string, version: number, given: Partial<CarePlan> = {}): CarePlan => plan(id, { version, decided_at: "2026-11-02T08:00:00Z", status: "published", ...given });
const ids = (plans: readonly CarePlan[]): string[] => plans.map(({ id }) => id);

describe("where each version stands", () => {
  test("the greatest number is in force, also while the copy still calls an older one published", () => {
    const found = standingOf([published("one", 1), published("two", 2), plan("late", { supersedes_id: "one" }), plan("open", { supersedes_id: "two" })]);
    expect(found.inForce?.id).toBe("two");
    expect(ids(found.former)).toEqual(["one"]);
    expect(ids(found.drafts)).toEqual(["open"]);
  });

  test("what was withdrawn is no draft, and of none published nothing is in force", () => {
    const found = standingOf([plan("open"), plan("gone", { decided_at: "2026-11-02T08:00:00Z", status: "withdrawn" })]);
    expect([found.inForce, ids(found.drafts)]).toEqual([null, ["open"]]);
  });

  test("what the API answered here is shown until the copy knows it, and never over what the copy knows", () => {
    expect(standingOf([plan("one")], [published("one", 1)]).inForce?.id).toBe("one");
    const known = published("one", 1, { note: "known" });
    expect(standingOf([known], [plan("one")])).toMatchObject({ inForce: { note: "known" }, drafts: [] });
  });
});

describe("what a draft would change", () => {
  const inForce = published("one", 1, { sections: [says("matters", "My garden"), says("contingency", "Ring the ward", { words_of: "clinician", written_as: "practice" })] });

  test("is each section that reads otherwise, is new or is gone", () => {
    const draft = plan("two", { sections: [says("people", "My niece"), says("matters", "My garden")] });
    expect(changesOf(draft, inForce).map(({ section, was, becomes }) => [section, was?.text, becomes?.text])).toEqual([
      ["people", undefined, "My niece"],
      ["contingency", "Ring the ward", undefined],
    ]);
  });

  test.each([
    ["self", "self", false],
    ["self", "delegate", false],
    ["self", "practice", true],
    ["self", "care_home", true],
    ["care_home", "care_home", false],
    ["care_home", "care_team", true],
    ["practice", "care_team", false],
  ] as const)("a draft by %s of what %s wrote needs the team: %s", (drafted_as, written_as, needed) => {
    const was = says("needs", "So", { written_as, words_of: "carer" });
    expect(needsTeam({ drafted_as }, [{ section: "needs", was, becomes: null }])).toBe(needed);
    expect(needsTeam({ drafted_as }, [{ section: "needs", was: null, becomes: was }])).toBe(false);
  });
});

test("one's own words are one's own to change, whoever wrote them down", () => {
  const was = says("matters", "My garden", { written_as: "practice" });
  expect(needsTeam({ drafted_as: "self" }, [{ section: "matters", was, becomes: null }])).toBe(false);
  expect(needsTeam({ drafted_as: "delegate" }, [{ section: "matters", was, becomes: null }])).toBe(true);
});

describe("what is typed", () => {
  const inForce = published("one", 1, { sections: [says("matters", "My garden"), says("contingency", "Ring the ward", { words_of: "clinician" })] });
  const typed = typedOf(inForce, TODAY);

  test("begins as it stands, and what stays so keeps whose words it was", () => {
    const change = { ...typed, text: { ...typed.text, matters: "  My dog ", people: "My niece" } };
    expect(draftedOf(change, inForce)).toEqual({
      review_on: "2027-03-01",
      supersedes_id: "one",
      sections: [
        { section: "matters", text: "My dog", words_of: "person" },
        { section: "people", text: "My niece", words_of: "person" },
        { section: "contingency", text: "Ring the ward", words_of: "clinician" },
      ],
    });
    expect(faultsOf(change, inForce, words, TODAY)).toEqual([]);
  });

  test("is nothing to draft while it is empty, unchanged, or to be looked at again in the past", () => {
    const fault = (given: Partial<typeof typed>, of: CarePlan | null) => faultsOf({ ...typedOf(of, TODAY), ...given }, of, words, TODAY).map(({ field }) => field);
    expect(fault({}, null)).toEqual(["care-matters"]);
    expect(fault({}, inForce)).toEqual(["care-matters"]);
    expect(fault({ reviewOn: "2027-04-01" }, inForce)).toEqual([]);
    for (const reviewOn of ["", "2026-11-22", "2036-12-31"]) expect(fault({ reviewOn }, inForce)).toEqual(["care-review"]);
  });

  test("is looked at again in a year where no day to come is known", () => {
    expect(typedOf(null, TODAY).reviewOn).toBe("2027-11-23");
    expect(typedOf({ ...inForce, review_on: TODAY }, TODAY).reviewOn).toBe("2027-11-23");
  });
});

describe("what was not done", () => {
  const refused = (status: number, type = "about:blank"): Refused => new Refused(status, { type, title: "No", status });
  test.each([
    [new Unreachable("gone"), "care.unsure"],
    [refused(403), "care.not_alone"],
    [refused(409, "https://x/problems/illegal-transition"), "care.moved_on"],
    [refused(409, "https://x/problems/conflict"), "care.too_many"],
    [refused(500), "common.failed"],
  ] as const)("is said in the app's own words (%#)", (error, key) => {
    expect(failingOf(error)).toBe(key);
  });
});
