import { describe, expect, test } from "vitest";
import { ownContacts, telOf } from "../src/plan/contacts.ts";
import { answersOf, isToBeSaid, saidOf } from "../src/plan/said_of.ts";
import { FRESH_MS, zoneNow, type Criterion, type Heard, type OwnDay, type Reason } from "../src/plan/zone_now.ts";
import { criterionInWords, missingInWords, seenInWords } from "../src/plan/zone_words.ts";
import type { ActionPlan, Unsent } from "../src/store/things.ts";
import { wordsOf } from "../src/words/words.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const words = wordsOf("en", "Europe/London");

const criterion = (given: Partial<Criterion>): Criterion =>
  ({ sign: null, part: null, basis: null, symptom: null, comparator: "<", value: null, unit: null, level: null, days: 1, times: 1, ...given }) as Criterion;
const peakFlow = criterion({ sign: "peak_expiratory_flow", basis: "percent_of_best", comparator: "<", value: 80, unit: "%" });
const waking = criterion({ symptom: "night_waking", comparator: ">=", level: 1 });
const reason = (given: Partial<Reason>): Reason =>
  ({ colour: "amber", group: 0, criterion: peakFlow, verdict: "met", gap: null, figure: 62.5, seen: [{ id: "o1", at: "2026-11-23T08:00:00Z", value: 310, bound: null }], age_seconds: 1, ...given }) as Reason;

const plan = (given: Partial<ActionPlan> = {}): ActionPlan =>
  ({ id: "p1", title: "Asthma", status: "active", superseded_by_id: null, to_be_acknowledged: true, acknowledgements: [], zones: [], ...given }) as unknown as ActionPlan;
const heard = (colour: "green" | "amber" | "red" | null, reasons: Reason[] = [], given: object = {}): Heard =>
  ({
    told: { day: "2026-11-23", time_zone: "Europe/London", as_of: "2026-11-23T12:00:00Z", until_at: "2026-11-24T00:00:00Z", plans: [{ id: "p1", zone: { colour, instructions: null, contact: null, reasons } }], ...given },
    askedAt: NOON,
  }) as unknown as Heard;
const day = (of: Heard | null, given: Partial<OwnDay> = {}): OwnDay => ({ online: true, heard: of, hasFailed: false, ...given });
const unsent = (kind: string, body: object = {}, state = "waiting"): Unsent => ({ kind, body, state, item: "i", keptAt: NOON, verdict: null }) as unknown as Unsent;

