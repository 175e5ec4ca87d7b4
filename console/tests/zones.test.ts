import { describe, expect, test } from "vitest";
import type { Criterion, ZoneNow, ZoneReason } from "../src/api/types.ts";
import { ZONE_FRESH_MS, zoneStanding, type Symptoms } from "../src/format/zones.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const ZONE = "Europe/London";
const SYMPTOMS: Symptoms = new Map([["ankle_swelling", { label: "Swollen ankles or feet", levels: new Map([[2, "Moderate"]]) }]]);

const criterion = (given: Partial<Criterion>): Criterion =>
  ({ sign: null, part: null, basis: null, symptom: null, comparator: "<", value: null, unit: null, level: null, days: 1, times: 1, ...given }) as Criterion;
const weight = criterion({ sign: "body_weight", basis: "change", comparator: ">", value: 2, unit: "kg", days: 3 });
const ankles = criterion({ symptom: "ankle_swelling", comparator: ">=", level: 2 });
const seen = [{ id: "o1", at: "2026-11-23T08:00:00Z", value: 82.6, bound: null }];
const reason = (given: Partial<ZoneReason>): ZoneReason =>
  ({ colour: "amber", group: 0, criterion: weight, verdict: "met", gap: null, figure: 2.6, seen, age_seconds: 1, ...given }) as ZoneReason;
const zone = (given: Partial<ZoneNow>): ZoneNow => ({ plan_id: "p", as_of: "2026-11-23T12:00:00Z", today: "2026-11-23", colour: "amber", reasons: [], ...given }) as ZoneNow;
const standing = (given: Partial<ZoneNow>, now = NOON) => zoneStanding(zone(given), ZONE, SYMPTOMS, now);

describe("the zone of a plan, for who cares for somebody", () => {
  test("is told with what decided it, and with nothing that did not", () => {
    const reasons = [reason({}), reason({ group: 1, criterion: ankles, verdict: "not_met" }), reason({ colour: "red", verdict: "not_met" })];
    const found = standing({ reasons });
    expect(found).toMatchObject({ colour: "amber", words: "Amber zone" });
    expect(found.lines).toEqual(["Body weight: +2.6 kg (the zone asks for a change of more than +2.0 kg, in the last 3 days)"]);
  });

  test("names a symptom and its step by the catalogue, or as well as it can", () => {
    const reasons = [reason({ criterion: ankles, figure: 2 })];
    expect(standing({ reasons }).lines).toEqual(["Swollen ankles or feet: “Moderate” (the zone asks for at least “Moderate”)"]);
    expect(zoneStanding(zone({ reasons }), ZONE, new Map(), NOON).lines).toEqual(["ankle swelling: “2” (the zone asks for at least “2”)"]);
  });

  test("says of a limit that a meter showed that it was one, and of what that makes a change", () => {
    const limit = (bound: string | null) => ({ ...seen[0], bound }) as ZoneReason["seen"][number];
    const glucose = criterion({ sign: "blood_glucose", basis: "latest", comparator: ">=", value: 20, unit: "mmol/L" });
    const high = reason({ criterion: glucose, figure: 27.8, seen: [limit(">")] });
    expect(standing({ reasons: [high] }).lines).toEqual(["Blood glucose: more than 27.8 mmol/L (the zone asks for at least 20.0 mmol/L)"]);
    const risen = "Body weight: more than +2.6 kg (the zone asks for a change of more than +2.0 kg, in the last 3 days)";
    for (const from of [[limit("<"), limit(null)], [limit(null), limit(">")]]) expect(standing({ reasons: [reason({ seen: from })] }).lines).toEqual([risen]);
    const fallen = reason({ seen: [limit(">"), limit(null)] });
    expect(standing({ reasons: [fallen] }).lines).toEqual([risen.replace("more", "less")]);
  });

  test("is not known while something is missing, and says what, each thing once", () => {
    const gap = reason({ colour: "green", verdict: "not_evaluable", gap: "not_told", figure: null, seen: [], criterion: ankles });
    const old = reason({ colour: "green", seen: [{ id: "o", at: "2026-11-22T08:00:00Z", value: 80, bound: null }] as ZoneReason["seen"] });
    const found = standing({ colour: null, reasons: [gap, { ...gap, colour: "red" }, old] });
    expect(found).toMatchObject({ colour: null, lines: ["Swollen ankles or feet: not said in the diary", "Body weight: nothing from today"] });
  });

  test("is not known either when what was recorded fits none", () => {
    expect(standing({ colour: null }).words).toBe("What was recorded fits none of the zones.");
  });

  test.each([
    ["told too long ago", { colour: "green" }, NOON + ZONE_FRESH_MS + 1],
    ["of the patient's day before", { colour: "green", today: "2026-11-22" }, NOON],
  ] as const)("is not known when it was %s, whatever it was", (_, given, now) => {
    expect(standing(given, now)).toMatchObject({ colour: null, lines: [] });
  });
});
