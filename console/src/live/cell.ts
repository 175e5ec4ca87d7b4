/**
 * What is held of one sign of one patient, and when it may be shown as the latest. Pure; knows no patient, message or page.
 *
 * Readings are told by numbered events and given in answers that hold at least every event up to a number. What is held is
 * the latest of all that stand; when that one is withdrawn, what comes next was never kept, and is not known until an answer
 * at least as new as the withdrawal, or until a reading later than the withdrawn one is told.
 */
import type { Latest, Observation } from "../api/types.ts";

/** Older than anything that an event can tell: what the page loaded before it listened. */
export const BEFORE_ALL = -1;

/** Ids of readings that no longer stand, each with the number of the event that told so first. */
export type Withdrawn = ReadonlyMap<string, number>;

export interface Cell {
  readonly held: Latest | null;
  /** Of the event that told `held`, or as of which it was answered. */
  readonly number: number;
  /** The highest number of an event whose reading was not kept because a later one was held. */
  readonly passed: number;
  /** The latest reading that was withdrawn while it was held: nothing below it is known from before `since`. */
  readonly lost: { readonly observation: Observation; readonly since: number } | null;
}

export const EMPTY: Cell = { held: null, number: BEFORE_ALL, passed: BEFORE_ALL, lost: null };

/**
 * Whether one reading is later than another: by when they were taken, then received, then by id. This is the order in which the API chooses
 * the latest, so that what is folded here and what is asked there never disagree.
 */
export function isLater(one: Observation, other: Observation): boolean {
  const taken = microseconds(one.effective_at) - microseconds(other.effective_at);
  const apart = taken !== 0 ? taken : microseconds(one.received_at) - microseconds(other.received_at);
  return apart !== 0 ? apart > 0 : one.id > other.id;
}

/** Date.parse forgets what is finer than a millisecond, by which two readings of a monitor may differ. */
function microseconds(at: string): number {
  const finer = /\.\d{3}(\d{1,3})/.exec(at)?.[1] ?? "";
  return Date.parse(at) * 1000 + Number(finer.padEnd(3, "0"));
}

/** The cell after a reading that stands was told by an event. */
export function told(cell: Cell, latest: Latest, number: number): Cell {
  const { held } = cell;
  if (held?.observation.id === latest.observation.id) return { ...cell, held: latest, number: Math.max(cell.number, number) };
  if (held !== null && !isLater(latest.observation, held.observation)) return { ...cell, passed: Math.max(cell.passed, number) };
  const passed = held === null ? cell.passed : Math.max(cell.passed, cell.number);
  return found({ held: latest, number, passed, lost: cell.lost });
}

/** The cell after a reading was withdrawn; the same when it was not the one that is held. */
export function withdrew(cell: Cell, id: string, number: number): Cell {
  if (cell.held === null || cell.held.observation.id !== id) return cell;
  return { held: null, number: BEFORE_ALL, passed: cell.passed, lost: joined(cell.lost, cell.held.observation, Math.max(number, cell.passed)) };
}

/** The cell after an answer that holds every event up to `asOf`; `latest` is undefined when it has no reading of the sign. */
export function answered(cell: Cell, latest: Latest | undefined, asOf: number, withdrawn: Withdrawn): Cell {
  const toldSince = cell.held !== null && cell.number > asOf ? cell.held : null;
  const gone = latest === undefined ? undefined : withdrawn.get(latest.observation.id);
  const given = gone === undefined ? (latest ?? null) : null;
  // An answer older than the withdrawal cannot tell what lies below it.
  let lost = cell.lost !== null && cell.lost.since > asOf ? cell.lost : null;
  if (latest !== undefined && gone !== undefined) lost = joined(lost, latest.observation, Math.max(gone, cell.passed));
  // What was held stands no more, and of what was told since, something below it was let go.
  const dropped = toldSince === null && cell.held !== null && (given === null || isLater(cell.held.observation, given.observation));
  if (dropped && cell.held !== null && cell.passed > asOf) lost = joined(lost, cell.held.observation, cell.passed);
  const passed = cell.passed > asOf ? cell.passed : BEFORE_ALL;
  if (given === null || (toldSince !== null && isLater(toldSince.observation, given.observation))) {
    return found({ held: toldSince, number: toldSince === null ? BEFORE_ALL : cell.number, passed, lost });
  }
  const kept = toldSince === null ? passed : Math.max(passed, cell.number);
  return found({ held: given, number: toldSince?.observation.id === given.observation.id ? cell.number : asOf, passed: kept, lost });
}

/** A reading later than all that was lost is the latest, whatever lies below. */
function found(cell: Cell): Cell {
  const { held, lost } = cell;
  return held !== null && lost !== null && isLater(held.observation, lost.observation) ? { ...cell, lost: null } : cell;
}

function joined(lost: Cell["lost"], observation: Observation, since: number): Cell["lost"] {
  if (lost === null) return { observation, since };
  const higher = isLater(observation, lost.observation) ? observation : lost.observation;
  return { observation: higher, since: Math.max(lost.since, since) };
}
