import { describe, expect, test } from "vitest";
import type { Result } from "../src/bluetooth/bytes.ts";
import * as gatt from "../src/bluetooth/characteristics.ts";
import { minutesOn, taken, type LocalTime, type OffsetAt } from "../src/bluetooth/device_time.ts";
import { float, mmHgOfKpa, numberOf, sfloat, timesTenTo } from "../src/bluetooth/figures.ts";
import { readingsOf } from "../src/bluetooth/readings.ts";

const WHERE = { at: "2026-11-23T08:00:00+00:00", source: "cuff/1" };

function view(...bytes: number[]): DataView {
  return new DataView(Uint8Array.from(bytes).buffer);
}

function found<Found>(result: Result<Found>): Found {
  if (!result.ok) throw new Error(result.reason);
  return result.found;
}

describe("what is no number is never 0", () => {
  test.each([
    [0x07ff, "nan"],
    [0x0800, "not_at_this_resolution"],
    [0x07fe, "above_range"],
    [0x0802, "below_range"],
    [0x0801, "reserved"],
  ])("in 16 bits: %i", (bits, reason) => {
    expect(sfloat(bits)).toBe(reason);
    expect(numberOf(sfloat(bits))).toBeNull();
  });

  test.each([
    [0x007fffff, "nan"],
    [0x00800000, "not_at_this_resolution"],
    [0x007ffffe, "above_range"],
    [0x00800002, "below_range"],
    [0x00800001, "reserved"],
  ])("in 32 bits: %i", (bits, reason) => {
    expect(float(bits)).toBe(reason);
    expect(numberOf(float(bits))).toBeNull();
  });

  test("a blood pressure without one of its numbers is refused, one without a pulse is not", () => {
    const without = found(gatt.bloodPressure(view(0, 0x76, 0, 0xff, 0x07, 0xff, 0x07)));
    expect(readingsOf(without, WHERE)).toEqual({ ok: false, reason: "no_number" });
    const noPulse = found(gatt.bloodPressure(view(4, 0x76, 0, 0x4c, 0, 0xff, 0x07, 0xff, 0x07)));
    expect(found(readingsOf(noPulse, WHERE)).map((reading) => reading.sign)).toEqual(["blood_pressure"]);
  });

  test("a scale without a weight, and an oximeter off its finger, tell nothing", () => {
    expect(readingsOf(found(gatt.weight(view(0, 0xff, 0xff))), WHERE)).toEqual({ ok: false, reason: "no_number" });
    expect(readingsOf(found(gatt.continuousOximetry(view(0, 0xff, 7, 0xff, 7))), WHERE)).toEqual({ ok: false, reason: "no_number" });
  });

  test("a number beyond reason is refused", () => {
    const absurd = found(gatt.temperature(view(0, 0xff, 0xff, 0xff, 0x7f)));
    expect(readingsOf(absurd, WHERE)).toEqual({ ok: false, reason: "unreasonable_number" });
  });
});

describe("units are converted exactly or handed on", () => {
  test("16.1 kPa are 120.8 mmHg, and a pair in kPa is told in mmHg", () => {
    expect(numberOf(mmHgOfKpa({ mantissa: 161, exponent: -1 }))).toBe(120.8);
    expect(numberOf(mmHgOfKpa({ mantissa: 16, exponent: 0 }))).toBe(120);
    const told = found(gatt.bloodPressure(view(1, 0xa1, 0xf0, 0x6b, 0xf0, 0xff, 0x07)));
    expect(found(readingsOf(told, WHERE))[0]).toEqual({ sign: "blood_pressure", systolic: 120.8, diastolic: 80.3, unit: "mm[Hg]", effective_at: WHERE.at, source: WHERE.source });
  });

  test("every tenth of a kilopascal is rounded once, as a fraction of whole numbers is", () => {
    for (let tenths = -400; tenths <= 400; tenths += 1) {
      const exact = (tenths / 10) * (1000 / 133.322387415);
      const told = numberOf(mmHgOfKpa({ mantissa: tenths, exponent: -1 })) ?? Number.NaN;
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(0.05 + 1e-9);
    }
  });

  test("pounds and degrees Fahrenheit are handed on, to the last digit", () => {
    const pounds = found(gatt.weight(view(1, 0x57, 0x3d)));
    expect(found(readingsOf(pounds, WHERE))[0]).toMatchObject({ value: 157.03, unit: "[lb_av]" });
    const warm = found(gatt.temperature(view(1, 0xda, 3, 0, 0xff)));
    expect(found(readingsOf(warm, WHERE))[0]).toMatchObject({ value: 98.6, unit: "[degF]" });
  });

  test("a scale's steps of five grams are decimals, not products", () => {
    for (let steps = 0; steps < 0xffff; steps += 7) {
      const weight = found(gatt.weight(view(0, steps & 0xff, steps >> 8)));
      expect(numberOf(weight.value)).toBe(Number((steps * 0.005).toFixed(3)));
    }
  });

  test("glucose in kg/L is told in mg/dL, in mol/L in mmol/L", () => {
    // 0.00126 kg/L = 126 mg/dL; 0.0056 mol/L = 5.6 mmol/L
    expect(numberOf(timesTenTo(5, { mantissa: 126, exponent: -5 }))).toBe(126);
    const inMoles = found(gatt.glucose(view(0x06, 1, 0, 0xea, 0x07, 11, 23, 8, 0, 0, 0x38, 0xc0, 0x11)));
    expect(found(readingsOf(inMoles, WHERE))[0]).toMatchObject({ sign: "blood_glucose", value: 5.6, unit: "mmol/L" });
    const inMass = found(gatt.glucose(view(0x02, 1, 0, 0xea, 0x07, 11, 23, 8, 0, 0, 0x7e, 0xb0, 0x11)));
    expect(found(readingsOf(inMass, WHERE))[0]).toMatchObject({ value: 126, unit: "mg/dL" });
  });
});

