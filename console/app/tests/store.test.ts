import { describe, expect, test } from "vitest";
import { Refused } from "#console/api/http.ts";
import { sinceOf } from "../src/days/did.ts";
import { todayOf } from "../src/days/due.ts";
import { inMemory, type Shelf } from "../src/store/shelf.ts";
import { markOf, NOTHING, type Copy } from "../src/store/copy.ts";
import { Store, type World } from "../src/store/store.ts";
import type { ActionPlan, Changes, Completion, Thing, Unsent, Verdict } from "../src/store/things.ts";
import { untold } from "../src/store/untold.ts";
import type { Wire } from "../src/sync/wire.ts";
import { observation, page, verdict } from "./told.ts";

const NO_NETWORK = new TypeError("failed");
const READING: Thing = { kind: "reading", body: { client_id: "c1", sign: "heart_rate", effective_at: "2026-11-23T08:00:00Z", value: 70, unit: "/min" } };

/** An API that keeps what it is sent, once under each client_id, and tells it back. */
class Api implements Wire {
  readonly kept = new Map<string, number>();
  readonly sent: (readonly Unsent[])[] = [];
  asked = 0;
  /** From where it was asked; null: from the beginning. */
  readonly since: (string | null)[] = [];
  /** Whether how far copies go was signed with another key, or by a server that is newer. */
  refusesMarks = false;
  isAway = false;
  /** Whether what is recorded is not told yet. */
  isBehind = false;
  loseNextAnswer = false;
  /** What it tells besides. */
  change: Partial<Changes> = {};
  judge: (one: Unsent, index: number) => Verdict = (one, index) => verdict(index, one.item, "kept");
  refuse: Refused | null = null;

  async send(batch: readonly Unsent[]): Promise<readonly Verdict[]> {
    if (this.isAway) throw NO_NETWORK;
    if (this.refuse !== null) throw this.refuse;
    this.sent.push(batch);
    const verdicts = batch.map((one, index) => this.judge(one, index));
    batch.forEach((one, index) => {
      if (verdicts[index]?.outcome === "kept" && one.kind === "reading") this.kept.set(one.body.client_id, one.body.value ?? 0);
    });
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false;
      throw NO_NETWORK;
    }
    return verdicts;
  }

  async ask(since: string | null): Promise<Changes> {
    this.asked += 1;
    if (this.isAway) throw NO_NETWORK;
    if (this.refuse !== null) throw this.refuse;
    this.since.push(since);
    if (since !== null && this.refusesMarks) throw refused(400, "bad-cursor");
    if (since === null) return page({ reset: true, ...this.change, observations: [...this.kept].map(([id, value]) => observation(id, value)) });
    if (this.isBehind) return page({ behind: true, as_of: "2026-11-23T09:00:30Z", ...this.change });
    return page({ observations: [...this.kept].map(([id, value]) => observation(id, value)) });
  }
}

function world(): World & { readonly waits: number[] } {
  let turn: Promise<void> = Promise.resolve();
  const waits: number[] = [];
  return {
    waits,
    now: () => 1_000,
    chance: () => 0.5,
    hasNetwork: () => true,
    inTurn: (act) => (turn = turn.then(act, act)),
    after: (ms) => {
      waits.push(ms);
      return () => undefined;
    },
    tellOthers: () => undefined,
  };
}

/** The API's no of a type of its own; of none, a page by whatever stands before it. */
function refused(status: number, type: string | null): Refused {
  return new Refused(status, type === null ? null : { type: `/problems/${type}`, title: "No", status, detail: "No", request_id: "r" });
}

async function opened(api: Api, shelf: Shelf = inMemory()) {
  return Store.open(shelf, api, world());
}

