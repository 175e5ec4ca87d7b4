/**
 * A patient's record as a server keeps it, played by chance: readings, corrections and retractions, each one numbered event.
 * For tests of what a console makes of it: the truth at any number, events as they are told, answers as they are given.
 */
import type { Latest, Observation, SignKey } from "../src/api/types.ts";
import { isLater } from "../src/live/cell.ts";
import type { LiveEvent, Snapshot } from "../src/live/messages.ts";
import { DORIS, event, START } from "./live_world.ts";

/** The same numbers for the same seed: a failing world can be played again (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function observation(given: Partial<Observation>): Observation & { age_seconds: number } {
  const whole = {
    id: "o1",
    patient_id: DORIS,
    sign: "heart_rate",
    value: 72,
    systolic: null,
    diastolic: null,
    code: null,
    comparator: null,
    unit: "/min",
    effective_at: "2026-03-01T09:00:00+00:00",
    received_at: "2026-03-01T09:00:01+00:00",
    status: "final",
    supersedes: null,
    superseded_by: null,
    recorded_by: "gus",
    recorded_as: "care_home",
    reason: null,
    amended_by: null,
    amended_at: null,
    amendment_reason: null,
    ...given,
  };
  return { ...whole, age_seconds: 0 } as Observation & { age_seconds: number };
}

export function latestOf(one: Observation): Latest {
  return { sign: one.sign, observation: one, age_seconds: 0, stale: false };
}

interface Kept {
  readonly made: number;
  readonly reading: Observation;
  /** The event that withdrew it, and the id of what stands in its place, if anything does. */
  withdrawn: number;
  by: string | null;
}

const SIGNS: readonly SignKey[] = ["heart_rate", "body_temperature"];

export class RecordWorld {
  readonly #kept: Kept[] = [];
  readonly #events: { kind: string; ids: string[] }[] = [];

  constructor(chance: () => number, happenings: number) {
    for (let number = 1; number <= happenings; number += 1) this.#happen(number, chance);
  }

  get last(): number {
    return this.#events.length;
  }

  #happen(number: number, chance: () => number): void {
    const standing = this.#kept.filter(({ withdrawn }) => withdrawn === Infinity);
    const old = standing[Math.floor(chance() * standing.length)];
    const what = chance();
    if (old === undefined || what < 0.5) {
      const made = this.#make(number, chance, null);
      this.#events.push({ kind: "observation.recorded", ids: [made.id] });
    } else if (what < 0.75) {
      old.withdrawn = number;
      this.#events.push({ kind: "observation.retracted", ids: [old.reading.id] });
    } else {
      const made = this.#make(number, chance, old.reading);
      Object.assign(old, { withdrawn: number, by: made.id });
      this.#events.push({ kind: "observation.corrected", ids: [made.id, old.reading.id] });
    }
  }

  /** A reading of one of few minutes, so that many coincide; a correction may keep its minute or move. */
  #make(number: number, chance: () => number, corrects: Observation | null): Observation {
    const minute = Math.floor(chance() * 8);
    const same = corrects !== null && chance() < 0.5;
    const reading = observation({
      id: `o${String(number).padStart(4, "0")}`,
      sign: corrects?.sign ?? SIGNS[Math.floor(chance() * SIGNS.length)] ?? "heart_rate",
      value: number,
      effective_at: same ? corrects.effective_at : new Date(START + minute * 60_000).toISOString(),
      supersedes: corrects?.id ?? null,
      status: corrects === null ? "final" : "corrected",
    });
    this.#kept.push({ made: number, reading, withdrawn: Infinity, by: null });
    return reading;
  }

  /** The latest of each sign as the API would answer after so many events; of those made by an earlier one only, if asked. */
  latest(after: number, madeBy = after): Latest[] {
    const standing = this.#kept.filter(({ made, withdrawn }) => made <= madeBy && withdrawn > after).map(({ reading }) => reading);
    return SIGNS.flatMap((sign) => {
      const of = standing.filter((one) => one.sign === sign);
      return of.length === 0 ? [] : [latestOf(of.reduce((best, one) => (isLater(one, best) ? one : best)))];
    });
  }

  /** An event as it is told once so many have happened: its readings as they stand by then. */
  told(number: number, after: number): LiveEvent {
    const { kind, ids } = this.#events[number - 1] ?? { kind: "", ids: [] };
    const observations = ids.map((id) => observation(this.#asOf(id, after)));
    return { ...event(number, number - 1), kind, observations };
  }

  isWithdrawn(id: string, after: number): boolean {
    return this.#kept.some(({ reading, withdrawn }) => reading.id === id && withdrawn <= after);
  }

  snapshot(number: number, after: number): Snapshot {
    return { type: "snapshot", patient_id: DORIS, number, latest: this.latest(after) };
  }

  #asOf(id: string, after: number): Observation {
    const kept = this.#kept.find(({ reading }) => reading.id === id);
    if (kept === undefined) throw new Error(id);
    if (kept.withdrawn > after) return kept.reading;
    return { ...kept.reading, status: kept.by === null ? "entered-in-error" : "superseded", superseded_by: kept.by };
  }
}
