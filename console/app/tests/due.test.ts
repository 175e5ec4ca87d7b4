import { describe, expect, test } from "vitest";
import { comingDays, dayDue as dayDueSince, todayOf as todaySince, type Did } from "../src/days/due.ts";
import { recordedOf, type Recorded } from "../src/days/recorded.ts";
import { instantAt, withOffsetOf } from "../src/days/instants.ts";
import type { ActionPlan, Completion, Pause } from "../src/store/things.ts";

const LONDON = "Europe/London";
const at = (text: string): number => Date.parse(text);

const plan = (given: Partial<ActionPlan> & { schedule?: Partial<ActionPlan["actions"][number]["schedule"]> } = {}): ActionPlan =>
  ({
    id: "p1", title: "Plan", status: "active", superseded_by_id: null, supersedes_id: null, published_at: "2026-01-01T09:00:00Z",
    actions: [{ id: "a1", title: "Weigh", instructions: null, goal_ids: [], asks_for: null, schedule: { rrule: "FREQ=DAILY", starts_on: "2026-01-01", times: ["08:00"], except_on: [], ...given.schedule } }],
    ...given,
  }) as unknown as ActionPlan;
const pause = (given: Partial<Pause>): Pause => ({ id: "r1", plan_id: null, kind: "holiday", from_on: "2026-11-20", until_on: null, due_again_on: null, ...given }) as Pause;
const completion = (given: Partial<Completion>): Completion => ({ id: "c1", action_id: "a1", status: "recorded", skipped: null, done_at: "2026-11-23T07:50:00Z", ...given }) as Completion;
const record = (plans: ActionPlan[], pauses: Pause[] = [], completions: Completion[] = [], timeZone = LONDON) => ({
  actionPlans: new Map(plans.map((one) => [one.id, one])),
  pauses: new Map(pauses.map((one) => [one.id, one])),
  completions: new Map(completions.map((one) => [one.id, one])),
  timeZone,
});
const dayDue = (held: ReturnType<typeof record>, did: readonly Did[], date: string, recorded: readonly Recorded[] = []) => dayDueSince(held, { did, recorded }, date);
const todayOf = (held: ReturnType<typeof record>, did: readonly Did[], now: number, recorded: readonly Recorded[] = []) => todaySince(held, { did, recorded }, now);
const NOON = at("2026-11-23T12:00:00Z");

