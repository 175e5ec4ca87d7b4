import { describe, expect, test } from "vitest";
import type { Heard, Outcome } from "#console/bluetooth/collecting.ts";
import { bloodPressure } from "#console/bluetooth/characteristics.ts";
import { taken } from "#console/bluetooth/device_time.ts";
import { readingsOf } from "#console/bluetooth/readings.ts";
import { atTime, foundOf, toKeep } from "../src/devices/heard.ts";
import type { Observation } from "../src/store/things.ts";
import { wordsOf } from "../src/words/words.ts";
import vectors from "../../tests/ble_gatt/vectors.csv?raw";

const words = wordsOf("en", "Europe/London");
const NOW = Date.parse("2026-11-23T12:00:00Z");
/** Nordic's own vector of a cuff with its clock, in kPa and mmHg alike; the bytes of its date are set here. */
const NORDIC = "1f790051006a00e40705150a1e2d4800010600";

function heard(hex: string): Heard {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const result = bloodPressure(new DataView(bytes.buffer));
  if (!result.ok) throw new Error(result.reason);
  const when = taken(result.found.time, NOW, () => 0);
  if (when.at === null) return { measurement: result.found, taken: when, readings: [], refused: when.why };
  const made = readingsOf(result.found, { at: when.at, source: "cuff/1" });
  return { measurement: result.found, taken: when, readings: made.ok ? made.found : [], refused: made.ok ? null : made.reason };
}

/** mmHg, with a time, a pulse and no status: 132/78, 64. */
const cuff = (year: number): Heard => heard(`0684004e006000${(year & 255).toString(16).padStart(2, "0")}${(year >> 8).toString(16).padStart(2, "0")}0b1708000040 00`.replaceAll(" ", ""));
const outcome = (...all: Heard[]): Outcome => ({ ending: "told_all", device: "Cuff", heard: all, unread: [] });
const around = { words, now: NOW, observations: [] as Observation[], unsent: [] };

describe("what a device told", () => {
  test("is shown with its own time, and nothing of it is chosen by itself", () => {
    const [found] = foundOf(outcome(cuff(2026)), around);
    expect(found).toMatchObject({ noTime: null, refused: null, isKnown: false, isOld: false });
    expect(found?.readings.map(({ sign, effective_at }) => `${sign} ${effective_at}`)).toEqual([
      "blood_pressure 2026-11-23T08:00:00+00:00",
      "heart_rate 2026-11-23T08:00:00+00:00",
    ]);
  });

  test("of a clock that is ahead has no time but the one that its owner gives, and none that is to come", () => {
    const [found] = foundOf(outcome(cuff(2031)), around);
    expect(found).toMatchObject({ noTime: "clock_ahead", refused: null });
    if (found === undefined) return;
    expect(atTime(found, "2026-11-22T20:15", "cuff/1", around).map(({ effective_at }) => effective_at)).toEqual(["2026-11-22T20:15:00+00:00", "2026-11-22T20:15:00+00:00"]);
    expect(atTime(found, "2026-11-24T08:00", "cuff/1", around)).toEqual([]);
    expect(atTime(found, "", "cuff/1", around)).toEqual([]);
  });

  test("of years ago is asked about: a clock that was never set", () => {
    expect(foundOf(outcome(cuff(2019)), around)[0]?.isOld).toBe(true);
  });

  test("that is in the record already is said to be", () => {
    const held = { sign: "blood_pressure", effective_at: "2026-11-23T08:00:00Z", systolic: 132, diastolic: 78 } as Observation;
    const beats = { sign: "heart_rate", effective_at: "2026-11-23T08:00:00Z", value: 64 } as Observation;
    expect(foundOf(outcome(cuff(2026)), { ...around, observations: [held, beats] })[0]?.isKnown).toBe(true);
    expect(foundOf(outcome(cuff(2026)), { ...around, observations: [held] })[0]?.isKnown).toBe(false);
  });

  test("whose measurement went wrong, or cannot be, cannot be kept", () => {
    expect(vectors).toContain(NORDIC);
    const [found] = foundOf(outcome(heard(NORDIC)), around);
    expect(found?.refused).not.toBeNull();
  });

  test("is confirmed only where its owner was asked", () => {
    const { readings } = cuff(2026);
    expect(toKeep(readings, false, () => "id")[0]).not.toHaveProperty("confirmed");
    expect(toKeep(readings, true, () => "id")[0]).toMatchObject({ confirmed: true, client_id: "id" });
  });
});
