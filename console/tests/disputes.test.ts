import { describe, expect, test } from "vitest";
import { disputeInWords } from "../src/format/disputes.ts";

const ASKED = { id: "1", asked_at: "2027-03-09T10:00:00Z", decision: null, decided_at: null, statement: null } as const;
const REFUSED = { ...ASKED, decision: "refused", decided_at: "2027-03-19T10:00:00Z" } as const;

describe("what a person disputes, at the head of their record", () => {
  test("waits for an answer", () =>
    expect(disputeInWords(ASKED)).toBe("The patient asked for a correction of this record on 9 Mar 2027, 10:00. It is not answered yet."));

  test("was refused, and where it is told what they say", () => {
    expect(disputeInWords(REFUSED)).toMatch(/; it was not made \(19 Mar 2027.*\)\. They see it differently\. Their practice has what they say\.$/);
    expect(disputeInWords({ ...REFUSED, statement: "It was 61 kg" })).toMatch(/They see it differently\.$/);
  });

  test("was made in part", () => expect(disputeInWords({ ...REFUSED, decision: "partly" })).toContain("not all of it was made"));
});
