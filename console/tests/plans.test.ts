import { describe, expect, test } from "vitest";
import type { Action, Completion, Progress, Tally, Target } from "../src/api/types.ts";
import { doneInWords, isEnough, ofToday } from "../src/format/completions.ts";
import { periodsInWords, shareInWords, suggestionInWords, targetInWords, whyNoFigure } from "../src/format/goals.ts";
import { scheduleInWords } from "../src/format/schedules.ts";

describe("when an action is to be done", () => {
  test.each([
    ["FREQ=DAILY", [], "Every day"],
    ["FREQ=DAILY", ["08:00", "20:30"], "Every day at 08:00 and 20:30"],
    ["FREQ=DAILY;INTERVAL=2", [], "Every 2 days"],
    ["FREQ=WEEKLY;BYDAY=MO,WE,FR", ["09:00"], "Every week on Monday, Wednesday and Friday at 09:00"],
    ["FREQ=DAILY;COUNT=10", [], "Every day, 10 times"],
    ["FREQ=DAILY;COUNT=1", [], "Once, on 1 September 2026"],
    ["FREQ=WEEKLY;UNTIL=20261231", [], "Every week, until 31 December 2026"],
    ["FREQ=MONTHLY", [], "Every month on the 1st"],
    ["FREQ=MONTHLY;BYMONTHDAY=12,23,-1", [], "Every month on the 12th, the 23rd and the last day"],
    ["FREQ=MONTHLY;BYDAY=1MO,-1FR", ["09:00"], "Every month on the first Monday and the last Friday at 09:00"],
    ["FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", [], "Every month on the 13th if it is a Friday"],
    ["FREQ=MONTHLY;INTERVAL=3;BYDAY=TU", [], "Every 3 months on each Tuesday"],
    ["FREQ=YEARLY", [], "Every year in September on the 1st"],
    ["FREQ=DAILY;BYMONTH=6,7", [], "Every day in June and July"],
    ["FREQ=MONTHLY;COUNT=1;BYDAY=-2SU", [], "Every month on the second-last Sunday, once"],
  ])("%s at %j is %j", (rrule, times, words) => {
    expect(scheduleInWords({ rrule, starts_on: "2026-09-01", times })).toBe(words);
  });

  test("a rule it cannot read is shown as it stands, not guessed at", () => {
    expect(scheduleInWords({ rrule: "FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO", starts_on: "2026-09-01", times: [] })).toBe("FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO");
  });

  test("days left out are named", () => {
    expect(scheduleInWords({ rrule: "FREQ=DAILY", starts_on: "2026-09-01", times: ["08:00"], except_on: ["2026-12-25", "2026-12-26"] })).toBe("Every day at 08:00, but not on 25 December 2026 and 26 December 2026");
  });
});

describe("what was done of an action today", () => {
  const NOW = Date.parse("2026-11-22T10:00:00Z");
  const done = (given: Partial<Completion>): Completion =>
    ({ id: "c1", action_id: "a1", done_at: "2026-11-22T09:12:00Z", skipped: null, recorded_by: "me", recorded_as: "patient", ...given }) as Completion;
  const schedule = (times: string[]): Action["schedule"] => ({ rrule: "FREQ=DAILY", starts_on: "2026-11-01", times }) as Action["schedule"];
  const clock = (at: string): string => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(Date.parse(at));
  const NINE = clock("2026-11-22T09:12:00Z");

  test("says when and by whom", () => {
    expect(doneInWords([done({})], "me")).toBe(`Done today at ${NINE} by you`);
    expect(doneInWords([done({})], "a nurse")).toBe(`Done today at ${NINE} by the patient`);
    expect(doneInWords([done({ recorded_as: "care_home_staff", skipped: "Away" })], "a nurse")).toBe(`Skipped today at ${NINE} by care home staff`);
    expect(doneInWords([], "me")).toBe("");
  });

  test("counts this action, today in London, and each completion once", () => {
    const all = [done({}), done({}), done({ id: "c2", action_id: "a2" }), done({ id: "c3", done_at: "2026-11-21T23:59:00Z" })];
    expect(ofToday(all, "a1", NOW).map(({ id }) => id)).toEqual(["c1"]);
    const summer = Date.parse("2026-07-01T22:59:00Z");
    expect(ofToday([done({ done_at: "2026-07-01T23:01:00Z" })], "a1", summer)).toEqual([]);
  });

  test("is enough when it was done for each time of the day; skipping is not doing", () => {
    expect(isEnough(schedule([]), [done({})])).toBe(true);
    expect(isEnough(schedule([]), [done({ skipped: "Away" })])).toBe(false);
    expect(isEnough(schedule(["08:00", "20:30"]), [done({})])).toBe(false);
    expect(isEnough(schedule(["08:00", "20:30"]), [done({}), done({ id: "c2" })])).toBe(true);
  });
});

