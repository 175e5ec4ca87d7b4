import { describe, expect, test } from "vitest";
import type { Account } from "../src/api/types.ts";
import { whoWouldStand } from "../src/format/board.ts";

const holding = (...roles: [string, string, string][]): Account =>
  ({ roles: roles.map(([role, name, kind]) => ({ role, organisation: { id: name, name, kind } })) }) as unknown as Account;
const who = (account: Account): string[] => whoWouldStand(account).map((each) => each.who);

describe("who would stand on an empty board", () => {
  test("a practice's clinician: its patients, and those of care teams", () => {
    expect(who(holding(["clinician", "Rowan Surgery", "practice"]))).toEqual([
      "Patients registered at Rowan Surgery",
      "Patients on the list of a care team that you are on",
    ]);
  });

  test("a clinician of what registers nobody: those of care teams alone", () => {
    expect(who(holding(["clinician", "Rowan Network", "network"]))).toEqual(["Patients on the list of a care team that you are on"]);
  });

  test("care-home staff: the residents of each of their homes", () => {
    expect(who(holding(["care_home_staff", "Elm House", "care_home"], ["care_home_staff", "Ash House", "care_home"]))).toEqual([
      "The residents of Elm House",
      "The residents of Ash House",
    ]);
  });
});