describe("what is due today", () => {
  test("is late once its time is over, and done when it was noted on that day", () => {
    expect(todayOf(record([plan()]), [], NOON).toDo.map(({ by }) => by < NOON)).toEqual([true]);
    expect(todayOf(record([plan()], [], [completion({})]), [], NOON).toDo).toEqual([]);
    expect(todayOf(record([plan()], [], [completion({ done_at: "2026-11-22T23:59:00Z" })]), [], NOON).toDo).toHaveLength(1);
  });

  test("counts what was done on this phone and not sent yet", () => {
    const did: Did = { actionId: "a1", at: NOON - 60_000, skipped: null, isSent: false };
    expect(todayOf(record([plan()]), [did], NOON).done[0]?.did?.isSent).toBe(false);
  });

  test("does not count what was entered in error, nor twice what answers one time", () => {
    const twice = plan({ schedule: { times: ["08:00", "20:00"] } });
    expect(todayOf(record([twice], [], [completion({})]), [], NOON).toDo.map(({ time }) => time)).toEqual(["20:00"]);
    expect(todayOf(record([plan()], [], [completion({ status: "entered-in-error" })]), [], NOON).toDo).toHaveLength(1);
  });

  test("one of two times that was kept answers the nearer and not the first", () => {
    const twice = plan({ schedule: { times: ["08:00", "20:00"] } });
    const evening = completion({ done_at: "2026-11-23T19:45:00Z" });
    const night = at("2026-11-23T21:00:00Z");
    expect(todayOf(record([twice], [], [evening]), [], night).toDo.map(({ time }) => time)).toEqual(["08:00"]);
    const both = [completion({ id: "c0", done_at: "2026-11-23T07:00:00Z" }), completion({ id: "c3", skipped: "Away", done_at: "2026-11-23T12:00:00Z" }), evening];
    expect(todayOf(record([twice], [], both), [], night).done.map(({ did }) => did?.at)).toEqual([at("2026-11-23T07:00:00Z"), at("2026-11-23T19:45:00Z")]);
  });

  test("can still be done after it was skipped", () => {
    const both = [completion({ skipped: "Unwell" }), completion({ id: "c2", done_at: "2026-11-23T11:00:00Z" })];
    expect(todayOf(record([plan()], [], both), [], NOON).done[0]?.did?.skipped).toBeNull();
  });

  test("leaves out ended plans, those with a newer version, and what was due before the plan was published", () => {
    expect(dayDue(record([plan({ status: "ended" })]), [], "2026-11-23").due).toEqual([]);
    expect(dayDue(record([plan({ superseded_by_id: "p2" })]), [], "2026-11-23").due).toEqual([]);
    expect(dayDue(record([plan({ published_at: "2026-11-23T09:00:00Z" })]), [], "2026-11-23").due).toEqual([]);
  });

  test("says what was done that day under a version before, at the time of it that it is nearest to, and still asks", () => {
    const first = plan({ id: "p0", status: "ended", superseded_by_id: "p1" });
    const former: Partial<ActionPlan> = { supersedes_id: "p0", published_at: "2026-11-23T06:00:00Z", actions: [{ ...first.actions[0], id: "a2", schedule: { ...first.actions[0]?.schedule, times: ["08:00", "20:00"] } }] as ActionPlan["actions"] };
    const second = plan(former);
    const before = (done: Completion[], did: Did[] = []) => todayOf(record([first, second], [], done), did, NOON).toDo.map(({ time, before }) => [time, before?.at ?? null, before?.isSent ?? null]);
    const done = at("2026-11-23T07:50:00Z");
    expect(before([completion({})])).toEqual([["08:00", done, true], ["20:00", null, null]]);
    expect(before([], [{ actionId: "a1", at: done, skipped: null, isSent: false }])).toEqual([["08:00", done, false], ["20:00", null, null]]);
    const nothing = [["08:00", null, null], ["20:00", null, null]];
    expect(before([completion({ skipped: "Unwell" })])).toEqual(nothing);
    expect(before([completion({ done_at: "2026-11-22T07:50:00Z" })])).toEqual(nothing);
    expect(before([completion({ status: "entered-in-error" })])).toEqual(nothing);
    const another = plan({ ...former, actions: second.actions.map((action) => ({ ...action, title: "Walk" })) });
    expect(todayOf(record([first, another], [], [completion({})]), [], NOON).toDo.map((due) => due.before)).toEqual([null, null]);
    const unrelated = plan({ ...former, supersedes_id: null });
    expect(todayOf(record([first, unrelated], [], [completion({})]), [], NOON).toDo.map((due) => due.before)).toEqual([null, null]);
  });

  test("is nothing of a plan that rests, by a pause of all, of it, or of the version before it", () => {
    expect(todayOf(record([plan()], [pause({})]), [], NOON)).toMatchObject({ due: [], resting: [{ id: "p1" }], missedYesterday: 0 });
    expect(todayOf(record([plan({ supersedes_id: "p0" })], [pause({ plan_id: "p0" })]), [], NOON).due).toEqual([]);
    expect(todayOf(record([plan()], [pause({})], [completion({})]), [], NOON)).toMatchObject({ toDo: [], done: [{ did: { skipped: null } }], resting: [{ id: "p1" }] });
    expect(todayOf(record([plan()], [pause({ plan_id: "other" })]), [], NOON).due).toHaveLength(1);
    expect(todayOf(record([plan()], [pause({ due_again_on: "2026-11-23" })]), [], NOON).due).toHaveLength(1);
    expect(todayOf(record([plan()], [pause({ until_on: "2026-11-22" })]), [], NOON).due).toHaveLength(1);
  });

  test("names an action whose rule it cannot read instead of leaving it out", () => {
    expect(todayOf(record([plan({ schedule: { rrule: "FREQ=HOURLY" } })]), [], NOON).unread.map(({ title }) => title)).toEqual(["Weigh"]);
  });

  test("says how much of yesterday was not answered", () => {
    expect(todayOf(record([plan()]), [], NOON).missedYesterday).toBe(1);
  });
});