describe("what does not stand for the person is refused", () => {
  const head = [1, 0, 0xea, 0x07, 11, 23, 8, 0, 0, 0x38, 0xc0];

  test("control solution, by type or by place", () => {
    for (const sample of [0x1a, 0x41]) {
      expect(readingsOf(found(gatt.glucose(view(0x06, ...head, sample))), WHERE)).toEqual({ ok: false, reason: "control_solution" });
    }
  });

  test("a sample too small; but not a low battery", () => {
    expect(readingsOf(found(gatt.glucose(view(0x0e, ...head, 0x11, 4, 0))), WHERE)).toEqual({ ok: false, reason: "measurement_failed" });
    expect(readingsOf(found(gatt.glucose(view(0x0e, ...head, 0x11, 1, 0))), WHERE).ok).toBe(true);
  });

  test("beyond the meter's range it is told as a limit", () => {
    expect(found(readingsOf(found(gatt.glucose(view(0x0e, ...head, 0x11, 0x20, 0))), WHERE))[0]).toMatchObject({ comparator: ">", value: 5.6 });
    expect(found(readingsOf(found(gatt.glucose(view(0x0e, ...head, 0x11, 0x40, 0))), WHERE))[0]).toMatchObject({ comparator: "<" });
  });

  test("a cuff that sat loose or an arm that moved; an irregular pulse is told, and left to be judged", () => {
    for (const status of [1, 2, 0x20]) {
      expect(readingsOf(found(gatt.bloodPressure(view(0x10, 0x76, 0, 0x4c, 0, 0xff, 7, status, 0))), WHERE)).toEqual({ ok: false, reason: "measurement_failed" });
    }
    const irregular = found(gatt.bloodPressure(view(0x10, 0x76, 0, 0x4c, 0, 0xff, 7, 4, 0)));
    expect([irregular.pulseIrregular, readingsOf(irregular, WHERE).ok]).toEqual([true, true]);
  });

  test("a heart rate without contact to the skin, or of none", () => {
    expect(readingsOf(found(gatt.heartRate(view(0x04, 72))), WHERE)).toEqual({ ok: false, reason: "measurement_failed" });
    expect(readingsOf(found(gatt.heartRate(view(0x00, 0))), WHERE)).toEqual({ ok: false, reason: "no_number" });
    expect(found(readingsOf(found(gatt.heartRate(view(0x06, 72))), WHERE))[0]).toMatchObject({ value: 72, unit: "/min" });
  });
});

/** London's offset in 2026: summer time from 29 March to 25 October, 01:00 UTC. */
const LONDON: OffsetAt = (instant) => (instant >= Date.UTC(2026, 2, 29, 1) && instant < Date.UTC(2026, 9, 25, 1) ? 60 : 0);
const at = (month: number, day: number, hour: number, minute = 30): LocalTime => ({ year: 2026, month, day, hour, minute, second: 0 });
const HEARD = Date.UTC(2026, 10, 23, 8, 0, 5, 250);

