import { describe, expect, test } from "vitest";
import { progressNow, type Known } from "../src/goals/progress_now.ts";
import type { ActionPlan, Completion, Goal, Observation, Unsent } from "../src/store/things.ts";

const TOLD = "2026-11-23T12:00:00Z";
const HOUR = 3_600_000;
const noon = Date.parse(TOLD);

const goal = (given: object = {}): Goal =>
  ({ id: "g1", lifecycle_status: "active", target: { sign: "heart_rate" }, progress: { as_of: TOLD, percent: 40 }, ...given }) as unknown as Goal;
const counted = goal({ target: { sign: null, counted: "completions" } });
const heart = (at: string, received_at = at): Observation => ({ id: at, client_id: at, sign: "heart_rate", effective_at: at, received_at }) as Observation;
const step = (at: string, recorded_at = at): Completion => ({ id: at, client_id: at, action_id: "a1", done_at: at, recorded_at }) as Completion;
const unsent = (kind: string, body: object, state = "waiting"): Unsent => ({ kind, body, state }) as unknown as Unsent;
const beating = (at: string, state?: string): Unsent => unsent("reading", { client_id: "new", sign: "heart_rate", effective_at: at }, state);
const PLANS = new Map([["p1", { goal_ids: ["g1"], actions: [{ id: "a1", goal_ids: ["g1"] }, { id: "a2", goal_ids: [] }] } as unknown as ActionPlan]]);

const known = (given: { held?: Observation[]; done?: Completion[]; unsent?: Unsent[]; later?: number; heardAt?: number } = {}): Known => ({
  copy: { observations: new Map((given.held ?? []).map((one) => [one.id, one])), completions: new Map((given.done ?? []).map((one) => [one.id, one])), actionPlans: PLANS },
  unsent: given.unsent ?? [],
  mark: { since: "s", asOf: TOLD, heardAt: given.heardAt ?? noon, timeZone: "Europe/London", isWhole: true },
  now: noon + (given.later ?? 0),
});

describe("a goal's progress", () => {
  test("is shown as it was told, with what it was worked out from", () => {
    expect(progressNow(goal(), known({ held: [heart("2026-11-23T11:00:00Z")] }))?.percent).toBe(40);
    expect(progressNow(counted, known({ done: [step("2026-11-23T11:00:00Z")] }))?.percent).toBe(40);
  });

  test("is not shown when it is older than a day, or nobody can say how old", () => {
    expect(progressNow(goal(), known({ later: 23 * HOUR }))).not.toBeNull();
    expect(progressNow(goal(), known({ later: 24 * HOUR + 1 }))).toBeNull();
    expect(progressNow(goal(), known({ later: -HOUR }))).toBeNull();
    expect(progressNow(goal(), { ...known(), mark: null })).toBeNull();
  });

  test("is not shown while something of its kind is taken back and that is not settled", () => {
    for (const state of ["waiting", "sending", "later"]) {
      expect(progressNow(goal(), known({ unsent: [unsent("retraction", { of: "reading" }, state)] }))).toBeNull();
      expect(progressNow(counted, known({ unsent: [unsent("retraction", { of: "completion" }, state)] }))).toBeNull();
    }
    expect(progressNow(goal(), known({ unsent: [unsent("retraction", { of: "completion" })] }))).not.toBeNull();
    expect(progressNow(goal(), known({ unsent: [unsent("retraction", { of: "reading" }, "refused")] }))).not.toBeNull();
  });

  test("is as old by a phone whose clock is wrong", () => {
    const ahead = 72 * HOUR;
    expect(progressNow(goal(), known({ heardAt: noon + ahead, later: ahead + HOUR }))).not.toBeNull();
    expect(progressNow(goal(), known({ heardAt: noon + ahead, later: ahead + 25 * HOUR }))).toBeNull();
  });

  test("is not shown beside a reading that is not in it, unsent or told since, whenever it was taken", () => {
    expect(progressNow(goal(), known({ unsent: [beating("2026-11-23T08:00:00Z")] }))).toBeNull();
    expect(progressNow(goal(), known({ held: [heart("2026-11-23T08:00:00Z", "2026-11-23T12:30:00Z")] }))).toBeNull();
    expect(progressNow(goal(), known({ held: [heart("2026-11-23T12:01:00Z", "2026-11-23T11:59:00Z")] }))).toBeNull();
  });

  test("does not mind what was refused, another sign, or what was told back and is not settled yet", () => {
    expect(progressNow(goal(), known({ unsent: [beating("2026-11-23T08:00:00Z", "refused")] }))).not.toBeNull();
    expect(progressNow(goal(), known({ unsent: [unsent("reading", { client_id: "w", sign: "body_weight", effective_at: TOLD })] }))).not.toBeNull();
    const told = { ...heart("2026-11-23T08:00:00Z"), client_id: "new" };
    expect(progressNow(goal(), known({ held: [told], unsent: [beating("2026-11-23T08:00:00Z")] }))).not.toBeNull();
  });

  test("of what is counted is not shown beside a step towards it that is not in it", () => {
    const did = (action_id: string): Unsent => unsent("completion", { client_id: "c", action_id, done_at: "2026-11-23T08:00:00Z" });
    expect(progressNow(counted, known({ unsent: [did("a1")] }))).toBeNull();
    expect(progressNow(counted, known({ unsent: [did("other")] }))).not.toBeNull();
    expect(progressNow(counted, known({ done: [step("2026-11-23T08:00:00Z", "2026-11-23T12:30:00Z")] }))).toBeNull();
  });

  test("of a goal that is over stands as on its last day, unless something of before waits to be sent", () => {
    const over = goal({ lifecycle_status: "completed" });
    const later = heart("2026-11-25T08:00:00Z");
    expect(progressNow(over, known({ later: 90 * 24 * HOUR, held: [later] }))).not.toBeNull();
    expect(progressNow(over, known({ unsent: [beating("2026-11-25T08:00:00Z")] }))).not.toBeNull();
    expect(progressNow(over, known({ unsent: [beating("2026-11-23T08:00:00Z")] }))).toBeNull();
  });
});