describe("what is asked to be recorded", () => {
  const asking = (given: Partial<ActionPlan["actions"][number]["schedule"]> = {}, asks_for: unknown = { kind: "reading", of: "body_weight" }): ActionPlan => {
    const made = plan({ schedule: { times: ["08:00", "20:00"], ...given } });
    return { ...made, actions: made.actions.map((action) => ({ ...action, asks_for })) } as ActionPlan;
  };
  const weighed = (time: string, isSent = true): Recorded => ({ kind: "reading", of: "body_weight", at: at(`2026-11-23T${time}:00Z`), isSent });
  const late = at("2026-11-23T22:00:00Z");
  const toDo = (recorded: Recorded[], completions: Completion[] = []): (string | null)[] =>
    todayOf(record([asking()], [], completions), [], late, recorded).toDo.map(({ time }) => time);

  test("is met by the reading in its half of the day, sent or not", () => {
    expect(toDo([])).toEqual(["08:00", "20:00"]);
    expect(toDo([weighed("13:59", false)])).toEqual(["20:00"]);
    expect(toDo([weighed("14:00")])).toEqual(["08:00"]);
    expect(toDo([weighed("00:00"), weighed("23:59")])).toEqual([]);
    expect(todayOf(record([asking()]), [], late, [weighed("07:40", false)]).done[0]?.did).toMatchObject({ at: at("2026-11-23T07:40:00Z"), isSent: false });
  });

  test("two readings of one morning are not the evening's too, nor is a reading beside what was ticked off", () => {
    expect(toDo([weighed("08:00"), weighed("08:01")])).toEqual(["20:00"]);
    expect(toDo([weighed("08:00")], [completion({ done_at: "2026-11-23T08:05:00Z" })])).toEqual(["20:00"]);
  });

  test("a copy of before, which does not say what is asked for, is read as it was", () => {
    const before = plan();
    const actions = before.actions.map(({ asks_for: _, ...action }) => action);
    expect(todayOf(record([{ ...before, actions } as ActionPlan]), [], NOON, [weighed("08:00")]).toDo).toHaveLength(1);
  });

  test("a skip holds until the reading is there", () => {
    const skipped = completion({ skipped: "Away", done_at: "2026-11-23T08:05:00Z" });
    const found = (recorded: Recorded[]) => todayOf(record([asking()], [], [skipped]), [], late, recorded).done.map(({ did }) => did?.skipped);
    expect(found([])).toEqual(["Away"]);
    expect(found([weighed("11:00")])).toEqual([null]);
  });

  test("another sign, another day or a questionnaire of another key meets nothing", () => {
    expect(toDo([{ ...weighed("08:00"), of: "heart_rate" }])).toHaveLength(2);
    expect(toDo([{ ...weighed("08:00"), at: at("2026-11-22T23:59:00Z") }])).toHaveLength(2);
    const check = asking({ times: [] }, { kind: "questionnaire", of: "phq-9" });
    const answered = (of: string): number => todayOf(record([check]), [], late, [{ kind: "questionnaire", of, at: NOON, isSent: false }]).done.length;
    expect([answered("gad-7"), answered("phq-9")]).toEqual([0, 1]);
  });

  test("what stands is told once, and what was refused or entered in error is not", () => {
    const held = {
      observations: new Map([["o1", { id: "o1", client_id: "c1", sign: "body_weight", effective_at: "2026-11-23T08:00:00Z", status: "final" }], ["o2", { id: "o2", client_id: "c2", sign: "body_weight", effective_at: "2026-11-23T09:00:00Z", status: "entered-in-error" }]]),
      responses: new Map([["r1", { questionnaire: "phq-9", authored_at: "2026-11-23T08:00:00Z", status: "completed" }], ["r2", { questionnaire: "phq-9", authored_at: "2026-11-23T08:00:00Z", status: "entered-in-error" }]]),
      diaryEntries: new Map([["d1", { effective_at: "2026-11-23T08:00:00Z", status: "final" }]]),
    };
    const unsent = [
      { kind: "reading", state: "sending", item: "i1", body: { client_id: "c1", sign: "body_weight", effective_at: "2026-11-23T08:00:00Z" } },
      { kind: "reading", state: "refused", item: "i2", body: { client_id: "c3", sign: "body_weight", effective_at: "2026-11-23T08:00:00Z" } },
      { kind: "questionnaire_response", state: "waiting", item: "i3", body: { questionnaire: "gad-7", authored_at: "2026-11-23T09:00:00Z" } },
      { kind: "diary_entry", state: "waiting", item: "i4", body: { effective_at: "2026-11-23T10:00:00Z" } },
    ];
    const found = recordedOf(held as unknown as Parameters<typeof recordedOf>[0], unsent as unknown as Parameters<typeof recordedOf>[1]);
    expect(found.map(({ kind, of, isSent }) => [kind, of, isSent])).toEqual([
      ["reading", "body_weight", true], ["questionnaire", "phq-9", true], ["diary_entry", null, true],
      ["questionnaire", "gad-7", false], ["diary_entry", null, false],
    ]);
  });

  test("on the day on which the clocks go back the halves are of the hours there are", () => {
    const on = (time: string): number => dayDue(record([asking()]), [], "2026-10-25", [{ kind: "reading", of: "body_weight", at: at(time), isSent: true }]).due.findIndex(({ did }) => did !== null);
    expect([on("2026-10-24T23:00:00Z"), on("2026-10-25T13:59:00Z"), on("2026-10-25T14:00:00Z"), on("2026-10-25T23:59:00Z")]).toEqual([0, 0, 1, 1]);
  });
});

