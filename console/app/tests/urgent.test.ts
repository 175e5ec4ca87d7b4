import { describe, expect, test } from "vitest";
import { clientFor } from "#console/api/client.ts";
import { isUrgent, untoldOf } from "../src/questions/urgent.ts";
import { inMemory } from "../src/store/shelf.ts";
import { Store, type World } from "../src/store/store.ts";
import { NOTHING } from "../src/store/copy.ts";
import type { QuestionnaireResponse, Unsent, UnsentState, Verdict } from "../src/store/things.ts";
import { untold } from "../src/store/untold.ts";
import { NEW_ROUND, nextStep } from "../src/sync/rounds.ts";
import { wireOf, type Wire } from "../src/sync/wire.ts";
import { page, reading, verdict } from "./told.ts";

type Value = string | number | boolean;

function checkIn(item: string, answers: Readonly<Record<string, Value>>, said: Verdict | null = null, state: UnsentState = "waiting"): Unsent {
  const given = Object.entries(answers).map(([link_id, value]) => ({ link_id, value }));
  const body = { client_id: item, questionnaire: "phq-9" as const, version: "1", authored_at: "2026-11-23T08:00:00Z", answers: given };
  return { item, keptAt: 0, kind: "questionnaire_response", body, state, verdict: said };
}

const WORRYING = { q1: "LA6568-5", q9: "LA6569-3" };
const REFUSED = verdict(0, "a", "refused");

describe("answers that cannot wait", () => {
  test.each<[Value]>([["LA6569-3"], ["LA6571-9"], [1], [3], [4], [true], ["of another edition"]])("are those with %s to question 9", (value) => {
    expect(isUrgent(checkIn("a", { q9: value }))).toBe(true);
  });

  test.each<[Readonly<Record<string, Value>>]>([[{}], [{ q9: "LA6568-5" }], [{ q9: 0 }], [{ q1: "LA6571-9" }]])("are not those of %j", (answers) => {
    expect(isUrgent(checkIn("a", answers))).toBe(false);
  });

  test("are not a reading, nor what is asked in another questionnaire", () => {
    const other = checkIn("a", WORRYING);
    expect(isUrgent(reading("r"))).toBe(false);
    expect(isUrgent({ ...other, body: { ...other.body, questionnaire: "gad-7" } } as Unsent)).toBe(false);
  });

  test("were told to nobody while they wait, and still to nobody once the API says no, however it is tried again", () => {
    expect(untoldOf([reading("r"), checkIn("b", { q9: 0 }, REFUSED, "refused")])).toBeNull();
    expect(untoldOf([checkIn("a", WORRYING)])).toBe("not_sent");
    expect(untoldOf([checkIn("a", WORRYING, verdict(0, "a", "later"), "later")])).toBe("not_sent");
    for (const outcome of ["refused", "conflict"] as const) {
      for (const state of [outcome, "waiting", "sending"] as const) {
        expect(untoldOf([checkIn("b", WORRYING), checkIn("a", WORRYING, verdict(0, "a", outcome), state)])).toBe("not_told");
      }
    }
  });

  test("are told of once they are kept, though the record has not told them back", () => {
    expect(untoldOf([checkIn("a", WORRYING, verdict(0, "a", "kept"), "sending")])).toBeNull();
  });
});

function world(): World {
  let turn: Promise<void> = Promise.resolve();
  return { now: () => 0, chance: () => 0, hasNetwork: () => true, inTurn: (act) => (turn = turn.then(act, act)), after: () => () => undefined, tellOthers: () => undefined };
}

/** An API that says the same of everything, and tells nothing back. */
function saying(outcome: Verdict["outcome"]): Wire & { readonly sent: string[] } {
  const sent: string[] = [];
  const send: Wire["send"] = async (batch) => {
    sent.push(...batch.map(({ item }) => item));
    return batch.map(({ item }, index) => verdict(index, item, outcome));
  };
  return { sent, send, ask: async () => page({ behind: true }) };
}

describe("a store", () => {
  test("tries what cannot wait and was refused again when the app is opened, and nothing else that was", async () => {
    const shelf = inMemory();
    const refused = [checkIn("a", WORRYING, REFUSED, "refused"), checkIn("b", { q9: 0 }, REFUSED, "refused"), reading("r", 0, "refused")];
    await shelf.putUnsent(refused, []);
    const wire = saying("kept");
    const store = await Store.open(shelf, wire, world());
    expect(untoldOf(store.shown.unsent)).toBe("not_told");
    await store.syncNow();
    expect(wire.sent).toEqual(["a"]);
    expect(store.shown.unsent.filter(({ state }) => state === "refused").map(({ item }) => item)).toEqual(["b", "r"]);
  });

  test("says that nobody was told for as long as the API has not kept it, and no longer", async () => {
    for (const [outcome, stands] of [["refused", "not_told"], ["conflict", "not_told"], ["later", "not_sent"], ["kept", null]] as const) {
      const store = await Store.open(inMemory(), saying(outcome), world());
      const { kind, body } = checkIn("a", WORRYING) as Unsent & { kind: "questionnaire_response" };
      await store.keep({ kind, body });
      await store.syncNow();
      expect(untoldOf(store.shown.unsent), outcome).toBe(stands);
    }
  });
});

test("what cannot wait is sent before all else", () => {
  const step = nextStep([reading("r"), checkIn("b", { q9: 0 }), checkIn("a", WORRYING)], NEW_ROUND);
  expect(step.do === "send" && step.items.map(({ item }) => item)).toEqual(["a", "r", "b"]);
});

test("what cannot wait and was said no to is not taken for what stands in the record under its name", () => {
  const told = { ...NOTHING, responses: new Map([["id", { id: "id", client_id: "a" } as unknown as QuestionnaireResponse]]) };
  const shown = (said: Verdict | null) => untold(new Map([["a", checkIn("a", WORRYING, said)]]), told).size;
  expect([shown(null), shown(verdict(0, "a", "conflict")), shown(verdict(0, "a", "kept"))]).toEqual([0, 1, 0]);
});

describe("the wire", () => {
  const NOW = Date.parse("2019-01-01T00:03:00Z");

  test("tells what this phone's clock shows, and does without where the server knows nothing of it", async () => {
    const bodies: Record<string, unknown>[] = [];
    const fetched = globalThis.fetch;
    globalThis.fetch = async (_, asked) => {
      const body = JSON.parse(String(asked?.body)) as Record<string, unknown>;
      bodies.push(body);
      const isKnown = !("sent_at" in body);
      const told = isKnown ? { items: [verdict(0, "a", "kept")] } : { type: "/problems/unprocessable", title: "No", status: 422 };
      return new Response(JSON.stringify(told), { status: isKnown ? 200 : 422 });
    };
    try {
      const api = clientFor(null);
      expect(await wireOf(api, () => NOW).send([checkIn("a", WORRYING)])).toHaveLength(1);
    } finally {
      globalThis.fetch = fetched;
    }
    expect(bodies.map(({ sent_at }) => sent_at)).toEqual(["2019-01-01T00:03:00.000Z", undefined]);
  });
});
