import { describe, expect, test } from "vitest";
import type { Observation } from "../src/api/types.ts";
import { answer, askedNow, fold, NO_BOOK, seeded, type Book } from "../src/live/latest.ts";
import type { Heard, Welcome } from "../src/live/messages.ts";
import { ARTHUR, DORIS, event, welcome } from "./live_world.ts";
import { latestOf, observation } from "./record_world.ts";

const book = (given: Partial<Observation> = {}): Book =>
  fold(NO_BOOK, { type: "snapshot", patient_id: DORIS, number: 100, latest: [latestOf(observation(given))] });

const told = (...observations: (Observation & { age_seconds: number })[]) => toldAt(101, ...observations);
const toldAt = (number: number, ...observations: (Observation & { age_seconds: number })[]) => ({ ...event(number, 100), observations });
const shown = (of: Book): number | null | undefined => {
  const one = of.table.get(DORIS)?.get("heart_rate");
  return one === undefined ? undefined : one.observation === null ? null : one.observation.value;
};
const answered = (of: Book, ...latest: Observation[]): Book => answer(of, DORIS, latest.map(latestOf), askedNow(of));

const TEN_TO = observation({ id: "o0", value: 64, effective_at: "2026-03-01T08:50:00Z" });
const WITHDRAWN = observation({ status: "entered-in-error" });

