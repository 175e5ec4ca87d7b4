import { describe, expect, test } from "vitest";
import { withOffsetOf } from "../src/days/instants.ts";
import { sinceOf } from "../src/days/did.ts";
import { todayOf } from "../src/days/due.ts";
import { measuredAnew } from "../src/readings/entry.ts";
import { heldReadings, newestOfEach } from "../src/readings/held.ts";
import { described } from "../src/shell/describe.ts";
import { NOTHING, type Copy, type Held } from "../src/store/copy.ts";
import { inMemory } from "../src/store/shelf.ts";
import { Store, type World } from "../src/store/store.ts";
import { retractionsIn, unsentWithout, withoutTakenBack } from "../src/store/taken_back.ts";
import type { ActionPlan, Changes, Completion, Observation, Retraction, Thing, Unsent, Verdict } from "../src/store/things.ts";
import { INSTRUMENTS } from "../src/questions/questionnaire.ts";
import { untoldOf } from "../src/questions/urgent.ts";
import { isHeldBack, judged, NEW_ROUND, nextStep, afterVerdicts, withoutVain } from "../src/sync/rounds.ts";
import type { Wire } from "../src/sync/wire.ts";
import { page, reading, verdict } from "./told.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const NOT_FOUND = { problem: "/problems/not-found" };
const weight = (id: string, at: string): Observation => ({ id, client_id: `c-${id}`, sign: "body_weight", status: "final", value: 81, unit: "kg", effective_at: at }) as Observation;
const back = (body: Partial<Retraction["body"]>, state: Unsent["state"] = "waiting", item = "back"): Retraction =>
  ({ item, keptAt: 9, kind: "retraction", body: { of: "reading", reason: "Mistyped", ...body }, state, verdict: null }) as Retraction;
const tick = (state: Unsent["state"] = "waiting"): Unsent =>
  ({ item: "t", keptAt: 1, kind: "completion", body: { client_id: "t", plan_id: "p1", action_id: "a1", done_at: "2026-11-23T07:50:00Z" }, state, verdict: null }) as Unsent;
const held = (part: Partial<Held>): Held => ({ ...NOTHING, ...part });
const byId = <T extends { readonly id: string }>(...all: T[]): ReadonlyMap<string, T> => new Map(all.map((one) => [one.id, one]));

/** The question of PHQ-9 whose answer cannot wait. */
function safetyLink(): string {
  return INSTRUMENTS.find(({ key }) => key === "phq-9")?.safety?.link_id ?? "";
}

/** What a page shows of a copy and what is unsent. */
function shown(copy: Held, unsent: readonly Unsent[]) {
  const retractions = retractionsIn(unsent);
  return { copy: withoutTakenBack(copy, retractions), unsent: unsentWithout(unsent, retractions) };
}

