/** Packets from four open-source projects, each held against an independent decoding (`ble_gatt/SOURCES.md`). */
import { describe, expect, test } from "vitest";
import * as gatt from "../src/bluetooth/characteristics.ts";
import type { Result } from "../src/bluetooth/bytes.ts";
import { float, mmHgOfKpa, numberOf, sfloat, type Figure } from "../src/bluetooth/figures.ts";
import type { LocalTime, NoTime } from "../src/bluetooth/device_time.ts";
import vectors from "./ble_gatt/vectors.csv?raw";

interface Vector {
  readonly name: string;
  readonly characteristic: string;
  readonly hex: string;
  readonly reference: string;
}

/** Fields may be quoted, and hold commas then. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((found) => (found[1] ?? "").replace(/^"|"$/g, "").replaceAll('""', '"'));
}

const VECTORS: Vector[] = vectors
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => {
    const [, name = "", characteristic = "", hex = "", , reference = ""] = fieldsOf(line);
    return { name, characteristic, hex, reference };
  });

function viewOf(hex: string): DataView {
  return new DataView(Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16)).buffer);
}

/** What a decoding says, in the words of the reference: "unit=mmHg; systolic=118.0; …". */
function told(figure: Figure | null): string {
  if (figure === null) return "absent";
  return String(numberOf(figure) ?? (figure === "nan" ? "nan" : figure));
}

function clock(time: LocalTime | NoTime): string {
  if (typeof time === "string") return time;
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${time.year}-${two(time.month)}-${two(time.day)}T${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function reference(text: string): Map<string, string> {
  return new Map(
    text
      .split("; ")
      .filter((part) => part.includes("="))
      .map((part) => {
        const [key = "", value = ""] = part.split("=");
        return [key, /^-?[\d.]+$/.test(value) ? String(Number(value)) : value];
      }),
  );
}

type Say = (measurement: never) => Record<string, string>;

const kpa = (text: string | undefined): string => told(mmHgOfKpa({ mantissa: Math.round(Number(text) * 1000), exponent: -3 }));

const DECODERS: Record<string, { decode: (view: DataView) => Result<gatt.Measurement>; say: Say }> = {
  "2A35": {
    decode: gatt.bloodPressure,
    say: (m: gatt.BloodPressure) => ({
      unit: m.toldIn,
      systolic: told(m.systolic),
      diastolic: told(m.diastolic),
      map: told(m.meanArterial),
      timestamp: clock(m.time),
      pulse: told(m.pulse),
      user_id: String(m.userId ?? "absent"),
    }),
  },
  "2A1C": {
    decode: gatt.temperature,
    say: (m: gatt.Temperature) => ({
      unit: m.unit === "Cel" ? "degC" : "degF",
      temperature: told(m.value),
      timestamp: clock(m.time),
      type: String(m.site ?? "absent"),
    }),
  },
  "2A37": {
    decode: gatt.heartRate,
    say: (m: gatt.HeartRate) => ({
      hr: String(m.rate),
      contact_supported: m.contact === null ? "False" : "True",
      contact: m.contact === true ? "True" : "False",
      energy_kJ: String(m.energy ?? "absent"),
      rr_1_1024s: m.intervals.length === 0 ? "absent" : `[${m.intervals.join(", ")}]`,
    }),
  },
  "2A18": {
    decode: gatt.glucose,
    say: (m: gatt.Glucose) => ({
      seq: String(m.sequence),
      timestamp: clock(m.time),
      offset_min: "absent", // it is in the time already
      // The reference tells mol/L; ours are a thousand times as many mmol/L.
      glucose: m.value === null ? "absent" : String((numberOf(m.value) ?? Number.NaN) / 1000),
      context_follows: m.contextFollows ? "True" : "False",
    }),
  },
  "2A9D": {
    decode: gatt.weight,
    say: (m: gatt.Weight) => ({
      weight: told(m.value),
      unit: m.unit === "kg" ? "kg" : "lb",
      timestamp: clock(m.time),
      user_id: String(m.userId ?? "absent"),
      bmi: told(m.bmi),
      height: told(m.height),
    }),
  },
  "2A5F": { decode: gatt.continuousOximetry, say: (m: gatt.Oximetry) => ({ spo2: told(m.saturation), pulse: told(m.pulse) }) },
};
DECODERS["2A36"] = { ...DECODERS["2A35"]!, say: ((m: gatt.BloodPressure) => ({ unit: m.toldIn, systolic: told(m.systolic) })) as Say };

/** Where ours is not the reference's, and why. */
const DISAGREEMENTS: Record<string, string> = {
  "test parse with unsupported flag combinations": "the flags promise two bytes of heart rate and more, of which one is there; the reference reads on past the end. Refused as truncated.",
};
/** A number that the reference decodes as we do and the source as infinity: the pattern is not that of infinity. */
const ABSURD = "test parse with infinity float";

describe("a measurement is read as the reference reads it", () => {
  const known = VECTORS.filter(({ characteristic }) => characteristic in DECODERS);

  test("most vectors are of characteristics that are read here, and the others are named", () => {
    expect(VECTORS).toHaveLength(57);
    const others = new Set(VECTORS.filter((each) => !known.includes(each)).map((each) => each.characteristic));
    expect([...others].sort()).toEqual(["2AA7", "FLOAT", "SFLOAT"]);
  });

  test.each(known)("$characteristic $name", ({ name, characteristic, hex, reference: expected }) => {
    const { decode, say } = DECODERS[characteristic]!;
    const result = decode(viewOf(hex));
    if (expected.startsWith("ERROR") || name in DISAGREEMENTS) {
      expect(result).toEqual({ ok: false, reason: "truncated" });
      return;
    }
    if (!result.ok) throw new Error(result.reason);
    const ours = say(result.found as never);
    const theirs = reference(expected);
    for (const [key, value] of Object.entries(ours)) {
      let wanted = theirs.get(key) ?? "absent";
      if (theirs.get("unit") === "kPa" && ["systolic", "diastolic", "map"].includes(key)) wanted = kpa(wanted);
      if (key === "contact_supported" || key === "contact" || key === "context_follows") wanted = theirs.get(key) ?? "False";
      if (name === ABSURD && key === "temperature") wanted = "-1e+127";
      expect(`${key}=${value}`).toBe(`${key}=${key === "offset_min" ? "absent" : wanted}`);
    }
  });
});

describe("a number is read as the reference reads it", () => {
  test.each(VECTORS.filter(({ characteristic }) => characteristic.endsWith("FLOAT")))("$name", ({ characteristic, hex, reference: expected }) => {
    const view = viewOf(hex);
    const figure = characteristic === "SFLOAT" ? sfloat(view.getUint16(0, true)) : float(view.getUint32(0, true));
    expect(numberOf(figure)).toBe(Number(reference(expected).get("value")));
  });
});
