/**
 * The latest reading of each sign of each patient, as one immutable table that messages are folded into.
 * Knows the order of readings (by when they were taken), corrections and retractions; knows nothing of staleness on screen.
 */
import type { Latest, Observation, SignKey } from "../api/types.ts";
import type { Heard } from "./messages.ts";

export type Signs = ReadonlyMap<SignKey, Latest>;
export type Table = ReadonlyMap<string, Signs>;

export interface Folded {
  readonly table: Table;
  /** Patients whose table can no longer be told from what we hold (a shown reading was withdrawn): ask the API again. */
  readonly ask: readonly string[];
}

export function signsOf(latest: readonly Latest[]): Signs {
  return new Map(latest.map((one) => [one.sign, one]));
}

/** The table after one message; the very same object when nothing changed. */
export function fold(table: Table, message: Heard): Folded {
  switch (message.type) {
    case "snapshot":
      return { table: withSigns(table, message.patient_id, signsOf(message.latest)), ask: [] };
    case "event":
      if (message.patient_id === null || message.observations.length === 0) return { table, ask: [] };
      return foldObservations(table, message.patient_id, message.observations);
    case "unwatched":
      return { table: without(table, message.patient_id), ask: [] };
    default:
      return { table, ask: [] };
  }
}

type Observed = Observation & { age_seconds?: number };

function foldObservations(table: Table, patientId: string, observations: readonly Observed[]): Folded {
  const before = table.get(patientId) ?? new Map<SignKey, Latest>();
  const after = new Map(before);
  let withdrawn = false;
  for (const observation of observations) {
    const shown = after.get(observation.sign);
    if (isWithdrawn(observation)) withdrawn ||= shown?.observation.id === observation.id;
    else if (replaces(observation, shown)) after.set(observation.sign, latestOf(observation));
  }
  return { table: withSigns(table, patientId, after), ask: withdrawn ? [patientId] : [] };
}

function isWithdrawn(observation: Observation): boolean {
  return observation.status === "entered-in-error" || observation.superseded_by !== null;
}

/** A reading takes the place of an older one and of the one it corrects; a late arrival does not displace a newer one. */
function replaces(observation: Observation, shown: Latest | undefined): boolean {
  if (shown === undefined || observation.supersedes === shown.observation.id) return true;
  const taken = Date.parse(observation.effective_at) - Date.parse(shown.observation.effective_at);
  if (taken !== 0) return taken > 0;
  return Date.parse(observation.received_at) >= Date.parse(shown.observation.received_at);
}

function latestOf(observation: Observed): Latest {
  return { sign: observation.sign, observation, age_seconds: observation.age_seconds ?? 0, stale: false };
}

function withSigns(table: Table, patientId: string, signs: Signs): Table {
  return new Map(table).set(patientId, signs);
}

function without(table: Table, patientId: string): Table {
  return new Map([...table].filter(([id]) => id !== patientId));
}
