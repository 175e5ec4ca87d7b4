import { describe, expect, test } from "vitest";
import { EMPTY, faultsOf, likelierUnit, measuredAt, readingsOf, unusualOf, type Draft } from "../src/readings/entry.ts";
import { heldReadings } from "../src/readings/held.ts";
import { isStale, valueOf } from "../src/readings/show.ts";
import { SIGNS, type Sign } from "../src/reference/signs.ts";
import type { Observation, Unsent } from "../src/store/things.ts";
import { wordsOf } from "../src/words/words.ts";

const words = wordsOf("en", "Europe/London");
const NOW = Date.parse("2026-11-23T12:00:00Z");
const sign = (key: string): Sign => SIGNS.get(key) ?? expect.fail(key);
const pulse = sign("heart_rate");
const faults = (draft: Partial<Draft>, key: string) => faultsOf({ ...EMPTY, sign: key, ...draft }, { sign: sign(key), words, now: NOW, pulse });
const unusual = (draft: Partial<Draft>, key: string, before: number | null = null) => unusualOf({ ...EMPTY, sign: key, ...draft }, { sign: sign(key), words, pulse }, before);
const made = { at: NOW, timeZone: "Europe/London", confirmed: false, newId: () => "id" };

describe("a reading that is typed", () => {
  test("is refused by its field when it is missing, no number, or cannot be", () => {
    expect(faults({ systolic: "130" }, "blood_pressure")).toEqual([{ field: "diastolic", message: "Enter the lower number" }]);
    expect(faults({ value: "8,5" }, "blood_glucose")[0]?.message).toContain("point, not a comma");
    expect(faults({ value: "72.5" }, "heart_rate")[0]?.message).toContain("whole number");
    expect(faults({ value: "103" }, "oxygen_saturation")[0]?.message).toContain("between 1 and 100");
    expect(faults({ systolic: "80", diastolic: "130" }, "blood_pressure")[0]?.field).toBe("systolic");
    expect(faults({ systolic: "130", diastolic: "80", pulse: "700" }, "blood_pressure")[0]?.field).toBe("pulse");
    expect(faults({ systolic: "130", diastolic: "80" }, "blood_pressure")).toEqual([]);
  });

  test("is judged in the unit in which it is kept: the limits of mmol/L hold for mg/dL", () => {
    expect(faults({ value: "100", unit: "mg/dL" }, "blood_glucose")).toEqual([]);
    expect(unusual({ value: "100", unit: "mg/dL" }, "blood_glucose")).toEqual([]);
    expect(unusual({ value: "0.9", unit: "mmol/L" }, "blood_glucose")).not.toEqual([]);
    expect(likelierUnit({ ...EMPTY, sign: "body_temperature", value: "98.4", unit: "Cel" }, sign("body_temperature"))?.ucum).toBe("[degF]");
  });

  test("is asked about once more when it is far from the last one", () => {
    expect(unusual({ value: "80", unit: "kg" }, "body_weight", 81)).toEqual([]);
    expect(unusual({ value: "60", unit: "kg" }, "body_weight", 81)[0]).toContain("away from your last one (81.0 kg)");
    expect(unusual({ systolic: "255", diastolic: "90" }, "blood_pressure")[0]).toBe("More than 250 mmHg is unusual.");
  });

  test("is of the past, by the person's own clock", () => {
    expect(measuredAt({ ...EMPTY, when: "earlier", at: "2026-07-01T08:00" }, "Europe/London", NOW)).toBe(Date.parse("2026-07-01T07:00:00Z"));
    expect(faults({ value: "70", when: "earlier", at: "2026-11-23T13:00" }, "heart_rate")[0]?.field).toBe("at");
    expect(faults({ value: "70", when: "earlier", at: "" }, "heart_rate")[0]?.field).toBe("at");
  });

  test("is kept as the API takes it, with the pulse as a reading of its own", () => {
    const kept = readingsOf({ ...EMPTY, sign: "blood_pressure", systolic: "132", diastolic: "78", pulse: "64" }, sign("blood_pressure"), made);
    expect(kept).toMatchObject([
      { sign: "blood_pressure", systolic: 132, diastolic: 78, unit: "mm[Hg]", effective_at: "2026-11-23T12:00:00+00:00" },
      { sign: "heart_rate", value: 64, unit: "/min" },
    ]);
    expect(readingsOf({ ...EMPTY, sign: "blood_glucose", value: "27", comparator: ">" }, sign("blood_glucose"), made)[0]).toMatchObject({ comparator: ">" });
  });
});

describe("what is shown", () => {
  test("is never fresh when it is old, nor when nobody knows for how long it stands", () => {
    expect(isStale("heart_rate", "2026-11-23T11:00:00Z", NOW)).toBe(false);
    expect(isStale("heart_rate", "2026-11-21T11:00:00Z", NOW)).toBe(true);
    expect(isStale("never_heard_of", "2026-11-23T11:59:00Z", NOW)).toBe(true);
    expect(isStale("heart_rate", "nonsense", NOW)).toBe(true);
  });

  test("has its unit and its limit", () => {
    expect(valueOf({ sign: "blood_glucose", value: 27.8, comparator: ">", unit: "mmol/L" }, words)).toBe("> 27.8 mmol/L");
    expect(valueOf({ sign: "heart_rate", value: 72, unit: "/min" }, wordsOf("cy", "Europe/London"))).toBe("72 curiad y funud");
  });

  test("is what was recorded and what waits, each once; not what was withdrawn or refused", () => {
    const told = (given: Partial<Observation>): [string, Observation] => [given.id ?? "", { sign: "heart_rate", status: "final", client_id: given.id, effective_at: "2026-11-23T09:00:00Z", ...given } as Observation];
    const kept = (id: string, state: Unsent["state"]): Unsent => ({ item: id, kind: "reading", state, body: { client_id: id, sign: "heart_rate", effective_at: "2026-11-23T10:00:00Z", value: 70 } }) as unknown as Unsent;
    const readings = heldReadings(new Map([told({ id: "a" }), told({ id: "b", status: "entered-in-error" })]), [kept("a", "sending"), kept("c", "waiting"), kept("d", "refused")]);
    expect(readings.map(({ id }) => id)).toEqual(["c", "a"]);
  });
});
