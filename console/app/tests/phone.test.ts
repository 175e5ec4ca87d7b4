import { describe, expect, test } from "vitest";
import { addressOf, whereOf } from "../src/router/addresses.ts";
import { marksIn } from "../src/session/marks.ts";
import { asItsOwn, described, knowingly, recordSays } from "../src/shell/describe.ts";
import { instantInWords } from "../src/shell/when.ts";
import type { Copy } from "../src/store/copy.ts";
import { NOTHING } from "../src/store/copy.ts";
import { newKey, seal, unseal } from "../src/store/seal.ts";
import type { Unsent } from "../src/store/things.ts";
import { reading } from "./told.ts";

describe("an address", () => {
  test.each([
    ["/app/", "today", []],
    ["/app", "today", []],
    ["/app/plan", "plan", []],
    ["/app/numbers/blood_pressure", "numbers", ["blood_pressure"]],
    ["/app/check-ins/a%20b", "check_ins", ["a b"]],
    ["/app/nothing", "unknown", []],
    ["/apps", "unknown", []],
    ["/app/%E0%A4%A", "unknown", []],
  ])("%s leads to %s", (pathname, page, rest) => {
    expect(whereOf(pathname)).toMatchObject({ page, rest });
  });

  test("of a page leads back to it", () => {
    expect(whereOf(addressOf("goals", ["a/b c"]))).toEqual({ page: "goals", rest: ["a/b c"] });
  });
});

describe("what is sealed", () => {
  test("opens where it was put, with its key", async () => {
    const key = await newKey();
    const sealed = await seal(key, "me/page", { told: "something" });
    expect(new TextDecoder("latin1").decode(sealed.sealed)).not.toContain("something");
    expect(await unseal(key, "me/page", sealed)).toEqual({ told: "something" });
  });

  test("does not open in another place, for another account, with another key or changed", async () => {
    const key = await newKey();
    const sealed = await seal(key, "me/page", "x");
    const changed = { ...sealed, sealed: sealed.sealed.slice(0) };
    new Uint8Array(changed.sealed).set([1, 2], 0);
    await expect(unseal(key, "me/mark", sealed)).rejects.toThrow();
    await expect(unseal(key, "other/page", sealed)).rejects.toThrow();
    await expect(unseal(await newKey(), "me/page", sealed)).rejects.toThrow();
    await expect(unseal(key, "me/page", changed)).rejects.toThrow();
  });

  test("is sealed anew each time, by a key that cannot be taken out", async () => {
    const key = await newKey();
    const [one, other] = await Promise.all([seal(key, "p", "x"), seal(key, "p", "x")]);
    expect(new Uint8Array(one.sealed)).not.toEqual(new Uint8Array(other.sealed));
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });
});

describe("the marks of a phone", () => {
  function storage() {
    const kept = new Map<string, string>();
    const one = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
    return { kept, marks: marksIn(() => one as unknown as Storage, { addEventListener: () => undefined }) };
  }

  test("say whose record it opens with, and leave nothing when nobody's is kept", () => {
    const { kept, marks } = storage();
    marks.add("me");
    marks.setOwner("me");
    expect([marks.owner(), marks.has("me"), marks.has("you")]).toEqual(["me", true, false]);
    marks.remove("me");
    expect([marks.owner(), kept.size]).toEqual([null, 0]);
  });

  test("of who is not signed in any more stay as long as something of theirs waits", () => {
    const { marks } = storage();
    marks.add("me");
    marks.setOwner(null);
    marks.add("you");
    marks.setOwner("you");
    marks.remove("you");
    expect([marks.owner(), marks.has("me")]).toEqual([null, true]);
  });

  test("that somebody else has written are not believed", () => {
    const { kept, marks } = storage();
    for (const written of ["{", "3", '{"owner":3,"accounts":[]}', '{"owner":null,"accounts":[4]}', "null"]) {
      kept.set("tendwell.app.kept", written);
      expect([marks.owner(), marks.has("me")]).toEqual([null, false]);
    }
  });
});