describe("what somebody did", () => {
  test("is there before it is sent, and in the record after", async () => {
    const api = new Api();
    api.isAway = true;
    const store = await opened(api);
    await store.keep(READING);
    await store.syncNow();
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["waiting"]);
    expect(store.shown.network).toMatchObject({ online: false, problem: "unreachable", lastSync: null });
    api.isAway = false;
    await store.syncNow();
    expect(store.shown.unsent).toEqual([]);
    expect(store.shown.copy?.observations.size).toBe(1);
    expect(store.shown.network).toMatchObject({ online: true, problem: null, lastSync: "2026-11-23T09:00:00Z" });
  });

  test("whose answer was lost is sent again under the same name, and stands once", async () => {
    const api = new Api();
    const store = await opened(api);
    api.loseNextAnswer = true;
    await store.keep(READING);
    await store.syncNow();
    expect(store.shown.unsent.length).toBe(1);
    await store.syncNow();
    expect(api.sent.map((batch) => batch.map(({ item, body }) => [item, "client_id" in body && body.client_id]))[0]).toEqual(
      api.sent[1]?.map(({ item, body }) => [item, "client_id" in body && body.client_id]),
    );
    expect([api.kept.size, store.shown.unsent.length]).toEqual([1, 0]);
  });

  test("is shown as being sent until the record tells it back, and that is asked for soon", async () => {
    const api = new Api();
    const around = world();
    const store = await Store.open(inMemory(), api, around);
    await store.syncNow();
    api.isBehind = true;
    await store.keep(READING);
    await store.syncNow();
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["sending"]);
    expect(store.shown.network.lastSync).toBe("2026-11-23T09:00:00Z");
    expect(around.waits.at(-1)).toBeLessThan(5_000);
    api.isAway = true;
    await store.syncNow();
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["sending"]);
    api.isAway = api.isBehind = false;
    await store.syncNow();
    expect([store.shown.unsent.length, store.shown.copy?.observations.size, api.sent.length]).toEqual([0, 1, 1]);
    expect(around.waits.at(-1)).toBe(60_000);
  });

  test("has a name for good, its page's own where it gave one", async () => {
    const api = new Api();
    const store = await opened(api);
    await store.keep(READING);
    await store.keep({ kind: "diary_entry", body: { effective_at: "2026-11-23T08:00:00Z", note: "Slept well." } });
    await store.syncNow();
    const [first, second] = api.sent.flat().map(({ body }) => ("client_id" in body ? body.client_id : null));
    expect(first).toBe("c1");
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("and was kept lies on the shelf before anybody is told so", async () => {
    const shelf = inMemory();
    const api = new Api();
    api.isAway = true;
    await (await opened(api, shelf)).keep(READING);
    const again = await opened(api, shelf);
    expect(again.shown.unsent.length).toBe(1);
  });

  test("two tabs of one phone send it once", async () => {
    const shelf = inMemory();
    const api = new Api();
    api.isAway = true;
    const shared = world();
    const one = await Store.open(shelf, api, shared);
    await one.keep(READING);
    await one.syncNow();
    const other = await Store.open(shelf, api, shared);
    api.isAway = false;
    await Promise.all([one.syncNow(), other.syncNow()]);
    expect(api.sent.length).toBe(1);
    expect([one.shown.unsent.length, other.shown.unsent.length]).toEqual([0, 0]);
  });
});

describe("what the record has told back", () => {
  const DOSE: Thing = { kind: "completion", body: { client_id: "d1", plan_id: "p", action_id: "a", done_at: "2026-11-23T08:05:00Z" } };
  const told = { id: "t", client_id: "d1", action_id: "a", status: "recorded", skipped: null, done_at: "2026-11-23T08:05:00Z" } as unknown as Completion;
  const twice = {
    id: "p", title: "Plan", status: "active", superseded_by_id: null, supersedes_id: null, published_at: "2026-01-01T09:00:00Z",
    actions: [{ id: "a", title: "Two puffs", asks_for: null, schedule: { rrule: "FREQ=DAILY", starts_on: "2026-01-01", times: ["08:00", "20:00"], except_on: [] } }],
  } as unknown as ActionPlan;
  const evening = Date.parse("2026-11-23T20:30:00Z");

  test("while more is still to be told is there once: one dose that was taken is never both of the day", async () => {
    const api = new Api();
    const store = await opened(api);
    api.isBehind = true;
    api.change = { action_plans: [twice] };
    await store.syncNow();
    await store.keep(DOSE);
    await store.syncNow();
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["sending"]);
    api.change = { completions: [told] };
    await store.syncNow();
    expect(store.shown.unsent).toEqual([]);
    const { copy, unsent } = store.shown;
    expect(todayOf(copy as Copy, sinceOf(copy as Copy, unsent), evening).toDo.map(({ time }) => time)).toEqual(["20:00"]);
    api.change = { gone: [{ thing: "completion", id: "t" }] };
    await store.syncNow();
    expect([store.shown.unsent, store.shown.copy?.completions.size]).toEqual([[], 0]);
  });

  test("is there once too while it waits because its answer was lost, and it is sent again all the same", async () => {
    const api = new Api();
    api.isAway = true;
    const shelf = inMemory();
    await shelf.putPage(page({ reset: true, completions: [told] }), markOf(null, page({ reset: true }), 0));
    const store = await opened(api, shelf);
    await store.keep(DOSE);
    await store.syncNow();
    expect([store.shown.unsent, store.shown.copy?.completions.size]).toEqual([[], 1]);
    api.isAway = false;
    await store.syncNow();
    expect(api.sent.map((batch) => batch.length)).toEqual([1]);
  });

  test.each([
    ["reading", "observations"],
    ["completion", "completions"],
    ["diary_entry", "diaryEntries"],
    ["questionnaire_response", "responses"],
  ] as const)("is left out of what is unsent by its name: a %s", (kind, part) => {
    const one = (item: string, state: Unsent["state"]) => [item, { item, kind, body: { client_id: item }, state, keptAt: 0, verdict: null } as unknown as Unsent] as const;
    const held = { ...NOTHING, [part]: new Map([["1", { client_id: "there" }], ["2", { client_id: null }], ["3", { client_id: "open" }]]) };
    const left = untold(new Map([one("there", "sending"), one("other", "waiting"), one("open", "conflict")]), held);
    expect([...left.keys()]).toEqual(["other", "open"]);
  });

  test("is left out of what is unsent by its name: what was said of a plan", () => {
    const one = (item: string) => [item, { item, kind: "plan_acknowledgement", body: { client_id: item }, state: "later", keptAt: 0, verdict: null } as unknown as Unsent] as const;
    const held = { ...NOTHING, actionPlans: new Map([["p", { acknowledgements: [{ client_id: "there" }] } as unknown as ActionPlan]]) };
    expect([...untold(new Map([one("there"), one("other")]), held).keys()]).toEqual(["other"]);
  });
});