describe("a reading that was taken back", () => {
  const two = held({ observations: byId(weight("old", "2026-11-01T08:00:00Z"), weight("new", "2026-11-23T08:00:00Z")) });
  const newestIn = (copy: Held, unsent: readonly Unsent[]) => {
    const left = shown(copy, unsent);
    return newestOfEach(heldReadings(left.copy.observations, left.unsent)).get("body_weight");
  };

  test.each([{ id: "new" }, { client_id: "c-new" }])("is not the newest any more, named by %o: an older one is, with its own age", (named) => {
    expect(newestIn(two, [])?.id).toBe("new");
    expect(newestIn(two, [back(named)])).toMatchObject({ id: "old", at: "2026-11-01T08:00:00Z" });
  });

  test("of which nothing else is there leaves nothing, not a value", () => {
    expect(newestIn(held({ observations: byId(weight("new", "2026-11-23T08:00:00Z")) }), [back({ id: "new" })])).toBeUndefined();
  });

  test.each(["waiting", "sending", "later"] as const)("counts no more while that is %s", (state) => {
    expect(newestIn(two, [back({ id: "new" }, state)])?.id).toBe("old");
  });

  test.each(["refused", "conflict"] as const)("stands again as it was once that is %s", (state) => {
    expect(newestIn(two, [back({ id: "new" }, state)])?.id).toBe("new");
  });

  test("that waits to be sent itself is gone as well, and what is to be sent still has both", () => {
    const waiting = { ...reading("w"), body: { ...reading("w").body, sign: "body_weight" } } as Unsent;
    expect(newestIn(NOTHING, [waiting])?.id).toBe("w");
    expect(newestIn(NOTHING, [waiting, back({ client_id: "w" })])).toBeUndefined();
    const step = nextStep([waiting, back({ client_id: "w" })], NEW_ROUND);
    expect(step.do === "send" && step.items.map(({ kind }) => kind)).toEqual(["reading", "retraction"]);
  });

  test("says nothing of other kinds of things under the same name", () => {
    const both = held({ observations: byId(weight("x", "2026-11-23T08:00:00Z")), diaryEntries: byId({ id: "x", client_id: "c-x" } as never) });
    const left = shown(both, [back({ of: "diary_entry", id: "x" })]).copy;
    expect([left.observations.size, left.diaryEntries.size]).toEqual([1, 0]);
    expect(left.observations).toBe(both.observations);
  });

  test("an entry without a name of its sender's is not taken for another without one", () => {
    const two = held({ diaryEntries: byId({ id: "a", client_id: null } as never, { id: "b", client_id: null } as never) });
    expect([...shown(two, [back({ of: "diary_entry", id: "a" })]).copy.diaryEntries.keys()]).toEqual(["b"]);
  });

  test("is named in the list of what is not sent, from the copy or from what waits", () => {
    const named = (_: string, key: string): string => key;
    const copy = { ...two, timeZone: "Europe/London" } as unknown as Copy;
    expect(described(back({ id: "new" }), { copy, unsent: [] }, named)).toBe("body_weight: 81 kg");
    expect(described(back({ client_id: "w" }), { copy, unsent: [reading("w")] }, named)).toBe("heart_rate: 70 /min");
    expect(described(back({ id: "gone" }), { copy, unsent: [] }, named)).toBe("Mistyped");
  });
});

describe("a tick that was taken back", () => {
  const plan = {
    id: "p1", title: "Plan", status: "active", superseded_by_id: null, supersedes_id: null, published_at: "2026-01-01T09:00:00Z",
    actions: [{ id: "a1", title: "Tablet", instructions: null, goal_ids: [], asks_for: null, schedule: { rrule: "FREQ=DAILY", starts_on: "2026-01-01", times: ["08:00"], except_on: [] } }],
  } as unknown as ActionPlan;
  const done = { id: "k", client_id: "t", action_id: "a1", status: "recorded", skipped: null, done_at: "2026-11-23T07:50:00Z", recorded_by: "me" } as Completion;
  const dayOf = (completions: readonly Completion[], unsent: readonly Unsent[]) => {
    const left = shown(held({ actionPlans: byId(plan), completions: byId(...completions) }), unsent);
    const copy = { ...left.copy, timeZone: "Europe/London" };
    return todayOf(copy, sinceOf(copy, left.unsent), NOON);
  };

  test("leaves the step to do, and late: also while the tick itself waits", () => {
    expect(dayOf([done], []).toDo).toEqual([]);
    for (const day of [dayOf([done], [back({ of: "completion", id: "k" })]), dayOf([], [tick(), back({ of: "completion", client_id: "t" })])]) {
      expect([day.toDo.map(({ action }) => action.title), day.done]).toEqual([["Tablet"], []]);
    }
  });

  test("is named by what the record calls it, or by its sender's name until then", () => {
    expect(dayOf([done], []).done[0]?.did?.tick).toEqual({ clientId: "t", id: "k", by: "me" });
    expect(dayOf([], [tick()]).done[0]?.did?.tick).toEqual({ clientId: "t", id: null, by: null });
  });

  test("stands again where the API refused that", () => {
    expect(dayOf([done], [back({ of: "completion", id: "k" }, "refused")]).toDo).toEqual([]);
  });
});