describe("a goal", () => {
  const target: Target = { sign: "blood_pressure", part: "systolic", counted: null, comparator: "<", value: 135, unit: "mm[Hg]", due_on: "2027-03-01" };
  const progress = (given: Partial<Progress>): Progress => ({ data: "enough", percent: 50, judged: 119, within: 67, complete: true, as_of: "2026-11-22T10:00:00Z", baseline: { from_at: "2026-09-23T07:00:00Z" }, tally: null, ...given }) as Progress;

  test("its target says which part of a blood pressure, on which side, by when", () => {
    expect(targetInWords(target)).toBe("Blood pressure (systolic) below 135 mmHg by 1 March 2027");
  });

  test.each(["none", "not_enough", "stale"] as const)("readings that are %s give a reason instead of a figure", (data) => {
    expect(whyNoFigure(progress({ data, percent: null }))).not.toBeNull();
    expect(shareInWords(progress({ data }))).toBeNull();
  });

  test("enough readings give the figure", () => {
    expect(whyNoFigure(progress({}))).toBeNull();
  });

  test("a share says of which readings it is: all since the first one, or the newest when there were more", () => {
    expect(shareInWords(progress({}))).toBe("67 of 119 readings since 23 September were within the target.");
    expect(shareInWords(progress({ as_of: "2027-01-02T10:00:00Z" }))).toBe("67 of 119 readings since 23 September 2026 were within the target.");
    expect(shareInWords(progress({ complete: false }))).toBe("67 of the latest 119 readings were within the target.");
  });

  test.each(["improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved"] as const)("what the readings suggest is said in words: %s", (suggestion) => {
    const words = suggestionInWords(progress({ suggestion }));
    expect(words).toMatch(/^[A-Z].+ .+\.$/);
    expect(words).not.toContain(suggestion);
  });

  const walks: Target = { ...target, sign: null, part: null, counted: "completions", comparator: ">=", value: 3, unit: "/wk" };
  const weeks = (...done: number[]) => done.map((each, n) => ({ from_on: `2026-09-0${n + 1}`, until_on: `2026-09-1${n}`, done: each, skipped: 0 }));
  const tally = (...done: number[]): Tally => ({ done: 9, skipped: 0, latest_at: null, completion_ids: [], periods: weeks(...done) });

  test("a target that is counted says how often in which time", () => {
    expect(targetInWords(walks)).toBe("Done at least 3 times a week by 1 March 2027");
    expect(targetInWords({ ...walks, comparator: "<=", value: 1, unit: "/d" })).toBe("Done at most once a day by 1 March 2027");
    expect(targetInWords({ ...walks, value: 50, unit: "1" })).toBe("Done at least 50 times in all by 1 March 2027");
  });

  test("what was done is told by week, the present one apart", () => {
    expect(periodsInWords(walks, tally(3, 2, 1))).toBe("This week so far: 1. The weeks before: 3, 2.");
    expect(periodsInWords({ ...walks, unit: "/d" }, tally(1))).toBe("Today so far: 1.");
    expect(periodsInWords({ ...walks, unit: "1" }, tally())).toBeNull();
    expect(shareInWords(progress({ tally: tally(3, 2, 1), within: 1, judged: 2 }))).toBe("1 of the 2 whole weeks were within the target.");
  });

  test.each(["none", "not_enough", "stale"] as const)("what was done that is %s gives a reason instead of a figure", (data) => {
    expect(suggestionInWords(progress({ data, suggestion: null, tally: tally() }))).toMatch(/^Not enough data: .+\.$/);
  });

  test("readings that suggest nothing say why", () => {
    expect(suggestionInWords(progress({ data: "not_enough", suggestion: null }))).toBe("Not enough data: too few readings yet to say how it goes.");
    expect(suggestionInWords(progress({ suggestion: null }))).toBeNull();
  });
});
