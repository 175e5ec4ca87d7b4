/** Things and pages as the API tells them, and chance that can be drawn again. */
import type { Changes, Observation, Unsent, Verdict } from "../src/store/things.ts";

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function observation(id: string, value: number): Observation {
  return { id, value, client_id: `c${id}` } as unknown as Observation;
}

export function page(changed: Partial<Changes>): Changes {
  return {
    reset: false,
    since: "s",
    more: false,
    behind: false,
    epoch: "e",
    number: 1,
    as_of: "2026-11-23T09:00:00Z",
    time_zone: "Europe/London",
    time_zones: [],
    patient: null,
    observations: [],
    goals: [],
    action_plans: [],
    care_plans: [],
    pauses: [],
    completions: [],
    diary: [],
    questionnaire_responses: [],
    alerts: [],
    personal_bests: [],
    gone: [],
    ...changed,
  };
}

export function reading(item: string, keptAt = 0, state: Unsent["state"] = "waiting"): Unsent {
  const body = { client_id: item, sign: "heart_rate" as const, effective_at: "2026-11-23T08:00:00Z", value: 70, unit: "/min" };
  return { item, keptAt, kind: "reading", body, state, verdict: null };
}

export function verdict(index: number, item: string, outcome: Verdict["outcome"], more: Partial<Verdict> = {}): Verdict {
  return { index, item, outcome, id: null, problem: null, detail: null, errors: [], confirm: false, safety: null, ...more };
}