describe("a retraction on its way", () => {
  test("waits while what it takes back was put off, so that it never comes first", () => {
    const put = tick("later");
    const round = afterVerdicts(NEW_ROUND, [put]);
    const taken = back({ of: "completion", client_id: "t" });
    expect(nextStep([put, taken], round)).toEqual({ do: "ask" });
    expect(isHeldBack(taken, [put])).toBe(true);
    expect(isHeldBack(back({ of: "completion", id: "k" }), [put])).toBe(false);
    expect(nextStep([put, taken], NEW_ROUND)).toEqual({ do: "send", items: [put, taken] });
  });

  test.each(["refused", "conflict"] as const)("of what was %s itself is settled with it, and nobody is asked", (outcome) => {
    const taken = back({ of: "completion", client_id: "t" });
    const batch = [tick(), taken];
    const unsent = new Map(batch.map((one) => [one.item, one]));
    const told = judged(batch, [verdict(0, "t", outcome), verdict(1, "back", "refused", NOT_FOUND)]);
    expect(withoutVain(told, unsent)).toEqual({ changed: [], settled: ["back", "t"], safety: [] });
  });

  test("that is of answers that cannot wait, which nobody has seen, puts nothing away", () => {
    const answers = { item: "q", keptAt: 1, kind: "questionnaire_response", state: "waiting", verdict: null, body: { client_id: "q", questionnaire: "phq-9", version: "1", authored_at: "2026-11-23T08:00:00Z", answers: [{ link_id: safetyLink(), value: 3 }] } } as unknown as Unsent;
    const taken = back({ of: "questionnaire_response", client_id: "q" });
    const told = judged([answers, taken], [verdict(0, "q", "refused"), verdict(1, "back", "refused", NOT_FOUND)]);
    const { changed, settled } = withoutVain(told, new Map([["q", answers], ["back", taken]]));
    expect([changed.map(({ item }) => item), settled]).toEqual([["q", "back"], []]);
    expect(untoldOf(changed)).toBe("not_told");
  });

  test("goes after the thing, though a clock that was put right meanwhile has it done before", () => {
    const taken = { ...back({ of: "completion", client_id: "t" }), keptAt: 0 };
    const step = nextStep([taken, tick()], NEW_ROUND);
    expect(step.do === "send" && step.items.map(({ item }) => item)).toEqual(["t", "back"]);
  });

  test("that is refused for another reason, or of what stands nowhere here, is its owner's to see", () => {
    const taken = back({ of: "completion", client_id: "t" });
    const alone = judged([taken], [verdict(0, "back", "refused", NOT_FOUND)]);
    expect(withoutVain(alone, new Map([["back", taken]])).changed.map(({ item }) => item)).toEqual(["back"]);
    const both = new Map<string, Unsent>([["t", tick("refused")], ["back", taken]]);
    const other = judged([taken], [verdict(0, "back", "refused", { problem: "/problems/invalid" })]);
    expect(withoutVain(other, both).changed.map(({ item }) => item)).toEqual(["back"]);
  });
});

