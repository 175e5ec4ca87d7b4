import { describe, expect, test } from "vitest";
import { bannerName, nameMatches, nhsNumber } from "../src/format/people.ts";
import { inChartOrder, unitInWords, valueInWords, type Valued } from "../src/format/signs.ts";
import { ageInWords, bannerDate, withOffset, yearsOld } from "../src/format/times.ts";

const reading = (given: Partial<Valued>): Valued => ({
  sign: "heart_rate",
  value: null,
  systolic: null,
  diastolic: null,
  code: null,
  comparator: null,
  ...given,
});

describe("ages", () => {
  test.each([
    [-2, "just now"],
    [0.4, "just now"],
    [12.9, "12 s ago"],
    [59.9, "59 s ago"],
    [60, "1 min ago"],
    [3_599, "59 min ago"],
    [3_600, "1 h ago"],
    [86_399, "23 h ago"],
    [86_400, "1 day ago"],
    [200_000, "2 days ago"],
    [Number.NaN, "age unknown"],
  ])("%s seconds are %s", (seconds, words) => {
    expect(ageInWords(seconds)).toBe(words);
  });

  test("an age is never rounded up to look older or down to look fresh by more than its unit", () => {
    expect(ageInWords(119)).toBe("1 min ago");
  });
});

describe("dates", () => {
  test("a date of birth does not move across midnight in any zone", () => {
    expect(bannerDate("1938-03-01")).toBe("01-Mar-1938");
  });

  test("a month is always three letters", () => {
    expect(bannerDate("1938-09-30")).toBe("30-Sep-1938");
  });

  test("someone is a year older on their birthday, not before", () => {
    expect(yearsOld("1940-06-15", new Date(2026, 5, 14).getTime())).toBe(85);
    expect(yearsOld("1940-06-15", new Date(2026, 5, 15).getTime())).toBe(86);
  });

  test("a time typed in is sent with the reader's offset; nothing is sent for no time", () => {
    expect(withOffset("2026-03-01T09:30")).toMatch(/^2026-03-01T09:30:00[+-]\d\d:\d\d$/);
    expect(withOffset("")).toBeNull();
    expect(withOffset("yesterday")).toBeNull();
  });
});

describe("people", () => {
  test("the family name comes first and in capitals", () => {
    expect(bannerName({ given_name: "Doris", family_name: "O'Neill" })).toBe("O'NEILL, Doris");
  });

  test("an NHS number is read 3-3-4, and an absent one stays absent", () => {
    expect(nhsNumber("9990000018")).toBe("999 000 0018");
    expect(nhsNumber(null)).toBeNull();
  });

  test.each([
    ["ash", true],
    ["doris", true],
    ["Ash dor", true],
    ["Ashworth, Doris", true],
    ["worth", false],
    ["", true],
    ["doris bell", false],
  ])("the filter %j finds Doris Ashworth: %s", (typed, found) => {
    expect(nameMatches({ given_name: "Doris", family_name: "Ashworth" }, typed)).toBe(found);
  });

  test("the filter does not need the accent, and finds the second part of a double name", () => {
    expect(nameMatches({ given_name: "Renée", family_name: "Smith-Jones" }, "renee jones")).toBe(true);
  });
});

describe("readings in words", () => {
  test("a recorded zero is a reading, not a missing one", () => {
    expect(valueInWords(reading({ sign: "pain_score", value: 0 }))).toBe("0");
  });

  test("a blood pressure is two numbers", () => {
    expect(valueInWords(reading({ sign: "blood_pressure", systolic: 132, diastolic: 78 }))).toBe("132/78");
  });

  test("a temperature keeps its decimal, and no reading loses one it was sent with", () => {
    expect(valueInWords(reading({ sign: "body_temperature", value: 37 }))).toBe("37.0");
    expect(valueInWords(reading({ sign: "heart_rate", value: 72.5 }))).toBe("72.5");
  });

  test("a comparator is never dropped", () => {
    expect(valueInWords(reading({ sign: "blood_glucose", value: 1.1, comparator: "<" }))).toBe("< 1.1");
  });

  test("a level of consciousness is said in words", () => {
    expect(valueInWords(reading({ sign: "consciousness_acvpu", code: "C" }))).toBe("New confusion");
  });

  test("the same unit of two signs is read as each is counted", () => {
    expect(unitInWords("heart_rate", "/min")).toBe("beats/min");
    expect(unitInWords("respiratory_rate", "/min")).toBe("breaths/min");
    expect(unitInWords("consciousness_acvpu", null)).toBe("");
  });

  test("signs stand in the order of an observation chart, unknown ones last", () => {
    expect(inChartOrder(["made_up", "heart_rate", "oxygen_saturation", "respiratory_rate"])).toEqual([
      "respiratory_rate",
      "oxygen_saturation",
      "heart_rate",
      "made_up",
    ]);
  });
});