describe("a device's own time becomes an instant only where that is no guess", () => {
  test("by the zone of whoever holds the phone, in summer and in winter", () => {
    expect(taken(at(7, 1, 8), HEARD, LONDON)).toEqual({ at: "2026-07-01T08:30:00+01:00", by: "device_clock" });
    expect(taken(at(11, 22, 8), HEARD, LONDON)).toEqual({ at: "2026-11-22T08:30:00+00:00", by: "device_clock" });
    const newfoundland: OffsetAt = () => -210;
    expect(taken(at(11, 22, 8), HEARD, newfoundland)).toEqual({ at: "2026-11-22T08:30:00-03:30", by: "device_clock" });
  });

  test("without a clock it is when it was heard, and that is said", () => {
    expect(taken("absent", HEARD, LONDON)).toEqual({ at: "2026-11-23T08:00:05+00:00", by: "hearing" });
    expect(taken("unknown", HEARD, LONDON)).toEqual({ at: "2026-11-23T08:00:05+00:00", by: "hearing" });
  });

  test("a date that there is not, and a clock that is ahead, are refused", () => {
    const impossible = found(gatt.weight(view(2, 0x80, 0x3e, 0xea, 0x07, 2, 30, 8, 0, 0)));
    expect(impossible.time).toBe("impossible");
    expect(taken(impossible.time, HEARD, LONDON)).toEqual({ at: null, why: "clock_impossible" });
    expect(taken(at(11, 23, 8, 3), HEARD, LONDON)).toEqual({ at: null, why: "clock_ahead" });
    expect(taken(at(11, 23, 8, 2), HEARD, LONDON).at).toBe("2026-11-23T08:02:00+00:00");
  });

  test("the hour that comes twice is not guessed, but where the second is yet to come", () => {
    expect(taken(at(10, 25, 1), HEARD, LONDON)).toEqual({ at: null, why: "hour_twice" });
    const beforeTheSecond = Date.UTC(2026, 9, 25, 0, 40);
    expect(taken(at(10, 25, 1), beforeTheSecond, LONDON)).toEqual({ at: "2026-10-25T01:30:00+01:00", by: "device_clock" });
    expect(taken(at(3, 29, 1), HEARD, LONDON)).toEqual({ at: null, why: "hour_skipped" });
    expect(taken(at(10, 25, 0, 59), HEARD, LONDON).at).toBe("2026-10-25T00:59:00+01:00");
    expect(taken(at(10, 25, 2, 0), HEARD, LONDON).at).toBe("2026-10-25T02:00:00+00:00");
  });

  test("a device that was never set says zeros, an oximeter so besides", () => {
    expect(found(gatt.weight(view(2, 0x80, 0x3e, 0, 0, 0, 0, 0, 0, 0))).time).toBe("unknown");
    const unset = view(0x11, 0x61, 0, 0x44, 0, 0xea, 0x07, 11, 23, 8, 0, 0);
    expect(found(gatt.spotOximetry(unset)).time).toBe("unknown");
    expect(found(gatt.spotOximetry(view(0x01, 0x61, 0, 0x44, 0, 0xea, 0x07, 11, 23, 8, 0, 0))).time).toMatchObject({ year: 2026, hour: 8 });
  });

  test("a meter's offset moves its base time, over midnight and the year's end too", () => {
    expect(minutesOn({ year: 2026, month: 12, day: 31, hour: 23, minute: 50, second: 9 }, 20)).toEqual({ year: 2027, month: 1, day: 1, hour: 0, minute: 10, second: 9 });
    const moved = gatt.glucose(view(0x01, 1, 0, 0xea, 0x07, 11, 23, 8, 0, 0, 0xc4, 0xff));
    expect(found(moved).time).toMatchObject({ day: 23, hour: 7, minute: 0 });
  });
});

describe("whatever bytes come", () => {
  const decoders = [gatt.bloodPressure, gatt.spotOximetry, gatt.continuousOximetry, gatt.temperature, gatt.weight, gatt.glucose, gatt.heartRate];

  /** The same bytes each time: a small generator of its own (mulberry32). */
  function chance(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  test("there is a measurement or a named refusal, and its readings are finite numbers or a named refusal", () => {
    const next = chance(20261123);
    const outcomes = new Set<string>();
    const odd: number[][] = [];
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = Array.from({ length: Math.floor(next() * 24) }, () => Math.floor(next() * 256));
      for (const decode of decoders) {
        const result: Result<gatt.Measurement> = decode(view(...bytes));
        outcomes.add(result.ok ? "ok" : result.reason);
        if (!result.ok) continue;
        if (taken(result.found.time, HEARD, LONDON).at === "") odd.push(bytes);
        const made = readingsOf(result.found, WHERE);
        outcomes.add(made.ok ? "readings" : made.reason);
        for (const reading of made.ok ? made.found : []) {
          for (const number of [reading.value, reading.systolic, reading.diastolic]) {
            if (number !== undefined && number !== null && !Number.isFinite(number)) odd.push(bytes);
          }
        }
      }
    }
    expect(odd).toEqual([]);
    expect([...outcomes].sort()).toEqual(["control_solution", "measurement_failed", "no_number", "ok", "readings", "truncated", "unreasonable_number"]);
  });

  test("a packet cut short anywhere is refused as truncated, whole it is not", () => {
    const whole = [0x1f, 0x79, 0, 0x51, 0, 0x6a, 0, 0xe4, 0x07, 5, 0x15, 10, 0x1e, 0x2d, 0x48, 0, 1, 6, 0];
    for (let length = 0; length < whole.length; length += 1) {
      expect(gatt.bloodPressure(view(...whole.slice(0, length)))).toEqual({ ok: false, reason: "truncated" });
    }
    expect(gatt.bloodPressure(view(...whole)).ok).toBe(true);
  });

  test("a view into the middle of a larger buffer is read from its own beginning", () => {
    const inTheMiddle = new DataView(Uint8Array.from([9, 9, 0, 0x80, 0x3e, 9]).buffer, 2, 3);
    expect(numberOf(found(gatt.weight(inTheMiddle)).value)).toBe(80);
    const cut = new DataView(Uint8Array.from([9, 9, 0, 0x80, 0x3e, 9]).buffer, 2, 2);
    expect(gatt.weight(cut)).toEqual({ ok: false, reason: "truncated" });
  });
});