describe("what the record contradicts", () => {
  const GOAL: Thing = { kind: "goal_status", body: { goal_id: "g1", lifecycle_status: "cancelled", seen_version: 1 } };

  test("waits for its owner, loses nothing else, and goes when they give it up", async () => {
    const api = new Api();
    api.judge = (one, index) => verdict(index, one.item, one.kind === "goal_status" ? "conflict" : "kept");
    const store = await opened(api);
    await store.keep(GOAL);
    await store.keep(READING);
    await store.syncNow();
    await store.syncNow();
    expect(store.shown.unsent.map(({ kind, state }) => [kind, state])).toEqual([["goal_status", "conflict"]]);
    expect(api.sent.flat().filter(({ kind }) => kind === "goal_status").length).toBe(1);
    await store.settle(store.shown.unsent[0]?.item ?? "", { do: "drop" });
    expect(store.shown.unsent).toEqual([]);
  });

  test("is sent again knowing what the record says when they insist", async () => {
    const api = new Api();
    api.judge = (one, index) => verdict(index, one.item, one.kind === "goal_status" && one.body.seen_version === 1 ? "conflict" : "kept");
    const store = await opened(api);
    await store.keep(GOAL);
    await store.syncNow();
    const [open] = store.shown.unsent;
    await store.settle(open?.item ?? "", { do: "send", body: { ...GOAL.body, seen_version: 2 } as Thing["body"] });
    await store.syncNow();
    expect(store.shown.unsent).toEqual([]);
    expect(api.sent.at(-1)?.[0]?.body).toMatchObject({ seen_version: 2 });
  });
});

