import { describe, expect, test } from "vitest";
import type { Estimate, MeasureOutcome } from "../src/api/types.ts";
import { countInWords, estimateInWords, onRatioAxis, ratioInWords, sharedCautions, withDates } from "../src/format/outcomes.ts";

const estimate = (given: Partial<Estimate>): Estimate =>
  ({ value: null, low: null, high: null, status: "released", reason: null, method: null, ...given }) as Estimate;

describe("figures", () => {
  test("an estimate stands with its interval, to the digits it was released with", () => {
    expect(estimateInWords(estimate({ value: 1.2, low: 1, high: 1.5 }))).toBe("1.2 (1.0 to 1.5)");
    expect(estimateInWords(estimate({ value: 24, low: 21, high: 28 }))).toBe("24 (21 to 28)");
    expect(estimateInWords(estimate({ value: 0.5, low: 0.12, high: 2 }))).toBe("0.50 (0.12 to 2.0)");
  });

  test("a limit that is open is said to be", () => {
    expect(estimateInWords(estimate({ value: 2, low: 1.1 }))).toBe("2.0 (1.1 or more)");
    expect(estimateInWords(estimate({ value: 2, high: 3 }))).toBe("2.0 (up to 3.0)");
  });

  test("what is suppressed is never a blank, a dash or a zero", () => {
    expect(countInWords({ value: null, status: "suppressed", reason: "small_number" })).toBe("Suppressed: a small number is withheld");
    expect(estimateInWords(estimate({ status: "not_estimable", reason: "no_comparator_events" }))).toBe("Cannot be estimated: no contacts before");
    expect(countInWords({ value: null, status: "suppressed", reason: "too_close_to_another" })).toMatch(/another pathway shown this month$/);
    expect(countInWords({ value: 0, status: "released", reason: null })).toBe("0");
  });

  test("a reason not known yet is still shown", () => {
    expect(countInWords({ value: null, status: "suppressed", reason: "a_new_rule" })).toBe("Suppressed: a new rule");
  });
});

describe("a ratio", () => {
  test("has two decimals, and more only where the API gives more", () => {
    expect(ratioInWords(estimate({ value: 0.41, low: 0.3, high: 0.56 }))).toBe("0.41 (0.30 to 0.56)");
    expect(ratioInWords(estimate({ value: 1.06, low: 1.003, high: 1.2 }))).toBe("1.06 (1.003 to 1.20)");
  });

  test("that is withheld stays withheld", () => {
    expect(ratioInWords(estimate({ status: "suppressed", reason: "small_number" }))).toBe("Suppressed: a small number is withheld");
  });
});

test("a date within a sentence is written as all others are", () => {
  expect(withDates("From 2026-01-31 to the end of 2026-10-31.")).toBe("From 31 January 2026 to the end of 31 October 2026.");
  expect(withDates("hes-2018, 2018-19")).toBe("hes-2018, 2018-19");
});

describe("the drawing of a ratio", () => {
  test("half as often and twice as often are equally far from no change", () => {
    expect(onRatioAxis(1)).toBe(0.5);
    expect(onRatioAxis(2) - 0.5).toBeCloseTo(0.5 - onRatioAxis(0.5));
  });

  test("what lies beyond the drawing stands at its edge", () => {
    expect(onRatioAxis(1000)).toBe(1);
    expect(onRatioAxis(0)).toBe(0);
  });
});

test("a caution that holds for all measures is said once; others stay where they belong", () => {
  const outcome = (...codes: string[]): MeasureOutcome => ({ cautions: codes.map((code) => ({ code, text: code })) }) as unknown as MeasureOutcome;
  const shared = sharedCautions([outcome("computed_from_rounded", "short_since"), outcome("computed_from_rounded")]);
  expect(shared.map(({ code }) => code)).toEqual(["computed_from_rounded"]);
  expect(sharedCautions([])).toEqual([]);
});