describe("the zone now", () => {
  test("is the one that was told of this plan, with what decided it", () => {
    const found = zoneNow(plan(), day(heard("amber", [reason({}), reason({ group: 1, criterion: waking, verdict: "not_met" }), reason({ colour: "red", verdict: "not_met" })])), [], NOON);
    expect(found).toMatchObject({ colour: "amber", why: null, isPartial: false });
    expect(found.reasons).toHaveLength(1);
  });

  test("is red by a limit that a meter showed, which is no gap where it decided", () => {
    const high = reason({ colour: "red", figure: 27.8, seen: [{ id: "o2", at: "2026-11-23T08:00:00Z", value: 27.8, bound: ">" }] });
    expect(zoneNow(plan(), day(heard("red", [high])), [], NOON)).toMatchObject({ colour: "red", why: null, reasons: [high] });
  });

  test.each([
    ["without a network", day(heard("green"), { online: false }), NOON, "no_network"],
    ["when asking failed", day(heard("green"), { hasFailed: true }), NOON, "failed"],
    ["before it was told", day(null), NOON, "asking"],
    ["when it was told too long ago", day(heard("green")), NOON + FRESH_MS + 1, "old"],
    ["when the phone's clock was put back", day(heard("green")), NOON - 1, "old"],
    ["once the day it was told of is over", day(heard("green", [], { until_at: "2026-11-23T12:01:00Z" })), NOON + 60_000, "old"],
    ["when it was told of another version", day(heard("green", [], { plans: [] })), NOON, "asking"],
    ["when what was recorded fits no zone", day(heard(null)), NOON, "between"],
  ] as const)("is not known %s", (_, of, now, why) => {
    expect(zoneNow(plan(), of, [], now)).toMatchObject({ colour: null, why });
  });

  test("is never green while a reading or a symptom is not in it, whatever became of that", () => {
    for (const state of ["waiting", "sending", "later", "conflict", "refused"])
      for (const kind of ["reading", "diary_entry"]) expect(zoneNow(plan(), day(heard("green")), [unsent(kind, {}, state)], NOON)).toMatchObject({ colour: null, why: "unsent" });
    expect(zoneNow(plan(), day(heard("green")), [unsent("completion")], NOON).colour).toBe("green");
    expect(zoneNow(plan(), day(heard("red")), [unsent("reading")], NOON)).toMatchObject({ colour: "red", isPartial: true });
  });

  test("is not green with what was taken back and is not settled: it still reckons with it", () => {
    for (const of of ["reading", "diary_entry"]) expect(zoneNow(plan(), day(heard("green")), [unsent("retraction", { of })], NOON)).toMatchObject({ colour: null, why: "unsent" });
    expect(zoneNow(plan(), day(heard("green")), [unsent("retraction", { of: "completion" })], NOON).colour).toBe("green");
  });

  test("that is not known says what is missing, each thing once: also what green asks for and nobody saw today", () => {
    const before = [{ id: "o2", at: "2026-11-22T08:00:00Z", value: 0, bound: null }] as Reason["seen"];
    const of = heard(null, [
      reason({ colour: "amber", verdict: "not_evaluable", gap: "not_measured", figure: null, seen: [] }),
      reason({ colour: "red", verdict: "not_evaluable", gap: "not_measured", figure: null, seen: [] }),
      reason({ colour: "green", criterion: waking, seen: before }),
      reason({ colour: "amber", criterion: waking, verdict: "not_met", seen: before }),
    ]);
    const found = zoneNow(plan(), day(of), [], NOON);
    expect(found.why).toBe("missing");
    expect(missingInWords(found.reasons, of.told, words)).toEqual(["Peak flow: not measured yet", "Woken at night by cough, wheeze or a tight chest: nothing from today"]);
  });
});

describe("a criterion in words", () => {
  test.each([
    [peakFlow, "Peak flow: less than 80 % of your best"],
    [{ ...peakFlow, comparator: ">=" as const }, "Peak flow: 80 % of your best or more"],
    [waking, "Woken at night by cough, wheeze or a tight chest: Mild or worse"],
    [{ ...waking, comparator: ">" as const }, "Woken at night by cough, wheeze or a tight chest: Moderate or worse"],
    [{ ...waking, comparator: "<" as const }, "Woken at night by cough, wheeze or a tight chest: None"],
    [{ ...waking, comparator: "<=" as const, days: 3 }, "Woken at night by cough, wheeze or a tight chest: Mild at most, in the last 3 days"],
    [criterion({ sign: "body_weight", basis: "change", comparator: ">", value: 2, unit: "kg", days: 4 }), "Weight: a rise of more than 2.0 kg, in the last 4 days"],
    [criterion({ sign: "body_weight", basis: "change", comparator: "<", value: -2, unit: "kg", days: 4 }), "Weight: a fall of more than 2.0 kg, in the last 4 days"],
    [criterion({ sign: "blood_pressure", part: "systolic", basis: "in_a_row", comparator: ">=", value: 180, unit: "mm[Hg]", times: 2 }), "Blood pressure (upper number): 180 mmHg or more, 2 times in a row"],
  ])("%#: says which way it goes", (of, said) => {
    expect(criterionInWords(of, words)).toBe(said);
  });

  test("with what was seen, and when last", () => {
    expect(seenInWords(reason({}), words, NOON)).toBe("Seen: 62.5 % of your best, today at 08:00");
    expect(seenInWords(reason({ figure: null }), words, NOON)).toBeNull();
    const high = reason({ criterion: criterion({ sign: "blood_glucose", basis: "latest", comparator: ">=", value: 20, unit: "mmol/L" }), figure: 27.8, seen: [{ id: "o2", at: "2026-11-23T08:00:00Z", value: 27.8, bound: ">" }] });
    expect(seenInWords(high, words, NOON)).toBe("Seen: more than 27.8 mmol/L, today at 08:00");
  });
});