describe("trouble", () => {
  test("a request refused whole is taken apart: one bad thing is shown, the others are kept", async () => {
    const api = new Api();
    const store = await opened(api);
    api.isAway = true;
    for (const client_id of ["a", "bad", "c", "d"]) await store.keep({ ...READING, body: { ...READING.body, client_id } } as Thing);
    await store.syncNow();
    api.isAway = false;
    const send = api.send.bind(api);
    api.send = async (batch) => {
      if (batch.some(({ body }) => "client_id" in body && body.client_id === "bad")) throw new Refused(422, null);
      return send(batch);
    };
    await store.syncNow();
    expect([...api.kept.keys()].toSorted()).toEqual(["a", "c", "d"]);
    expect(store.shown.unsent.map(({ state }) => state)).toEqual(["refused"]);
  });

  test.each([
    [401, "not-authenticated", "signed_out"],
    [404, "not-found", "ended"],
    [403, "not-permitted", "ended"],
    [404, "unknown-address", "unreachable"],
    [404, null, "unreachable"],
    [403, null, "unreachable"],
    [500, null, "fault"],
  ] as const)("%i with the problem %s means %s", async (status, type, problem) => {
    const api = new Api();
    const store = await opened(api);
    await store.syncNow();
    api.refuse = refused(status, type);
    await store.syncNow();
    expect(store.shown.network.problem).toBe(problem);
    expect(store.shown.copy === undefined).toBe(problem === "ended");
  });

  test("a page of a proxy's while the API is away loses nothing, and is asked again soon", async () => {
    const api = new Api();
    const around = world();
    const store = await Store.open(inMemory(), api, around);
    await store.syncNow();
    api.refuse = refused(404, null);
    await store.keep(READING);
    await store.syncNow();
    expect(store.shown.copy).toBeDefined();
    expect(around.waits.at(-1)).toBeLessThan(15_001);
    api.refuse = null;
    await store.syncNow();
    expect([store.shown.unsent.length, api.kept.size]).toEqual([0, 1]);
  });

  test("no record of theirs is asked about again all the same, slowly, and what was not sent is when there is one again", async () => {
    const api = new Api();
    const around = world();
    const store = await Store.open(inMemory(), api, around);
    api.refuse = refused(404, "not-found");
    await store.keep(READING);
    await store.syncNow();
    expect([store.shown.network.problem, around.waits.at(-1)]).toEqual(["ended", 300_000]);
    api.refuse = null;
    await store.syncNow();
    expect([store.shown.network.problem, store.shown.copy?.observations.size, store.shown.unsent.length]).toEqual([null, 1, 0]);
  });

  test("a copy whose mark the API does not take is begun anew, and what is not there any more is gone from it", async () => {
    const api = new Api();
    const store = await opened(api);
    await store.keep(READING);
    await store.syncNow();
    await store.syncNow();
    expect(api.since.at(-1)).toBe("s");
    api.kept.clear();
    api.kept.set("d", 71);
    api.refusesMarks = true;
    await store.syncNow();
    expect(api.since.slice(-2)).toEqual(["s", null]);
    expect([store.shown.network.problem, [...(store.shown.copy?.observations.keys() ?? [])]]).toEqual([null, ["d"]]);
  });

  test("a copy that an older edition of the app kept is begun anew once: what it was told and did not know is not told again", async () => {
    const api = new Api();
    const shelf = inMemory();
    const { parts = [], ...former } = markOf(null, page({}), 0);
    await shelf.putPage(page({ reset: true }), { ...former, parts: parts.filter((part) => part !== "alerts") });
    api.kept.set("d", 71);
    api.change = { alerts: [{ id: "a" } as never] };
    const store = await opened(api, shelf);
    await store.syncNow();
    expect([store.shown.copy?.alerts.size, store.shown.copy?.observations.size]).toEqual([1, 1]);
    await store.syncNow();
    expect(api.since).toEqual([null, "s"]);
  });

  test("a copy whose mark the API does not take is shown until the other is there", async () => {
    const api = new Api();
    const store = await opened(api);
    await store.keep(READING);
    await store.syncNow();
    api.refuse = refused(400, "bad-cursor");
    await store.syncNow();
    expect([store.shown.network.problem, store.shown.copy?.observations.size]).toEqual(["fault", 1]);
  });

  test("without an answer it waits longer each time, and not after one", async () => {
    const api = new Api();
    api.isAway = true;
    const around = world();
    const store = await Store.open(inMemory(), api, around);
    for (let time = 0; time < 4; time += 1) await store.syncNow();
    expect(around.waits).toEqual([375, 750, 1500, 3000]);
    api.isAway = false;
    await store.syncNow();
    expect(around.waits.at(-1)).toBe(60_000);
  });

  test("a store that is closed shows nothing and asks nothing", async () => {
    const api = new Api();
    const store = await opened(api);
    await store.keep(READING);
    await store.syncNow();
    const before = api.asked;
    store.close();
    await store.syncNow();
    expect([store.shown.copy, store.shown.unsent, api.asked]).toEqual([undefined, [], before]);
  });
});

test("what a phone could not send before, and keeps nothing of now, is sent and settled where it lies", async () => {
  const api = new Api();
  api.isAway = true;
  const before = inMemory();
  await (await opened(api, before)).keep(READING);
  api.isAway = false;
  const { unsent } = await before.read();
  const store = await opened(api, inMemory(unsent, (changed, settled) => before.putUnsent(changed, settled)));
  await store.syncNow();
  expect(api.kept.size).toBe(1);
  expect((await before.read()).unsent).toEqual([]);
});
