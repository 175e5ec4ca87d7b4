import { describe, expect, test } from "vitest";
import { CALLS } from "../src/questions/contacts.ts";
import { asked, cannotWait, given, INSTRUMENTS, totalOf, type Answers, type Instrument } from "../src/questions/questionnaire.ts";
import numbers from "./vectors/crisis.json";

const NOT_AT_ALL = "LA6568-5";
const SEVERAL_DAYS = "LA6569-3";
const NEARLY_EVERY_DAY = "LA6571-9";
const found = (key: string): Instrument => INSTRUMENTS.find((one) => one.key === key) ?? expect.fail(key);
const phq9 = found("phq-9");
const nine = (code: string): Answers => Object.fromEntries(Array.from({ length: 9 }, (_, place) => [`q${place + 1}`, code]));

describe("the PHQ-9", () => {
  test("asks how difficult it was only when something was", () => {
    expect(asked(phq9, nine(NOT_AT_ALL))).toHaveLength(9);
    expect(asked(phq9, { ...nine(NOT_AT_ALL), q4: SEVERAL_DAYS }).at(-1)?.linkId).toBe("difficulty");
  });

  test("does not send an answer to a question that is no longer asked", () => {
    const answers = { ...nine(NOT_AT_ALL), difficulty: "LA6572-7" };
    expect(given(phq9, answers).map(({ link_id }) => link_id)).not.toContain("difficulty");
    expect(given(phq9, { ...answers, q1: SEVERAL_DAYS }).map(({ link_id }) => link_id)).toContain("difficulty");
  });

  test.each([
    [NOT_AT_ALL, 0, "minimal"],
    [SEVERAL_DAYS, 9, "mild"],
    [NEARLY_EVERY_DAY, 27, "severe"],
  ])("of which each answer is %s adds up to %i of 27, which is %s", (code, total, band) => {
    expect(totalOf(phq9, nine(code))).toEqual({ total, most: 27, band });
  });

  test("has no score while one of its nine questions is left out", () => {
    const { q5: _, ...others } = nine(SEVERAL_DAYS);
    expect(totalOf(phq9, others)).toBeNull();
  });

  test("cannot wait from the first step of question 9 on, whatever else is answered, and only then", () => {
    expect(cannotWait(phq9, { q9: SEVERAL_DAYS })).toBe(true);
    expect(cannotWait(phq9, { ...nine(NEARLY_EVERY_DAY), q9: NOT_AT_ALL })).toBe(false);
    expect(cannotWait(phq9, {})).toBe(false);
    expect(cannotWait(found("gad-7"), nine(NEARLY_EVERY_DAY))).toBe(false);
  });
});

test("the numbers that are called are those of the API", () => {
  // "111, then option 2" is called as 111: a phone cannot press the 2 for whoever speaks there.
  expect(CALLS.map(({ number }) => number)).toEqual(numbers.map((number) => number.replaceAll(/, then.*| /g, "")));
});

test("what is answered anonymously is not offered in a record", () => {
  expect(INSTRUMENTS.map(({ key }) => key)).toEqual(["phq-9", "gad-7", "mrc-dyspnoea"]);
});
