import { describe, expect, it } from "vitest";
import { bodyOf, faultsOf, notOver, type PauseDraft } from "../src/rests/pausing.ts";
import type { Pause } from "../src/store/things.ts";

const TODAY = "2026-11-24";
const DRAFT: PauseDraft = { kind: "holiday", from: TODAY, until: "", reason: "" };

function fieldsOf(changed: Partial<PauseDraft>): string[] {
  return faultsOf({ ...DRAFT, ...changed }, TODAY).map(({ field }) => field);
}

describe("a form of a pause", () => {
  it.each([
    [{}, []],
    [{ kind: "" } as const, ["pause-kind"]],
    [{ from: "" }, ["pause-from"]],
    [{ from: "2026-10-24" }, []],
    [{ from: "2026-10-23" }, ["pause-from"]],
    [{ from: "2027-11-25" }, []],
    [{ from: "2027-11-26" }, ["pause-from"]],
    [{ until: "2026-11-23" }, ["pause-until"]],
    [{ until: TODAY }, []],
    [{ until: "2027-11-25" }, []],
    [{ until: "2027-11-26" }, ["pause-until"]],
    [{ kind: "other" } as const, ["pause-reason"]],
    [{ kind: "other", reason: "  " } as const, ["pause-reason"]],
    [{ kind: "other", reason: "A wedding" } as const, []],
  ])("has its faults, as the API would: %o", (changed, fields) => {
    expect(fieldsOf(changed)).toEqual(fields);
  });

  it("says nothing where nothing was written", () => {
    expect(bodyOf({ ...DRAFT, kind: "holiday", reason: " " }, "key")).toEqual({ client_id: "key", kind: "holiday", from_on: TODAY, until_on: null, reason: null });
  });
});

function pause(id: string, more: Partial<Pause>): Pause {
  return { id, plan_id: null, kind: "holiday", reason: null, from_on: TODAY, until_on: null, due_again_on: null, made_by: "x", made_as: "patient", made_at: "2026-11-01T08:00:00Z", ended_by: null, ended_at: null, ...more };
}

describe("pauses that are not over", () => {
  it("are those that hold now and those to come, the first in front", () => {
    const all = [
      pause("to come", { from_on: "2026-12-24", until_on: "2027-01-02" }),
      pause("without an end", { from_on: "2026-11-01" }),
      pause("its last day", { from_on: "2026-11-20", until_on: TODAY }),
      pause("over yesterday", { from_on: "2026-11-20", until_on: "2026-11-23" }),
      pause("ended today", { from_on: "2026-11-20", due_again_on: TODAY }),
      pause("ended before it began", { from_on: "2026-12-24", due_again_on: "2026-12-24" }),
    ];
    expect(notOver(all, TODAY).map(({ id }) => id)).toEqual(["without an end", "its last day", "to come"]);
  });
});
