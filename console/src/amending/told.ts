/**
 * A list of readings kept up by what is told while it is read: what was put right or taken back is crossed out where it
 * stands, and what took its place comes in by its time. New readings are counted, not put in: no row moves under a finger.
 * Pure.
 */
import type { Observation } from "../api/types.ts";
import { isLater } from "../live/cell.ts";

export interface ToldOf {
  /** What was put right or taken back since the list was loaded, and what stands in its place; the newest telling of each. */
  readonly amended: ReadonlyMap<string, Observation>;
  /** New readings of which the list has nothing. */
  readonly fresh: ReadonlySet<string>;
}

export const NOTHING_TOLD: ToldOf = { amended: new Map(), fresh: new Set() };

export function withTold(told: ToldOf, observation: Observation): ToldOf {
  if (observation.status === "final") return { ...told, fresh: new Set(told.fresh).add(observation.id) };
  return { ...told, amended: new Map(told.amended).set(observation.id, observation) };
}

/** The readings that were loaded, as they stand by now. Of what was told, only what concerns one of them. */
export function asTold(loaded: readonly Observation[], { amended }: ToldOf): readonly Observation[] {
  if (amended.size === 0) return loaded;
  const byId = new Map(loaded.map((each) => [each.id, each]));
  const chain = [...amended.values()];
  // A correction of a correction has its place as soon as the one before it has.
  for (let added = true; added; ) {
    added = false;
    for (const each of chain) {
      if (byId.has(each.id) || each.supersedes === null || !byId.has(each.supersedes)) continue;
      byId.set(each.id, each);
      added = true;
    }
  }
  for (const each of chain) if (byId.has(each.id)) byId.set(each.id, each);
  for (const each of [...byId.values()]) cross(byId, each);
  return [...byId.values()].sort((one, other) => (one.id === other.id ? 0 : isLater(one, other) ? -1 : 1));
}

/** What a reading took the place of stands no more, told or not. */
function cross(byId: Map<string, Observation>, { id, supersedes, ...made }: Observation): void {
  const before = supersedes === null ? undefined : byId.get(supersedes);
  if (before === undefined || before.superseded_by !== null) return;
  if (before.status === "entered-in-error") return void byId.set(before.id, { ...before, superseded_by: id });
  const end = { amended_by: made.recorded_by, amended_at: made.received_at, amendment_reason: made.reason };
  byId.set(before.id, { ...before, ...end, superseded_by: id, status: "superseded" });
}

/** Whether there are readings that the list does not show. */
export function hasFresh(loaded: readonly Observation[], { fresh }: ToldOf): boolean {
  const ids = new Set(loaded.map(({ id }) => id));
  return [...fresh].some((id) => !ids.has(id));
}