describe("a store", () => {
  const world: World = { now: () => 1_000, chance: () => 0.5, hasNetwork: () => true, inTurn: (act) => act(), after: () => () => undefined, tellOthers: () => undefined };
  const waits = (): { world: World; ms: number[] } => {
    const ms: number[] = [];
    return { ms, world: { ...world, after: (wait) => (ms.push(wait), () => undefined) } };
  };
  const wire = (judge: (one: Unsent, index: number) => Verdict, change: Partial<Changes>): Wire & { sent: Unsent[][] } => {
    const sent: Unsent[][] = [];
    return {
      sent,
      send: async (batch) => {
        sent.push([...batch]);
        return batch.map(judge);
      },
      ask: async (since) => page(since === null ? { reset: true, observations: [weight("a", "2026-11-01T08:00:00Z"), weight("b", "2026-11-23T08:00:00Z")] } : change),
    };
  };
  const taking: Thing = { kind: "retraction", body: { of: "reading", id: "b", reason: "Mistyped" } };

  test("that has heard that it was kept, and nothing more, does not show it again when it is opened anew", async () => {
    const shelf = inMemory();
    const api = wire((one, index) => verdict(index, one.item, "kept"), {});
    const first = await Store.open(shelf, api, world);
    await first.syncNow();
    const ask = api.ask;
    api.ask = async () => Promise.reject(new TypeError("no network"));
    await first.keep(taking);
    await first.syncNow();
    expect(first.shown.network.problem).not.toBeNull();
    first.close();
    const again = await Store.open(shelf, api, world);
    expect(again.shown.unsent).toEqual([]);
    expect([...(again.shown.copy?.observations.keys() ?? [])]).toEqual(["a"]);
    api.ask = ask;
    await again.syncNow();
    expect([...(again.shown.copy?.observations.keys() ?? [])]).toEqual(["a"]);
  });

  test("takes it out of the copy at once, and never shows it between its being kept and its being told gone", async () => {
    const api = wire((one, index) => verdict(index, one.item, "kept"), { behind: true });
    const store = await Store.open(inMemory(), api, world);
    await store.syncNow();
    const seen: string[][] = [];
    store.subscribe(() => seen.push([...(store.shown.copy?.observations.keys() ?? [])]));
    await store.keep(taking);
    await store.syncNow();
    expect(new Set(seen.slice(1).map(String))).toEqual(new Set(["a"]));
    expect(store.shown.unsent.map(({ kind, state }) => [kind, state])).toEqual([["retraction", "sending"]]);
    expect(store.shown.kept.copy?.observations.size).toBe(1); // it is settled, though not told
    expect(api.sent[0]?.[0]?.body).toEqual(taking.body);
  });

  test("keeps one copy as one object while nothing of it changes", async () => {
    const api = wire((one, index) => verdict(index, one.item, "later"), {});
    const store = await Store.open(inMemory(), api, world);
    await store.syncNow();
    await store.keep(taking);
    const before = store.shown.copy?.observations;
    await store.syncNow();
    expect(before?.size).toBe(1);
    expect(store.shown.copy?.observations).toBe(before);
  });

  test("shows it again when the API refuses, and asks its owner", async () => {
    const api = wire((one, index) => verdict(index, one.item, "refused", NOT_FOUND), {});
    const store = await Store.open(inMemory(), api, world);
    await store.keep(taking);
    await store.syncNow();
    expect([...(store.shown.copy?.observations.keys() ?? [])]).toEqual(["a", "b"]);
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["refused"]);
  });

  test("does not ask again and again for what is held back", async () => {
    const api = wire((one, index) => verdict(index, one.item, "later"), {});
    const { world: around, ms } = waits();
    // More than go at once: the tick is put off with the first of them, and its being taken back would be among the next.
    const many = [tick(), ...Array.from({ length: 199 }, (_, place) => reading(`r${place}`, 2)), back({ of: "completion", client_id: "t" })];
    const store = await Store.open(inMemory(many), api, around);
    await store.syncNow();
    expect(api.sent.flat().some(({ kind }) => kind === "retraction")).toBe(false);
    expect(ms.at(-1)).toBe(60_000);
  });
});

test("what is recorded anew is within its minute, and never at the instant of what was taken back as the API is told it", () => {
  const minute = Date.parse("2026-11-23T08:10:00Z");
  for (let second = 0; second < 60; second += 1) {
    const taken = withOffsetOf(minute + second * 1_000, "Europe/London").slice(0, 19);
    const anew = measuredAnew(minute, taken);
    expect(anew).toBeLessThan(minute + 60_000);
    expect(withOffsetOf(anew, "Europe/London").slice(0, 19)).not.toBe(taken);
  }
});
