import { expect, test } from "vitest";
import type { Caring } from "../src/api/types.ts";
import { caringInWords } from "../src/format/caring.ts";
import { OWN } from "../src/format/sharing.ts";

const TEAM = { name: "Heart failure", organisation: "Urmston Group Practice", members: ["Amara Nwosu", "Leila Farrow", "Tomos Pryce"] };
const CARING: Caring = { practice: "Urmston Group Practice", is_shared: true, care_teams: [TEAM], care_home: "Flixton Court" };
const ROSE = { own: false, name: "Rose Hill" } as const;

test("whoever sees one's record by their work is named", () => {
  expect(caringInWords(CARING, OWN)).toEqual([
    "Clinicians of Urmston Group Practice, which keeps your record.",
    "The care team “Heart failure” of Urmston Group Practice: Amara Nwosu, Leila Farrow and Tomos Pryce.",
    "The staff of Flixton Court, while you live there.",
  ]);
  expect(caringInWords({ ...CARING, care_teams: [{ ...TEAM, members: [] }] }, ROSE)).toEqual([
    "Clinicians of Urmston Group Practice, which keeps the record.",
    "The care team “Heart failure” of Urmston Group Practice: nobody at present.",
    "The staff of Flixton Court, while Rose Hill lives there.",
  ]);
});

test("that nobody beyond the practice sees it is said, and why", () => {
  const alone = { ...CARING, care_teams: [], care_home: null };
  expect(caringInWords(alone, OWN)[1]).toBe("No care team and no care home at present.");
  expect(caringInWords({ ...alone, is_shared: false }, OWN)[1]).toBe("No care team and no care home: you said no to sharing beyond the practice.");
  expect(caringInWords({ ...alone, is_shared: false }, ROSE)[1]).toBe("No care team and no care home: Rose Hill said no to sharing beyond the practice.");
});
