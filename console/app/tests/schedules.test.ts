import { describe, expect, test } from "vitest";
import { daysBetween, ruleOf } from "../src/days/rule.ts";
import { daysOn } from "../src/words/dates.ts";
import vectors from "./vectors/schedules.json";

const FROM = "2026-09-20";
const UNTIL = "2028-04-10";

describe("the days on which a schedule falls", () => {
  test.each(vectors.map((one) => [one.rrule, one.starts_on, one] as const))("%s from %s are the API's own", (rrule, starts_on, { except_on, days }) => {
    const found = daysBetween({ rrule, starts_on, times: [], except_on }, FROM, UNTIL);
    expect(found).toEqual(days.map((number) => daysOn(FROM, number)));
  });

  test("looked at from a day on are the same as those of a longer time", () => {
    for (const { rrule, starts_on, except_on, days } of vectors) {
      const schedule = { rrule, starts_on, times: [], except_on };
      expect(daysBetween(schedule, "2027-03-28", "2027-03-28")).toEqual(days.includes(189) ? ["2027-03-28"] : []);
    }
    expect(daysOn(FROM, 189)).toBe("2027-03-28");
  });

  test("of a rule with a part that is not known are not guessed", () => {
    expect(ruleOf("FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO")).toBeNull();
    expect(daysBetween({ rrule: "FREQ=HOURLY", starts_on: "2026-09-01", times: [], except_on: [] }, FROM, UNTIL)).toBeNull();
  });
});
