import { describe, expect, test } from "vitest";
import { draftOf, faultsOf, fieldsOf, LAW_GROUNDS, pointersOf, toSend, type LawDraft } from "../src/sharing/by_law.ts";

const IDS = fieldsOf("law");
const WHOLE: LawDraft = {
  relationship: "attorney",
  ground: "lasting_power_of_attorney",
  scopes: ["read", "decide"],
  evidence: " Registered instrument seen ",
  review: { day: "9", month: "3", year: "2027" },
};
const faulty = (change: Partial<LawDraft>) => faultsOf({ ...WHOLE, ...change }, IDS).map(({ field }) => field);

describe("recording whom the law lets act", () => {
  test("what is sent holds who, by what right, what, what was seen and when to look again", () => {
    expect(faultsOf(WHOLE, IDS)).toEqual([]);
    expect(toSend(WHOLE)).toEqual({
      relationship: "attorney",
      ground: "lasting_power_of_attorney",
      scopes: ["read", "decide"],
      evidence: "Registered instrument seen",
      review_on: "2027-03-09",
    });
  });

  test("each part that is missing is told at its own control, and nothing is sent", () => {
    const empty = draftOf(null);
    expect(faultsOf(empty, IDS).map(({ field }) => field)).toEqual([IDS.relationship, IDS.ground, IDS.scopes, IDS.evidence, IDS.review]);
    expect(toSend(empty)).toBeNull();
    expect(faulty({ evidence: "  " })).toEqual([IDS.evidence]);
    expect(faulty({ review: { day: "31", month: "2", year: "2027" } })).toEqual([IDS.review]);
  });

  test("who acts in somebody's best interests decides nothing for them", () => {
    expect(faulty({ ground: "best_interests" })).toEqual([IDS.scopes]);
    expect(faulty({ ground: "best_interests", scopes: ["read"] })).toEqual([]);
  });

  test("recorded anew, who they are and the ground are taken over; what they may do and what was seen are judged again", () => {
    const draft = draftOf({ relationship: "deputy", ground: "court_deputy" });
    expect(draft).toMatchObject({ relationship: "deputy", ground: "court_deputy", scopes: [], evidence: "" });
    expect(faultsOf(draft, IDS).map(({ field }) => field)).toEqual([IDS.scopes, IDS.evidence, IDS.review]);
  });

  test("consent is no ground of law, and cannot be chosen", () => {
    expect(Object.keys(LAW_GROUNDS)).not.toContain("consent");
    expect(draftOf({ relationship: "friend", ground: "consent" }).ground).toBe("");
  });

  test("what the API says of a part of the body stands at its control, of the form it belongs to", () => {
    expect(pointersOf(fieldsOf("review-7"))["/review_on"]).toBe("review-7-review");
    expect(Object.keys(pointersOf(IDS)).sort()).toEqual(["/evidence", "/ground", "/relationship", "/review_on", "/scopes"]);
  });
});