describe("what is shown as the latest", () => {
  test("a newer reading takes the place of an older one", () => {
    expect(shown(fold(book(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:05:00Z" }))))).toBe(80);
  });

  test("a reading that arrives late does not displace a newer one", () => {
    expect(shown(fold(book(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T08:00:00Z" }))))).toBe(72);
  });

  test("instants are compared, not texts: 10:30+02:00 is before 09:00 UTC", () => {
    expect(shown(fold(book(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T10:30:00+02:00" }))))).toBe(72);
  });

  test("of two readings within one millisecond the later one is shown, as the API chooses", () => {
    const first = book({ effective_at: "2026-03-01T09:00:00.000900Z" });
    expect(shown(fold(first, told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:00:00.000100Z" }))))).toBe(72);
    expect(shown(fold(first, told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:00:00.000901Z" }))))).toBe(80);
  });

  test("of readings of one instant the one received last is shown, whatever their ids, as the API chooses", () => {
    const first = book({ id: "o8", received_at: "2026-03-01T09:00:01.000500Z" });
    expect(shown(fold(first, told(observation({ id: "o2", value: 80, received_at: "2026-03-01T09:00:01.000501Z" }))))).toBe(80);
    expect(shown(fold(first, told(observation({ id: "o9", value: 80, received_at: "2026-03-01T09:00:01.000499Z" }))))).toBe(72);
  });

  test("of two readings of one instant, received at one instant, the one with the higher id is shown, as the API chooses", () => {
    expect(shown(fold(book(), told(observation({ id: "o2", value: 80 }))))).toBe(80);
    expect(shown(fold(book(), told(observation({ id: "o0", value: 80 }))))).toBe(72);
  });

  test("a withdrawn reading is never shown as the latest", () => {
    const late = observation({ id: "o9", value: 999, status: "superseded", superseded_by: "o10", effective_at: "2026-03-01T09:30:00Z" });
    expect(shown(fold(book(), told(late)))).toBe(72);
  });

  test("a patient whose access ended leaves the table", () => {
    expect(fold(book(), { type: "unwatched", patient_id: DORIS, reason: "access" }).table.has(DORIS)).toBe(false);
  });

  test("an event without readings changes nothing on the screen", () => {
    const before = book();
    expect(fold(before, event(102, 100)).table).toBe(before.table);
  });
});

describe("a retraction", () => {
  test("takes the value off the screen at once and has the API asked", () => {
    const after = fold(book(), told(WITHDRAWN));
    expect(shown(after)).toBeNull();
    expect([...after.unsettled]).toEqual([DORIS]);
  });

  test("of an older reading changes nothing", () => {
    const after = fold(book(), told(observation({ id: "old", status: "entered-in-error" })));
    expect(after.unsettled.size).toBe(0);
    expect(shown(after)).toBe(72);
  });

  test("is settled by the answer, also when no reading is left", () => {
    const after = fold(book(), told(WITHDRAWN));
    expect(shown(answered(after, TEN_TO))).toBe(64);
    expect(answered(after, TEN_TO).unsettled.size).toBe(0);
    expect(answered(after).table.get(DORIS)?.size).toBe(0);
  });

  test("is settled by a later reading; an earlier one may not be the latest and is not shown", () => {
    const after = fold(book(), told(WITHDRAWN));
    expect(shown(fold(after, toldAt(102, observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:05:00Z" }))))).toBe(80);
    const earlier = fold(after, toldAt(102, observation({ id: "o2", value: 81, effective_at: "2026-03-01T08:55:00Z" })));
    expect(shown(earlier)).toBeNull();
    expect(shown(answered(earlier, TEN_TO))).toBe(64);
  });

  test("whose reading an old answer still holds is not undone by it", () => {
    const asked = askedNow(book());
    const after = answer(fold(book(), told(WITHDRAWN)), DORIS, [latestOf(observation({}))], asked);
    expect(shown(after)).toBeNull();
    expect([...after.unsettled]).toEqual([DORIS]);
  });

  test("that comes before what the page loads is not undone by it", () => {
    const after = seeded(fold(NO_BOOK, told(WITHDRAWN)), new Map([[DORIS, [latestOf(observation({}))]]]));
    expect(shown(after)).toBeNull();
  });

  test("made while an answer is on its way is not settled by that answer", () => {
    const asked = askedNow(book());
    expect(shown(answer(fold(book(), told(WITHDRAWN)), DORIS, [latestOf(TEN_TO)], asked))).toBeNull();
  });
});

describe("an answer", () => {
  test("does not overwrite a newer reading told meanwhile", () => {
    const asked = askedNow(book());
    const newer = fold(book(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:05:00Z" })));
    expect(shown(answer(newer, DORIS, [latestOf(observation({}))], asked))).toBe(80);
  });

  test("about a patient leaves the others alone", () => {
    const both = fold(book(), { type: "snapshot", patient_id: ARTHUR, number: 100, latest: [] });
    expect(fold(both, { type: "snapshot", patient_id: DORIS, number: 101, latest: [] }).table.has(ARTHUR)).toBe(true);
  });

  test("takes away what it no longer holds: the retraction may have been missed", () => {
    expect(shown(fold(book(), { type: "snapshot", patient_id: DORIS, number: 120, latest: [latestOf(TEN_TO)] }))).toBe(64);
  });
});

test("a snapshot does not lose a newer reading that was told already", () => {
  const newer = fold(book(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:05:00Z" })));
  expect(shown(fold(newer, { type: "snapshot", patient_id: DORIS, number: 100, latest: [latestOf(observation({}))] }))).toBe(80);
});

describe("a correction", () => {
  const old = observation({ status: "superseded", superseded_by: "o2" });
  const corrected = (given: Partial<Observation>) => observation({ id: "o2", value: 62, status: "corrected", supersedes: "o1", ...given });

  test("of the value takes the place of what it corrects, without asking", () => {
    const after = fold(book(), told(corrected({}), old));
    expect(shown(after)).toBe(62);
    expect(after.unsettled.size).toBe(0);
  });

  test("which moves the time back takes the old one off the screen and asks: a third may be the latest now", () => {
    for (const order of [[corrected({ effective_at: "2026-03-01T08:40:00Z" }), old], [old, corrected({ effective_at: "2026-03-01T08:40:00Z" })]]) {
      const after = fold(book(), told(...order));
      expect(shown(after)).toBeNull();
      expect([...after.unsettled]).toEqual([DORIS]);
      expect(shown(answered(after, TEN_TO))).toBe(64);
    }
  });

  test("alone tells that the old one no longer stands", () => {
    expect(shown(fold(book(), told(corrected({ effective_at: "2026-03-01T08:40:00Z" }))))).toBeNull();
  });
});

describe("when numbers begin to mean something else", () => {
  const other: Heard = { ...(welcome(3) as Welcome), epoch: "0195d1c0-0000-7000-8000-000000000002" };

  test("the next snapshot counts, however low its number", () => {
    const restored = fold(fold(fold(NO_BOOK, welcome(100)), { type: "snapshot", patient_id: DORIS, number: 100, latest: [latestOf(observation({}))] }), other);
    expect(shown(restored)).toBe(72);
    expect(shown(fold(restored, { type: "snapshot", patient_id: DORIS, number: 3, latest: [latestOf(TEN_TO)] }))).toBe(64);
  });

  test("a welcome that goes on from before leaves all as it is: the server was only started anew", () => {
    const held = fold(fold(NO_BOOK, welcome(100)), { type: "snapshot", patient_id: DORIS, number: 100, latest: [latestOf(observation({}))] });
    const on = fold(held, { ...(other as Welcome), number: 100, resumed: true });
    expect([shown(on), on.era, on.epoch]).toEqual([72, held.era, (other as Welcome).epoch]);
    expect(shown(fold(on, { type: "snapshot", patient_id: DORIS, number: 3, latest: [latestOf(TEN_TO)] }))).toBe(72);
  });

  test("an answer asked for before counts no more", () => {
    const before = fold(book(), told(WITHDRAWN));
    const after = fold(before, { type: "resync", reason: "future" });
    expect(shown(answer(after, DORIS, [latestOf(TEN_TO)], askedNow(before)))).toBeNull();
    expect(shown(answered(after, TEN_TO))).toBe(64);
  });
});