describe("days around a change of the clocks", () => {
  test.each([
    ["2026-03-29", "08:00", "2026-03-29T07:00:00Z"],
    ["2026-03-29", "01:30", "2026-03-29T01:30:00Z"], // skipped: as much later
    ["2026-10-25", "01:30", "2026-10-25T00:30:00Z"], // twice: the first
    ["2026-10-25", "08:00", "2026-10-25T08:00:00Z"],
    ["2026-10-24", "23:30", "2026-10-24T22:30:00Z"],
  ])("%s %s in London is %s", (date, time, instant) => {
    expect(new Date(instantAt(date, time, LONDON)).toISOString()).toBe(new Date(instant).toISOString());
  });

  test("the day of 25 hours is one day: done in its last hour counts for it", () => {
    const late = completion({ done_at: "2026-10-25T23:30:00Z" });
    expect(dayDue(record([plan()], [], [late]), [], "2026-10-25").due[0]?.did).not.toBeNull();
    expect(dayDue(record([plan()], [], [late]), [], "2026-10-26").due[0]?.did).toBeNull();
  });

  test("is told by the person's zone, wherever the phone is", () => {
    const tokyo = record([plan()], [], [completion({ done_at: "2026-11-22T23:30:00Z" })], "Asia/Tokyo");
    expect(dayDue(tokyo, [], "2026-11-23").due[0]?.did).not.toBeNull();
  });

  test("an instant is sent with the offset of that day's clocks", () => {
    expect(withOffsetOf(at("2026-07-01T12:00:00Z"), LONDON)).toBe("2026-07-01T13:00:00+01:00");
    expect(withOffsetOf(at("2026-11-23T12:00:00Z"), LONDON)).toBe("2026-11-23T12:00:00+00:00");
    expect(withOffsetOf(at("2026-11-23T12:00:00Z"), "America/St_Johns")).toBe("2026-11-23T08:30:00-03:30");
  });
});

test("the coming days are a fortnight's, without those on which the plan rests", () => {
  const weekly = plan({ schedule: { rrule: "FREQ=WEEKLY;BYDAY=MO,TH" } });
  const rests = record([weekly], [pause({ from_on: "2026-11-30", until_on: "2026-11-30" })]);
  const [action] = weekly.actions;
  expect(action && comingDays(weekly, action, rests, "2026-11-23")).toEqual(["2026-11-23", "2026-11-26", "2026-12-03"]);
});
