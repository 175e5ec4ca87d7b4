import { describe, expect, test } from "vitest";
import type { Observation } from "../src/api/types.ts";
import { fold, signsOf, type Table } from "../src/live/latest.ts";
import { ARTHUR, DORIS, event } from "./live_world.ts";

const observation = (given: Partial<Observation>): Observation & { age_seconds: number } =>
  ({
    id: "o1",
    patient_id: DORIS,
    sign: "heart_rate",
    value: 72,
    effective_at: "2026-03-01T09:00:00+00:00",
    received_at: "2026-03-01T09:00:01+00:00",
    status: "final",
    supersedes: null,
    superseded_by: null,
    ...given,
    age_seconds: 0,
  }) as Observation & { age_seconds: number };

const table = (given: Partial<Observation> = {}): Table => {
  const first = observation(given);
  return new Map([[DORIS, signsOf([{ sign: first.sign, observation: first, age_seconds: 0, stale: false }])]]);
};

const told = (...observations: (Observation & { age_seconds: number })[]) => ({ ...event(101, 100), observations });
const shown = (of: Table): number | null | undefined => of.get(DORIS)?.get("heart_rate")?.observation.value;

describe("what is shown as the latest", () => {
  test("a newer reading takes the place of an older one", () => {
    expect(shown(fold(table(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T09:05:00Z" }))).table)).toBe(80);
  });

  test("a reading that arrives late does not displace a newer one", () => {
    expect(shown(fold(table(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T08:00:00Z" }))).table)).toBe(72);
  });

  test("instants are compared, not texts: 10:30+02:00 is before 09:00 UTC", () => {
    expect(shown(fold(table(), told(observation({ id: "o2", value: 80, effective_at: "2026-03-01T10:30:00+02:00" }))).table)).toBe(72);
  });

  test("a correction takes the place of what it corrects, whenever it says the reading was taken", () => {
    const corrected = observation({ id: "o2", value: 62, status: "corrected", supersedes: "o1", effective_at: "2026-03-01T08:59:00Z" });
    expect(shown(fold(table(), told(corrected)).table)).toBe(62);
  });

  test("when the reading on screen is withdrawn, the API is asked what the latest is now", () => {
    expect(fold(table(), told(observation({ status: "entered-in-error" }))).ask).toEqual([DORIS]);
  });

  test("when an older reading is withdrawn, nothing changes on screen", () => {
    const folded = fold(table(), told(observation({ id: "old", status: "entered-in-error" })));
    expect(folded.ask).toEqual([]);
    expect(shown(folded.table)).toBe(72);
  });

  test("a withdrawn reading is never shown as the latest", () => {
    const late = observation({ id: "o9", value: 999, status: "superseded", superseded_by: "o10", effective_at: "2026-03-01T09:30:00Z" });
    expect(shown(fold(table(), told(late)).table)).toBe(72);
  });

  test("a snapshot is the whole truth about one patient and leaves the others alone", () => {
    const before = new Map([...table(), [ARTHUR, signsOf([])]]);
    const after = fold(before, { type: "snapshot", patient_id: DORIS, number: 5, latest: [] }).table;
    expect(after.get(DORIS)?.size).toBe(0);
    expect(after.has(ARTHUR)).toBe(true);
  });

  test("a patient whose access ended leaves the table", () => {
    expect(fold(table(), { type: "unwatched", patient_id: DORIS, reason: "access" }).table.has(DORIS)).toBe(false);
  });

  test("an event without readings changes nothing", () => {
    const before = table();
    expect(fold(before, event(102, 100)).table).toBe(before);
  });
});