describe("a conflict", () => {
  const copy = { ...NOTHING, goals: new Map([["g", { id: "g", description: "Walk", lifecycle_status: "completed", achievement_status: "achieved", version: 7 }]]) } as unknown as Copy;
  const status = { item: "i", keptAt: 0, kind: "goal_status", body: { goal_id: "g", lifecycle_status: "cancelled", seen_version: 3 }, state: "conflict", verdict: null } as Unsent;

  test("shows what was done and what the record says, and is sent again knowing it", () => {
    expect(described(status, { copy, unsent: [] }, (_, key) => key)).toBe("Walk: cancelled");
    expect(recordSays(status, copy)).toBe("Walk: completed, achieved");
    expect(knowingly(status, copy)).toMatchObject({ lifecycle_status: "cancelled", seen_version: 7 });
  });

  const conflict = (kind: string, body: object, verdict: object): Unsent => ({ item: "i", keptAt: 0, kind, body: { client_id: "old", ...body }, state: "conflict", verdict: { errors: [], problem: null, ...verdict } }) as unknown as Unsent;
  const taken = { problem: "/problems/already-exists" };
  const over = { problem: "/problems/illegal-transition" };

  test.each(["diary_entry", "completion", "goal", "goal_rating", "questionnaire_response", "plan_acknowledgement"])("about a %s under a name that is taken is sent as one of its own", (kind) => {
    const own = asItsOwn(conflict(kind, { note: "Mine" }, taken), undefined);
    expect(own).toMatchObject({ note: "Mine" });
    expect((own as { client_id: string }).client_id).not.toBe("old");
  });

  test("about a reading is sent as one of its own where its name alone is taken, and not where the record has one of that instant", () => {
    const errors = (code: string, field: string) => ({ errors: [{ pointer: `/reading/${field}`, code, message: "" }] });
    expect(asItsOwn(conflict("reading", { value: 7 }, errors("conflict", "client_id")), undefined)).toMatchObject({ value: 7 });
    expect(asItsOwn(conflict("reading", {}, errors("conflict", "effective_at")), undefined)).toBeNull();
    expect(asItsOwn(conflict("reading", {}, errors("withdrawn", "effective_at")), undefined)).toBeNull();
  });

  test("about a version of a plan that was replaced is sent to the one in force, but never that one has understood that", () => {
    const plan = (id: string, status: string, superseded_by_id: string | null, action: string) => [id, { id, status, superseded_by_id, title: "Asthma", actions: [{ id: action, title: "Inhaler" }] }] as const;
    const plans = { ...NOTHING, actionPlans: new Map([plan("p1", "ended", "p2", "a1"), plan("p2", "ended", "p3", "a2"), plan("p3", "active", null, "a3")]) } as unknown as Copy;
    const said = (answer: string, plan_id = "p1") => conflict("plan_acknowledgement", { plan_id, answer }, over);
    expect(asItsOwn(said("question"), plans)).toMatchObject({ plan_id: "p3", answer: "question" });
    expect(asItsOwn(said("understood"), plans)).toBeNull();
    expect(asItsOwn(said("question", "p3"), plans)).toBeNull();
    expect(asItsOwn(conflict("completion", { plan_id: "p1", action_id: "a1" }, over), plans)).toMatchObject({ plan_id: "p3", action_id: "a3" });
    expect(asItsOwn(conflict("completion", { plan_id: "p1", action_id: "gone" }, over), plans)).toBeNull();
    expect(asItsOwn(conflict("completion", { plan_id: "p1", action_id: "a1" }, over), undefined)).toBeNull();
  });

  test("about what is not there any more can only be given up", () => {
    expect([recordSays(status, undefined), knowingly(status, undefined)]).toEqual([null, null]);
    expect(knowingly(reading("r"), copy)).toBeNull();
  });
});

describe("an instant", () => {
  const words = { today_: "today", yesterday: "yesterday", at: (day: string, time: string) => `${day} at ${time}` };
  const now = Date.parse("2026-11-23T00:30:00Z");

  test.each([
    ["2026-11-23T00:10:00Z", "Europe/London", "today at 00:10"],
    ["2026-11-22T23:10:00Z", "Europe/London", "yesterday at 23:10"],
    ["2026-11-22T23:10:00Z", "Europe/Paris", "today at 00:10"],
    ["2026-11-12T09:00:00Z", "Europe/London", "12 November 2026 at 09:00"],
  ])("%s in %s is %s", (instant, zone, said) => {
    expect(instantInWords(instant, zone, now, "en", words)).toBe(said);
  });
});