describe("contacts of the zones", () => {
  const zone = (colour: string, name: string, phone: string | null) => ({ colour, any_of: [], instructions: "", contact: { name, phone, hours: null } });
  const copyOf = (...plans: ActionPlan[]) => ({ actionPlans: new Map(plans.map((one) => [one.id, one])) });

  test("are each there once, those of the worst zone first, and none of a plan that has ended", () => {
    const zones = [zone("green", "Practice", "020 7946 0000"), zone("amber", "Practice", "(020) 7946 0000"), zone("red", "Nurse", "07700 900123"), zone("red", "Nobody", null)];
    const found = ownContacts(copyOf(plan({ zones: zones as unknown as ActionPlan["zones"] }), plan({ id: "p0", status: "ended", zones: [zone("red", "Old", "111")] as unknown as ActionPlan["zones"] })));
    expect(found.map(({ name }) => name)).toEqual(["Nurse", "Practice"]);
  });

  test.each([
    ["020 7946 0000", "tel:02079460000"],
    ["+44 (0)20 7946 0000", "tel:+442079460000"],
    ["020 7946 0000 ext. 3", "tel:02079460000"],
    ["999", "tel:999"],
    ["ask at the desk", null],
  ])("%s is dialled as %s", (phone, tel) => expect(telOf(phone)).toBe(tel));
});

describe("what was said of a plan", () => {
  const sent = (answer: string, said_at: string, recorded_as = "patient") => ({ id: said_at, answer, note: null, said_at, recorded_as });
  const acknowledged = (...all: object[]) => plan({ acknowledgements: all as unknown as ActionPlan["acknowledgements"] });
  const kept = (answer: string, plan_id = "p1", state = "waiting") => unsent("plan_acknowledgement", { plan_id, answer, said_at: "2026-11-23T12:00:00Z" }, state);

  test("is what was said last, sent or not", () => {
    expect(saidOf(acknowledged(sent("question", "2026-11-22T10:00:00Z"), sent("understood", "2026-11-21T10:00:00Z", "delegate")), [])).toMatchObject({ answer: "question", isOwn: true, isSent: true });
    expect(saidOf(acknowledged(sent("question", "2026-11-22T10:00:00Z"), sent("understood", "2026-11-22T10:00:00Z")), [])).toMatchObject({ answer: "question" });
    expect(saidOf(acknowledged(sent("question", "2026-11-22T10:00:00Z")), [kept("understood")])).toMatchObject({ answer: "understood", isSent: false });
    expect(saidOf(plan(), [kept("understood", "p2"), kept("understood", "p1", "refused")])).toBeNull();
  });

  test("has its answers, and those to questions about earlier versions that came since", () => {
    const asked = (id: string, at: string) => ({ ...sent("question", at), id, note: `${id}?`, answered: { note: "Yes", answered_by: "a", answered_at: at } });
    const open = { ...sent("question", "2026-11-20T10:00:00Z"), answered: null };
    const first = plan({ id: "p0", supersedes_id: null, published_at: "2026-11-01T10:00:00Z", acknowledgements: [asked("old", "2026-11-02T10:00:00Z"), asked("late", "2026-11-21T10:00:00Z")] as unknown as ActionPlan["acknowledgements"] });
    const second = plan({ supersedes_id: "p0", published_at: "2026-11-10T10:00:00Z", acknowledgements: [open, asked("new", "2026-11-22T10:00:00Z")] as unknown as ActionPlan["acknowledgements"] });
    expect(answersOf(second, new Map([["p0", first], ["p1", second]])).map(({ question }) => question)).toEqual(["new?", "late?"]);
    expect(answersOf(second, new Map()).map(({ question }) => question)).toEqual(["new?"]);
  });

  test("has none in a copy that was kept before answers were told", () => {
    expect(answersOf(plan({ supersedes_id: null, acknowledgements: [sent("question", "2026-11-22T10:00:00Z")] as unknown as ActionPlan["acknowledgements"] }), new Map())).toEqual([]);
  });

  test("asks no more once it is understood here, and goes on asking after a question", () => {
    expect(isToBeSaid(plan(), [])).toBe(true);
    expect(isToBeSaid(plan(), [kept("understood")])).toBe(false);
    expect(isToBeSaid(plan({ to_be_acknowledged: false }), [kept("question")])).toBe(true);
    expect(isToBeSaid(plan({ to_be_acknowledged: false }), [])).toBe(false);
  });
});
